"""Exported samples: the columns of their CSV table, and the JSON document `ri-samples/1`.

CSV has one row a sample, or one an object where the samples have points (one also for a sample without any). Empty
cells are unknown, infinities are `inf` and `-inf`. The columns:

    sample      number of the sample as the window shows it, from 1
    index       the same in the dump, from 0
    key         what the dump calls it, empty where it has no name for it
    flagged, rejected     true or false
    tags, note  what was said of it, tags between spaces
    ...         the numbers of the sample (`err_px` of its worst object), called as filters call them
    object      number of the object in the file, from 1; then the columns of OBJECT

JSON is one object:

    schema      "ri-samples/1"
    view, run, dump, place     where the samples are from
    columns     {name: {label, unit}} of the numbers
    points      {space, radius_px, convention, undone}, where there are points: of which image the pixels are, up to
                which distance a prediction was matched to an object, how the stored values are read, and whether
                predictions are told without the one mistake behind their errors
    notes       what could not be read, one sentence each
    samples     [{sample, index, key, flagged, rejected, tags, note, numbers: {name: value}, objects: [...]}]

NaN, which is unknown, and the infinities are the strings "NaN", "Infinity", "-Infinity".
"""

from __future__ import annotations

SCHEMA = "ri-samples/1"

SAMPLE = ("sample", "index", "key", "flagged", "rejected", "tags", "note")
"""What every sample has, before its numbers."""

OBJECT = (
    "object",
    "object_gt_x_px",
    "object_gt_y_px",
    "object_pred_x_px",
    "object_pred_y_px",
    "object_err_px",
    "object_confidence",
    "gt_x_stored",
    "gt_y_stored",
    "pred_x_stored",
    "pred_y_stored",
)
"""What every object has: its number, truth and prediction in pixels of the original image, how far apart they are, how
sure the model is of it, and both points as the file keeps them."""

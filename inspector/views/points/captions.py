"""What stands on the foot of a sample's picture: the done signal against the truth, and how many objects."""

from __future__ import annotations

import math

from inspector.core.language import tr, tr_counted
from inspector.core.units import number_text
from inspector.formats.sample_table import SampleColumn, SampleTable
from inspector.views.gallery.texts import Caption, caption_of
from inspector.views.pictures import TextRun
from inspector.views.theme import tokens

_SAID = ("err_px", "done", "gt_done", "done_error", "count")
"""Numbers that are on a tile with a done signal without being what samples are sorted by."""


# Of every tile that is painted.
_DONE, _GT, _DONE_GT = tr("done {value:.2f}"), tr("gt {value}"), tr("done gt {value}")
_PREDICTED = tr("{count:,} predicted")


def points_caption(table: SampleTable, sample: int, column: SampleColumn | None) -> Caption:
    """`done 0.06 gt 0` and `10 objects`; without a done signal the number that samples are sorted by."""
    done = _done_runs(table, sample)
    said = _SAID if done else ("count",)
    if column is None or column.name in said:
        return Caption(done, _count_text(table, sample))
    value = caption_of(sample, column)
    return Caption((*done, (f" · {value}" if done else value, "")), _count_text(table, sample))


def _done_runs(table: SampleTable, sample: int) -> tuple[TextRun, ...]:
    runs = []
    done, gt_done = _value(table, "done", sample), _value(table, "gt_done", sample)
    if not math.isnan(done):
        runs.append((_DONE.format(value=done), tokens().prediction))
    if not math.isnan(gt_done):
        text = f" {_GT}" if runs else _DONE_GT
        runs.append((text.format(value=number_text(round(gt_done, 2))), tokens().gt))
    return tuple(runs)


def _count_text(table: SampleTable, sample: int) -> str:
    count, predicted = _value(table, "count", sample), _value(table, "count_predicted", sample)
    if not math.isnan(count):
        return tr_counted(round(count), "object")
    return "" if math.isnan(predicted) else _PREDICTED.format(count=round(predicted))


def _value(table: SampleTable, name: str, sample: int) -> float:
    column = table.column(name)
    return math.nan if column is None or not sample < len(column.values) else float(column.values[sample])

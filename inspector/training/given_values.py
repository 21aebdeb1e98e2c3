"""What a script hands over of its samples beside the activations: where each goes in a dump, and in which layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inspector.core.arrays import AnyArray
from inspector.core.errors import UsageError
from inspector.formats import dump
from inspector.training.taps import Copied

_SUM_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class Given:
    """Where values of a name go.

    Attributes:
        layouts: which they may have, the likeliest first; several of as many axes are told apart by whether the slots
            sum to 1. None for no layout.
        stored: the layout that they are brought into, empty for as they are.
        is_map: whether they may be kept in half precision.
    """

    path: str
    layouts: tuple[str, ...] = ()
    stored: str = ""
    is_map: bool = False


_PICTURES = ("NHW", "NCHW", "NHWC")

GIVEN: dict[str, Given] = {
    "image": Given(dump.IMAGE, _PICTURES, "NHWC"),
    "recon": Given(dump.RECON, _PICTURES, "NHWC", is_map=True),
    "gt_masks": Given(dump.GT_MASKS, ("NHW", "NKHW")),
    "masks": Given(dump.DECODER_MASKS, ("NKHW", "NHWK", "NKCHW", "NKHWC"), is_map=True),
    "attention": Given(dump.ATTENTION, ("NKP", "NPK", "NIKP", "NKHW", "NIPK", "NAKP", "NIAKP"), is_map=True),
    "gt_grids": Given(dump.GT_GRIDS, ("NHW",)),
    "pred_grids": Given(dump.PRED_GRIDS, ("NHW",)),
    "slots": Given(dump.SLOTS, ("NKD", "NIKD")),
    "gt_done": Given(dump.GT_DONE, ("N", "NC")),
    "pred_done": Given(dump.PRED_DONE, ("N", "NC")),
    "gt_count": Given(dump.COUNT, ("N", "NC")),
    "pred_count": Given(dump.PRED_COUNT, ("N", "NC")),
    "sequence_step": Given(dump.SEQUENCE_STEP, ("N", "NC")),
}
"""Names with a place of their own; others are told of each sample under `samples/`."""

POINTS = {
    "gt_points": (dump.GT_POINTS, dump.GT_POINTS_OFFSETS),
    "pred_points": (dump.PRED_POINTS, dump.PRED_POINTS_OFFSETS),
    "marked_points": (dump.MARKED_POINTS, dump.MARKED_POINTS_OFFSETS),
}
"""Names of lists of x and y, one list a sample."""

CONFIDENCE = "pred_confidence"
"""The name of lists of numbers, one for each point of `pred_points`."""


def all_taken(values: Mapping[str, Any]) -> dict[str, Any]:
    """Copies of all that is handed over of a batch, by name: lists of arrays of what has several a sample.

    Raises:
        UsageError: one of them is not what its name says.
    """
    given: dict[str, Any] = {
        name: points_of(name, value) if name in POINTS else taken(name, value)
        for name, value in values.items()
        if name != CONFIDENCE
    }
    if CONFIDENCE in values:
        given[CONFIDENCE] = confidence_of(values[CONFIDENCE], given.get("pred_points"))
    return given


def taken(name: str, value: Any) -> Copied | AnyArray:
    """A copy of what is handed over, (samples, ...) of its own dtype: it may be changed before it is written.

    Raises:
        UsageError: it is no array of plain values.
    """
    if isinstance(value, torch.Tensor) and value.ndim and not value.is_complex():
        return Copied(value)
    array = np.array(value)
    plain = array.dtype.kind in "biuf" or (array.dtype.kind == "U" and array.ndim == 1)
    if not plain or not array.ndim:
        raise UsageError(f"{name}: expected numbers or texts, one or more a sample, found {array.dtype} {array.shape}")
    return array


def arrived(value: Any) -> Any:
    """What was handed over, waited for."""
    return value.array() if isinstance(value, Copied) else value


def points_of(name: str, value: Any) -> list[AnyArray]:
    """One (points, 2) float32 array a sample; x and y of a single point need no list of their own.

    Raises:
        UsageError: they are not pairs.
    """
    rows = _rows(name, value)
    rows = [one.reshape(-1, 2) if not one.size or one.shape == (2,) else one for one in rows]
    wrong = next((one.shape for one in rows if one.ndim != 2 or one.shape[1] != 2), None)
    if wrong is not None:
        raise UsageError(f"{name}: expected x and y of each point, one list a sample, found rows of shape {wrong}")
    return rows


def confidence_of(value: Any, points: list[AnyArray] | None) -> list[AnyArray]:
    """One (points,) float32 array a sample; of a single point the number alone will do.

    Args:
        value: what was handed over.
        points: the predictions that were handed over with it.

    Raises:
        UsageError: they are not as many as the predictions.
    """
    rows = [one.reshape(-1) for one in _rows(CONFIDENCE, value)]
    expected = [len(one) for one in points] if points is not None else None
    found = [len(one) for one in rows]
    if expected != found:
        of = "pred_points beside it" if expected is None else f"one number for each of {expected} predictions"
        raise UsageError(f"{CONFIDENCE}: expected {of}, found {found}")
    return rows


def _rows(name: str, value: Any) -> list[AnyArray]:
    """What is handed over of each sample, copied at once where it is one array."""
    rows = arrived(taken(name, value)) if isinstance(value, torch.Tensor | np.ndarray) else value
    return [np.array(arrived(taken(name, one)) if isinstance(one, torch.Tensor) else one, np.float32) for one in rows]


def laid_out(name: str, array: AnyArray, stated: str = "") -> tuple[AnyArray, str]:
    """An array as it is stored, and its layout; empty where there is none.

    Args:
        name: as it is handed over; one that `GIVEN` does not have is stored as it is.
        array: (samples, ...) of any dtype.
        stated: its layout, one letter an axis; empty to tell it from the shape.

    Raises:
        UsageError: the name has a layout, and none of so many axes fits.
    """
    given = GIVEN.get(name)
    if given is None:
        return array, stated
    if name == "gt_masks" and array.ndim in (4, 5) and not stated:
        array = _without_channels(array)
    layout = stated or _fitting(array, given.layouts)
    if not layout or len(layout) != array.ndim:
        usual = ", ".join(given.layouts)
        raise UsageError(f"{name}: expected axes as {stated or usual}, found {array.shape}; state a layout with values")
    if given.stored and set(layout) == set(given.stored) and layout != given.stored:
        return array.transpose([layout.index(letter) for letter in given.stored]), given.stored
    return array, layout


def _without_channels(array: AnyArray) -> AnyArray:
    """A label map without its axis of one channel."""
    for axis in (1, array.ndim - 1):
        if array.shape[axis] == 1:
            return array.squeeze(axis)
    return array


def _fitting(array: AnyArray, layouts: Iterable[str]) -> str:
    fitting = [layout for layout in layouts if len(layout) == array.ndim]
    if fitting == ["NCHW", "NHWC"]:
        few = (1, 3, 4)
        return "NHWC" if array.shape[3] in few and array.shape[1] not in few else "NCHW"
    summing = (layout for layout in fitting if "K" in layout and _sums_to_one(array, layout))
    return next(summing, next(iter(fitting), ""))


def _sums_to_one(array: AnyArray, layout: str) -> bool:
    if "C" in layout and array.shape[layout.index("C")] != 1:
        return False
    first = array[:1].astype(np.float64)
    return bool(first.size) and bool(np.abs(first.sum(layout.index("K")) - 1).max() <= _SUM_TOLERANCE)

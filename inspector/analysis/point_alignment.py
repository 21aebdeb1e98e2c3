"""Which predicted point is meant for which object, where neither their order nor their distance tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from inspector.analysis.matching import assign
from inspector.analysis.point_patterns import ANCHORS, EXPLAINED
from inspector.analysis.points import are_known
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import Pulse

MOST_POINTS = 64
"""Points of a sample that are looked at."""

_NEAR = 0.02
"""Of the longer side: points so near their objects are paired as they are, and nothing else is tried."""


class LikelyPairs(NamedTuple):
    """Pairs of all samples together, (pairs, 2) each; sizes are height and width of the image that a pair lies in."""

    truth: FloatArray
    predicted: FloatArray
    sizes: FloatArray


class _Match(NamedTuple):
    """Places in the lists of objects and of predictions, and the distances, of the match of least total."""

    rows: AnyArray
    columns: AnyArray
    distance: FloatArray


_Moved = Callable[[FloatArray, FloatArray], FloatArray]
"""Predictions of an image of a size, (height, width), without a mistake."""


def likely_pairs(
    truths: Sequence[AnyArray], guesses: Sequence[AnyArray], sizes: FloatArray, pulse: Pulse
) -> LikelyPairs:
    """The pairs under which predictions are near the objects: as they are, else without one rough mistake.

    What is tried is to exchange x and y, and to undo the shift or the scale of all points taken together. Points stay
    as they are in what is given back.

    Args:
        truths: (objects, 2) in pixels of each sample, NaN where missing.
        guesses: (predictions, 2) of each sample.
        sizes: (samples, 2) height and width.
        pulse: beats once a sample.
    """
    known = [_known(points)[:MOST_POINTS] for points in truths]
    given = [_known(points)[:MOST_POINTS] for points in guesses]
    near_px = _NEAR * float(np.median(sizes.max(axis=1))) if len(sizes) else 0.0
    best: list[_Match] = []
    least = np.inf
    for moved in _tried(known, given):
        places = [_assigned(*one, moved, pulse) for one in zip(known, given, sizes, strict=True)]
        distance = np.concatenate([np.empty(0), *(one.distance for one in places)])
        middle = float(np.median(distance)) if len(distance) else np.inf
        # Points that lie close are near some object however they are moved: a mistake is one that explains far more.
        if not best or middle < least:
            best, least = places, middle if best else EXPLAINED * middle
        if middle <= near_px:
            break
    none = np.empty((0, 2))
    return LikelyPairs(
        np.concatenate([none, *(points[one.rows] for points, one in zip(known, best, strict=True))]),
        np.concatenate([none, *(points[one.columns] for points, one in zip(given, best, strict=True))]),
        np.repeat(sizes, [len(one.rows) for one in best], axis=0),
    )


def _tried(known: list[FloatArray], given: list[FloatArray]) -> Iterator[_Moved]:
    yield lambda points, _size: points
    yield lambda points, _size: points[:, ::-1]
    yield lambda points, size: (points[:, ::-1] + 0.5) * (size[1] / size[0], size[0] / size[1]) - 0.5
    if not known or not sum(map(len, known)) or not sum(map(len, given)):
        return
    true, said = np.concatenate(known), np.concatenate(given)
    shift = np.median(said, axis=0) - np.median(true, axis=0)
    yield lambda points, _size: points - shift
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = said.std(axis=0) / true.std(axis=0)
    if (scale > 0).all() and np.isfinite(scale).all():
        for anchor in ANCHORS:
            yield partial(_divided, scale, anchor)


def _divided(scale: FloatArray, anchor: float, points: FloatArray, size: FloatArray) -> FloatArray:
    place = (anchor + 1) / 2 * size[::-1] - 0.5
    return (points - place) / scale + place


def _assigned(true: FloatArray, said: FloatArray, size: FloatArray, moved: _Moved, pulse: Pulse) -> _Match:
    pulse.beat(what="pattern of the points")
    distance = np.hypot(*np.moveaxis(true[:, None] - moved(said, size)[None], -1, 0))
    rows, columns = assign(distance)
    return _Match(rows, columns, distance[rows, columns])


def _known(points: AnyArray) -> FloatArray:
    found: FloatArray = np.asarray(points, np.float64).reshape(-1, 2)
    return found[are_known(found)]

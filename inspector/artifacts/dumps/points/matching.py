"""Which prediction of a sample is meant for which of its objects, for all samples of a dump at once."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from inspector.analysis.matching import assign
from inspector.analysis.point_pairs import best_pairs
from inspector.core.arrays import AnyArray, FloatArray, IntArray, starts_of
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.units import counted

USUAL_RADIUS = 0.05
"""Of the longer side of the image, within which a prediction is matched to an object.

Source: PCK at 0.05, percentage of correct keypoints, Yang and Ramanan 2013.
"""
BATCH_PAIRS = 250_000
"""Distances that are looked at together, between two beats: some milliseconds."""
MOST_PAIRS = 4_000_000
"""Of one sample; points of more are not matched."""
_LOOKED_AT = 32
"""Samples that tell whether the order of points says something."""
_MOST_ASSIGNED = 100
"""Points of a sample that are looked at for that."""


class Located(NamedTuple):
    """Points in pixels of the original image, (points, 2), and where those of each sample begin, (samples + 1,)."""

    px: FloatArray
    first: IntArray

    @property
    def counts(self) -> IntArray:
        """(samples,) how many each has."""
        return np.diff(self.first)

    def sample(self, index: int) -> FloatArray:
        """The points of one, (points, 2)."""
        return self.px[self.first[index] : self.first[index + 1]]


class Pairing(NamedTuple):
    """The objects of every sample, true ones in their order, then predictions that are meant for none.

    Attributes:
        first: (samples + 1,) where the objects of each sample begin.
        truth, predicted: (objects,) the place of each in its list, -1 where it has none.
        radius_px: within which predictions were matched; NaN where they were paired by their order.
        text: how they were paired, and why.
    """

    first: IntArray
    truth: IntArray
    predicted: IntArray
    radius_px: float
    text: str


def paired(
    truth: Located, predicted: Located, sizes: FloatArray, radius_px: float | None, notes: Notes, pulse: Pulse
) -> Pairing:
    """The objects of all samples.

    Points are paired by their order where every sample has as many of both, unless that order says nothing or a radius
    is asked for; else each prediction is matched to an object within the radius.

    Args:
        truth: the objects.
        predicted: the predictions, of as many samples.
        sizes: (samples, 2) height and width of the original images.
        radius_px: within which predictions are matched; None for the usual radius.
        notes: of what cannot be matched.
        pulse: of this work.

    Raises:
        WorkCancelled: the pulse says so.
    """
    asked = radius_px is not None
    within = usual_radius_px(sizes) if radius_px is None else radius_px
    compared = (truth.counts > 0) & (predicted.counts > 0)
    alike = bool((truth.counts == predicted.counts)[compared].all())
    if alike and not asked and not _order_says_nothing(truth, predicted):
        return _by_order(truth, predicted)
    why = "the radius set by hand" if asked else "their order says nothing" if alike else "their numbers differ"
    return _by_distance(truth, predicted, within, f"Matched within {within:.4g} px: {why}", notes, pulse)


def usual_radius_px(sizes: FloatArray) -> float:
    """The radius where none is asked for: of images of several sizes, (samples, 2) height and width, the middle one."""
    return USUAL_RADIUS * float(np.median(np.maximum(sizes[:, 0], sizes[:, 1]))) if len(sizes) else 0.0


def values_at(values: FloatArray, places: IntArray) -> FloatArray:
    """The rows at some places, (places,) or (places, columns) float64; NaN where the place is -1."""
    # Rows of two are taken forty times faster so than by an index.
    found: FloatArray = np.concatenate([values, np.full((1, *values.shape[1:]), np.nan)]).take(places, axis=0)
    return found


def _by_order(truth: Located, predicted: Located) -> Pairing:
    counts = np.maximum(truth.counts, predicted.counts)
    of = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = [np.where(within < one.counts[of], one.first[:-1][of] + within, -1) for one in (truth, predicted)]
    # What has neither point only fills a row up.
    there = _has(truth.px, places[0]) | _has(predicted.px, places[1])
    first = starts_of(np.bincount(of[there], minlength=len(counts)))
    return Pairing(first, places[0][there], places[1][there], math.nan, "Paired by their order")


def _by_distance(truth: Located, predicted: Located, radius: float, text: str, notes: Notes, pulse: Pulse) -> Pairing:
    partner = _partners(truth, predicted, radius, notes, pulse)
    known = np.flatnonzero(np.isfinite(truth.px[:, 0]))
    spare = np.isfinite(predicted.px[:, 0])
    spare[partner[partner >= 0]] = False
    lone = np.flatnonzero(spare)
    samples = len(truth.first) - 1
    of = np.concatenate(
        [np.repeat(np.arange(samples), truth.counts)[known], np.repeat(np.arange(samples), predicted.counts)[lone]]
    )
    order = np.argsort(of, kind="stable")
    places = np.concatenate([known, np.full(len(lone), -1)]), np.concatenate([partner[known], lone])
    first = starts_of(np.bincount(of, minlength=samples))
    return Pairing(first, places[0][order], places[1][order], radius, text)


def _partners(truth: Located, predicted: Located, radius: float, notes: Notes, pulse: Pulse) -> IntArray:
    """(true points,) the prediction that each is matched with, -1 for none."""
    partner = np.full(len(truth.px), -1)
    pairs = truth.counts * predicted.counts
    if (many := pairs > MOST_PAIRS).any():
        lost = counted(int(many.sum()), "sample")
        notes.add(f"The points of {lost} are too many to match; they count as missed and spurious")
    pairs[many] = 0
    some = np.flatnonzero(pairs)
    batch = (np.cumsum(pairs[some]) - 1) // BATCH_PAIRS
    bounds = np.flatnonzero(np.diff(batch, prepend=-1, append=-1))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        pulse.beat(start, len(some), "matching points")
        rows, columns, distance = _near(truth, predicted, some[start:stop], radius)
        chosen = best_pairs(rows, columns, radius - distance, pulse)
        partner[rows[chosen]] = columns[chosen]
    return partner


def _near(
    truth: Located, predicted: Located, samples: IntArray, radius: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """The true and the predicted points of some samples that lie within the radius of each other, and how far."""
    counts = truth.counts[samples]
    of = np.repeat(samples, counts)
    true = np.arange(len(of)) + np.repeat(truth.first[samples] - (np.cumsum(counts) - counts), counts)
    width = predicted.counts[of]
    rows = np.repeat(true, width)
    columns = np.arange(len(rows)) + np.repeat(predicted.first[of] - (np.cumsum(width) - width), width)
    across = predicted.px[:, 0].take(columns) - np.repeat(truth.px[true, 0], width)
    # Most lie too far to one side; a missing point is near nothing.
    beside = np.flatnonzero(np.abs(across) <= radius)
    rows, columns = rows[beside], columns[beside]
    distance = np.hypot(across[beside], predicted.px[columns, 1] - truth.px[rows, 1])
    near = np.flatnonzero(distance <= radius)
    return rows[near], columns[near], distance[near]


def _order_says_nothing(truth: Located, predicted: Located) -> bool:
    """Whether predictions agree with the objects of their own sample as a set, and not one by one.

    One by one is then no nearer than with the points shifted by one, while the best match within a sample is far nearer
    than that with the objects of another sample. Errors that move all points alike, as swapped axes, pass neither.
    """
    known = _several_known(truth, predicted)
    if len(known) < 2:
        return False
    by_order, shifted, own, others = [], [], [], []
    for place, (true, said) in enumerate(known):
        by_order.append(_distances(true, said))
        shifted.append(_distances(true, np.roll(said, 1, axis=0)))
        own.append(_least(true, said))
        others.append(_least(known[place - 1][0], said))
    middle = [float(np.median(np.concatenate(one))) for one in (by_order, shifted, own, others)]
    return middle[0] > 0.7 * middle[1] and middle[2] < 0.5 * middle[3]


def _several_known(truth: Located, predicted: Located) -> list[tuple[FloatArray, FloatArray]]:
    """True and predicted points of some samples that have several of both."""
    found = []
    candidates = np.flatnonzero((truth.counts > 1) & (truth.counts == predicted.counts))
    for sample in candidates[:: max(1, len(candidates) // _LOOKED_AT)].tolist():
        true, said = truth.sample(sample)[:_MOST_ASSIGNED], predicted.sample(sample)[:_MOST_ASSIGNED]
        both = np.isfinite(true[:, 0]) & np.isfinite(said[:, 0])
        if both.sum() > 1:
            found.append((true[both], said[both]))
    return found


def _distances(true: FloatArray, said: FloatArray) -> FloatArray:
    found: FloatArray = np.hypot(*(said - true).T)
    return found


def _least(true: FloatArray, said: FloatArray) -> FloatArray:
    """The distances of the match of least total."""
    distance = np.hypot(*np.moveaxis(true[:, None] - said[None], -1, 0))
    rows, columns = assign(distance)
    found: FloatArray = distance[rows, columns]
    return found


def _has(px: FloatArray, places: IntArray) -> AnyArray:
    """Whether there is a point at each place, -1 being none."""
    known = np.append(np.isfinite(px[:, 0]), False)
    found: AnyArray = known[places]
    return found

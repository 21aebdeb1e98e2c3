"""Which convention points are kept in, told by their values: the one that fills the images best without leaving them.

Truth and predictions of one file are kept alike unless their values cannot be. Which coordinate comes first is told by
the truth alone: predictions with swapped axes are a fault to be seen, not one to be undone here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from inspector.analysis.points import are_known
from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.point_conventions import Convention, Frame, GuessedConvention, Unit

_OUTSIDE, _FARTHEST = -3.0, -25.0
"""Logarithm of how likely a point just outside its image is beside one inside, and where that ends: below any place
inside the largest image."""


class _Rule(NamedTuple):
    """How far outside their images points may lie.

    Attributes:
        fall: by how much the logarithm falls for each side of the image further out.
        margin: of a side, so far outside they may well lie.
    """

    fall: float
    margin: float


_TRUE, _PREDICTED = _Rule(-200.0, 0.02), _Rule(-20.0, 0.25)
_SPREAD = 0.1
"""Of a side of the image, over which predictions spread where their values tell a unit of their own."""
SURE = math.log(1_000)
"""A convention is sure where the next is a thousand times less likely."""
FITTING = 0.9
"""Share of points that lie in their images where a convention is right; predictions may lie outside."""
_FEW_PIXELS = 8
"""In a smaller image, points up to 1 may well be pixels."""
_HINT_POINTS = 2_000
"""So many points tell as much as all."""
_LIMITS = {Unit.SHARES: (0.0, 1.0), Unit.SIGNED: (-1.0, 1.0)}


class Places(NamedTuple):
    """Points as a file keeps them, with what is known of them.

    Attributes:
        values: (points, 2), NaN where missing.
        original_hw: (points, 2) or (2,), height and width of the original image; NaN where unknown.
        given_hw: the same of the image that the network was given; None where it is not known, or the same.
        units: those that may be.
        is_yx: whether the row comes first, None where only the values tell.
    """

    values: AnyArray
    original_hw: AnyArray
    given_hw: AnyArray | None = None
    units: tuple[Unit, ...] = tuple(Unit)
    is_yx: bool | None = None


def guessed_conventions(truth: Places, predicted: Places) -> tuple[GuessedConvention, GuessedConvention]:
    """The conventions of true and of predicted points of one file."""
    sides = [_Side(truth, _TRUE), _Side(predicted, _PREDICTED)]
    known = [side for side in sides if side.points.size]
    if not known:
        return _UNKNOWN, _UNKNOWN
    alike = [one for one in known[0].tried if all(one in side.tried and side.fits(one) for side in known)]
    if len(known) == 2 and not alike:
        return _apart(*sides)
    best = max(alike or known[0].best_first()[:1], key=lambda one: sum(side.likely(one) for side in known))
    return _guess(sides[0], best, known), _guess(sides[1], best, known)


def _apart(truth: _Side, predicted: _Side) -> tuple[GuessedConvention, GuessedConvention]:
    """Conventions of which no one suits both; predictions that suit none are wrong, and kept as the truth is."""
    first = truth.best_first()[0]
    fitting = [one for one in predicted.best_first() if predicted.fits(one, margin=0.0)]
    own = next((one for one in fitting if predicted.spread(one) >= _SPREAD), first)
    said = _guess(truth, first, [truth])
    second = _guess(predicted, own, [truth])
    return said, GuessedConvention(
        convention=second.convention, sure=said.sure and not fitting, sure_of_order=second.sure_of_order,
        because=second.because,
    )  # fmt: skip


class _Way(NamedTuple):
    """What a coordinate counts, of which image."""

    unit: Unit
    frame: Frame


class _Side:
    """The points of one kind, and how likely each way to read them is."""

    def __init__(self, places: Places, rule: _Rule) -> None:
        self._rule = rule
        points = np.asarray(places.values, np.float64)
        original = np.broadcast_to(np.asarray(places.original_hw, np.float64), points.shape)
        given = original if places.given_hw is None else np.broadcast_to(places.given_hw, points.shape)
        known = np.flatnonzero(are_known(points))
        known = known[:: max(1, len(known) // _HINT_POINTS)]
        self.points: FloatArray = points[known]
        self._hw = {Frame.ORIGINAL: original[known], Frame.RESIZED: given[known]}
        self.resized = bool(np.isfinite(given[known]).all()) and not np.array_equal(given[known], original[known])
        self.is_yx = places.is_yx
        self.tried = tuple(
            _Way(unit, frame)
            for unit in places.units
            for frame in (Frame.ORIGINAL, Frame.RESIZED)
            # As shares, an image that is stretched is as good as the original one.
            if frame is Frame.ORIGINAL or (unit is Unit.PIXELS and self.resized)
        )

    def best_first(self) -> list[_Way]:
        """All ways that may be, those that fit before the others, the likeliest of each first."""
        return sorted(self.tried, key=lambda way: (not self.fits(way), -self.likely(way)))

    def likely(self, way: _Way) -> float:
        """Logarithm of how likely the points are, in the better order, lying anywhere in their images."""
        return max(self.likely_in_order(way, is_yx=is_yx) for is_yx in self._orders())

    def likely_in_order(self, way: _Way, *, is_yx: bool) -> float:
        """The same in one order."""
        out, room = self._out(way, is_yx=is_yx)
        inside = -np.log(room).sum(axis=1)
        return float(np.where(out > 0, np.maximum(inside + _OUTSIDE + self._rule.fall * out, _FARTHEST), inside).sum())

    def spread(self, way: _Way) -> float:
        """Over which share of a side of the image most points spread, in the direction in which they do so more."""
        _out, room = self._out(way, is_yx=False)
        low, high = np.percentile(self.points, (5, 95), axis=0)
        return float(((high - low) / np.median(room, axis=0)).max())

    def fits(self, way: _Way, margin: float | None = None) -> bool:
        """Whether most points lie in their images or a margin around them, and pixels are not all on the first one."""
        margin = self._rule.margin if margin is None else margin
        out = [self._out(way, is_yx=is_yx)[0] for is_yx in self._orders()]
        if max(float((one <= margin).mean()) for one in out) < FITTING:
            return False
        near = np.maximum(*np.abs(self.points).T) <= 1
        few = np.nanmin(self._hw[way.frame], initial=np.inf) < _FEW_PIXELS
        return bool(way.unit is not Unit.PIXELS or few or near.mean() < FITTING or len(self.tried) == 1)

    def _orders(self) -> Sequence[bool]:
        return (False, True) if self.is_yx is None else (self.is_yx,)

    def _out(self, way: _Way, *, is_yx: bool) -> tuple[FloatArray, FloatArray]:
        """(points,) how far outside its image each lies, in sides, and (points, 2) how wide that is in the unit."""
        points = self.points[:, ::-1] if is_yx else self.points
        side = self._hw[way.frame][:, ::-1]
        low, high = _LIMITS.get(way.unit, (-0.5, 0.0))
        upper = np.full_like(side, high)
        if way.unit is Unit.PIXELS:
            # An image of unknown size may be as large as its points need.
            upper = np.where(np.isfinite(side), side, max(float(points.max(initial=0.0)) + 1, 2.0))
        room: FloatArray = upper - low
        beyond = np.maximum(np.maximum(low - points, points - upper), 0) / room
        return np.maximum(beyond[:, 0], beyond[:, 1]), room


def _guess(side: _Side, way: _Way, known: Sequence[_Side]) -> GuessedConvention:
    """One way as a guess for a side, as sure as those that are `known` make it; the first of them tells the order."""
    others = [one for one in known[0].tried if one != way and all(one in other.tried for other in known)]
    likely = sum(one.likely(way) for one in known)
    # Predictions lie near the truth, and tell little beside it.
    ahead = all(likely - sum(one.likely(other) for one in known) >= SURE * len(known) for other in others)
    # What suits one side far better than the way of both leaves doubt; points in one place suit much.
    telling = [one for one in known if one.spread(way) >= _SPREAD or not one.fits(way)]
    torn = any(one.likely(other) - one.likely(way) >= SURE for one in telling for other in one.tried if one.fits(other))
    teller = side if side.is_yx is not None else known[0]
    turned = [teller.likely_in_order(way, is_yx=is_yx) for is_yx in (False, True)]
    is_yx = turned[1] - turned[0] >= SURE if teller.is_yx is None else teller.is_yx
    return GuessedConvention(
        convention=Convention(unit=way.unit, frame=way.frame, is_yx=is_yx),
        sure=ahead and not torn and all(len(one.tried) == 1 or one.fits(way) for one in known),
        sure_of_order=teller.is_yx is not None or abs(turned[1] - turned[0]) >= SURE,
        because=_because(way, side),
    )


def _because(way: _Way, side: _Side) -> str:
    if not side.points.size:
        return "there are none to tell it by"
    low, high = side.points.min(axis=0), side.points.max(axis=0)
    values = f"values reach from {low[0]:.3g}, {low[1]:.3g} to {high[0]:.3g}, {high[1]:.3g}"
    if way.unit is not Unit.PIXELS:
        return values
    return f"{values}, which fits the {way.frame if side.resized else 'image'}"


_UNKNOWN = GuessedConvention(
    convention=Convention(), sure=False, sure_of_order=False, because="there are no points to tell it by"
)

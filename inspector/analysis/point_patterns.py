"""What is systematically wrong with a set of predicted points, told from their places alone.

Places are compared in the coordinates of the counting heads: -1 at the left and upper edge of an image, 1 at the right
and lower one, so that images of any size count alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from inspector.analysis.binary_scores import known_answers
from inspector.analysis.points import are_known
from inspector.core.arrays import AnyArray, FloatArray

FEWEST_POINTS = 16
"""Of fewer points nothing is said. Source: rule S1.01."""
COLLAPSED_SPREAD = 0.05
"""Predictions that vary less, in -1..1, are one place. Source: rule S1.14."""
COLLAPSED_SHARE = 0.2
"""And less than this share of how much the objects vary."""
CORNER = 0.02
"""So near to -1 or 1 in both coordinates, a place is a corner. Source: rule S1.01."""
BORDERS = (1.0, 2.0)
"""Where coordinates, or the clamp of the counting heads, end. Source: rules S1.05, S1.06."""
BORDER_WIDTH = 0.01
"""Coordinates so near to a border, on either side of it, are at the border, and so are those in the outermost pixel.

Source: rule S1.05.
"""
BORDER_SHARE = 0.1
"""More coordinates than this at the border, and five times as many as of the objects, are no accident."""
EXPLAINED = 0.5
"""A mistake is named where undoing it leaves at most this share of the median error, and of that of one place."""
LEAST_PX = 1.0
"""Median errors and offsets below are the rounding of pixels."""
ANCHORS = (-1.0, 0.0, 1.0)
"""Places that a wrong scale may be seen from: the upper left corner, the centre, the lower right corner."""
LEAST_SCALE = 0.02
"""Scales nearer to 1 are none."""
LOW_DONE = 0.57
"""A done signal that never exceeds this does not fire. Source: rule S2.06, whose run reached it without one hit."""
RARE_DONE = 0.05
"""Source: rule S2.07."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """All predictions lie in one place, (x, y) in -1..1; the two spreads are standard deviations, the larger axis's."""

    x: float
    y: float
    is_corner: bool
    spread: float
    truth_spread: float


@dataclass(frozen=True, slots=True)
class AtBorder:
    """Coordinates pile up at the border; `share` of the predictions' and of the objects' coordinates lies there."""

    share: float
    truth_share: float


@dataclass(frozen=True, slots=True)
class SwappedAxes:
    """Predictions fit once x and y change places; median errors in pixels as they are, and then.

    Attributes:
        in_pixels: the pixels change places; else the shares of width and height do.
    """

    in_pixels: bool
    error_px: float
    remaining_px: float


@dataclass(frozen=True, slots=True)
class ConstantOffset:
    """Predictions fit once all are moved back by the same way; median errors in pixels as they are, and then."""

    x_px: float
    y_px: float
    error_px: float
    remaining_px: float


@dataclass(frozen=True, slots=True)
class WrongScale:
    """Predictions fit once their distances from a place are divided by a scale.

    Attributes:
        anchor: both coordinates of the place: -1, the upper left corner, 0, the centre, or 1, the lower right corner,
            which stays where it is when 0..1 is taken for -1..1 or the other way round.
    """

    x: float
    y: float
    anchor: float
    error_px: float
    remaining_px: float


@dataclass(frozen=True, slots=True)
class DoneAlwaysLow:
    """No sample exceeds 0.57 though `positives` of them are done; `highest` is the largest probability."""

    highest: float
    positives: int


@dataclass(frozen=True, slots=True)
class DoneRare:
    """So few samples are done that saying no always is nearly right."""

    base_rate: float
    positives: int
    samples: int


Misplaced = SwappedAxes | ConstantOffset | WrongScale
PointPattern = Collapsed | AtBorder | Misplaced
DonePattern = DoneAlwaysLow | DoneRare


def point_pattern(truth: AnyArray, predicted: AnyArray, sizes: AnyArray) -> PointPattern | None:
    """What is systematically wrong; None where nothing is, or where fewer than 16 points can be compared.

    At most one pattern: predictions in one place, or pressed against a border, tell nothing of offsets and scales.

    Args:
        truth: (points, 2), x and y in pixels of the original image, the centre of the first at 0, 0; NaN where missing.
        predicted: as `truth`, in the same order.
        sizes: (points, 2), height and width of the image that each lies in.
    """
    known = are_known(truth) & are_known(predicted)
    if np.count_nonzero(known) < FEWEST_POINTS:
        return None
    # Columns that lie together are summed and sorted three times faster.
    half, true, found = (
        np.asfortranarray(np.compress(known, one, axis=0), np.float64) for one in (_half(sizes), truth, predicted)
    )
    true, found = _signed(true, half), _signed(found, half)
    return _collapsed(true, found, half) or _at_border(true, found, half) or _misplaced(true, found, half)


def undone(pattern: Misplaced, predicted: AnyArray, sizes: AnyArray) -> FloatArray:
    """Predictions, (points, 2) in pixels, as they would be without the mistake; the other arguments as there."""
    half = _half(sizes)
    return (_undone(pattern, _signed(np.asarray(predicted, np.float64), half), half) + 1) * half - 0.5


def _undone(pattern: Misplaced, found: FloatArray, half: FloatArray) -> FloatArray:
    """Places in -1..1 without the mistake."""
    if isinstance(pattern, SwappedAxes):
        return _swapped_px(found, half) if pattern.in_pixels else found[:, ::-1]
    if isinstance(pattern, ConstantOffset):
        return found - np.array([pattern.x_px, pattern.y_px]) / half
    return (found - pattern.anchor) / (pattern.x, pattern.y) + pattern.anchor


def _half(sizes: AnyArray) -> FloatArray:
    """(points, 2) half of width and height."""
    return np.asarray(sizes, np.float64)[:, ::-1] / 2


def _signed(points: FloatArray, half: FloatArray) -> FloatArray:
    """Pixels as coordinates in -1..1."""
    return (points + 0.5) / half - 1


def done_patterns(probabilities: AnyArray, answers: AnyArray) -> tuple[DonePattern, ...]:
    """What is wrong with a done signal; arguments as `known_answers`.

    Raises:
        ShapeError: the two are not lists of equal length.
    """
    values, truths = known_answers(probabilities, answers)
    positives, samples = int(np.count_nonzero(truths)), len(values)
    if samples < FEWEST_POINTS or not positives:
        return ()
    low = (DoneAlwaysLow(float(values.max()), positives),) if values.max() <= LOW_DONE else ()
    rare = (DoneRare(positives / samples, positives, samples),) if positives / samples < RARE_DONE else ()
    return (*low, *rare)


def _collapsed(true: FloatArray, found: FloatArray, half: FloatArray) -> Collapsed | None:
    # The same pixel in images of several sizes is one place, too.
    in_pixels = (found + 1) * half / np.median(half, axis=0)
    spread = float(min(found.std(axis=0).max(), in_pixels.std(axis=0).max()))
    truth_spread = float(true.std(axis=0).max())
    if spread >= COLLAPSED_SPREAD or spread >= COLLAPSED_SHARE * truth_spread:
        return None
    x, y = np.median(found, axis=0).tolist()
    return Collapsed(x, y, abs(abs(x) - 1) < CORNER and abs(abs(y) - 1) < CORNER, spread, truth_spread)


def _at_border(true: FloatArray, found: FloatArray, half: FloatArray) -> AtBorder | None:
    share, truth_share = (float(np.mean(_is_at_border(places, half))) for places in (found, true))
    return AtBorder(share, truth_share) if share > max(BORDER_SHARE, 5 * truth_share) else None


def at_border(points: AnyArray, sizes: AnyArray) -> AnyArray:
    """(points,) bool: whether a coordinate of a point in pixels lies at the border of its image; sizes as there."""
    half = _half(sizes)
    near = _is_at_border(_signed(np.asarray(points, np.float64), half), half)
    return near[:, 0] | near[:, 1]


def _is_at_border(places: FloatArray, half: FloatArray) -> AnyArray:
    """(points, 2) bool of each coordinate; the middle of the outermost pixel lies half a pixel from the edge."""
    beside = np.minimum.reduce([np.abs(np.abs(places) - border) for border in BORDERS])
    allowed: AnyArray = np.maximum(BORDER_WIDTH, 0.501 / half)
    return np.asarray(beside <= allowed)


def _misplaced(true: FloatArray, found: FloatArray, half: FloatArray) -> Misplaced | None:
    """The one mistake that explains most of the errors."""

    def median_px(undone: FloatArray) -> float:
        return float(np.median(np.hypot(*((undone - true) * half).T)))

    error_px = median_px(found)
    # Shrunk to one place, any predictions come as near as that place is.
    one_place_px = median_px(np.broadcast_to(np.median(true, axis=0), true.shape))
    most_px = EXPLAINED * min(error_px, one_place_px)
    scales = (partial(_scaled, anchor) for anchor in ANCHORS)
    tried: tuple[_Explain, ...] = (_shares_swapped, _pixels_swapped, _offset, *scales)
    explanations = [
        explanation for explain in tried if (explanation := explain(true, found, half, median_px)) is not None
    ]
    best = min(explanations, key=lambda explanation: explanation.remaining_px, default=None)
    return best if best is not None and error_px >= LEAST_PX and best.remaining_px <= most_px else None


_MedianPx = Callable[[FloatArray], float]
_Explain = Callable[[FloatArray, FloatArray, FloatArray, _MedianPx], Misplaced | None]


def _shares_swapped(_true: FloatArray, found: FloatArray, _half: FloatArray, median_px: _MedianPx) -> SwappedAxes:
    return SwappedAxes(False, median_px(found), median_px(found[:, ::-1]))


def _pixels_swapped(_true: FloatArray, found: FloatArray, half: FloatArray, median_px: _MedianPx) -> SwappedAxes:
    return SwappedAxes(True, median_px(found), median_px(_swapped_px(found, half)))


def _swapped_px(found: FloatArray, half: FloatArray) -> FloatArray:
    """Places whose pixels change places, which in an image that is not square is not the same as their shares."""
    return ((found + 1) * half)[:, ::-1] / half - 1


def _offset(true: FloatArray, found: FloatArray, half: FloatArray, median_px: _MedianPx) -> ConstantOffset | None:
    offset_px = np.median((found - true) * half, axis=0)
    if np.hypot(*offset_px) < LEAST_PX:
        return None
    remaining_px = median_px(found - offset_px / half)
    return ConstantOffset(float(offset_px[0]), float(offset_px[1]), median_px(found), remaining_px)


def _scaled(
    anchor: float, true: FloatArray, found: FloatArray, _half: FloatArray, median_px: _MedianPx
) -> WrongScale | None:
    scale = _slopes(true - anchor, found - anchor)
    if np.abs(scale - 1).max() < LEAST_SCALE or not (scale > 0).all():
        return None
    remaining_px = median_px((found - anchor) / scale + anchor)
    return WrongScale(float(scale[0]), float(scale[1]), anchor, median_px(found), remaining_px)


def _slopes(true: FloatArray, found: FloatArray) -> FloatArray:
    """(2,) factor from true to found places of each axis: least squares of the three quarters that fit best."""
    slopes = _least_squares(true, found)
    off = np.abs(found - slopes * true)
    slopes = _least_squares(true, found, off <= np.quantile(off, 0.75, axis=0))
    return np.where(slopes == 0, np.nan, slopes)


def _least_squares(true: FloatArray, found: FloatArray, kept: AnyArray | bool = True) -> FloatArray:
    slopes: FloatArray = (found * true * kept).sum(axis=0) / np.maximum((true**2 * kept).sum(axis=0), 1e-12)
    return slopes

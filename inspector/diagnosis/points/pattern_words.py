"""What is systematically wrong with predicted points, in words."""

from __future__ import annotations

from inspector.analysis.point_patterns import (
    AtBorder,
    Collapsed,
    ConstantOffset,
    Misplaced,
    PointPattern,
    SwappedAxes,
    WrongScale,
)
from inspector.core.units import number_text, percent_text, whole_text
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds

_ANCHORS = {-1.0: "upper left corner", 0.0: "centre", 1.0: "lower right corner"}

_FAR = 100.0

_ONE_SCALE = 0.01
"""Two scales that differ by less are told as one."""


def is_constant(pattern: Collapsed, limits: Thresholds) -> bool:
    """Whether all predictions are the same but for rounding."""
    return pattern.spread < limits.constant_share * pattern.truth_spread


def pattern_title(pattern: PointPattern, limits: Thresholds = DEFAULTS) -> str:
    """`Predicted points have x and y swapped`."""
    match pattern:
        case SwappedAxes():
            return "Predicted points have x and y swapped"
        case ConstantOffset(x_px, y_px):
            return f"Predicted points are all moved by {_signed(x_px)}, {_signed(y_px)} px"
        case WrongScale(x, y):
            by = f"{x:.3g}" if abs(x - y) < _ONE_SCALE else f"{x:.3g} across and {y:.3g} down"
            return f"Predicted points are scaled by {by}"
        case AtBorder():
            return "Predicted coordinates pile up at the border"
        case Collapsed(x, y):
            return _collapsed_title(pattern, f"({_coordinate(x)}, {_coordinate(y)})", limits)


def pattern_text(pattern: PointPattern) -> str:
    """The figures that show a pattern: median errors as they are and without it, shares or spreads."""
    match pattern:
        case AtBorder(share, truth_share):
            return (
                f"{percent_text(share)} of predicted coordinates lie at the border of the image or of a clamp, and"
                f" {percent_text(truth_share)} of objects' do"
            )
        case Collapsed():
            return f"In −1..1 predictions spread by {pattern.spread:.2g} and objects by {pattern.truth_spread:.2g}"
        case SwappedAxes():
            what = "pixels" if pattern.in_pixels else "shares of width and height"
            return _falls(pattern, f"x and y of the predictions change places, as {what}")
        case ConstantOffset():
            return _falls(pattern, "all predictions are moved back")
        case WrongScale():
            return _falls(pattern, f"distances from the {_ANCHORS[pattern.anchor]} are divided by that")


def _falls(pattern: Misplaced, once: str) -> str:
    return f"The median error of {pattern.error_px:.1f} px falls to {pattern.remaining_px:.1f} px once {once}"


def _collapsed_title(pattern: Collapsed, place: str, limits: Thresholds) -> str:
    if pattern.is_corner:
        return f"Predictions are stuck in the corner {place}"
    return (
        f"Every image gets the same prediction {place}"
        if is_constant(pattern, limits)
        else f"All predictions lie near {place}"
    )


def _signed(value: float) -> str:
    """`+12`, `−3`, `+0`: whole pixels."""
    return f"{'−' if value < -0.5 else '+'}{whole_text(abs(value))}"


def _coordinate(value: float) -> str:
    """`−0.98`, and fewer digits of what lies far beyond −1..1."""
    return f"{value:.2f}".replace("-", "−") if abs(value) < _FAR else number_text(value)

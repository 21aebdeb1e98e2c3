"""What is painted of points, how large and how opaque."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.session.values import PointStyle, ViewState


@dataclass(frozen=True, slots=True)
class Shown:
    """What is painted, and how large (1 is the usual size).

    Attributes:
        size: of everything; styles: of one kind beside it.
        threshold_value: of the loss, where the picture's sides run from -1 to 1; 0 where it is not known.
    """

    gt: bool = True
    prediction: bool = True
    error_line: bool = True
    threshold: bool = False
    marked: bool = True
    labels: bool = True
    size: float = 1.0
    styles: tuple[PointStyle, ...] = ()
    threshold_value: float = 0.0

    def style(self, kind: str) -> PointStyle:
        """How one kind is painted."""
        return next((one for one in self.styles if one.kind == kind), PointStyle(kind=kind))


def shown_of(view_state: ViewState, threshold_value: float = 0.0) -> Shown:
    """What the session says is painted.

    Args:
        view_state: what the session holds.
        threshold_value: as of `Shown`.
    """
    return Shown(
        gt=view_state.show_gt,
        prediction=view_state.show_prediction,
        error_line=view_state.show_error_line,
        threshold=view_state.show_threshold,
        marked=view_state.show_marked,
        labels=view_state.show_labels,
        size=view_state.point_size,
        styles=view_state.point_styles,
        threshold_value=threshold_value,
    )

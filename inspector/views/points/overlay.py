"""Points over a picture: rings, error lines, threshold, marks and labels, as large on the screen at every zoom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from inspector.core.arrays import AnyArray
from inspector.display.points.overlay import Overlay, Place, PointKind, PointPair, overlay_of
from inspector.session.values import PointStyle, ViewState
from inspector.views.points.strokes import (
    LINE_PX,
    arrow,
    diamond,
    leaving,
    line,
    number,
    reach,
    ring,
    word,
    word_height,
)
from inspector.views.theme import tokens

GT_PX, PREDICTION_PX = 5.8, 4.8
"""Radii of the rings: one within the other where both points are the same."""

_MISSED, _SPURIOUS = 1.3, 1.4
"""How much larger the mark of a lone point is."""

_RING_PX = LINE_PX + 0.4
_REACH_PX = 1.1
_ARROW_PX = 9.0
_LABEL_PX, _NUMBER_PX = 11, 9
_LEAST_LABEL = 0.8
_CAPTION_PX = 22
_ALL_LABELS_FROM_PX = 300
"""Pictures at least so wide label every object; smaller ones only the worst."""


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


def paint_rows(shown: Shown, painter: QPainter, area: QRectF, rows: AnyArray) -> None:
    """Paint over a thumbnail what its rows stand for."""
    paint_overlay(overlay_of(rows), shown, painter, area, 1.0)


def paint_overlay(overlay: Overlay, shown: Shown, painter: QPainter, area: QRectF, _scale: float) -> None:
    """Paint the points of one sample, the worst last, so that it lies on top.

    Args:
        overlay: the points.
        shown: what is painted of them.
        painter: what is clipped away is not painted.
        area: where the whole picture lies.
    """
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _Painting(shown, painter, area).paint(overlay)
    painter.restore()


class _Painting:
    """One picture that is painted over."""

    def __init__(self, shown: Shown, painter: QPainter, area: QRectF) -> None:
        self.shown = shown
        self.painter = painter
        self.area = area
        self.seen = area.intersected(painter.clipBoundingRect()) if painter.hasClipping() else area
        self.near = self.seen.adjusted(-40, -40, 40, 40)
        self.words = self.seen.adjusted(0, 0, 0, min(self.area.bottom() - _CAPTION_PX - self.seen.bottom(), 0))

    def paint(self, overlay: Overlay) -> None:
        if self.shown.marked:
            with_size = self._begin("marked")
            for mark in reversed(overlay.marked):
                at = self._at(mark.place)
                if self.near.contains(at):
                    number(self.painter, mark.number, tokens().marked, at, max(round(_NUMBER_PX * with_size), 6))
        if self.shown.threshold and self.shown.threshold_value > 0:
            self._paint_reaches(overlay.pairs)
        for pair in reversed(overlay.pairs):
            self._paint_pair(pair)
        if self.shown.labels:
            self._paint_labels(overlay.pairs)

    def _paint_reaches(self, pairs: tuple[PointPair, ...]) -> None:
        size = self._begin("threshold")
        across, down = (self.shown.threshold_value / 2 * side for side in (self.area.width(), self.area.height()))
        for pair in pairs:
            if pair.gt is not None:
                reach(self.painter, self._at(pair.gt), across, down, tokens().error_line, _REACH_PX * size)

    def _paint_pair(self, pair: PointPair) -> None:
        gt, prediction = self._shown_at(pair.gt, pair.prediction), self._shown_at(pair.prediction, pair.gt)
        if self.shown.error_line and gt is not None and prediction is not None and self._in_sight(gt, prediction):
            size = self._begin("error_line")
            line(self.painter, gt, prediction, tokens().error_line, LINE_PX * size)
        if self.shown.prediction:
            mark = _spurious if pair.kind is PointKind.SPURIOUS else _predicted
            self._paint_point("prediction", pair.prediction, prediction, mark)
        if self.shown.gt:
            self._paint_point("gt", pair.gt, gt, _missed if pair.kind is PointKind.MISSED else _true)

    def _paint_point(
        self, kind: str, place: Place | None, at: QPointF | None, mark: Callable[[QPainter, QPointF, float], None]
    ) -> None:
        """Its mark, or an arrow at the border of the picture where the point lies beyond."""
        if place is None or at is None or not self.near.contains(at):
            return
        size = self._begin(kind)
        if _inside(place):
            mark(self.painter, at, size)
        else:
            ink = tokens().gt if kind == "gt" else tokens().prediction
            arrow(self.painter, at, self._at(place), ink, _ARROW_PX * size)

    def _paint_labels(self, pairs: tuple[PointPair, ...]) -> None:
        size_px = round(_LABEL_PX * max(self._begin("labels"), _LEAST_LABEL))
        height, theme = word_height(size_px), tokens()
        wide = self.area.width() >= _ALL_LABELS_FROM_PX
        for pair in reversed(pairs if wide else pairs[:1]):
            gt, prediction = self._shown_at(pair.gt, pair.prediction), self._shown_at(pair.prediction, pair.gt)
            if (
                self.shown.error_line
                and pair.label
                and gt is not None
                and prediction is not None
                and self._in_sight(gt, prediction)
            ):
                corner = self._held((gt + prediction) / 2) + QPointF(3, -height)
                word(self.painter, pair.label, theme.error_line, corner, size_px, self.words)
            if not wide:
                continue
            for on, at, outside_px, ink in (
                (self.shown.gt, gt, pair.gt_outside_px, theme.gt),
                (self.shown.prediction, prediction, pair.prediction_outside_px, theme.prediction),
            ):
                if on and outside_px >= 1 and at is not None and self.near.contains(at):
                    text = f"{round(outside_px):,} px outside"
                    word(self.painter, text, ink, at + QPointF(6, 2), size_px, self.words)
            if pair.confidence is None or prediction is None or not self.shown.prediction:
                continue
            if self.seen.contains(prediction):
                text = f"{pair.confidence:.2f}"
                word(self.painter, text, theme.prediction, prediction + QPointF(7, 1), size_px, self.words)

    def _begin(self, kind: str) -> float:
        """Paint a kind from now on; the size that its things have."""
        style = self.shown.style(kind)
        self.painter.setOpacity(style.opacity)
        return self.shown.size * style.size

    def _at(self, place: Place) -> QPointF:
        return QPointF(self.area.left() + place[0] * self.area.width(), self.area.top() + place[1] * self.area.height())

    def _shown_at(self, place: Place | None, partner: Place | None) -> QPointF | None:
        """Where a point is painted: its place, or where the way to it leaves the picture."""
        if place is None:
            return None
        if _inside(place):
            return self._at(place)
        start = partner if partner is not None and _inside(partner) else (0.5, 0.5)
        return leaving(self._at(start), self._at(place), self.area)

    def _held(self, at: QPointF) -> QPointF:
        """The nearest place that is seen."""
        return QPointF(
            min(max(at.x(), self.seen.left()), self.seen.right()), min(max(at.y(), self.seen.top()), self.seen.bottom())
        )

    def _in_sight(self, start: QPointF, end: QPointF) -> bool:
        """Whether a line may be seen."""
        return QRectF(start, end).normalized().adjusted(-1, -1, 1, 1).intersects(self.seen)


def _inside(place: Place) -> bool:
    return 0 <= place[0] <= 1 and 0 <= place[1] <= 1


def _true(painter: QPainter, at: QPointF, size: float) -> None:
    ring(painter, at, tokens().gt, GT_PX * size, _RING_PX * size)


def _missed(painter: QPainter, at: QPointF, size: float) -> None:
    ring(painter, at, tokens().gt, GT_PX * _MISSED * size, _RING_PX * size, dashed=True)


def _predicted(painter: QPainter, at: QPointF, size: float) -> None:
    ring(painter, at, tokens().prediction, PREDICTION_PX * size, _RING_PX * size)


def _spurious(painter: QPainter, at: QPointF, size: float) -> None:
    diamond(painter, at, tokens().prediction, PREDICTION_PX * _SPURIOUS * size, _RING_PX * size)

"""Points over a picture: rings, error lines, threshold, marks and labels, as large on the screen at every zoom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from inspector.core.arrays import AnyArray
from inspector.core.language import tr
from inspector.core.units import whole_text
from inspector.display.points.overlay import Overlay, Place, PointKind, PointPair, Row, overlay_of
from inspector.views.points.shown import Shown
from inspector.views.points.strokes import (
    LINE_PX,
    Shape,
    arrow,
    draw_dots,
    draw_lines,
    leaving,
    number,
    point_mark,
    reach,
    word,
    word_height,
)
from inspector.views.theme import tokens

GT_PX, PREDICTION_PX = 5.8, 4.8
"""Radii of the rings: one within the other where both points are the same."""

_MISSED, _SPURIOUS = 1.3, 1.4
"""How much larger the mark of a lone point is."""

_MARKS: dict[tuple[str, PointKind], tuple[Shape, float]] = {
    ("gt", PointKind.OBJECT): ("ring", GT_PX),
    ("gt", PointKind.MISSED): ("dashed", GT_PX * _MISSED),
    ("prediction", PointKind.OBJECT): ("ring", PREDICTION_PX),
    ("prediction", PointKind.SPURIOUS): ("diamond", PREDICTION_PX * _SPURIOUS),
}
"""The shape of a point and its radius, by what it is one of."""

_RING_PX = LINE_PX + 0.4
_REACH_PX = 1.1
_ARROW_PX = 9.0
_LABEL_PX, _NUMBER_PX = 11, 9
_LEAST_LABEL = 0.8
_MOST_REACHES = 24
"""Around so many objects, the worst ones, the threshold is drawn: around hundreds it hides the picture."""

_MOST_RINGS, _RINGS_AMONG_DOTS, _MOST_RINGS_WIDE = 300, 24, 600
_DOT_PX = 3.0
"""Above so many points in a small picture, only so many of the worst have rings among the dots of all; in a wide one
the worst of them have rings whatever their number."""

_LEAST_LINE_PX = 3.0
"""A shorter line lies within the rings."""

_OUTSIDE = tr("{distance} px outside")
_CAPTION_PX = 22
_ALL_LABELS_FROM_PX = 300
"""Pictures at least so wide label every object; smaller ones only the worst."""


def paint_rows(shown: Shown, painter: QPainter, area: QRectF, rows: AnyArray) -> None:
    """Paint over a thumbnail what its rows stand for; of very many only the worst have rings, the others are dots."""
    if len(rows) > _MOST_RINGS and area.width() < _ALL_LABELS_FROM_PX:
        kinds = rows[:, Row._fields.index("kind")]
        marked, objects = rows[kinds == PointKind.MARKED], rows[kinds < PointKind.MARKED]
        painter.save()
        _Painting(shown, painter, area).paint_dots(objects[:, 2:4].tolist(), objects[:, :2].tolist())
        painter.restore()
        rows = np.concatenate([objects[:_RINGS_AMONG_DOTS], marked[:_RINGS_AMONG_DOTS]])
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


class _Placed(NamedTuple):
    """A pair, and where its points are painted; None for one that it has not."""

    pair: PointPair
    gt: QPointF | None
    prediction: QPointF | None


class _Painting:
    """One picture that is painted over."""

    def __init__(self, shown: Shown, painter: QPainter, area: QRectF) -> None:
        self.shown = shown
        self.painter = painter
        self.area = area
        self.seen = area.intersected(painter.clipBoundingRect()) if painter.hasClipping() else area
        self.near = self.seen.adjusted(-40, -40, 40, 40)
        self.words = self.seen.adjusted(0, 0, 0, -_CAPTION_PX)

    def paint(self, overlay: Overlay) -> None:
        if self.shown.marked:
            with_size = self._begin("marked")
            for mark in reversed(overlay.marked):
                at = self._at(mark.place)
                if self.near.contains(at):
                    number(self.painter, mark.number, tokens().marked, at, max(round(_NUMBER_PX * with_size), 6))
        if self.shown.threshold and self.shown.threshold_value > 0:
            self._paint_reaches(overlay.pairs)
        if self.shown.prediction:
            self._paint_others(overlay.others)
        ringed, dotted = overlay.pairs[:_MOST_RINGS_WIDE], overlay.pairs[_MOST_RINGS_WIDE:]
        self.paint_dots([one.prediction for one in dotted if one.prediction], [one.gt for one in dotted if one.gt])
        placed = [self._placed(pair) for pair in reversed(ringed)]
        if self.shown.error_line:
            self._paint_lines(placed)
        if self.shown.prediction:
            self._paint_kind("prediction", [(one.pair.prediction, one.prediction, one.pair.kind) for one in placed])
        if self.shown.gt:
            self._paint_kind("gt", [(one.pair.gt, one.gt, one.pair.kind) for one in placed])
        if self.shown.labels:
            self._paint_labels(placed)

    def paint_dots(self, predictions: Iterable[Sequence[float]], truths: Iterable[Sequence[float]]) -> None:
        """Paint points, x and y as in `Place`, as dots; those beside the picture, and undefined ones, are left out."""
        kinds = (
            ("prediction", self.shown.prediction, predictions, tokens().prediction),
            ("gt", self.shown.gt, truths, tokens().gt),
        )
        left, top, width, height = self.area.left(), self.area.top(), self.area.width(), self.area.height()
        for kind, on, places, ink in kinds:
            if on:
                dots = [QPointF(left + x * width, top + y * height) for x, y in places if 0 <= x <= 1 and 0 <= y <= 1]
                draw_dots(self.painter, dots, ink, _DOT_PX * self._begin(kind))

    def _paint_reaches(self, pairs: tuple[PointPair, ...]) -> None:
        size = self._begin("threshold")
        across, down = (self.shown.threshold_value / 2 * side for side in (self.area.width(), self.area.height()))
        for pair in pairs[:_MOST_REACHES]:
            if pair.gt is not None:
                reach(self.painter, self._at(pair.gt), across, down, tokens().error_line, _REACH_PX * size)

    def _paint_others(self, others: tuple[Place, ...]) -> None:
        """Predictions of another dump; those beside the picture are not painted."""
        size = self._begin("prediction")
        for place in others:
            at = self._at(place)
            if _inside(place) and self.near.contains(at):
                point_mark(self.painter, at, "ring", tokens().other_prediction, PREDICTION_PX * size, _RING_PX * size)

    def _paint_lines(self, placed: Sequence[_Placed]) -> None:
        width = LINE_PX * self._begin("error_line")
        lines = [
            QLineF(one.gt, one.prediction)
            for one in placed
            if one.gt is not None and one.prediction is not None and self._is_line(one.gt, one.prediction)
        ]
        draw_lines(self.painter, lines, tokens().error_line, width)

    def _paint_kind(self, kind: str, points: Sequence[tuple[Place | None, QPointF | None, PointKind]]) -> None:
        """The mark of each point, or an arrow at the border of the picture where it lies beyond."""
        size, near, painter = self._begin(kind), self.near, self.painter
        ink = tokens().gt if kind == "gt" else tokens().prediction
        for place, at, lone in points:
            if place is None or at is None or not near.contains(at):
                continue
            if not _inside(place):
                arrow(painter, at, self._at(place), ink, _ARROW_PX * size)
            else:
                shape, radius = _MARKS[kind, lone]
                point_mark(painter, at, shape, ink, radius * size, _RING_PX * size)

    def _paint_labels(self, placed: Sequence[_Placed]) -> None:
        size_px = round(_LABEL_PX * max(self._begin("labels"), _LEAST_LABEL))
        wide = self.area.width() >= _ALL_LABELS_FROM_PX
        for one in placed if wide else placed[-1:]:
            pair, gt, prediction = one
            below = 0.0
            if self.shown.error_line and pair.label and gt is not None and prediction is not None:
                below = self._say_error(pair.label, gt, prediction, size_px)
            if not wide:
                continue
            if self.shown.gt and gt is not None:
                self._say_outside(gt, pair.gt_outside_px, tokens().gt, size_px, below)
            if self.shown.prediction and prediction is not None:
                self._say_outside(prediction, pair.prediction_outside_px, tokens().prediction, size_px, below)
                if pair.confidence is not None and self.seen.contains(prediction):
                    corner = prediction + QPointF(7, 1)
                    word(self.painter, f"{pair.confidence:.2f}", tokens().prediction, corner, size_px, self.words)

    def _say_error(self, label: str, gt: QPointF, prediction: QPointF, size_px: int) -> float:
        """Write beside the line; where the words end."""
        if not self._in_sight(gt, prediction):
            return 0.0
        corner = self._held((gt + prediction) / 2) + QPointF(3, -word_height(size_px))
        return word(self.painter, label, tokens().error_line, corner, size_px, self.words)

    def _say_outside(self, at: QPointF, outside_px: float, ink: str, size_px: int, below: float) -> None:
        """Write beside an arrow, below what is written of the line that leads to it."""
        if outside_px >= 1 and self.near.contains(at):
            corner = QPointF(at.x() + 6, max(at.y() + 2, below))
            text = _OUTSIDE.format(distance=whole_text(outside_px))
            word(self.painter, text, ink, corner, size_px, self.words)

    def _begin(self, kind: str) -> float:
        """Paint a kind from now on; the size that its things have."""
        style = self.shown.style(kind)
        self.painter.setOpacity(style.opacity)
        return self.shown.size * style.size

    def _at(self, place: Place) -> QPointF:
        return QPointF(self.area.left() + place[0] * self.area.width(), self.area.top() + place[1] * self.area.height())

    def _placed(self, pair: PointPair) -> _Placed:
        return _Placed(pair, self._shown_at(pair.gt, pair.prediction), self._shown_at(pair.prediction, pair.gt))

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

    def _is_line(self, start: QPointF, end: QPointF) -> bool:
        return (end - start).manhattanLength() >= _LEAST_LINE_PX and self._in_sight(start, end)

    def _in_sight(self, start: QPointF, end: QPointF) -> bool:
        """Whether a line may be seen."""
        return QRectF(start, end).normalized().adjusted(-1, -1, 1, 1).intersects(self.seen)


def _inside(place: Place) -> bool:
    return 0 <= place[0] <= 1 and 0 <= place[1] <= 1

"""One sample alone: its points over its picture, as a whole or the part around its largest error."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inspector.core.texts import visible
from inspector.display.points.overlay import Overlay, Place
from inspector.display.points.scene import PointTile
from inspector.views.fonts import text_font
from inspector.views.pictures import qimage
from inspector.views.points.overlay import paint_overlay
from inspector.views.points.shown import Shown
from inspector.views.theme import colour
from inspector.views.view import guarded
from inspector.views.zoomed_picture import WHOLE, Look, ZoomedPicture

_AROUND = 2.2
"""Sides of the part that is looked at, against the larger side of the error."""

_LEAST_SHARE = 0.18
"""Of the picture, so much is seen around a point at least."""

_LEAST_COPY_PX = 512
"""A picture that is copied is enlarged to so much, or labels would cover it."""

_ON_PICTURE = "#f2f4f7"
_MOST_SAID = 600


class SinglePicture(ZoomedPicture):
    """The chosen sample; wheel and drag move over it.

    Signals:
        left: it was pressed twice while all of it was seen.
        moved_by_hand: another part was asked for with wheel, drag or a double click.
    """

    left = Signal()
    moved_by_hand = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("single", parent, smooth=True)
        self._tile: PointTile | None = None
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.looked.connect(self._on_looked)

    def show_tile(self, tile: PointTile, shown: Shown) -> None:
        """Show a sample; the same part of another one is not of interest."""
        if self._tile is None or tile.sample != self._tile.sample:
            self.set_look(WHOLE)
        self._tile = tile
        self.set_picture(tile.picture)
        self.show_points(shown)

    def show_points(self, shown: Shown) -> None:
        """Draw the points so."""
        if self._tile is not None:
            self.set_overlay(partial(paint_overlay, _overlay(self._tile), shown))

    def look_at_error(self) -> None:
        """Show the part around the worst object, as much as its error takes."""
        pair = self._tile.pairs[0] if self._tile is not None and self._tile.pairs else None
        places = [place for place in (pair.gt, pair.prediction) if place is not None] if pair is not None else []
        self.set_look(look_around(places))

    def fit(self) -> None:
        """Show all of it again."""
        self.set_look(WHOLE)

    def copy(self, shown: Shown) -> QImage:
        """The whole picture with its points, at its own size or larger; null where there is none."""
        if self._tile is None:
            return QImage()
        return painted_sample(self._tile, shown)

    def _on_looked(self, look: Look) -> None:
        self.set_look(look)
        self.moved_by_hand.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            if self.look == WHOLE:
                self.left.emit()
            else:
                self._on_looked(WHOLE)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._tile is not None and self._tile.problem:
            painter = QPainter(self)
            paint_problem(painter, self.frame(), self._tile.problem)


def look_around(places: list[Place]) -> Look:
    """The part of a picture that holds these places, with room around them; all of it without any."""
    inside = [(min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in places]
    if not inside:
        return WHOLE
    lows, highs = ([edge(values) for values in zip(*inside, strict=True)] for edge in (min, max))
    side = max(high - low for low, high in zip(lows, highs, strict=True))
    share = min(max(side * _AROUND, _LEAST_SHARE), 1.0)
    left, top = ((low + high - share) / 2 for low, high in zip(lows, highs, strict=True))
    return Look(left, top, share).held()


def _overlay(tile: PointTile) -> Overlay:
    return Overlay(tile.pairs, tile.marked, tile.others)


def painted_sample(tile: PointTile, shown: Shown, *, least_px: int = _LEAST_COPY_PX) -> QImage:
    """A sample's picture with its points, its longer side at least so large."""
    image = qimage(tile.picture)
    factor = max(1.0, least_px / max(image.width(), image.height(), 1))
    size = QSize(round(image.width() * factor), round(image.height() * factor))
    made = QImage(size, QImage.Format.Format_RGB32)
    made.fill(Qt.GlobalColor.black)
    area = QRectF(0, 0, size.width(), size.height())
    painter = QPainter(made)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
        paint_overlay(_overlay(tile), shown, painter, area, factor)
        if tile.problem:
            paint_problem(painter, area, tile.problem)
    finally:  # Qt ends the process where an image goes before its painter
        painter.end()
    return made


def paint_problem(painter: QPainter, area: QRectF, problem: str) -> None:
    """Say over a placeholder why there is no picture."""
    inset = min(area.width(), area.height()) * 0.08
    painter.setFont(text_font())
    painter.setPen(colour(_ON_PICTURE))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere
    painter.drawText(area.adjusted(inset, inset, -inset, -inset), flags, visible(problem, _MOST_SAID))

"""A picture of which a part is seen: several of them look at the same part, and point at the same place."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from inspector.views.keys import ARROWS, keeper
from inspector.views.pictures import Overlay, PictureTile
from inspector.views.theme import colour

_ZOOM_PER_NOTCH = 0.85
_LEAST_SHARE = 1 / 64
_MARKER_PX = 4.5
_KEY_SHARE = 0.05
_WAYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ZOOMS = {
    Qt.Key.Key_Plus: _ZOOM_PER_NOTCH,
    Qt.Key.Key_Equal: _ZOOM_PER_NOTCH,
    Qt.Key.Key_Minus: 1 / _ZOOM_PER_NOTCH,
}
_KEYS = ARROWS | {Qt.Key.Key_Home, Qt.Key.Key_Return, Qt.Key.Key_Enter}


class Look(NamedTuple):
    """The part of a picture that is seen: its upper left corner and its side, as shares of width and height."""

    left: float = 0.0
    top: float = 0.0
    share: float = 1.0

    def zoomed(self, factor: float, x: float, y: float) -> Look:
        """A part `factor` as large, in which the point x, y (of the whole, 0..1) stays where it is seen."""
        share = min(max(self.share * factor, _LEAST_SHARE), 1.0)
        scale = share / self.share
        return Look(x - (x - self.left) * scale, y - (y - self.top) * scale, share).held()

    def panned(self, right: float, down: float) -> Look:
        """The part that lies so many of its own widths and heights farther."""
        return Look(self.left + right * self.share, self.top + down * self.share, self.share).held()

    def middle(self) -> tuple[float, float]:
        """What is seen in the middle, x and y of the whole."""
        return self.left + self.share / 2, self.top + self.share / 2

    def around(self, x: float, y: float) -> Look:
        """The nearest part of the same size that holds a point."""
        left = min(max(self.left, x - self.share), x)
        return Look(left, min(max(self.top, y - self.share), y), self.share).held()

    def held(self) -> Look:
        """The nearest part within the picture."""
        most = 1.0 - self.share
        return Look(min(max(self.left, 0.0), most), min(max(self.top, 0.0), most), self.share)


WHOLE = Look()


class ZoomedPicture(PictureTile):
    """A tile that wheel and drag move over its picture.

    The wheel zooms at the pointer, a drag pans, a double click fits; a press that does not drag is a click. Where it
    takes the keyboard, arrows move a place over it as a pointer does: + and - zoom there, Enter is a click, Home fits.

    Attributes:
        look: the part that is seen.
        marker: a place that is marked, x and y in 0..1.

    Signals:
        looked: the part that the user wants to see (Look).
        pointed: x and y of the pointer over the picture, 0..1 (tuple), None when it left.
    """

    focus_ringed = True

    looked = Signal(object)
    pointed = Signal(object)

    def __init__(self, key: Hashable = None, parent: QWidget | None = None, *, smooth: bool = False) -> None:
        super().__init__(key, parent, smooth=smooth)
        self.look = WHOLE
        self.marker: tuple[float, float] | None = None
        self._over: Overlay | None = None
        self._press: QPointF | None = None
        self._held = WHOLE
        self._dragged = False
        self._place: tuple[float, float] | None = None
        self.setMouseTracking(True)
        super().set_overlay(self._paint_over)

    def set_look(self, look: Look) -> None:
        """Show this part."""
        if look != self.look:
            self.look = look
            self.update()

    def set_marker(self, marker: tuple[float, float] | None) -> None:
        """Mark a place, x and y in 0..1, or none."""
        if marker != self.marker:
            self.marker = marker
            self.update()

    def set_overlay(self, overlay: Overlay | None) -> None:
        """Paint over the picture, below the marker."""
        self._over = overlay
        self.update()

    def area_in(self, frame: QRectF) -> QRectF:
        if self.look == WHOLE:
            return frame
        width, height = frame.width() / self.look.share, frame.height() / self.look.share
        return QRectF(frame.left() - self.look.left * width, frame.top() - self.look.top * height, width, height)

    def place_at(self, position: QPointF) -> tuple[float, float] | None:
        """Where on the picture a point of the tile is, x and y, 0..1; None beside it."""
        if self.pixel_at(position) is None:
            return None
        area = self.picture_area()
        return (position.x() - area.left()) / area.width(), (position.y() - area.top()) / area.height()

    def _paint_over(self, painter: QPainter, area: QRectF, scale: float) -> None:
        if self._over is not None:
            self._over(painter, area, scale)
        if self.marker is not None:
            at = QPointF(area.left() + self.marker[0] * area.width(), area.top() + self.marker[1] * area.height())
            for ink, width in (("#000000", 3.5), ("#ffffff", 1.5)):
                painter.setPen(QPen(colour(ink), width))
                painter.drawEllipse(at, _MARKER_PX, _MARKER_PX)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._held, self._dragged = event.position(), self.look, False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self.pointed.emit(self.place_at(event.position()))
            return
        moved = event.position() - self._press
        if not self._dragged and moved.manhattanLength() < QApplication.startDragDistance() / 2:
            return
        self._dragged = True
        frame = self.frame()
        self._want(self._held.panned(-moved.x() / frame.width(), -moved.y() / frame.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._press = self._press, None
        if event.button() == Qt.MouseButton.LeftButton and pressed is not None and not self._dragged:
            self.click(event.position())

    def click(self, _position: QPointF) -> None:
        """What a press and release at one place does."""
        self.clicked.emit(self.key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._want(WHOLE)
            self.opened.emit(self.key)

    def wheelEvent(self, event: QWheelEvent) -> None:
        place = self.place_at(event.position())
        if place is None:
            super().wheelEvent(event)
            return
        event.accept()
        # Qt turns the wheel sideways while Alt is held.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self._want(self.look.zoomed(_ZOOM_PER_NOTCH**notches, *place))

    def leaveEvent(self, _event: QEvent) -> None:
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _WAYS:
            self._move_place(*_WAYS[key])
        elif key in _ZOOMS:
            self._want(self.look.zoomed(_ZOOMS[key], *(self._place or self.look.middle())))
        elif key == Qt.Key.Key_Home:
            self._want(WHOLE)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            area, place = self.picture_area(), self._place or self.look.middle()
            self.click(QPointF(area.left() + place[0] * area.width(), area.top() + place[1] * area.height()))
        else:
            super().keyPressEvent(event)

    def _move_place(self, right: int, down: int) -> None:
        """Move the place of the keys by a part of what is seen, which goes along."""
        look, step = self.look, _KEY_SHARE * self.look.share
        x, y = self._place or look.middle()
        if self._place is not None:
            x, y = min(max(x + right * step, 0.0), 1.0), min(max(y + down * step, 0.0), 1.0)
        self._place = x, y
        self._want(look.around(x, y))
        self.pointed.emit(self._place)
        self.set_marker(self._place)  # others that listen have marked the place on all pictures but this one

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.installEventFilter(keeper(_KEYS))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.removeEventFilter(keeper(_KEYS))
        super().focusOutEvent(event)
        if self._place is not None:
            self._place = None
            self.set_marker(None)
            self.pointed.emit(None)

    def _want(self, look: Look) -> None:
        if look != self.look:
            self.looked.emit(look)

"""A plot of curves that mouse and keys move."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from inspector.views.keys import MOVE, keep
from inspector.views.plot.camera import Camera, place_at
from inspector.views.plot.plot import CurvePlot

_ZOOM_PER_NOTCH = 0.85
_KEY_SHARE = 0.1
_CURSOR_REACH_PX = 4.0


class CurveCanvas(CurvePlot):
    """Curves over one x axis.

    Drag pans, the wheel zooms at the pointer, Ctrl+drag boxes, Alt or Shift+wheel takes one axis, a double click fits;
    the cursor can be dragged.

    Signals:
        cursor_moved: x where the user put the cursor.
        ranged: the user moved the camera.
        fitted: the user asked for everything to be shown again.
        pointed: the pixel under the pointer (QPointF), or None when it left.
        opened: the flag that was pressed.
        menu_wanted: where on the screen a menu was asked for.
    """

    cursor_moved = Signal(float)
    ranged = Signal()
    fitted = Signal()
    pointed = Signal(object)
    opened = Signal(object)
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._press: QPointF | None = None
        self._held = Camera()
        self._way = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _user_looks(self, camera: Camera) -> None:
        if camera != self._frame.camera:
            self._look(camera)
            self.ranged.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._press = event.position()
        self._held = self._frame.camera
        self._way = ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(self._press, event)
        else:
            self._move_over(pointer=event.position())
            self._shape_pointer(event.position())
            self.pointed.emit(event.position())

    def _drag(self, press: QPointF, event: QMouseEvent) -> None:
        moved = event.position() - press
        if not self._way:
            if moved.manhattanLength() < QApplication.startDragDistance() / 2:
                return
            self._way = self._way_of(press, event)
            self._move_over(pointer=None)
            self.pointed.emit(None)
        if self._way == "pan":
            area = self._frame.area
            self._user_looks(self._held.panned(-moved.x() / area.width, moved.y() / area.height))
        elif self._way == "cursor":
            self._put_cursor(self.x_at(event.position()))
        else:
            self._move_over(box=(press, event.position()))

    def _way_of(self, press: QPointF, event: QMouseEvent) -> str:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return "box"
        return "cursor" if self._on_cursor(press) else "pan"

    def _on_cursor(self, pixel: QPointF) -> bool:
        cursor_x = self.cursor()
        return cursor_x is not None and abs(self._frame.across_px(cursor_x) - pixel.x()) <= _CURSOR_REACH_PX

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        press, way = self._press, self._way
        self._press, self._way = None, ""
        self._move_over(box=None)
        if event.button() != Qt.MouseButton.LeftButton or press is None:
            super().mouseReleaseEvent(event)
        elif way == "box":
            corners = [
                place_at(self._frame.area, self._frame.camera, at.x(), at.y()) for at in (press, event.position())
            ]
            self._user_looks(self._frame.camera.boxed(*corners))
        elif not way:
            self._click(event.position())

    def _click(self, pixel: QPointF) -> None:
        flag = self.picture().opened_at(pixel)
        if flag is not None:
            self.opened.emit(flag)
        elif self._frame.area.holds(pixel.x(), pixel.y(), margin_px=2):
            self._put_cursor(self.x_at(pixel))

    def _put_cursor(self, x: float) -> None:
        self.set_cursor(x)
        self.cursor_moved.emit(x)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()
            self.fitted.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Qt turns the wheel sideways while Alt is held.
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        factor = _ZOOM_PER_NOTCH**notches
        across = not event.modifiers() & Qt.KeyboardModifier.AltModifier
        along = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        at = place_at(self._frame.area, self._frame.camera, event.position().x(), event.position().y())
        event.accept()
        self._user_looks(self._frame.camera.zoomed(factor if across else 1.0, factor if along else 1.0, at))

    def event(self, event: QEvent) -> bool:
        keep(event, MOVE)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        camera = self._frame.camera
        middle = (sum(camera.x) / 2, sum(camera.y) / 2)
        steps = {
            Qt.Key.Key_Left: lambda: camera.panned(-_KEY_SHARE, 0),
            Qt.Key.Key_Right: lambda: camera.panned(_KEY_SHARE, 0),
            Qt.Key.Key_Up: lambda: camera.panned(0, _KEY_SHARE),
            Qt.Key.Key_Down: lambda: camera.panned(0, -_KEY_SHARE),
            Qt.Key.Key_Plus: lambda: camera.zoomed(_ZOOM_PER_NOTCH, _ZOOM_PER_NOTCH, middle),
            Qt.Key.Key_Equal: lambda: camera.zoomed(_ZOOM_PER_NOTCH, _ZOOM_PER_NOTCH, middle),
            Qt.Key.Key_Minus: lambda: camera.zoomed(1 / _ZOOM_PER_NOTCH, 1 / _ZOOM_PER_NOTCH, middle),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self._user_looks(step())
        elif event.key() == Qt.Key.Key_Home:
            self.fit()
            self.fitted.emit()
        else:
            super().keyPressEvent(event)

    def _shape_pointer(self, pixel: QPointF) -> None:
        if self.picture().opened_at(pixel) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._on_cursor(pixel):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.unsetCursor()

    def leaveEvent(self, _event: QEvent) -> None:
        self._move_over(pointer=None, dots=())
        self.pointed.emit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._move_over(focused=True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._move_over(focused=False)

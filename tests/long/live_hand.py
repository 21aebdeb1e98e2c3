"""A user of the curves: one mouse or key event after the other, as the window system would send them."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider, QWidget

from inspector.app.window import Window
from inspector.views.canvas import CurveCanvas
from inspector.views.curves.view import CurvesView

_EVERY_MS = 25
_LEFT = Qt.MouseButton.LeftButton
_NONE = Qt.MouseButton.NoButton
_PLAIN = Qt.KeyboardModifier.NoModifier


class Hand(QObject):
    """Pans, zooms, boxes, points, moves the cursor and changes the smoothing until it is told to stop.

    Attributes:
        events: how many it has sent.
    """

    def __init__(self, window: Window, view: CurvesView) -> None:
        super().__init__()
        self.events = 0
        self._window = window
        self._view = view
        self._acts = self._forever()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._act)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _act(self) -> None:
        next(self._acts)
        self.events += 1

    def _canvases(self) -> list[CurveCanvas]:
        grid = self._view.grid()
        return [one for one in grid.canvases() if one.isVisible()] if grid is not None else []

    def _forever(self) -> Iterator[None]:
        turn = 0
        while True:
            canvases = self._canvases()
            if not canvases:
                yield
                continue
            yield from self._round(canvases[turn % len(canvases)], turn)
            turn += 1

    def _round(self, canvas: CurveCanvas, turn: int) -> Iterator[None]:
        middle = QPointF(canvas.rect().center())
        for notches in (1, 1, 1, -1):
            yield self._wheel(canvas, middle, notches)
        yield from self._drag(canvas, middle, QPointF(-90, 25), _PLAIN)
        for across in range(-80, 81, 20):
            yield _move(canvas, middle + QPointF(across, across / 4), _NONE, _PLAIN)
        yield QTest.mouseClick(canvas, _LEFT, _PLAIN, (middle + QPointF(30, 0)).toPoint())
        yield from self._drag(canvas, middle - QPointF(60, 40), QPointF(120, 80), Qt.KeyboardModifier.ControlModifier)
        yield from self._slide(self._view.bar.smoothing.findChildren(QSlider)[0])
        for key in (Qt.Key.Key_S, Qt.Key.Key_L, Qt.Key.Key_L, Qt.Key.Key_End):
            yield QTest.keyClick(self._window, key)
        if turn % 2:
            yield QTest.keyClick(self._window, Qt.Key.Key_S)
            yield QTest.keyClick(self._window, Qt.Key.Key_0)

    def _wheel(self, canvas: CurveCanvas, place: QPointF, notches: int) -> None:
        there = QPointF(canvas.mapToGlobal(place.toPoint()))
        turned = QPoint(0, 120 * notches)
        event = QWheelEvent(place, there, QPoint(), turned, _NONE, _PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(canvas, event)

    def _drag(self, canvas: CurveCanvas, place: QPointF, way: QPointF, keys: Qt.KeyboardModifier) -> Iterator[None]:
        yield QTest.mousePress(canvas, _LEFT, keys, place.toPoint())
        for share in range(1, 9):
            yield _move(canvas, place + way * (share / 8), _LEFT, keys)
        yield QTest.mouseRelease(canvas, _LEFT, keys, (place + way).toPoint())

    def _slide(self, slider: QSlider) -> Iterator[None]:
        middle = QPointF(slider.rect().center())
        yield QTest.mousePress(slider, _LEFT, _PLAIN, middle.toPoint())
        for across in (10, 20, 30, 20, -50):
            yield _move(slider, middle + QPointF(across, 0), _LEFT, _PLAIN)
        yield QTest.mouseRelease(slider, _LEFT, _PLAIN, (middle - QPointF(50, 0)).toPoint())


def _move(widget: QWidget, place: QPointF, held: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
    there = QPointF(widget.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(QMouseEvent.Type.MouseMove, place, there, _NONE, held, keys))

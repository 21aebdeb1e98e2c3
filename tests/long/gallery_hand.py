"""A user of a gallery: one mouse or key event after the other, as the window system would send them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollBar, QStyle, QStyleOptionSlider, QWidget

from inspector.views.gallery.gallery import Gallery

_EVERY_MS = 16
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_PLAIN = Qt.KeyboardModifier.NoModifier

Acts = Iterator[object]


class Hand(QObject):
    """Does one thing a frame.

    Attributes:
        busy: whether there is more to do.
        ended_s: when it did the last one, of the monotonic clock.
    """

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.ended_s = 0.0
        self._acts: Acts = iter(())
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._act)

    def begin(self, acts: Acts) -> None:
        """Do one after the other, from the next frame on."""
        self._acts, self.busy = acts, True
        self._timer.start()

    def _act(self) -> None:
        if next(self._acts, self) is self:
            self._timer.stop()
            self.busy, self.ended_s = False, time.monotonic()


def wheel(gallery: Gallery, notches: int) -> Acts:
    """Turn the wheel, downwards where positive, three notches a frame."""
    area = gallery.grid.viewport()
    place = QPointF(area.rect().center())
    turned = QPoint(0, -360 if notches > 0 else 360)
    for _ in range(abs(notches) // 3):
        there = QPointF(area.mapToGlobal(place.toPoint()))
        event = QWheelEvent(place, there, QPoint(), turned, _NONE, _PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
        yield QApplication.sendEvent(area, event)


def drag_bar(gallery: Gallery, frames: int) -> Acts:
    """Drag the scroll bar from where it stands to the end, and back to the beginning."""
    bar = gallery.grid.verticalScrollBar()
    start, end = QPointF(_handle(bar)), QPointF(bar.width() / 2, bar.height() + 20)
    yield QTest.mousePress(bar, _LEFT, _PLAIN, start.toPoint())
    for frame in range(1, frames + 1):
        yield _move(bar, start + (end - start) * (frame / frames))
    for frame in range(1, frames + 1):
        yield _move(bar, end + (QPointF(start.x(), -20) - end) * (frame / frames))
    yield QTest.mouseRelease(bar, _LEFT, _PLAIN, QPoint(round(start.x()), 0))


def keys(gallery: Gallery, key: Qt.Key, times: int) -> Acts:
    """Press a key with the focus on the gallery."""
    gallery.grid.setFocus()
    for _ in range(times):
        yield QTest.keyClick(gallery.grid, key)


def together(gallery: Gallery, key: Qt.Key) -> Acts:
    """Press a key with Ctrl."""
    gallery.grid.setFocus()
    yield QTest.keyClick(gallery.grid, key, Qt.KeyboardModifier.ControlModifier)


def sort(gallery: Gallery, *chosen: str) -> Acts:
    """Choose in the menu of orders."""
    for key in chosen:
        yield gallery.heads.head.order.chosen.emit(key)


def type_filter(gallery: Gallery, text: str) -> Acts:
    """Type a filter, key by key, and take it away again."""
    line = gallery.heads.head.filter
    yield QTest.keyClick(gallery.grid, Qt.Key.Key_Slash)
    for letter in text:
        yield QTest.keyClicks(line, letter)
    for _ in range(20):  # so that what it keeps is painted
        yield None
    line.selectAll()
    yield QTest.keyClick(line, Qt.Key.Key_Backspace)
    gallery.grid.setFocus()


def brush(gallery: Gallery, frames: int) -> Acts:
    """Drag over a quarter of the histogram, and click it away."""
    histogram = gallery.heads.head.histogram
    middle, width = histogram.height() / 2, histogram.width()
    yield QTest.mousePress(histogram, _LEFT, _PLAIN, QPoint(width // 2, round(middle)))
    for frame in range(1, frames + 1):
        yield _move(histogram, QPointF(width / 2 + width / 4 * frame / frames, middle))
    yield QTest.mouseRelease(histogram, _LEFT, _PLAIN, QPoint(width * 3 // 4, round(middle)))
    yield QTest.mouseClick(histogram, _LEFT, _PLAIN, QPoint(width // 2, round(middle)))


def _handle(bar: QScrollBar) -> QPoint:
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    control = QStyle.ComplexControl.CC_ScrollBar
    return bar.style().subControlRect(control, option, QStyle.SubControl.SC_ScrollBarSlider, bar).center()


def _move(widget: QWidget, place: QPointF) -> None:
    there = QPointF(widget.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(QMouseEvent.Type.MouseMove, place, there, _NONE, _LEFT, _PLAIN))

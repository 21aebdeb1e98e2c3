"""Series, scenes, and a mouse over a canvas."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.core.pulse import QUIET
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.formats.series import Series
from inspector.views.canvas import CurveCanvas
from inspector.views.curves.view import CurvesView
from inspector.views.plot.strokes import Layer


def series(tag: str, values, epochs=None, times=None) -> Series:
    """A series logged at every tenth step."""
    values = np.asarray(values, np.float64)
    return Series(tag=tag, steps=np.arange(len(values)) * 10.0, values=values, epochs=epochs, times=times)


def scene_of(*all_series: Series, **changes) -> CurvesScene:
    """The scene of series of one file."""
    return curves_of([("m.jsonl", one) for one in all_series], CurvesAsk(paths=(), **changes), QUIET)


USUAL = (
    series("lr/main", np.linspace(1e-3, 1e-4, 50)),
    series("train/loss", np.exp(-np.arange(50) / 10)),
    series("val/loss", np.exp(-np.arange(50) / 12)),
    series("grad_norm/encoder", np.ones(50)),
    series("zebra", np.arange(50)),
)


def settled(qtbot: QtBot, view: CurvesView) -> None:
    """Wait until every card in sight is there."""
    qtbot.waitUntil(lambda: not view.pending())
    qtbot.wait(5)


def intents(view: CurvesView) -> list:
    """What the view asks for from now on."""
    told: list = []
    view.intent.connect(told.append)
    return told


def at(canvas: CurveCanvas, x: float, y: float) -> QPoint:
    """Where a point of the axes is on the canvas."""
    return canvas.pixel_of(x, y).toPoint()


def painted(canvas: CurveCanvas) -> list[Layer]:
    """What is on the canvas, painted anew."""
    canvas.finish()
    return list(canvas.picture().layers)


def drawn(canvas: CurveCanvas) -> list[int]:
    """How many bars and points each curve has on the screen."""
    strokes = [layer.stroke for layer in painted(canvas)]
    return [len(one.points) if one.upright is None else len(one.upright) for one in strokes]


def wheel(canvas: CurveCanvas, place: QPoint, notches: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel over a canvas."""
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def hover(canvas: CurveCanvas, place: QPoint) -> None:
    """Move the pointer over a canvas."""
    _move(canvas, QPointF(place), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier)


def drag(qtbot: QtBot, canvas: CurveCanvas, start: QPoint, stop: QPoint, modifiers=Qt.KeyboardModifier.NoModifier):
    """Press, move in four steps, let go."""
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, modifiers, start)
    for share in (0.25, 0.5, 0.75, 1.0):
        place = QPointF(start) + (QPointF(stop) - QPointF(start)) * share
        _move(canvas, place, Qt.MouseButton.LeftButton, modifiers)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, modifiers, stop)


def _move(canvas: CurveCanvas, place: QPointF, held: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        place,
        QPointF(canvas.mapToGlobal(place.toPoint())),
        Qt.MouseButton.NoButton,
        held,
        modifiers,
    )
    QApplication.sendEvent(canvas, event)

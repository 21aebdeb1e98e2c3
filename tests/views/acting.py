"""A view shown as in the window, and what it tells when it is pressed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.session.values import ViewState
from inspector.views.view import View


def show_view(qtbot: QtBot, view: View, scene: object) -> None:
    """Show a scene in a view of 1000 by 700 pixels."""
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.set_state(None, ViewState())
    view.show_scene(scene)
    view.show()
    qtbot.waitExposed(view)


def changes_on_click(qtbot: QtBot, view: View, widget: QWidget, pos: QPoint | None = None) -> dict[str, object]:
    """The changes that the view asks for when a widget is pressed, at its middle without `pos`."""
    with qtbot.waitSignal(view.intent) as caught:
        qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=pos or widget.rect().center())
    changes: dict[str, object] = caught.args[0].changes
    return changes

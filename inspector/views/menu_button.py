"""A button that opens a menu of choices."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from inspector.views.controls import CONTROL_PX, Button
from inspector.views.icons import paint_icon
from inspector.views.surfaces import hover_colour, outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_PADDING_PX = 10
_CHEVRON_PX = 12


class MenuItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a menu.

    Attributes:
        key: what is told when it is chosen.
        group: items of one name are a choice of one; empty for a switch of its own.
        heading: a title above it.
        under: the title of the menu within the menu that it stands in; empty for none.
    """

    key: str
    text: str
    on: bool = False
    group: str = ""
    heading: str = ""
    enabled: bool = True
    under: str = ""


class MenuButton(Button):
    """A button with a menu; its items are asked for when it opens.

    Signals:
        chosen: the key of the item that was chosen (str).
    """

    chosen = Signal(str)

    def __init__(self, text: str = "", parent: QWidget | None = None, *, says: str = "") -> None:
        super().__init__(text, parent)
        self._items: tuple[MenuItem, ...] = ()
        self.setAccessibleName(says or text)
        self.setToolTip(says)
        self.clicked.connect(self.open)

    def set_items(self, items: Sequence[MenuItem]) -> None:
        """What the menu holds from now on."""
        self._items = tuple(items)

    def items(self) -> tuple[MenuItem, ...]:
        """What the menu holds."""
        return self._items

    def set_text(self, text: str) -> None:
        """Change what stands on the button."""
        if text != self.text():
            self.setText(text)
            self.updateGeometry()

    def open(self) -> None:
        """Open the menu below the button."""
        menu = menu_of(self._items, self)
        menu.triggered.connect(self._on_triggered)
        menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def _on_triggered(self, action: QAction) -> None:
        self.chosen.emit(action.data())

    def sizeHint(self) -> QSize:
        width = 2 * _PADDING_PX + QFontMetrics(self.font()).horizontalAdvance(self.text()) + _CHEVRON_PX + 4
        return QSize(width, CONTROL_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()))
        if self.underMouse():
            painter.fillPath(path, hover_colour())
        painter.setPen(colour(theme.accent) if self.focus_shown else outline_colour())
        painter.drawPath(path)
        painter.setPen(colour(theme.text))
        painter.setFont(self.font())
        painter.drawText(
            QRectF(_PADDING_PX, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        left, top = self.width() - _PADDING_PX - _CHEVRON_PX + 2, (self.height() - _CHEVRON_PX) / 2
        paint_icon(painter, QRectF(left, top, _CHEVRON_PX, _CHEVRON_PX), "chevron-down", theme.dim)


def show_below(button: QWidget, sheet: QWidget) -> None:
    """Show a sheet that is a window of its own below the button that opens it, within the button's window."""
    sheet.adjustSize()
    window = button.window()
    room = window.width() - sheet.width() - 8
    at = button.mapTo(window, QPoint(0, button.height() + 2))
    sheet.move(window.mapToGlobal(QPoint(max(min(at.x(), room), 0), at.y())))
    sheet.show()


def menu_of(items: Sequence[MenuItem], parent: QWidget) -> QMenu:
    """A menu that goes when it is closed; each action's data is the key of its item."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    groups: dict[str, QActionGroup] = {}
    inner: dict[str, QMenu] = {}
    for item in items:
        if item.heading:
            menu.addSection(item.heading)
        if item.under and item.under not in inner:
            inner[item.under] = menu.addMenu(item.under)
        action = inner.get(item.under, menu).addAction(item.text.replace("&", "&&"))
        action.setData(item.key)
        action.setEnabled(item.enabled)
        action.setCheckable(bool(item.group) or item.on)
        if item.group:
            groups.setdefault(item.group, QActionGroup(menu)).addAction(action)
        action.setChecked(item.on)
    return menu

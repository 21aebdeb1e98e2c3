"""The top line: the program's name, the menus, and the one search field."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QSizePolicy, QWidget

from inspector.app.commands import BY_KEY, COMMANDS, MENUS
from inspector.app.side_panels import FINDINGS, RUNS
from inspector.core.language import tr
from inspector.views.fonts import SMALL_PX, cut_to, mono_font, text_font
from inspector.views.icon_button import IconButton
from inspector.views.keys import PressedByKeys
from inspector.views.surfaces import Label, outline_colour, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

HEIGHT_PX = 30
_FIELD_PX, _LEAST_FIELD_PX = 320, 150
_BESIDE_FIELD_PX = 14
_GAP_PX = 8
_FIND = tr("Find commands, runs, metrics, samples, …")


class SearchButton(PressedByKeys):
    """What looks like a search field and opens the palette."""

    focus_ringed = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName(tr("Find anything"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def sizeHint(self) -> QSize:
        return QSize(_FIELD_PX + _BESIDE_FIELD_PX, HEIGHT_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 3, self.width() - _BESIDE_FIELD_PX, 24)
        path = rounded(area, 5)
        painter.fillPath(path, colour(theme.background))
        painter.setPen(outline_colour())
        painter.drawPath(path)
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(colour(theme.dim))
        inner = area.adjusted(10, 0, -10, 0)
        keys, keys_font = BY_KEY["palette"].shortcuts[0], mono_font(SMALL_PX)
        room = inner.width() - QFontMetrics(keys_font).horizontalAdvance(keys) - _GAP_PX
        find = cut_to(painter.fontMetrics(), _FIND, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, find)
        painter.setFont(keys_font)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, keys)


_QUIET_MENUS = """
QMenuBar { background: transparent; border: none; }
QMenuBar::item { background: transparent; color: palette(placeholder-text); padding: 5px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: palette(highlight); color: palette(window-text); }
"""


class TopBar(QWidget):
    """The program's name, the menus, and the field that opens the palette."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menus.setStyleSheet(_QUIET_MENUS)
        self.menus.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for title in MENUS:
            menu = self.menus.addMenu(tr(title))
            for command in COMMANDS:
                if command.menu == title:
                    if command.separated:
                        menu.addSeparator()
                    menu.addAction(actions[command.key])
        self.search = SearchButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 10, 0)
        row.setSpacing(8)
        row.addWidget(Label("Run Inspector", weight="semibold"))
        row.addWidget(self.menus, 1)
        row.addWidget(self.search)
        self.panels: dict[str, IconButton] = {}
        for key, icon in ((RUNS, "panel-left"), (FINDINGS, "panel-right")):
            button = self.panels[key] = IconButton(icon, BY_KEY[key].title, switch=True)
            button.setChecked(True)
            button.clicked.connect(actions[key].trigger)
            row.addWidget(button)
        self.setFixedHeight(HEIGHT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The field gives way before a menu does."""
        super().resizeEvent(event)
        row = self.layout()
        assert row is not None
        others = row.sizeHint().width() - self.search.width()
        least, most = _LEAST_FIELD_PX, self.search.sizeHint().width()
        self.search.setFixedWidth(min(max(event.size().width() - others, least), most))

    def show_panel(self, key: str, shown: bool) -> None:
        """Show whether a panel stands beside the views."""
        self.panels[key].setChecked(shown)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(theme.panel))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour(theme.line))

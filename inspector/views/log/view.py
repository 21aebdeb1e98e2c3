"""Console text in a virtual list: only the lines on the screen are ever asked for or painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.units import count_text
from inspector.display.log.scene import LogScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Button, SearchField
from inspector.views.fonts import mono_font
from inspector.views.surfaces import Label, quiet
from inspector.views.theme import colour, tokens
from inspector.views.view import View, guarded

_ROW_PX = 18
_TYPING_MS = 150
"""How long a pause in typing lasts before a filter is searched for."""


class LineList(QAbstractScrollArea):
    """Paints the lines of a scene; scrolling past it asks for more.

    Signals:
        wanted: index of the first visible line.
    """

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: LogScene | None = None
        quiet(self)
        self.setAccessibleName("Console lines")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        return QSize(600, 400)

    def visible_rows(self) -> int:
        """How many whole lines fit."""
        return max(1, self.viewport().height() // _ROW_PX)

    def show_scene(self, scene: LogScene) -> None:
        """Show a window of lines; the scroll bar spans all of them."""
        at_end = self.verticalScrollBar().value() >= self.verticalScrollBar().maximum()
        grew = self.scene is not None and self.scene.name == scene.name and scene.total > self.scene.total
        self.scene = scene
        self._size_bars()
        if at_end and grew and self.verticalScrollBar().maximum() > 0:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self.viewport().update()

    def shown_texts(self) -> tuple[str, ...]:
        """The lines on the screen, for copying and tests."""
        scene = self.scene
        if scene is None:
            return ()
        first = self.verticalScrollBar().value() - scene.first
        return scene.texts[max(first, 0) : max(first, 0) + self.visible_rows()]

    def _size_bars(self) -> None:
        scene = self.scene
        if scene is None:
            return
        bar = self.verticalScrollBar()
        bar.setPageStep(self.visible_rows())
        bar.setRange(0, max(0, scene.total - self.visible_rows()))
        longest = max((len(text) for text in scene.texts), default=0)
        character_px = self.fontMetrics().horizontalAdvance("0")
        across = self.horizontalScrollBar()
        across.setPageStep(self.viewport().width())
        across.setRange(0, max(0, longest * character_px + self._gutter_px() + 24 - self.viewport().width()))
        across.setSingleStep(character_px * 4)

    def _gutter_px(self) -> int:
        digits = len(str(self.scene.lines)) if self.scene else 1
        return self.fontMetrics().horizontalAdvance("0") * digits + 26

    def _on_scrolled(self, first: int) -> None:
        self.viewport().update()
        self.wanted.emit(first)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._size_bars()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        scene = self.scene
        if scene is None:
            return
        theme = tokens()
        painter = QPainter(self.viewport())
        painter.setFont(self.font())
        gutter = self._gutter_px()
        left = self.horizontalScrollBar().value()
        first = self.verticalScrollBar().value()
        for row in range(self.visible_rows() + 1):
            index = first + row - scene.first
            if not 0 <= index < len(scene.texts):
                continue
            base = row * _ROW_PX + 13
            painter.setPen(colour(theme.text))
            painter.drawText(QPointF(gutter - left, base), scene.texts[index])
            painter.fillRect(0, row * _ROW_PX, gutter - 8, _ROW_PX, colour(theme.background))
            painter.setPen(colour(theme.faint))
            number = str(scene.numbers[index])
            width = painter.fontMetrics().horizontalAdvance(number)
            painter.drawText(QPointF(gutter - 16 - width, base), number)


class LogView(View):
    """The toolbar with a filter, and the lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField("filter lines", mono=True)
        self.search.setFixedWidth(220)
        self.count = Label("", ink="dim")
        self.copy = Button("Copy shown lines")
        self.lines = LineList()
        self.lines.setFont(mono_font())
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._on_typed)
        self.search.textEdited.connect(self._typing.start)
        self.lines.wanted.connect(self._on_wanted)
        self.copy.clicked.connect(self.copy_shown)
        tools = QHBoxLayout()
        tools.setSpacing(12)
        tools.addWidget(self.search)
        tools.addWidget(self.copy)
        tools.addStretch(1)
        tools.addWidget(self.count)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(10)
        column.addLayout(tools)
        column.addWidget(self.lines, 1)

    def draw(self, scene: LogScene) -> None:
        self.lines.show_scene(scene)
        found = f"{scene.total:,} of {count_text(scene.lines)} lines" if scene.filter else f"{scene.lines:,} lines"
        self.count.setText(f"{scene.name} · {found}")

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        if self.search.text() != view_state.log_filter and not self.search.hasFocus():
            self.search.setText(view_state.log_filter)

    def focus_filter(self) -> None:
        """Let the user type a filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy_shown(self) -> None:
        """Copy the lines on the screen."""
        QGuiApplication.clipboard().setText("\n".join(self.lines.shown_texts()))

    def _on_typed(self) -> None:
        self.tell(ViewChanged({"log_filter": self.search.text(), "log_first": 0}))

    def _on_wanted(self, first: int) -> None:
        self.tell(ViewChanged({"log_first": first}))


def make(parent: QWidget | None = None) -> LogView:
    """The log viewer's widget."""
    return LogView(parent)

"""Console text: a filter, a search with its matches counted, a line to go to, and the lines."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.units import count_text
from inspector.display.log.judge import ABOVE_LINES, changes_to_show
from inspector.display.log.scene import LogScene
from inspector.session.intents import CursorMoved, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Button, SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import mono_font
from inspector.views.icon_button import IconButton
from inspector.views.log.lines import LineList
from inspector.views.surfaces import Label
from inspector.views.view import View

_LEAST_COUNT_PX = 60
_TYPING_MS = 150
"""How long a pause in typing lasts before a filter is searched for."""


class LogView(View):
    """The toolbar with filter and search, and the lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(tr("filter lines"), mono=True)
        self.seek = SearchField(tr("find"), mono=True)
        self.goto = SearchField(tr("line"), mono=True)
        for field, width_px in ((self.search, 200), (self.seek, 200), (self.goto, 76)):
            field.setMinimumWidth(min(width_px, 90))
            field.setMaximumWidth(width_px)
        self.search.setToolTip(tr("Words, or /a regular expression/"))
        self.seek.setToolTip(tr("Words, or /a regular expression/ · Enter next · Shift+Enter previous"))
        self.goto.setToolTip(tr("Number of a line to go to"))
        self.found = Label("", ink="dim")
        self.previous = IconButton("chevron-left", tr("Previous match"))
        self.next = IconButton("chevron-right", tr("Next match"))
        self.follow = Button(tr("Follow"))
        self.follow.setCheckable(True)
        self.follow.setToolTip(tr("Stay at the end while the log grows"))
        self.count = ElidedLabel(ink="dim", start=True)
        self.count.setMinimumWidth(_LEAST_COUNT_PX)
        self.copy = Button(tr("Copy"))
        self.copy.setToolTip(tr("Copy the selected lines, or those on the screen"))
        self.lines = LineList()
        self.lines.setFont(mono_font())
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._on_typed)
        self.search.textChanged.connect(self._on_edited)
        self.seek.textChanged.connect(self._on_edited)
        self.seek.returnPressed.connect(self._on_find_entered)
        self.goto.returnPressed.connect(self._on_goto)
        self.previous.clicked.connect(self.go_to_previous)
        self.next.clicked.connect(self.go_to_next)
        self.follow.clicked.connect(self._on_follow)
        self.lines.wanted.connect(self._on_wanted)
        self.lines.step_chosen.connect(self._on_step_chosen)
        self.lines.followed.connect(self.follow.setChecked)
        self.lines.asked.connect(self._on_asked)
        self.copy.clicked.connect(self.lines.copy)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        for widget in (self.search, self.seek, self.previous, self.next, self.found, self.goto, self.follow, self.copy):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.count)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(10)
        column.addLayout(tools)
        column.addWidget(self.lines, 1)

    def draw(self, scene: LogScene) -> None:
        self.lines.show_scene(scene)
        shown = tr_counted(scene.total, "line")
        if scene.filter:
            shown = tr_many("{total:,} of {lines} line", "{total:,} of {lines} lines", scene.lines)
            shown = shown.format(total=scene.total, lines=count_text(scene.lines))
        self.count.setText(f"{scene.name} · {shown}")
        self.follow.setChecked(self.lines.at_end())
        if scene.tag:  # the line is known now, and is what a restored session should hold
            self.tell(ViewChanged({"log_tag": "", "log_line": scene.line}))
        for field, text in ((self.search, scene.filter), (self.seek, scene.search)):
            field.set_wrong(wrong=bool(scene.wrong) and bool(text) and text in scene.wrong)
        matches = scene.matches
        self.previous.setEnabled(matches is not None and matches.before is not None)
        self.next.setEnabled(matches is not None and matches.after is not None)
        if scene.wrong:
            self.found.setText(tr("not readable"))
            self.found.setToolTip(scene.wrong)
        elif matches is None:
            self.found.setText("")
        elif matches.place:
            self.found.setText(tr("{place:,} of {count:,}").format(place=matches.place, count=matches.count))
        else:
            self.found.setText(tr("{count:,} found").format(count=matches.count))

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        for field, text in ((self.search, view_state.log_filter), (self.seek, view_state.log_search)):
            if not field.hasFocus():
                field.show_text(text)

    def focus_filter(self) -> None:
        """Let the user type a filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go_to_next(self) -> None:
        """Go to the next line that is searched for."""
        scene = self.scene
        if isinstance(scene, LogScene) and scene.matches is not None and scene.matches.after is not None:
            self._go_to(*scene.matches.after)

    def go_to_previous(self) -> None:
        """Go to the one before."""
        scene = self.scene
        if isinstance(scene, LogScene) and scene.matches is not None and scene.matches.before is not None:
            self._go_to(*scene.matches.before)

    def _go_to(self, row: int, line: int) -> None:
        first = self.lines.verticalScrollBar().value()
        changes = {"log_line": line}
        if not first <= row < first + self.lines.visible_rows():
            changes["log_first"] = max(0, row - ABOVE_LINES)
        self.tell(ViewChanged(changes))

    def _on_edited(self, _text: str) -> None:
        self._typing.start()

    def _on_typed(self) -> None:
        changes: dict[str, object] = {}
        scene = self.scene if isinstance(self.scene, LogScene) else None
        if scene is None or self.search.text() != scene.filter:
            changes.update({"log_filter": self.search.text(), "log_first": 0})
        if scene is None or self.seek.text() != scene.search:
            changes["log_search"] = self.seek.text()
        if changes:
            self.tell(ViewChanged(changes))

    def _on_find_entered(self) -> None:
        self._typing.stop()
        scene = self.scene if isinstance(self.scene, LogScene) else None
        if scene is not None and self.seek.text() != scene.search:
            self._on_typed()
        elif QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.go_to_previous()
        else:
            self.go_to_next()

    def _on_asked(self, what: str) -> None:
        {"find": self.seek.setFocus, "next": self.go_to_next, "previous": self.go_to_previous}[what]()

    def _on_goto(self) -> None:
        text = self.goto.text().strip().replace(",", "")
        scene = self.scene if isinstance(self.scene, LogScene) else None
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
        good = scene is not None and 1 <= number <= scene.lines
        self.goto.set_wrong(wrong=not good)
        if good:
            self.tell(ViewChanged(changes_to_show(number - 1)))

    def _on_follow(self, on: bool) -> None:
        bar = self.lines.verticalScrollBar()
        if on:
            bar.setValue(bar.maximum())
        elif self.lines.at_end():
            bar.setValue(bar.maximum() - 1)

    def _on_wanted(self, first: int) -> None:
        self.tell(ViewChanged({"log_first": first}))

    def _on_step_chosen(self, step: float) -> None:
        self.tell(CursorMoved(step))


def make(parent: QWidget | None = None) -> LogView:
    """The log viewer's widget."""
    return LogView(parent)

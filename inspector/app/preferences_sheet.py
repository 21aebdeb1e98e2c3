"""The sheet of preferences: a row for each that is declared, and what it means; a change holds at once."""

from __future__ import annotations

import typing
from functools import partial

import msgspec
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.commands import BY_KEY, PREFERRED_KEYS, keys_of, why_not_key
from inspector.app.desk import Desk
from inspector.app.preferences_rows import CacheRow, ChoiceRow, KeyRow, PythonFileRow, PythonRow, TagsRow
from inspector.app.sheets import Sheet
from inspector.core.language import tr
from inspector.formats.setting_fields import Field
from inspector.session.intents import PreferencesChanged, TagsNamed
from inspector.session.preferences import DECLARED, TAGS, Preferences
from inspector.session.values import State
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.surfaces import Label, scrolled

Row = ChoiceRow | CacheRow | PythonRow | PythonFileRow | KeyRow | TagsRow

_TOLD_PX = 200
_BAR_PX = 14

_COMMANDS = {name: command for command, name in PREFERRED_KEYS.items()}
_OWN_ROWS: dict[str, type[CacheRow | PythonRow | PythonFileRow | TagsRow]] = {
    "interpreter": PythonRow, "own_rules": PythonFileRow, "cache_mb": CacheRow, TAGS.path: TagsRow,
}  # fmt: skip


class PreferencesSheet(Sheet):
    """Every preference.

    Attributes:
        rows: what shows each and tells its changes, by its name; resets: what takes each back to what is usual.
        reset_all: takes back all; help: asks for the page about them.

    Signals:
        help_wanted: the page of help on preferences.
    """

    help_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(tr("Preferences"), parent)
        self._desk = desk
        self.rows: dict[str, Row] = {}
        self.resets: dict[str, Button] = {}
        self._page = QWidget()
        grid = QGridLayout(self._page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(16)
        for line, field in enumerate(DECLARED):
            self._add(grid, line, field)
        self._area = scrolled(self._page, tr("Preferences"))
        self.let_give_way(self._area, self._area_size)
        self.column.addWidget(self._area)
        self.reset_all = Button(tr("Reset all"))
        self.help = Button(tr("Help"))
        self.help.setToolTip(tr("What each means, and where it is kept"))
        foot = QHBoxLayout()
        foot.addWidget(self.help)
        foot.addStretch(1)
        foot.addWidget(self.reset_all)
        self.column.addSpacing(8)
        self.column.addLayout(foot)
        self.reset_all.clicked.connect(self._reset_all)
        self.help.clicked.connect(self._show_help)
        self._page.installEventFilter(self)
        desk.state_changed.connect(self._on_state)
        self._show(desk.state)

    def _add(self, grid: QGridLayout, line: int, field: Field) -> None:
        row = self._row(field)
        row.chosen.connect(partial(self._change, field.path))
        self.rows[field.path] = row
        told = QVBoxLayout()
        told.setSpacing(2)
        about = Label(field.description, ink="dim", size_px=SMALL_PX, wrap=True)
        about.setFixedWidth(_TOLD_PX)
        told.addWidget(Label(field.title, weight="medium"))
        told.addWidget(about)
        told.addStretch(1)
        reset = self.resets[field.path] = IconButton("undo-2", tr("Reset: {preference}").format(preference=field.title))
        kept = reset.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(kept)
        reset.clicked.connect(partial(self._reset, field))
        grid.addLayout(told, line, 0)
        grid.addWidget(row, line, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(reset, line, 2, Qt.AlignmentFlag.AlignTop)

    def _row(self, field: Field) -> Row:
        if field.path in _COMMANDS:
            return KeyRow(field, partial(self._why_not_key, _COMMANDS[field.path]))
        return _OWN_ROWS.get(field.path, ChoiceRow)(field)

    def open(self) -> None:
        """Show the page, and look at what may be another than when it was shown last."""
        super().open()
        for row in self.rows.values():
            if isinstance(row, CacheRow | PythonRow):
                row.look()

    def go_to(self, name: str) -> None:
        """Give the keyboard to what changes a preference."""
        controls = (self.rows[name], *self.rows[name].findChildren(QWidget))
        reached = (one for one in controls if one.isVisibleTo(self) and one.focusPolicy() & Qt.FocusPolicy.TabFocus)
        next(reached).setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._area.ensureWidgetVisible(self.rows[name])

    def _area_size(self) -> QSize:
        return self._page.sizeHint() + QSize(_BAR_PX, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():  # a row says more than before, or less
            self.fit()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self.rows.values():
            if isinstance(row, PythonRow):
                row.interpreter.stop()
        super().hideEvent(event)

    def _why_not_key(self, command: str, keys: str) -> str:
        return why_not_key(command, keys, self._desk.state.preferences)

    def _change(self, name: str, value: object) -> None:
        if name == TAGS.path:
            self._desk.dispatch(TagsNamed(msgspec.convert(value, tuple[str, ...])))
            return
        if name in _COMMANDS and value == BY_KEY[_COMMANDS[name]].shortcuts[0]:
            value = ""  # the usual one
        kind = typing.get_type_hints(Preferences)[name]
        self._desk.dispatch(PreferencesChanged({name: msgspec.convert(value, kind, strict=False)}))

    def _reset(self, field: Field) -> None:
        self._change(field.path, field.default)
        self.rows[field.path].setFocus(Qt.FocusReason.OtherFocusReason)

    def _reset_all(self) -> None:
        self._desk.dispatch(PreferencesChanged(msgspec.to_builtins(Preferences())))

    def _show_help(self) -> None:
        self.hide()
        self.help_wanted.emit()

    def _on_state(self, before: State, after: State) -> None:
        if (before.preferences, before.sample_lists) != (after.preferences, after.sample_lists):
            self._show(after)

    def _show(self, state: State) -> None:
        for field in DECLARED:
            value = state.sample_lists.tags if field is TAGS else getattr(state.preferences, field.path)
            self.resets[field.path].setVisible(value != field.default and field is not TAGS)
            command = _COMMANDS.get(field.path)
            self.rows[field.path].show_value(keys_of(BY_KEY[command], state.preferences)[0] if command else value)
        self.reset_all.setEnabled(state.preferences != Preferences())

"""The settings as a form; an edit is checked as it is typed, staged, and shown old to new."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.diagnosis.values import Finding, SettingEvidence
from inspector.display.settings.scene import SettingRow, SettingsGroup, SettingsScene
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import check_value, parse_value, takes_text
from inspector.session.intents import EditsStaged, EditUnstaged, ViewChanged
from inspector.session.values import RunState, StagedEdit, ViewState
from inspector.views.controls import Button, Card, SearchField
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX, mono_font, text_font
from inspector.views.icons import paint_icon
from inspector.views.surfaces import Ink, Label, outline_colour, quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import View, guarded

_TYPING_MS = 150
_EDITOR_PX, _LEAST_SAID_PX = 132, 60
_BOOLEANS = ("true", "false")


class Choice(QComboBox):
    """A choice that the wheel does not change in passing."""

    def __init__(self, choices: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(list(choices))
        self.setFont(text_font(SMALL_PX))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(_EDITOR_PX, 26)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text().isprintable():
            event.accept()  # letters search the choices
        return super().event(event)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()))
        painter.fillPath(path, colour(theme.background))
        painter.setPen(colour(theme.accent) if self.hasFocus() else outline_colour())
        painter.drawPath(path)
        painter.setPen(colour(theme.text))
        painter.setFont(mono_font())
        inside = QRectF(self.rect()).adjusted(10, 0, -24, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, self.currentText())
        arrow = QRectF(self.width() - 20, (self.height() - 12) / 2, 12, 12)
        paint_icon(painter, arrow, "chevron-down", theme.dim)


class Editor(SearchField):
    """A value as text.

    Signals:
        entered: the text, on Enter or when the focus leaves.
    """

    entered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, mono=True)
        self.setFixedWidth(_EDITOR_PX)
        self._given = ""
        self.returnPressed.connect(self._enter)

    def give(self, text: str) -> None:
        """Show a value that is not the user's typing."""
        self._given = text
        if not self.hasFocus():
            self.setText(text)
            self.set_wrong(wrong=False)

    def _enter(self) -> None:
        if self.text() != self._given:
            self.entered.emit(self.text())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._enter()


class Row:
    """The widgets of one setting, in a grid."""

    def __init__(self, row: SettingRow, view: SettingsView, grid: QGridLayout, line: int) -> None:
        self.path = row.path
        self._view = view
        self._ink: Ink = "text" if row.changed else "dim"
        self.name = Label(row.path, mono=True, size_px=SMALL_PX, ink=self._ink)
        self.name.setToolTip(row.why or row.title)
        self.value = Label(row.text, size_px=SMALL_PX, ink=self._ink)
        self.effect = Label("", size_px=SMALL_PX, ink="good")
        self.why = ElidedLabel(size_px=SMALL_PX, ink="faint")
        self.why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.back = Button(icon_name="undo-2")
        self.back.setFixedSize(22, 22)
        self.back.setToolTip(tr("Take back"))
        self.back.setAccessibleName(tr("Take back {setting}").format(setting=row.path))
        self.back.clicked.connect(partial(view.unstage, row.path))
        self.editor = self._editor(row)
        widgets = (self.name, self.value, self.editor, self.back, self.effect, self.why)
        for column, widget in enumerate(widgets):
            if widget is not None:
                grid.addWidget(widget, line, column)
        self.show(row)

    def _editor(self, row: SettingRow) -> QWidget | None:
        field = row.field
        if field is None:
            return None
        editor: QWidget
        if field.kind in ("choice", "boolean"):
            editor = Choice(field.choices or _BOOLEANS)
            editor.activated.connect(partial(self._view.choose, field))
        else:
            editor = Editor()
            editor.entered.connect(partial(self._view.enter, field))
        editor.setAccessibleName(tr(field.title))
        editor.setToolTip(_tip(field))
        return editor

    def show(self, row: SettingRow) -> None:
        """Show the value in the run, the staged one, and what it does."""
        self.value.setText(row.text)
        shown = row.edited if row.edited is not None else row.text
        if isinstance(self.editor, Choice):
            self.editor.setCurrentText(shown)
        elif isinstance(self.editor, Editor):
            self.editor.give(shown)
        self.back.setVisible(row.edited is not None)
        self.effect.setText(row.effect)
        self.effect.set_ink("good" if row.good else "warning")
        self.why.setText(row.why if row.edited is not None else _about(row))
        self.why.setToolTip(self.why.text())

    def mark(self, *, marked: bool) -> None:
        """Let it stand out among the others, or not."""
        for label in (self.name, self.value):
            label.set_ink("accent" if marked else self._ink)

    def show_wrong(self, why: str) -> None:
        """Say why what was typed is not taken."""
        if isinstance(self.editor, Editor):
            self.editor.set_wrong(wrong=True)
        self.effect.setText(why)
        self.effect.set_ink("critical")


def _about(row: SettingRow) -> str:
    """What a setting is, and its unit; the tooltip says more."""
    unit = f", {tr(row.field.unit)}" if row.field and row.field.unit else ""
    return f"{row.title}{unit}"


def _tip(field: Field) -> str:
    return " · ".join(filter(None, (tr(field.description), takes_text(field)))) or tr(field.title)


class SettingsView(View):
    """The form, group by group."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(tr("filter settings"), mono=True)
        self.search.setFixedWidth(220)
        self.summary = Label("", ink="dim")
        self.summary.setMinimumWidth(_LEAST_SAID_PX)
        self.rows: dict[str, Row] = {}
        self._marked: frozenset[str] = frozenset()
        self._scene: SettingsScene | None = None
        self._layout: tuple[Any, ...] = ()
        self._unbuilt: list[SettingsGroup] = []
        self._building = QTimer(self, singleShot=True, interval=0)
        self._building.timeout.connect(self._build_next)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._on_typed)
        self.search.textEdited.connect(self._typing.start)
        self._page = QWidget()
        self._groups = QVBoxLayout(self._page)
        self._groups.setContentsMargins(0, 0, 8, 0)
        self._groups.setSpacing(10)
        scroll = QScrollArea()
        scroll.setAccessibleName(tr("Settings of the run"))
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._page)
        quiet(scroll)
        self._page.setAutoFillBackground(False)
        self._page.setBackgroundRole(QPalette.ColorRole.Window)
        tools = QHBoxLayout()
        tools.addWidget(self.search)
        tools.addStretch(1)
        tools.addWidget(self.summary)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(10)
        column.addLayout(tools)
        column.addWidget(scroll, 1)

    def draw(self, scene: SettingsScene) -> None:
        self.summary.setText(scene.summary)
        self.summary.setToolTip(scene.summary)
        self._scene = scene
        layout = tuple((group.title, tuple((row.path, row.field) for row in group.rows)) for group in scene.groups)
        if layout != self._layout:
            self._layout = layout
            self._build(scene.groups)
            return
        self._unbuilt = [group for group in scene.groups if group.rows[0].path not in self.rows]
        for group in scene.groups:
            for row in group.rows:
                if row.path in self.rows:
                    self.rows[row.path].show(row)

    def pending(self) -> bool:
        return bool(self._unbuilt) or super().pending()

    def _build(self, groups: tuple[SettingsGroup, ...]) -> None:
        while self._groups.count():
            item = self._groups.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = {}
        self._unbuilt = list(groups)
        self._build_next()

    def _build_next(self) -> None:
        """Build one group a turn of the event loop: all at once would hold the window up."""
        if self._unbuilt:
            group = self._unbuilt.pop(0)
            card = Card(group.title.replace("_", " ").capitalize())
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            grid.setVerticalSpacing(3)
            for column, width in enumerate((196, 84, _EDITOR_PX, 22, 90)):
                grid.setColumnMinimumWidth(column, width)
            grid.setColumnStretch(5, 1)
            for line, row in enumerate(group.rows):
                made = self.rows[row.path] = Row(row, self, grid, line)
                made.mark(marked=row.path in self._marked)
            card.column.addLayout(grid)
            self._groups.addWidget(card)
        if self._unbuilt:
            self._building.start()
        else:
            self._groups.addStretch(1)

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        if not self.search.hasFocus():
            self.search.show_text(view_state.settings_filter)

    def mark(self, finding: Finding | None, place: int) -> None:  # noqa: ARG002 - its settings stand together
        seen = [one.path for one in finding.evidence if isinstance(one, SettingEvidence)] if finding else []
        self._marked = frozenset(seen)
        for row in self.rows.values():
            row.mark(marked=row.path in self._marked)

    def focus_filter(self) -> None:
        """Let the user type a filter."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def enter(self, field: Field, text: str) -> None:
        """Stage what was typed, or say why not."""
        try:
            value = parse_value(field, text)
        except SettingsError as error:
            self.rows[field.path].show_wrong(str(error))
            return
        wrong = check_value(field, value)
        if wrong:
            self.rows[field.path].show_wrong(wrong)
            return
        row = self._row(field.path)
        self.tell(EditsStaged((StagedEdit(path=field.path, old=row.value if row else None, new=value),)))

    def choose(self, field: Field, index: int) -> None:
        """Stage a choice."""
        self.enter(field, (field.choices or _BOOLEANS)[index])

    def unstage(self, path: str) -> None:
        """Take an edit back."""
        self.tell(EditUnstaged(path))

    def _row(self, path: str) -> SettingRow | None:
        groups = self._scene.groups if self._scene else ()
        return next((row for group in groups for row in group.rows if row.path == path), None)

    def _on_typed(self) -> None:
        self.tell(ViewChanged({"settings_filter": self.search.text()}))


def make(parent: QWidget | None = None) -> SettingsView:
    """The settings viewer's widget."""
    return SettingsView(parent)

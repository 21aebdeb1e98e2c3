"""The settings of a resume as a table's model: rows, which of them are shown, and what is being typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from inspector.app.resume_rows import SheetRow
from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import check_value, parse_value, takes_text, value_text
from inspector.session.values import StagedEdit
from inspector.views.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex

COLUMNS = tr("Setting"), tr("In checkpoint"), tr("Edited"), tr("Effective"), tr("What it does"), tr("More")
NAME, BEFORE, EDITED, EFFECTIVE, TAG, NOTE = range(len(COLUMNS))
_NOT_TOLD = tr("not told")
_CELL = tr("{column} of {setting}: {text}")
_LONGEST = 200


class EditsModel(QAbstractTableModel):
    """A row a setting.

    Signals:
        staged: StagedEdit that the user made.
        unstaged: the path whose edit the user took back.
        checked: what is typed has become wrong, or right again.
    """

    staged = Signal(object)
    unstaged = Signal(str)
    checked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[SheetRow, ...] = ()
        self._shown: list[SheetRow] = []
        self._typed: dict[str, tuple[str, str]] = {}
        self._blamed: tuple[str, str] = ("", "")
        self._first: tuple[str, ...] = ()
        self._wanted = ""
        self._edited_only = False

    def show_rows(self, rows: tuple[SheetRow, ...], first: tuple[str, ...]) -> None:
        """Show these settings; those that are named first stand above the others."""
        self._all, self._first = rows, first
        known = {row.path for row in rows}
        self._typed = {path: typed for path, typed in self._typed.items() if path in known}
        self._settle()

    def forget_typed(self) -> None:
        """Know nothing of what was typed for another run."""
        self._typed, self._blamed = {}, ("", "")

    def filter(self, wanted: str, *, edited_only: bool) -> None:
        """Show only settings whose path or title has these words, or only those that are edited."""
        self._wanted, self._edited_only = wanted.casefold(), edited_only
        self._settle()

    def blame(self, path: str, sentence: str) -> bool:
        """Say a sentence beside the setting that it is about; whether that stands here."""
        blamed = (path, sentence) if self._row(path) is not None else ("", "")
        if blamed != self._blamed:
            self._blamed = blamed
            self._tell_all()
        return bool(blamed[0])

    @property
    def wrong(self) -> tuple[str, ...]:
        """Why what is typed is not taken, one sentence each."""
        return tuple(sentence for _text, sentence in self._typed.values())

    def rows(self) -> Sequence[SheetRow]:
        """The settings that are shown, from above."""
        return self._shown

    def row(self, index: Index) -> SheetRow:
        """The setting of a row."""
        return self._shown[index.row()]

    def place(self, path: str) -> int:
        """Which row a setting stands in, from 0; below 0 where it is not shown."""
        return next((place for place, row in enumerate(self._shown) if row.path == path), -1)

    def typed(self, path: str) -> str | None:
        """What is typed for a setting and is not taken, None where nothing is."""
        return self._typed[path][0] if path in self._typed else None

    def sentence(self, path: str) -> str:
        """What is wrong with a setting; empty for nothing."""
        if path in self._typed:
            return self._typed[path][1]
        return self._blamed[1] if path == self._blamed[0] else ""

    def type(self, path: str, text: str) -> None:
        """Hold what is being typed against what the setting takes."""
        field = self._field(path)
        before = self._typed.pop(path, None)
        wrong = why_wrong(field, text) if field is not None else ""
        if wrong:
            self._typed[path] = (text, wrong)
        if self._typed.get(path) != before:
            self._tell(path)
            self.checked.emit()

    def forget(self, path: str) -> None:
        """Know nothing more of what was typed for a setting."""
        if self._typed.pop(path, None) is not None:
            self._tell(path)
            self.checked.emit()

    def enter(self, path: str, text: str) -> None:
        """Stage what was typed, unless it is wrong: then it stays as it is, with its sentence."""
        self.type(path, text)
        row, field = self._row(path), self._field(path)
        if row is None or field is None or path in self._typed:
            return
        value = parse_value(field, text)
        if value != row.staged or type(value) is not type(row.staged):
            self.staged.emit(StagedEdit(path=path, old=row.before, new=value))

    def take_back(self, path: str) -> None:
        """Take back what is staged or typed for a setting."""
        self.forget(path)
        row = self._row(path)
        if row is not None and row.is_staged:
            self.unstaged.emit(path)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and index.column() == EDITED and self.row(index).field is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.row(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tip(row, index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            column = index.column()
            return _CELL.format(column=COLUMNS[column], setting=row.path, text=self._text(row, column))
        return None

    def _text(self, row: SheetRow, column: int) -> str:
        match column:
            case _ if column == NAME:
                return visible(row.path, _LONGEST)
            case _ if column == BEFORE:
                return _value(row, row.before)
            case _ if column == EDITED:
                typed = self.typed(row.path)
                return typed if typed is not None else _value(row, row.staged, untold="")
            case _ if column == EFFECTIVE:
                return _value(row, row.effective)
            case _ if column == TAG:
                return self.sentence(row.path) or row.tag
        return "" if self.sentence(row.path) else visible(row.note, _LONGEST)

    def _tip(self, row: SheetRow, column: int) -> str:
        if column in (TAG, NOTE):
            return self.sentence(row.path) or "\n".join(part for part in (row.tag, row.note, row.tip) if part)
        if row.field is None:
            return f"{row.path}\n{value_text(row.before)}"
        return "\n".join((tr(row.field.title), *about(row.field)))

    def _settle(self) -> None:
        """Work out which rows are shown; a row that stays in its place is only painted anew."""
        ranks = {path: rank for rank, path in enumerate(self._first)}
        shown = sorted(filter(self._is_wanted, self._all), key=lambda row: ranks.get(row.path, len(ranks)))
        if [row.path for row in shown] == [row.path for row in self._shown]:
            before, self._shown = self._shown, shown
            for place, (one, other) in enumerate(zip(before, shown, strict=True)):
                if one != other:
                    self.dataChanged.emit(self.index(place, 0), self.index(place, NOTE))
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def _is_wanted(self, row: SheetRow) -> bool:
        if self._edited_only and not (row.is_staged or row.changes or row.path in self._typed):
            return False
        title = tr(row.field.title) if row.field else ""
        return all(word in f"{row.path} {title}".casefold() for word in self._wanted.split())

    def _tell(self, path: str) -> None:
        place = self.place(path)
        if place >= 0:
            self.dataChanged.emit(self.index(place, 0), self.index(place, NOTE))

    def _tell_all(self) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, NOTE))

    def _row(self, path: str) -> SheetRow | None:
        return next((row for row in self._all if row.path == path), None)

    def _field(self, path: str) -> Field | None:
        row = self._row(path)
        return row.field if row else None


def why_wrong(field: Field, text: str) -> str:
    """Why a text is not one that a setting takes, or an empty string."""
    try:
        return check_value(field, parse_value(field, text))
    except SettingsError as error:
        return str(error)


def about(field: Field) -> list[str]:
    """What a setting is, its unit and what it takes, a line each."""
    return [line for line in (tr(field.description), takes_text(field)) if line]


def _value(row: SheetRow, value: object, untold: str = _NOT_TOLD) -> str:
    """A value as text; `untold` of a setting that must have one, where nothing tells it."""
    if value is None and row.field is not None and not row.field.optional:
        return untold
    return visible(value_text(value), _LONGEST)

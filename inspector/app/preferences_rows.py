"""The controls of preferences: each shows what is preferred, and tells what is chosen instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.interpreter_choice import InterpreterChoice
from inspector.app.interpreter_row import InterpreterRow, LackingRow
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.formats.caches import bound_caches, cached_bytes
from inspector.formats.setting_fields import Field
from inspector.views.controls import Button, SearchField, Segmented
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label
from inspector.views.wrapped import show_wrapped, wrapped

CONTROL_PX = 390
_LONGEST_PATH = 400
_NONE = tr("none")
_WORDS = {"dark": tr("Dark"), "light": tr("Light"), "last": tr("Last")}
"""Of choices that are no numbers."""

_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class ChoiceRow(Segmented):
    """A preference that is one of a few words; `chosen` tells the word that was pressed."""

    def __init__(self, field: Field) -> None:
        super().__init__(
            [(choice, _WORDS.get(choice, choice)) for choice in field.choices], label=field.title, raised=True
        )

    def show_value(self, value: object) -> None:
        """Show what is preferred."""
        self.set_value(str(value))


class CacheRow(QWidget):
    """How much room there is for caches, how much they take, and a button that clears them.

    Signals:
        chosen: the room that was pressed (str).
    """

    chosen = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.room = Segmented(
            [(choice, f"{choice} {field.unit}") for choice in field.choices], label=field.title, raised=True
        )
        self.used = Label("", ink="dim", size_px=SMALL_PX)
        self.clear = Button(tr("Clear"))
        self.clear.setAccessibleName(tr("Clear what is kept on disk"))
        self.setFixedWidth(CONTROL_PX)
        column = _column(self)
        column.addWidget(self.room)
        column.addLayout(_line(self.used, self.clear))
        self.room.chosen.connect(self.chosen)
        self.clear.clicked.connect(self._on_clear)

    def show_value(self, value: object) -> None:
        """Show what is preferred."""
        self.room.set_value(str(value))
        self.look()

    def look(self) -> None:
        """Say how much is taken now."""
        used = cached_bytes()
        self.used.setText(tr("{bytes} in use").format(bytes=bytes_text(used)) if used else tr("Nothing is kept"))
        self.clear.setEnabled(used > 0)

    def _on_clear(self) -> None:
        bound_caches(0)
        self.look()


class PythonRow(QWidget):
    """The Python that trains, asked what it has while the page is open.

    Signals:
        chosen: its path, once it has answered (str); empty for this program's own.
    """

    chosen = Signal(str)

    def __init__(self, _field: Field) -> None:
        super().__init__()
        self.interpreter = InterpreterChoice(self)
        self.row = InterpreterRow(self.interpreter, told_below=True)
        self.lacking = LackingRow(self.interpreter)
        self._preferred = ""
        self.setFixedWidth(CONTROL_PX)
        column = _column(self)
        column.addWidget(self.row)
        column.addWidget(self.lacking)
        self.interpreter.preferred.connect(self.chosen)
        self.interpreter.changed.connect(self._show_problem)

    def show_value(self, value: object) -> None:
        """Show which is preferred."""
        self._preferred = str(value)
        if self.isVisible():
            self.look()

    def look(self) -> None:
        """Ask it what it has."""
        self.interpreter.open(self._preferred)

    def _show_problem(self) -> None:
        self.lacking.show_extras(())


class KeyRow(QWidget):
    """A key that is pressed to choose it, and why one that was pressed cannot be.

    Args:
        field: the preference.
        why_not: why a key cannot be chosen, empty where it can.

    Signals:
        chosen: the key as Qt writes it (str).
    """

    chosen = Signal(str)

    def __init__(self, field: Field, why_not: Callable[[str], str]) -> None:
        super().__init__()
        self._why_not = why_not
        self._title = field.title
        self._key = ""
        self.key = _KeyButton()
        self.problem = Label("", ink="critical", size_px=SMALL_PX)
        self.setFixedWidth(CONTROL_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.key)
        row.addWidget(self.problem, 1)
        self.key.clicked.connect(self._ask)
        self.key.pressed_keys.connect(self._on_keys)
        self.key.left.connect(self._tell)

    def show_value(self, value: object) -> None:
        """Show which key it is."""
        self._key = str(value)
        self.problem.setText("")
        self._tell()

    def _ask(self) -> None:
        self.problem.setText("")
        self.key.listen()

    def _on_keys(self, keys: str) -> None:
        self.problem.setText(self._why_not(keys) if keys else "")
        self._tell()
        if keys and not self.problem.text():
            self.chosen.emit(keys)

    def _tell(self) -> None:
        self.key.setText(self._key)
        self.key.setAccessibleName(f"{self._title}: {self._key}")
        self.key.updateGeometry()


class _KeyButton(Button):
    """Once pressed, it takes the next key for itself.

    Signals:
        pressed_keys: the key with its modifiers as Qt writes it (str), empty for Esc.
        left: it waits for none any more.
    """

    pressed_keys = Signal(str)
    left = Signal()

    listening = False  # Qt asks before a button is made whole

    def listen(self) -> None:
        """Take the next key."""
        self.listening = True
        self.setText(tr("Press a key…"))
        self.setAccessibleName(tr("Press a key"))
        self.updateGeometry()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        if self.listening and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:  # Tab, too, which the window would take
                self._take(event)
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.listening:
            self.listening = False
            self.left.emit()

    def _take(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS:
            return
        self.listening = False
        self.pressed_keys.emit("" if event.key() == Qt.Key.Key_Escape else _written(event))


def _written(event: QKeyEvent) -> str:
    """A key as the table of commands has it: of a sign, that Shift makes it is not told."""
    modifiers, sign = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier, event.text()
    if sign.isprintable() and sign and not sign.isalnum() and not sign.isspace():
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString(
        QKeySequence.SequenceFormat.PortableText
    )


class TagsRow(SearchField):
    """The user's own tags, between commas, in the order of their keys.

    Signals:
        chosen: the tags, once they are typed to their end (tuple of str).
    """

    chosen = Signal(tuple)

    def __init__(self, _field: Field) -> None:
        super().__init__(tr("tag, another tag"))
        self.setAccessibleName(tr("Tags of your own"))
        self.setFixedWidth(CONTROL_PX)
        self._tags: tuple[str, ...] = ()
        self.editingFinished.connect(self._finish)

    def show_value(self, value: object) -> None:
        """Show the tags."""
        self._tags = value if isinstance(value, tuple) else ()
        self.show_text(", ".join(visible(tag) for tag in self._tags))

    def _finish(self) -> None:
        tags = tuple(dict.fromkeys(tag for one in self.text().split(",") if (tag := one.strip())))
        if tags != self._tags:
            self.chosen.emit(tags)


class PythonFileRow(QWidget):
    """A preference that names a Python file, which counts once it was said that its code runs.

    Signals:
        chosen: the file that the user lets run (str); empty for none.
    """

    chosen = Signal(str)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._title = field.title
        self._named = self._asked = ""
        self.path = ElidedLabel(_NONE, ink="dim", middle=True)
        self.path.setAccessibleName(field.title)
        self.choose, self.clear = Button(tr("Choose…")), Button(tr("Clear"))
        self.warning = wrapped("", ink="warning", size_px=SMALL_PX)
        self.use, self.leave = Button(tr("Run it"), primary=True), Button(tr("Leave it"))
        self.asking = QWidget()
        self.setFixedWidth(CONTROL_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_line(self.path, self.choose, self.clear))
        column.addWidget(self.asking)
        asking = QVBoxLayout(self.asking)
        asking.setContentsMargins(0, 0, 0, 0)
        asking.addWidget(self.warning)
        asking.addLayout(_line(QWidget(), self.leave, self.use))
        self.asking.hide()
        self.choose.clicked.connect(self._ask)
        self.clear.clicked.connect(self._on_clear)
        self.use.clicked.connect(self._on_use)
        self.leave.clicked.connect(self._settle)

    def show_value(self, value: object) -> None:
        """Show which file is named."""
        self._named = str(value)
        self.path.setText(visible(self._named, _LONGEST_PATH) or _NONE)
        self.path.set_ink("text" if value else "dim")
        self.path.setToolTip(visible(self._named, _LONGEST_PATH))
        self.clear.setVisible(bool(value))

    def _ask(self) -> None:
        folder = str(Path(self._named).parent) if self._named else ""
        file, _kind = QFileDialog.getOpenFileName(self, self._title, folder, tr("Python files (*.py)"))
        if not file:
            return
        self._asked = file
        show_wrapped(
            self.warning,
            tr(
                "{file} is a program. With your rights, it is run now and whenever a run is opened, and again when it "
                "has changed. Choose it only if you know what it does"
            ).format(file=Path(file).name),
        )
        self.warning.setFixedHeight(self.warning.heightForWidth(CONTROL_PX))
        self.asking.show()
        self.leave.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_use(self) -> None:
        self._settle()
        self.chosen.emit(self._asked)

    def _on_clear(self) -> None:
        self._settle()
        self.chosen.emit("")

    def _settle(self) -> None:
        self.asking.hide()
        self.choose.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _line(stretched: QWidget, *others: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(6)
    line.addWidget(stretched, 1)
    for widget in others:
        line.addWidget(widget)
    return line


def _column(row: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(row)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    return column

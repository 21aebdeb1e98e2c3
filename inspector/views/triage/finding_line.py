"""One finding as a line of the list: what, its figures, its picture, since when, how sure, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import begun
from inspector.display.triage.scene import FindingRow
from inspector.views.controls import Button, SearchField, is_click
from inspector.views.fonts import SMALL_PX
from inspector.views.severity_mark import SeverityMark
from inspector.views.spoken import Role
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.triage.evidence_picture import EvidencePicture
from inspector.views.view import guarded
from inspector.views.wrapped import show_wrapped, wrapped

_PICTURE_PX = (184, 44)
_SINCE_PX, _DISMISS_PX = 104, 26
_LEAST_PX_WITH_PICTURE, _LEAST_PX_WITH_SINCE = 613, 433
"""Beside the buttons."""

_BAR_PX = 2


class NoteField(SearchField):
    """Where it is said why a finding is put aside; Esc leaves it as it was.

    Signals:
        given_up: Esc was pressed.
    """

    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Why it is no problem, if you like to say"), parent)
        self.setMaxLength(400)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class FindingLine(QWidget):
    """A finding with its buttons; it is made for one finding and shows what is new of it.

    Signals:
        pressed: it was clicked beside its buttons; opened: twice.
        staged, shown, asked: its buttons; `asked` is to put it aside, which asks why first.
        dismissed: the note; brought_back: it is to be taken up again.
    """

    pressed = Signal()
    opened = Signal()
    staged = Signal()
    shown = Signal()
    asked = Signal()
    dismissed = Signal(str)
    brought_back = Signal()

    spoken_role = Role.ListItem

    def __init__(self, row: FindingRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.chosen = False
        self.asking: QWidget | None = None
        self.note: NoteField
        self._mark = SeverityMark(row.severity)
        self.title = wrapped("", weight="semibold")
        self.summary, self.said = (wrapped("", ink="dim", size_px=SMALL_PX) for _ in range(2))
        self.picture = EvidencePicture()
        self.picture.setFixedSize(*_PICTURE_PX)
        self.since = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self.since.setFixedWidth(_SINCE_PX)
        self.stage, self.show_button = Button(tr("Stage cure")), Button(tr("Show"))
        self.dismiss, self.back = Button(icon_name="x"), Button(tr("Bring back"))
        self._lay_out()
        self._connect()
        self.show_row(row)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(16, 0, 14, 0)
        line.setSpacing(14)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for label in (self.title, self.summary, self.said):
            texts.addWidget(label)
        line.addLayout(texts, 1)
        line.addWidget(self.picture)
        line.addWidget(self.since)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.stage, self.show_button, self.dismiss, self.back):
            buttons.addWidget(button)
        line.addLayout(buttons)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 11)
        column.setSpacing(8)
        column.addLayout(line)
        self.dismiss.setToolTip(tr("Dismiss: it is no problem here (X)"))
        self.dismiss.setAccessibleName(tr("Dismiss"))
        self.dismiss.setFixedWidth(_DISMISS_PX)
        self.back.setToolTip(tr("It is a problem after all (X)"))
        self.show_button.setToolTip(tr("Show its evidence where it was recorded (Enter)"))

    def _connect(self) -> None:
        self.stage.clicked.connect(self.staged)
        self.show_button.clicked.connect(self.shown)
        self.dismiss.clicked.connect(self.asked)
        self.back.clicked.connect(self.brought_back)

    def show_row(self, row: FindingRow) -> None:
        """Show what is said of the finding now."""
        if row.severity is not self.row.severity:
            self._mark.show_severity(row.severity)
        self.row = row
        self.title.set_ink("dim" if row.dismissed else "text")
        show_wrapped(self.title, row.title)
        show_wrapped(self.summary, row.brief)
        aside = (tr("dismissed: {note}") if row.note else tr("dismissed")) if row.dismissed else ""
        aside = aside.format(note=row.note)
        said = " · ".join(text for text in (aside, row.own) if text)
        show_wrapped(self.said, begun(said))
        self.said.setVisible(bool(said))
        self.picture.show_picture(row.picture, row.severity)
        self.since.setText("\n".join(text for text in (row.since, row.sureness) if text))
        room = self.stage.sizePolicy()
        room.setRetainSizeWhenHidden(not row.dismissed)  # so that pictures stand below each other
        self.stage.setSizePolicy(room)
        self.stage.setVisible(bool(row.cures) and not row.dismissed)
        self.stage.setToolTip(f"{row.cures[0].title} (C)" if row.cures else "")
        self.dismiss.setVisible(not row.dismissed)
        self.back.setVisible(row.dismissed)
        if row.dismissed:
            self.give_up()
        self.setAccessibleName(f"{tr(row.severity.word)}: {row.title}")

    def choose(self, *, chosen: bool) -> None:
        """Show it as the chosen one, or not."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.stage.primary = chosen
            self.stage.update()
            self.update()

    @property
    def writing(self) -> bool:
        """Whether it is being said why it is put aside."""
        return self.asking is not None and not self.asking.isHidden()

    def ask_why(self) -> None:
        """Let a note be written before it is put aside."""
        if self.asking is None:
            self.asking = self._made_asking()
            self._column.addWidget(self.asking)
        self.asking.show()
        self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_up(self) -> None:
        """Leave it as it is."""
        if self.asking is not None:
            self.asking.hide()
            self.note.clear()

    def _made_asking(self) -> QWidget:
        """The field and its buttons, made when they are first wanted: few findings are put aside."""
        asking = QWidget()
        row = QHBoxLayout(asking)
        row.setContentsMargins(42, 0, 14, 0)
        row.setSpacing(6)
        self.note, confirm, keep = NoteField(), Button(tr("Dismiss"), primary=True), Button(tr("Keep"))
        for widget in (self.note, confirm, keep):
            row.addWidget(widget, int(widget is self.note))
        self.note.returnPressed.connect(self._on_confirmed)
        self.note.given_up.connect(self.give_up)
        confirm.clicked.connect(self._on_confirmed)
        keep.clicked.connect(self.give_up)
        return asking

    def _on_confirmed(self) -> None:
        note = self.note.text().strip()
        self.give_up()
        self.dismissed.emit(note)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if is_click(event, self):
            self.pressed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def fit(self, width_px: int) -> None:
        """Leave out what has no room in a line of so many pixels, before it is laid out: texts break once."""
        buttons_px = sum(button.sizeHint().width() for button in (self.stage, self.show_button)) + _DISMISS_PX
        self.picture.setVisible(width_px - buttons_px >= _LEAST_PX_WITH_PICTURE)
        self.since.setVisible(width_px - buttons_px >= _LEAST_PX_WITH_SINCE)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        if self.chosen:
            painter.fillRect(self.rect().adjusted(1, 1, -1, 0), colour(theme.selection, 0.45))
            painter.fillRect(1, 1, _BAR_PX, self.height() - 1, colour(theme.accent))
        painter.fillRect(1, 0, self.width() - 2, 1, colour(theme.line))

"""What went wrong or was done, one sentence a line, above the view; it stays until it is read."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.news import Message
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.session.intents import LostForgotten, RunsJoined
from inspector.session.values import State
from inspector.views.controls import Button
from inspector.views.icons import paint_icon
from inspector.views.spoken import Role
from inspector.views.surfaces import Label, rounded, take_out
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

MAX_SHOWN = 4
"""More than these push the oldest out; each is also in the program's log."""


class MessageLine(QWidget):
    """One sentence with a button for what it offers, one to copy its details and one to close it."""

    spoken_role = Role.AlertMessage

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        row = QHBoxLayout(self)
        row.setContentsMargins(34, 6, 8, 6)
        self.text = Label(visible(message.sentence, 600), wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(self.text, 1)
        self.action_button = Button(message.action)
        self.action_button.setVisible(bool(message.action))
        row.addWidget(self.action_button, 0, Qt.AlignmentFlag.AlignTop)
        self.report_button = Button(tr("Show the report"))
        self.report_button.setVisible(bool(message.report))
        row.addWidget(self.report_button, 0, Qt.AlignmentFlag.AlignTop)
        if message.detail:
            copy = Button(tr("Copy details"))
            copy.clicked.connect(self._copy)
            row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.close_button = Button(icon_name="x")
        self.close_button.setAccessibleName(tr("Close message"))
        self.close_button.setToolTip(tr("Close"))
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(message.sentence)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.message.sentence}\n\n{self.message.detail}")

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = rounded(QRectF(self.rect()))
        painter.fillPath(path, colour(theme.raised))
        ink, icon = self._look()
        painter.setPen(colour(ink, 0.7))
        painter.drawPath(path)
        paint_icon(painter, QRectF(11, 11, 14, 14), icon, ink)

    def _look(self) -> tuple[str, str]:
        """Colour and icon."""
        if self.message.quiet:
            return tokens().dim, "undo-2"
        return (tokens().good, "circle-check") if self.message.good else (tokens().critical, "triangle-alert")


class MessageArea(QWidget):
    """The messages that are still open, newest first; hidden where there are none.

    Signals:
        acted: the Intent of a message whose button was pressed.
        reported: the report of a message that is to be shown.
        closed: a Message that was read, and wants nothing to be done.
    """

    acted = Signal(object)
    reported = Signal(str)
    closed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 8, 14, 8)
        self._column.setSpacing(6)
        self.lines: list[MessageLine] = []
        self.hide()

    def add(self, message: Message) -> None:
        """Show a message in place of one that says or offers the same."""
        for line in list(self.lines):
            offered = line.message.intent
            if line.message.sentence == message.sentence or (offered is not None and offered == message.intent):
                self.remove(line)
        line = MessageLine(message)
        line.close_button.clicked.connect(partial(self._close, line))
        line.report_button.clicked.connect(partial(self._report, line))
        line.action_button.clicked.connect(partial(self._act, line))
        self._column.insertWidget(0, line)
        self.lines.insert(0, line)
        for old in self.lines[MAX_SHOWN:]:
            self.remove(old)
        self.show()

    def remove(self, line: MessageLine, *_arguments: object) -> None:
        """Close one message."""
        if line in self.lines:
            self.lines.remove(line)
            focused = QApplication.focusWidget()
            if focused is not None and line.isAncestorOf(focused):
                focused.clearFocus()  # else it goes on to a text field, which would take the keys of commands
            take_out(line, self._column)
        self.setVisible(bool(self.lines))

    def keep_answerable(self, state: State) -> None:
        """Close the offers to join runs that are not open any more, and to forget lost ones where none is."""
        keys = {run.key for run in state.runs}
        for line in list(self.lines):
            match line.message.intent:
                case RunsJoined() as join if not {join.key, join.other} <= keys:
                    self.remove(line)
                case LostForgotten() if not state.lost:
                    self.remove(line)

    def _close(self, line: MessageLine, *_arguments: object) -> None:
        self.remove(line)
        self.closed.emit(line.message)

    def _report(self, line: MessageLine, *_arguments: object) -> None:
        self.reported.emit(line.message.report)

    def _act(self, line: MessageLine, *_arguments: object) -> None:
        self.remove(line)
        self.acted.emit(line.message.intent)

    def sentences(self) -> tuple[str, ...]:
        """What is shown, newest first."""
        return tuple(line.message.sentence for line in self.lines)

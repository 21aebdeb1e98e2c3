"""The first screen: where to drop a run, what was open lately, and the keys to know."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.app.commands import BY_KEY
from inspector.core.dates import day_text
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.session.store import Recent
from inspector.views.controls import Button
from inspector.views.keys import PressedByKeys
from inspector.views.surfaces import Label, Rule, outline_colour, rounded
from inspector.views.view import guarded

WIDTH_PX = 760
SHOWN_RECENT = 6
_CORNER_PX = 12
_MARGIN_PX, _LOW_MARGIN_PX, _LOW_PX = 56, 24, 540


def when_text(then_s: float, now_s: float) -> str:
    """`today`, `yesterday`, `3 Nov`, `3 Nov 2025`; both times in seconds since 1970."""
    then, now = datetime.fromtimestamp(then_s).astimezone(), datetime.fromtimestamp(now_s).astimezone()
    days = (now.date() - then.date()).days
    if days == 0:
        return tr("today")
    if days == 1:
        return tr("yesterday")
    return day_text(then, year=then.year != now.year)


def home_text(path: Path) -> str:
    """A path with the user's home written as `~`."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


class _Box(QWidget):
    """The dashed box with the three ways in."""

    opened_folder = Signal()
    opened_files = Signal()
    opened_sample = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(10)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Label(tr("Drop a run here"), size_px=24, weight="semibold"), 0, centre)
        text = tr("a folder, checkpoints, HDF5 dumps, logs — together or one by one. Nothing in them is executed")
        about = Label(text, ink="dim", wrap=True)
        about.setAlignment(centre)
        column.addWidget(about)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addStretch(1)
        folder, files, sample = (
            Button(tr("Open folder…"), primary=True),
            Button(tr("Open files…")),
            Button(tr("Open the sample run")),
        )
        for button, signal in (
            (folder, self.opened_folder),
            (files, self.opened_files),
            (sample, self.opened_sample),
        ):
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
        self.sample = sample
        column.addSpacing(12)
        column.addLayout(row)

    def set_low(self, *, low: bool) -> None:
        """Leave less room above and below what it says, in a low window."""
        margin = _LOW_MARGIN_PX if low else _MARGIN_PX
        self._column.setContentsMargins(24, margin, 24, margin)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(outline_colour(), 1, Qt.PenStyle.DashLine))
        painter.drawPath(rounded(QRectF(self.rect()), _CORNER_PX))


class _Line(QWidget):
    """One line: a name, where, when."""

    def __init__(self, name: str, where: str, right: str, *, mono: bool = False) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 7, 0, 7)
        row.addWidget(Label(visible(name, 80), ink="dim" if mono else "text"))
        row.addWidget(Label(visible(where, 80), ink="faint"))
        row.addStretch(1)
        row.addWidget(Label(right, ink="text" if mono else "dim", mono=mono))


class _Recent(PressedByKeys):
    """The line of a run that was open lately; pressed, it is opened again."""

    focus_ringed = True

    def __init__(self, entry: Recent, when: str) -> None:
        super().__init__()
        where = home_text(Path(entry.paths[0]).parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._line = _Line(entry.name, where, when)
        row.addWidget(self._line)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Open {run}").format(run=visible(entry.name, 80)))
        self.setAccessibleDescription(f"{visible(where, 80)}, {when}")

    def sizeHint(self) -> QSize:
        return self._line.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Its line is all there is to see."""


class Welcome(QWidget):
    """The welcome screen.

    Signals:
        opened_folder, opened_files, opened_sample: the three buttons.
        opened_recent: the paths of a recent run.
    """

    opened_folder = Signal()
    opened_files = Signal()
    opened_sample = Signal()
    opened_recent = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = _Box()
        self.box.opened_folder.connect(self.opened_folder)
        self.box.opened_files.connect(self.opened_files)
        self.box.opened_sample.connect(self.opened_sample)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._lines: list[QWidget] = []
        keys = QVBoxLayout()
        keys.setSpacing(0)
        keys.addWidget(Label(tr("Keys"), ink="dim"))
        keys.addSpacing(8)
        for title, text in (
            (tr("Find anything"), BY_KEY["palette"].shortcuts[0]),
            (tr("Next, previous sample"), "J K"),
            (tr("Next, previous checkpoint"), "Ctrl+→ Ctrl+←"),
            (tr("All shortcuts"), "?"),
        ):
            keys.addWidget(_Line(title, "", text, mono=True))
            keys.addWidget(Rule())
        keys.addStretch(1)
        lower = QHBoxLayout()
        lower.setSpacing(34)
        lower.addLayout(self._recent, 3)
        lower.addLayout(keys, 2)
        page = QWidget()
        page.setMaximumWidth(WIDTH_PX)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.box)
        column.addSpacing(28)
        column.addLayout(lower)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(page, 100)
        across.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(5)
        outer.addLayout(across)
        outer.addStretch(6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.box.set_low(low=event.size().height() < _LOW_PX)

    def show_recent(self, recent: tuple[Recent, ...]) -> None:
        """Show what was opened lately."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        heading = Label(tr("Recent"), ink="dim")
        self._lines = [heading]
        self._recent.addWidget(heading)
        self._recent.addSpacing(8)
        now_s = time.time()
        for entry in recent[:SHOWN_RECENT]:
            line = _Recent(entry, when_text(entry.when, now_s))
            line.pressed.connect(partial(self.opened_recent.emit, entry.paths))
            for widget in (line, Rule()):
                self._recent.addWidget(widget)
                self._lines.append(widget)
        if not recent:
            empty = Label(tr("Runs that you open are listed here"), ink="faint")
            empty.setContentsMargins(0, 7, 0, 7)
            self._recent.addWidget(empty)
            self._lines.append(empty)
        self._recent.addStretch(1)

"""A resumed run against its parent: what is still there, what is gone, what is new."""

from __future__ import annotations

from PySide6.QtCore import Signal

from inspector.core.language import tr
from inspector.display.triage.scene import AgainstParent
from inspector.views.controls import Button
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label
from inspector.views.triage.cards import ListCard, grid_of

_TITLE = tr("Against the run that it resumes")


class ParentCard(ListCard):
    """One line for each finding of the parent, and for each that is new.

    Signals:
        wanted: the parent is to be opened.
    """

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__(_TITLE)
        self.counts = Label("", ink="dim", size_px=SMALL_PX)
        self.open_button = Button(tr("Open it"))
        self.open_button.clicked.connect(self.wanted)
        for widget in (self.counts, self.open_button):
            self.head.addWidget(widget)
        self.hide()

    def show_against(self, against: AgainstParent | None) -> None:
        """Show what became of the parent's findings; hidden for a run that resumes none."""
        self.setVisible(against is not None)
        if against is None or against == self._shown:
            return
        self.set_title(f"{_TITLE} · {against.name}")
        nothing = tr("nothing was found in either") if against.known else tr("it is not open")
        self.counts.setText(against.counts or nothing)
        self.open_button.setVisible(not against.known)
        body, grid = grid_of((0, 2, 3))
        for place, row in enumerate(against.rows):
            word = Label(row.word, ink=row.tone, size_px=SMALL_PX)
            title = ElidedLabel(row.title, size_px=SMALL_PX)
            because = ElidedLabel(row.because, ink="dim", size_px=SMALL_PX)
            for label, text in ((title, row.title), (because, row.because)):
                label.setToolTip(text)
            for column, widget in enumerate((word, title, because)):
                grid.addWidget(widget, place, column)
        self._show(against, body)

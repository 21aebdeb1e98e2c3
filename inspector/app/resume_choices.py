"""From where a run is resumed, how, for how long, and what a new rate means."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from inspector.app.resume_checkpoints import checkpoint_choices, checkpoints_of
from inspector.app.resume_command import Choice, Rate
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.nearest import where_text
from inspector.runs.values import Run
from inspector.session.values import RunState
from inspector.views.controls import SearchField, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.menu_button import MenuItem, menu_of

MODES = (
    ("exact", tr("Continue exactly")),
    ("edits", tr("With edits")),
    ("new-optimizer", tr("New optimizer")),
    ("weights", tr("Weights only")),
)
RATES = (("rescale", tr("Rescale the schedule")), ("restart", tr("Restart it now")), ("pin", tr("Pin")))
_OTHER = tr("other…")
_GAP_PX = 26
_NAMED = ("best", "last")


class ResumeChoices(QWidget):
    """The controls at the head of the sheet.

    Signals:
        changed: the user has chosen or typed something.

    Attributes:
        epochs_row: the number of epochs with its label, to stand among other controls.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._state: RunState | None = None
        self._other = ""
        self._before = ""
        self.checkpoint = Segmented(label=tr("Checkpoint"))
        self.mode = Segmented(MODES, label=tr("Mode"))
        self.rate = Segmented(RATES, label=tr("What a new rate means"))
        self.epochs = SearchField(tr("to the horizon"))
        self.epochs.setFixedWidth(120)
        self.epochs.setAccessibleName(tr("More epochs"))
        self.rate_row = labelled(tr("New rate means"), self.rate)
        self.epochs_row = labelled(tr("More epochs"), self.epochs)
        flow = FlowLayout(self, gap_px=_GAP_PX)
        for item in (labelled(tr("From"), self.checkpoint), labelled(tr("Mode"), self.mode), self.rate_row):
            flow.addWidget(item)
        self.checkpoint.chosen.connect(self._on_checkpoint)
        for control in (self.mode, self.rate):
            control.chosen.connect(self.changed)
        self.epochs.textEdited.connect(self.changed)
        self.rate.set_value("rescale")

    def show_run(self, run: Run, state: RunState, *, fresh: bool) -> None:
        """Offer a run's checkpoints; of another run than before, everything is set as usual."""
        self._run, self._state = run, state
        if fresh:
            self._other = ""
            self.epochs.clear()
            self.rate.set_value("rescale")
        self._offer_checkpoints()
        if fresh or self.checkpoint.value() in (None, _OTHER):
            names = self.checkpoint.choices()
            self.checkpoint.set_value("last" if "last" in names else names[0] if names else None)
        self._before = self.checkpoint.value() or ""
        if fresh or self.mode.value() in ("exact", "edits", None):
            self.mode.set_value("edits" if state.staged else "exact")

    def ask_rate(self, *, asked: bool) -> None:
        """Ask what a new rate means, or take it as usual where no rate is edited."""
        self.rate_row.setVisible(asked)
        if not asked:
            self.rate.set_value("rescale")

    def check(self) -> bool:
        """Whether the number of epochs is one; it is marked where it is not."""
        text = self.epochs.text().strip()
        self.epochs.set_wrong(wrong=bool(text) and not _is_count(text))
        return not self.epochs.wrong

    def choice(self) -> Choice:
        """What the controls are set to."""
        text = self.epochs.text().strip()
        return Choice(
            checkpoint=self.checkpoint.value() or "last",
            mode=self.mode.value() or "exact",
            rate=cast("Rate", self.rate.value() or "rescale"),
            epochs=int(text) if _is_count(text) else None,
        )

    def _offer_checkpoints(self) -> None:
        if self._run is None or self._state is None:
            return
        choices = checkpoint_choices(self._run, self._state)
        entries = checkpoints_of(self._run)
        chosen = next((one for one in entries if Path(one.path).name == self._other), None)
        if chosen is not None and self._other not in (name for name, _text in choices):
            choices = (*choices, (self._other, where_text(chosen)))
        if len(entries) > sum(name in _NAMED for name, _text in choices):
            choices = (*choices, (_OTHER, _OTHER))
        self.checkpoint.set_choices(tuple((name, visible(text, 60)) for name, text in choices))

    def _on_checkpoint(self, name: str) -> None:
        if name != _OTHER:
            self._before = name
            self.changed.emit()
            return
        self.checkpoint.set_value(self._before)
        entries = checkpoints_of(self._run) if self._run else []
        items = [
            MenuItem(key=file, text=visible(where_text(one), 120), group="checkpoint", on=file == self._before)
            for file, one in ((Path(one.path).name, one) for one in entries)
        ]
        menu = menu_of(items, self)
        menu.setAccessibleName(tr("Checkpoint"))
        menu.triggered.connect(self._on_other)
        button = self.checkpoint.segment(_OTHER)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 2)))

    def _on_other(self, action: QAction) -> None:
        self.choose_checkpoint(str(action.data()))

    def choose_checkpoint(self, name: str) -> None:
        """Resume from a checkpoint by its file's name."""
        self._other = self._before = name
        self._offer_checkpoints()
        self.checkpoint.set_value(name)
        self.changed.emit()


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0

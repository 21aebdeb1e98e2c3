"""What the trainer is asked of a resume while it is set up, and the newest answer with its cards."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.plan import Plan, plan_of
from inspector.app.trial import Trial
from inspector.app.trial_panel import TrialPanel
from inspector.core.language import tr
from inspector.core.texts import visible

PLAN_AFTER_MS = 700
"""The trainer takes seconds to answer; it is asked when the hand rests."""

_EXPECTED = tr(
    "The new run writes its own folder and leaves this one as it is. Its first logged rates are compared with the"
    " green line, and a difference is told"
)


class Planning(QObject):
    """One question at a time to a trainer child.

    Signals:
        answered: there is a plan.

    Attributes:
        plan: the answer to what was asked last; None while it is awaited, or where there is none.
        panel: its cards.
    """

    answered = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan: Plan | None = None
        self.trial = Trial(self)
        self.panel = TrialPanel()
        self.panel.show_expected(_EXPECTED)
        self._asked: tuple[tuple[str, ...], str] | None = None
        self._wanted: tuple[tuple[str, ...], str] | None = None
        self._later = QTimer(self, singleShot=True, interval=PLAN_AFTER_MS)
        self._later.timeout.connect(self._ask_wanted)
        self.trial.answered.connect(self._on_answered)
        self.trial.failed.connect(self._on_failed)

    @property
    def pending(self) -> bool:
        """Whether the trainer is soon asked, when the hand rests."""
        return self._later.isActive()

    def forget(self) -> None:
        """Another run is shown."""
        self._later.stop()
        self.plan, self._asked, self._wanted = None, None, None

    def want(self, arguments: tuple[str, ...], *, interpreter: str) -> None:
        """Ask soon, unless that was asked last."""
        self._wanted = arguments, interpreter
        if self._wanted != self._asked:
            self.plan = None
            self._later.start()

    def ask(self, arguments: tuple[str, ...], *, trial: bool, interpreter: str) -> None:
        """Ask now, in another interpreter where one is named; with `trial` for one step on trial."""
        self._later.stop()
        self._asked = self._wanted = arguments, interpreter
        self.trial.ask((*arguments, "--dry-run") if trial else arguments, interpreter)
        self.panel.show_waiting(tr("Trying one step…") if trial else tr("Asking the trainer…"))

    def stop(self) -> None:
        """Await nothing more."""
        self._later.stop()
        self.trial.stop()
        if self.plan is None:
            self._asked = None

    def tell(self, sentences: tuple[str, ...]) -> None:
        """Show the plan, with sentences of the window's own about it."""
        if self.plan is not None:
            self.panel.show_plan(self.plan, sentences)

    def _ask_wanted(self) -> None:
        if self._wanted is not None:
            arguments, interpreter = self._wanted
            self.ask(arguments, trial=False, interpreter=interpreter)

    def _on_answered(self, facts: Any) -> None:
        try:
            self.plan = plan_of(facts)
        except msgspec.ValidationError as error:
            self._on_failed(tr("The trainer's answer cannot be read ({why})").format(why=error))
        else:
            self.answered.emit()

    def _on_failed(self, sentence: str) -> None:
        self.plan = None
        self.panel.show_failed(visible(sentence))

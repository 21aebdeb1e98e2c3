"""What the window will need later, loaded in small steps while it has nothing else to do."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from itertools import chain

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from inspector.diagnosis.values import Diagnosis
from inspector.display.catalogue import CATALOGUE
from inspector.formats.messages import expect
from inspector.runs.values import Run
from inspector.views.view import View

_SHARED = "inspector.views"
"""What many viewers are made of; else the first one would import all of it in one turn."""
_LATER = (
    "importlib.metadata", "inspector.analysis.schedules.resumed", "inspector.app.plan", "inspector.app.resume_rows",
    "inspector.app.edits_card", "inspector.app.resume_choices", "inspector.app.running_choices",
    "inspector.app.rate_card", "inspector.app.trial_panel", "inspector.app.script_card", "inspector.app.resume_recipe",
    "inspector.app.resume_sheet", "inspector.app.sheets", "inspector.views.fleet.view",
    "inspector.display.help.symptoms", "inspector.views.help_text", "inspector.app.help_page",
)  # fmt: skip
"""What is wanted when a button is pressed, its parts first."""
_EVERY_MS = 5
"""Between two steps, for the files that are being opened meanwhile."""


class Loading(QObject):
    """Imports modules and makes views, one a turn of the event loop: nobody waits for them when a tab is first pressed.

    Args:
        view: makes the view of a key, where it has not been made.
        parent: what it goes with.
    """

    def __init__(self, view: Callable[[str], View], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._steps: Iterator[None] = iter(())
        self._unpainted: QWidget | None = None
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._go_on)

    def begin(self, first: str, painted: QWidget | None = None, *, before: Callable[[], None] | None = None) -> None:
        """Load what viewers share, then one viewer, then all others.

        Args:
            first: key of that viewer.
            painted: a window that is painted before anything is loaded; None to begin in the next turn.
            before: is called then, first of all.
        """
        self._steps = chain(_calls(before), _steps(first, self._view))
        if painted is None:
            self._timer.start()
        else:
            self._unpainted = painted
            painted.installEventFilter(self)

    @property
    def busy(self) -> bool:
        """Whether there is more to load."""
        return self._timer.isActive() or self._unpainted is not None

    def stop(self) -> None:
        """Load no more."""
        self._timer.stop()
        self._await_no_more()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._await_no_more()
            self._timer.start()
        return False

    def _await_no_more(self) -> None:
        if self._unpainted is not None:
            self._unpainted.removeEventFilter(self)
            self._unpainted = None

    def _go_on(self) -> None:
        if next(self._steps, self) is self:
            self._timer.stop()


def _calls(call: Callable[[], None] | None) -> Iterator[None]:
    if call is not None:
        call()
        yield


def _steps(first: str, view: Callable[[str], View]) -> Iterator[None]:
    for kind in (Run, Diagnosis):
        expect(kind)
        yield
    yield from _answers("timeline")
    yield from _modules(_SHARED)
    for key in sorted((offer.key for offer in CATALOGUE if offer.tabbed), key=lambda key: key != first):
        yield from _modules(f"inspector.views.{key}")
        yield from view(key).make_ahead()
        yield from _answers(key)
    for name in _LATER:
        importlib.import_module(name)
        yield


def _answers(key: str) -> Iterator[None]:
    """How the scenes of a view and of its parts are read, as their first ones would wait for that."""
    for offer in CATALOGUE:
        if offer.key.partition(".")[0] == key:
            expect(offer.scene_type)
            yield


def _modules(package_name: str) -> Iterator[None]:
    package = importlib.import_module(package_name)
    for found in pkgutil.iter_modules(package.__path__, f"{package_name}."):
        if not found.ispkg:
            importlib.import_module(found.name)
            yield

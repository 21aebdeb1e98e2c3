"""Scenes that readers are asked to prepare."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.news import Message, SceneReady, Working, working_on
from inspector.app.open_runs import OpenRuns
from inspector.app.run_readers import RunReaders
from inspector.app.summaries import keep_scans_of
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.display.catalogue import offer_of
from inspector.jobs.readers import Reader, Ticket
from inspector.jobs.requests import scene_ask
from inspector.views.few_a_turn import FewATurn

LET_FINISH_S = 0.6
"""So long a scene that is being prepared is not cancelled for a newer wish: while a hand drags, something is seen."""

_LOOK_EVERY_MS = 50


class SceneRequests(QObject):
    """The last request of every viewer and run, and the newest wish that waits for it.

    Signals:
        ready: SceneReady.
        failed: SceneReady with the sentence as its scene.
        kept: viewer, key of the run: what the viewer has scanned is in the cache.
        progressed: viewer, key of the run, Progress.
        message: Message, why a scene failed.
        working: Working.
    """

    ready = Signal(object)
    failed = Signal(object)
    kept = Signal(str, str)
    progressed = Signal(str, str, object)
    message = Signal(object)
    working = Signal(object)

    def __init__(self, readers: RunReaders, runs: OpenRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._runs = runs
        self._asked: dict[tuple[str, str], Ticket] = {}
        self._asked_at_s: dict[tuple[str, str], float] = {}
        self._wished: dict[tuple[str, str], msgspec.Struct] = {}
        self._scanning: set[tuple[str, str]] = set()
        self._awaited = 0
        self._later = FewATurn(self)
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self._ask_overdue)

    @property
    def busy(self) -> bool:
        """Whether a scene is awaited."""
        return self._awaited > 0 or bool(self._wished) or bool(self._scanning) or self._later.busy

    def scanning(self, viewer: str, key: str) -> bool:
        """Whether a viewer may be scanning a dump, or what it scanned is not in the cache yet."""
        return (viewer, key) in self._scanning

    def in_turn(self, viewer: str, key: str, asking: Callable[[], object]) -> None:
        """Let something ask for a scene when its turn comes: of many runs, a few in a turn of the event loop."""
        self._later.add((viewer, key), asking)

    def ask(self, viewer: str, key: str, ask: msgspec.Struct) -> None:
        """Have a scene of a run prepared; of the same viewer, the newest ask follows the one that is being answered."""
        self._wished.pop((viewer, key), None)
        run = self._runs.get(key)
        if run is None:
            return
        if self._soon_answered((viewer, key)):
            self._wished[viewer, key] = ask
            self._look.start()
            return
        self._asked_at_s[viewer, key] = time.monotonic()
        offer = offer_of(viewer)
        self._awaited += 1
        if offer.slow:
            reader = self._readers.beside(key, offer.lane or viewer, (*run.paths, *getattr(ask, "outside", ())))
        else:
            reader = self._readers.of(key, run.paths)
        if offer.scans:
            self._scanning.add((viewer, key))
        self._asked[viewer, key] = reader.ask(
            "scene",
            scene_ask(viewer, ask),
            offer.scene_type,
            partial(self._answered, viewer, key, reader if offer.slow or offer.scans else None),
            partial(self._progressed, viewer, key),
            supersedes=f"scene:{viewer}",
        )

    def awaits(self, viewer: str, key: str) -> bool:
        """Whether a scene is still to come; one that is told meanwhile answers an older ask."""
        ticket = self._asked.get((viewer, key))
        return (viewer, key) in self._wished or (ticket is not None and not ticket.settled)

    def stop(self, viewer: str, key: str) -> None:
        """Want a scene no more that is being prepared."""
        self._wished.pop((viewer, key), None)
        ticket = self._asked.get((viewer, key))
        if ticket is not None and not ticket.settled:
            ticket.cancel()
            self.working.emit(Working(""))

    def forget(self, key: str) -> None:
        """Know nothing of a run any more whose readers have ended."""
        for known in (self._asked, self._asked_at_s, self._wished):
            for asked in [asked for asked in known if asked[1] == key]:
                del known[asked]
        self._scanning = {asked for asked in self._scanning if asked[1] != key}

    def close(self) -> None:
        """Ask for nothing more."""
        self._wished.clear()
        self._look.stop()
        self._later.stop()

    def _soon_answered(self, asked: tuple[str, str]) -> bool:
        ticket = self._asked.get(asked)
        return ticket is not None and not ticket.settled and time.monotonic() < self._asked_at_s[asked] + LET_FINISH_S

    def _ask_overdue(self) -> None:
        """Ask for what was wished while another was prepared that takes too long."""
        for asked, ask in tuple(self._wished.items()):
            if not self._soon_answered(asked):
                self.ask(*asked, ask)
        if not self._wished:
            self._look.stop()

    def _progressed(self, viewer: str, key: str, progress: Progress) -> None:
        self.working.emit(working_on(progress))
        self.progressed.emit(viewer, key, progress)

    def _answered(self, viewer: str, key: str, scanner: Reader | None, outcome: Outcome[Any]) -> None:
        self._awaited -= 1
        if (wished := self._wished.get((viewer, key))) is not None:
            self.ask(viewer, key, wished)
        match outcome:
            case Done(scene):
                self.working.emit(Working(""))
                self.ready.emit(SceneReady(viewer, key, scene))
                if scanner is not None:
                    keep_scans_of(scanner, partial(self._on_kept, viewer, key))
            case Failed(sentence, detail, limited):
                self.working.emit(Working(""))
                self.message.emit(Message(sentence, detail))
                self.failed.emit(SceneReady(viewer, key, sentence, limited))
                self._scans_no_more(viewer, key)
            case Cancelled():
                self._scans_no_more(viewer, key)

    def _scans_no_more(self, viewer: str, key: str) -> bool:
        """Whether it did, and no newer ask has it scanning still."""
        if (viewer, key) not in self._scanning or self.awaits(viewer, key):
            return False
        self._scanning.discard((viewer, key))
        return True

    def _on_kept(self, viewer: str, key: str) -> None:
        if self._scans_no_more(viewer, key):  # what failed is asked again by the user alone
            self.kept.emit(viewer, key)

"""Scenes that readers are asked to prepare."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.news import Message, SceneReady, Working, working_on
from inspector.app.open_runs import OpenRuns
from inspector.app.run_readers import RunReaders
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.display.catalogue import offer_of
from inspector.jobs.readers import Ticket
from inspector.jobs.requests import scene_ask


class SceneRequests(QObject):
    """The last request of every viewer and run.

    Signals:
        ready: SceneReady.
        failed: SceneReady with the sentence as its scene.
        progressed: viewer, key of the run, Progress.
        message: Message, why a scene failed.
        working: Working.
    """

    ready = Signal(object)
    failed = Signal(object)
    progressed = Signal(str, str, object)
    message = Signal(object)
    working = Signal(object)

    def __init__(self, readers: RunReaders, runs: OpenRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._runs = runs
        self._asked: dict[tuple[str, str], Ticket] = {}
        self._awaited = 0

    @property
    def busy(self) -> bool:
        """Whether a scene is awaited."""
        return self._awaited > 0

    def ask(self, viewer: str, key: str, ask: msgspec.Struct) -> None:
        """Have a scene of a run prepared; a newer ask of the same viewer takes the place of an older one."""
        run = self._runs.get(key)
        if run is None:
            return
        offer = offer_of(viewer)
        self._awaited += 1
        if offer.slow:
            reader = self._readers.beside(key, viewer, (*run.paths, *getattr(ask, "outside", ())))
        else:
            reader = self._readers.of(key, run.paths)
        self._asked[viewer, key] = reader.ask(
            "scene",
            scene_ask(viewer, ask),
            offer.scene_type,
            partial(self._answered, viewer, key),
            partial(self._progressed, viewer, key),
            supersedes=f"scene:{viewer}",
        )

    def stop(self, viewer: str, key: str) -> None:
        """Want a scene no more that is being prepared."""
        ticket = self._asked.get((viewer, key))
        if ticket is not None and not ticket.settled:
            ticket.cancel()
            self.working.emit(Working(""))

    def forget(self, key: str) -> None:
        """Know nothing of a run any more whose readers have ended."""
        for asked in [asked for asked in self._asked if asked[1] == key]:
            del self._asked[asked]

    def _progressed(self, viewer: str, key: str, progress: Progress) -> None:
        self.working.emit(working_on(progress))
        self.progressed.emit(viewer, key, progress)

    def _answered(self, viewer: str, key: str, outcome: Outcome[Any]) -> None:
        self._awaited -= 1
        match outcome:
            case Done(scene):
                self.working.emit(Working(""))
                self.ready.emit(SceneReady(viewer, key, scene))
            case Failed(sentence, detail):
                self.working.emit(Working(""))
                self.message.emit(Message(sentence, detail))
                self.failed.emit(SceneReady(viewer, key, sentence))
            case Cancelled():
                pass

"""The findings of open runs: asked for when a run is opened, and now and then while it grows."""

from __future__ import annotations

import math
import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.news import Message
from inspector.app.run_readers import RunReaders
from inspector.app.summaries import keep_scans_of, keep_summaries_of
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.diagnosis.values import Diagnosis
from inspector.jobs.requests import Diagnose

_LOOK_MS = 500
_EVERY_S = 2.0
_SHARE = 0.2
"""A run that grows is not diagnosed at every look: what is drawn would wait for it."""
_LOOK_SHARE = 0.5
"""Nor is one that is still being read told of at every piece: reading it would wait."""


class Diagnosing(QObject):
    """The last diagnosis of every run.

    Signals:
        diagnosed: key of a run whose diagnosis is new.
        progressed: key of a run, Progress.
        message: Message, why a run has none.
    """

    diagnosed = Signal(str)
    progressed = Signal(str, object)
    message = Signal(object)

    def __init__(self, readers: RunReaders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = readers
        self._diagnoses: dict[str, Diagnosis] = {}
        self._not_before_s: dict[str, float] = {}
        self._next_look_s: dict[str, float] = {}
        self._put_off: set[str] = set()
        self._awaited = 0
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a diagnosis is awaited, or put off."""
        return self._awaited > 0 or bool(self._put_off)

    def known(self, key: str | None) -> Diagnosis | None:
        """A run's diagnosis; None until its reader has answered."""
        return self._diagnoses.get(key) if key is not None else None

    def diagnose(self, key: str) -> None:
        """Diagnose a run."""
        self._put_off.discard(key)
        reader = self._readers.known(key)
        if reader:
            self._awaited += 1
            now_s = time.monotonic()
            self._not_before_s[key] = now_s + _EVERY_S
            reader.ask(
                "diagnose",
                Diagnose(),
                Diagnosis,
                partial(self._diagnosed, key, now_s),
                partial(self.progressed.emit, key),
                supersedes="diagnose",
            )

    def first_look(self, key: str) -> None:
        """Ask for what the curves of a run tell as far as they were read, where a diagnosis will take its time."""
        reader = self._readers.known(key)
        now_s = time.monotonic()
        if reader and not self._is_whole(key) and now_s >= self._next_look_s.get(key, 0.0):
            self._awaited += 1
            self._next_look_s[key] = math.inf
            looked = partial(self._first_looked, key, now_s)
            reader.ask("diagnose", Diagnose(first=True), Diagnosis, looked, supersedes="first look")

    def diagnose_soon(self, key: str) -> None:
        """Diagnose a run that has changed, now or when its last diagnosis is old enough."""
        if time.monotonic() >= self._not_before_s.get(key, 0.0):
            self.diagnose(key)
        else:
            self._put_off.add(key)
            self._timer.start()

    def unask(self, key: str) -> None:
        """Put nothing off for a run whose reader has ended; what is known of it stays."""
        self._not_before_s.pop(key, None)
        self._next_look_s.pop(key, None)
        self._put_off.discard(key)

    def forget(self, key: str) -> None:
        """Know nothing of a run any more that was closed."""
        self.unask(key)
        self._diagnoses.pop(key, None)

    def stop(self) -> None:
        """Diagnose nothing any more."""
        self._timer.stop()

    def _look(self) -> None:
        for key in tuple(self._put_off):
            self.diagnose_soon(key)
        if not self._put_off:
            self._timer.stop()

    def _is_whole(self, key: str) -> bool:
        known = self._diagnoses.get(key)
        return known is not None and known.complete

    def _first_looked(self, key: str, asked_s: float, outcome: Outcome[Diagnosis]) -> None:
        self._awaited -= 1
        now_s = time.monotonic()
        self._next_look_s[key] = now_s + (now_s - asked_s) / _LOOK_SHARE
        if isinstance(outcome, Done) and not self._is_whole(key) and self._readers.known(key):
            self._diagnoses[key] = outcome.value
            self.diagnosed.emit(key)

    def _diagnosed(self, key: str, asked_s: float, outcome: Outcome[Diagnosis]) -> None:
        self._awaited -= 1
        now_s = time.monotonic()
        self._not_before_s[key] = now_s + max(_EVERY_S, (now_s - asked_s) / _SHARE)
        match outcome:
            case Done(diagnosis):
                self._diagnoses[key] = diagnosis
                self.diagnosed.emit(key)
                if reader := self._readers.known(key):
                    keep_summaries_of(reader)
                    keep_scans_of(reader)
            case Failed(sentence, detail):
                self.message.emit(Message(sentence, detail))
            case Cancelled():
                pass

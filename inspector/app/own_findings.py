"""What the user's own rules find in open runs: each is read by a process of its own that ran their file first."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.open_runs import OpenRuns
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.texts import visible
from inspector.diagnosis.values import UNREAD_RULES, Diagnosis
from inspector.jobs.reach import there
from inspector.jobs.readers import Launcher, Reader
from inspector.jobs.requests import JudgeByOwnRules

KIND = "own rules"
"""Of the request that asks for them."""

LOOK_EVERY_MS = 2000
_SHARE = 0.2
"""A run that grows is not judged again at once: rules may take long."""


class OwnFindings(QObject):
    """The last answer of the named file of rules for every run.

    Signals:
        told: key of a run of which it says something new.
    """

    told = Signal(str)

    def __init__(self, launcher: Launcher, runs: OpenRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher = launcher
        self._runs = runs
        self._file = ""
        self._stamp: tuple[int, int, int] | None = None
        self._readers: dict[str, Reader] = {}
        self._known: dict[str, Diagnosis] = {}
        self._awaited: set[str] = set()
        self._put_off: set[str] = set()
        self._not_before_s: dict[str, float] = {}
        self._looking = QTimer(self, interval=LOOK_EVERY_MS)
        self._looking.timeout.connect(self.look_around)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited, or put off."""
        return bool(self._awaited) or bool(self._put_off)

    def known(self, key: str) -> Diagnosis | None:
        """What the rules find in a run; None where no file is named, or it has not been asked yet."""
        return self._known.get(key)

    def reader(self, key: str) -> Reader | None:
        """The process that has run the file for a run; None where there is none."""
        return self._readers.get(key)

    def use(self, file: str) -> None:
        """Look by the rules of a file that the user has named; empty for none."""
        if file == self._file:
            return
        self._file = file
        spoken, self._known = tuple(self._known), {}
        self._begin_anew()
        if file:
            self._looking.start()
        else:
            self._looking.stop()
        for key in spoken:
            self.told.emit(key)

    def look(self, key: str) -> None:
        """Have the rules judge a run, now or when they may again."""
        run = self._runs.get(key)
        if not self._file or run is None:
            return
        asked_s = time.monotonic()
        if key in self._awaited or asked_s < self._not_before_s.get(key, 0.0):
            self._put_off.add(key)
            return
        self._put_off.discard(key)
        if key not in self._readers:
            self._readers[key] = self._launcher.reader(run.paths, rules=self._file)
        reader = self._readers[key]
        self._awaited.add(key)
        reader.ask(KIND, JudgeByOwnRules(), Diagnosis, partial(self._answered, key, reader, asked_s))

    def look_around(self) -> None:
        """Judge what was put off; and every run anew where the file has changed."""
        if _stamp(self._file) != self._stamp:
            self._begin_anew()
        for key in tuple(self._put_off):
            self.look(key)

    def unask(self, key: str) -> None:
        """End the process of a run; what is known of it stays."""
        self._awaited.discard(key)
        self._put_off.discard(key)
        self._not_before_s.pop(key, None)
        reader = self._readers.pop(key, None)
        if reader is not None:
            reader.close()

    def forget(self, key: str) -> None:
        """Know nothing of a run any more that was closed."""
        self.unask(key)
        self._known.pop(key, None)

    def stop(self) -> None:
        """Look no more; who ends the launcher ends the processes."""
        self._looking.stop()

    def _begin_anew(self) -> None:
        """Run the file as it is now."""
        self._stamp = _stamp(self._file)
        for key in tuple(self._readers):
            self.unask(key)
        for key, _run in tuple(self._runs.items()):
            self.look(key)

    def _answered(self, key: str, reader: Reader, asked_s: float, outcome: Outcome[Diagnosis]) -> None:
        if self._readers.get(key) is not reader:
            return
        self._awaited.discard(key)
        now_s = time.monotonic()
        self._not_before_s[key] = now_s + (now_s - asked_s) / _SHARE
        match outcome:
            case Done(diagnosis):
                self._known[key] = diagnosis
            case Failed(sentence):
                self._known[key] = _failed(self._file, sentence)
            case Cancelled():
                return
        self.told.emit(key)


def _failed(file: str, sentence: str) -> Diagnosis:
    because = tr("the process that ran {file} gave no answer: {why}").format(
        file=visible(Path(file).name), why=sentence
    )
    return Diagnosis(not_assessable=(msgspec.structs.replace(UNREAD_RULES, because=because),))


def _stamp(file: str) -> tuple[int, int, int] | None:
    """Which text stands in a file, as far as its place and times tell; None where there is none."""
    status = there(file)
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status is not None else None

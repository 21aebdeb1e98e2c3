"""Keeps marks of samples and dismissals of findings in their files, and brings in what other windows write there."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.leftovers import sweep_temporaries
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.display.dumps import dumps_of
from inspector.formats.marks import SEEN, FileMarks
from inspector.formats.triage import Dismissal, MarkedDump, Triage
from inspector.jobs.reach import SilentError, reach
from inspector.session.intents import DismissalsRead
from inspector.session.triage import TriageRead, marks_of
from inspector.session.triage_store import (
    Place,
    beside,
    file_of_run,
    load_triage,
    own_place,
    place_of,
    save_triage,
)
from inspector.session.values import State

LOOK_EVERY_MS = 2000

_NOT_READ = (0, 0, 0)
"""The stamp of a file whose disk did not answer: whatever it says then is news."""

_LEFT_S = 60.0
"""A file that has been half-written for so long was left by a window that was killed."""


class TriageKeeper(QObject):
    """Reads what is said of the runs that are open, and writes it in the turn in which it is said.

    Signals:
        message: Message, why something was not read or kept, or that marks were made on another dump.
    """

    message = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._places: dict[str, Place] = {}
        self._own: dict[str, Place] = {}
        self._own_files: dict[str, Path] = {}
        self._waiting: set[str] = set()
        self._read: dict[Place, str] = {}
        self._run_files: dict[str, Path] = {}
        self._dismissals: dict[str, Mapping[str, Dismissal]] = {}
        self._bytes: dict[str, int] = {}
        self._marked: dict[str, MarkedDump] = {}
        self._stamps: dict[Path, tuple[int, int, int] | None] = {}
        self._told: set[str] = set()
        self._swept: set[Path] = set()
        self._looking = QTimer(self, interval=LOOK_EVERY_MS)
        self._looking.timeout.connect(self.look)
        desk.run_changed.connect(self._on_run)
        desk.state_changed.connect(self._on_state)

    def look(self) -> None:
        """Read what has been written since; and say again what another window has written over."""
        there = set(reach.answering(self._stamps))
        own = {place.file for place in self._own.values()} | set(self._own_files.values())  # of those all is told once
        for file in self._stamps.keys() - there - own:
            self._answers(file)
        changed = {file for file in there if _stamp_at_once(file) != self._stamps[file]}
        for file in changed:
            self._bring(file)
        for path, place in self._places.items():
            if place.file in changed or (path in self._waiting and place.file in there):
                self._save(path, self._desk.state.triage)
        for key, file in tuple(self._run_files.items()):
            if file in changed or (key in self._waiting and file in there):
                self._save_dismissals(key)

    def _answers(self, file: Path) -> bool:
        """Whether a file may be asked for without the window being held; it is told where not."""
        try:
            reach(file)
        except SilentError as error:
            self._tell(tr("{why}; marks are kept with your own data until it does").format(why=error))
            return False
        return True

    def _on_run(self, key: str) -> None:
        run = self._desk.run(key)
        if run is None:
            return
        if not self._answers(Path(run.paths[0])):
            QTimer.singleShot(LOOK_EVERY_MS, self, partial(self._on_run, key))
            return
        dumps = [entry for entry, _facts in dumps_of(run)]
        unread: dict[Path, None] = {}  # each once, though it may be of all dumps of the run
        for entry in dumps:
            self._bytes[entry.path] = entry.bytes
            if entry.path not in self._places:
                dump = Path(entry.path)
                self._places[entry.path] = place_of(dump, run.paths)
                self._own[entry.path] = own_place(dump)
                for place in beside(dump, run.paths):
                    self._read[place] = entry.path
                    unread[place.file] = None
        new = run.key not in self._run_files
        if new:
            self._run_files[run.key] = file_of_run(run.paths)
            self._own_files[run.key] = own_place(Path(run.paths[0])).file
            unread[self._run_files[run.key]] = None
        for file in unread:
            self._bring(file)
        for entry in () if run.live else dumps:
            self._compare(entry.path)
        if new:
            self._save_dismissals(run.key)  # what a session of before put aside
        if not self._looking.isActive():
            self._looking.start()

    def _on_state(self, before: State, after: State) -> None:
        if before.triage is not after.triage:
            for path, marks in after.triage.items():
                if marks is not before.triage.get(path):
                    self._save(path, after.triage)
        if before.runs is not after.runs:
            for key in self._run_files.keys() - {run.key for run in after.runs}:
                del self._run_files[key]  # when it is opened again, what it then says is read first
                self._waiting.discard(key)
                self._dismissals.pop(key, None)
            known = {run.key: (run.dismissed, run.dismissal_notes) for run in before.runs}
            for run in after.runs:
                if (run.dismissed, run.dismissal_notes) != known.get(run.key):
                    self._save_dismissals(run.key)

    def _bring(self, file: Path) -> None:
        if not reach.answering((file,)):
            self._stamps[file] = _NOT_READ
            return
        self._stamps[file] = _stamp_at_once(file)
        try:
            said = load_triage(file)
        except (FileError, OSError) as error:
            self._tell(f"{error}")
            self._dismiss_elsewhere(file)
            return
        places = {place.name: path for place, path in self._read.items() if place.file == file}
        self._marked.update((path, said.dumps[name]) for name, path in places.items() if name in said.dumps)
        news = {path: said.files[name] for name, path in places.items() if name in said.files}
        if news:
            self._desk.dispatch(TriageRead(news))
        for key in [key for key, its in self._run_files.items() if its == file]:
            self._dismissals[key] = said.dismissed
            if said.dismissed:
                self._desk.dispatch(_read(key, said.dismissed))

    def _dismiss_elsewhere(self, file: Path) -> None:
        """Keep dismissals with the user's data where a run's own file cannot be read or written."""
        for run in self._desk.state.runs:
            own = self._own_files.get(run.key)
            if own is not None and self._run_files.get(run.key) == file != own:
                self._run_files[run.key] = own
                self._bring(own)
                self._save_dismissals(run.key)

    def _compare(self, path: str) -> None:
        """Tell where marks were made on another dump of the same name."""
        marked, now_bytes = self._marked.get(path), self._bytes[path]
        if marked is None or marked.bytes == now_bytes or not self._desk.state.triage.get(path):
            return
        sentence = tr(
            "{dump}: its samples were marked in a file of {then}, and this one has {now}; the marks may mean other "
            "samples"
        )
        then, now = bytes_text(marked.bytes), bytes_text(now_bytes)
        self._tell(sentence.format(dump=visible(Path(path).name), then=then, now=now))

    def _save(self, path: str, triage: FileMarks) -> None:
        place, marks = self._places.get(path), marks_of(triage, path)
        if place is None or not marks:
            return
        own = self._own[path]
        if place != own and not self._answers(place.file):
            self._waiting.add(path)
            place = own
        if place == own and not reach.answering((own.file,)):
            self._waiting.add(path)
            return
        if marks.kinds == (SEEN,) and not place.file.exists():
            return  # to look at samples makes no file
        try:
            self._write(path, place, triage)
        except (FileError, OSError) as error:
            if place == own:
                self._tell(tr("Marks of samples are not kept: {why}").format(why=error))
                return
            self._tell(tr("Marks of samples are kept with your own data: {why}").format(why=error))
            self._places[path] = own
            self._read[own] = path
            self._save(path, triage)
            return
        if place == self._places[path]:
            self._waiting.discard(path)

    def _write(self, path: str, place: Place, triage: FileMarks) -> None:
        marked, now_bytes = self._marked.get(path), self._bytes.get(path)
        if now_bytes is not None and (marked is None or marked.bytes != now_bytes):
            marked = self._marked[path] = MarkedDump(now_bytes, _later_than(marked.at_s if marked else 0.0))
        if place.file not in self._swept:
            self._swept.add(place.file)
            with suppress(OSError):  # what a killed window left may stay where it cannot be removed
                sweep_temporaries(place.file.parent, place.file.name, older_than_s=_LEFT_S)
        dumps = {} if marked is None else {place.name: marked}
        said = save_triage(place.file, Triage(files={place.name: marks_of(triage, path)}, dumps=dumps))
        self._stamps[place.file] = _stamp(place.file)
        if self._read.get(place) == path and place.name in said.files:
            self._desk.dispatch(TriageRead({path: said.files[place.name]}))

    def _save_dismissals(self, key: str) -> None:
        """Keep which findings of a run are put aside, as far as its file says otherwise."""
        file, known = self._run_files.get(key), self._dismissals.get(key)
        run = next((run for run in self._desk.state.runs if run.key == key), None)
        if file is None or known is None or run is None:  # it is not read yet, or could not be
            return
        changed = {}
        for finding in {*known, *run.dismissed}:
            before = known.get(finding, Dismissal(dismissed=False))
            dismissed, note = finding in run.dismissed, run.dismissal_notes.get(finding, "")
            if (before.dismissed, before.note) != (dismissed, note):
                changed[finding] = Dismissal(dismissed, _later_than(before.at_s), note)
        if not changed:
            return
        if not (self._answers(file) if file != self._own_files[key] else reach.answering((file,))):
            self._waiting.add(key)  # the session keeps them
            return
        self._waiting.discard(key)
        self._dismissals[key] = {**known, **changed}
        try:
            said = save_triage(file, Triage(dismissed=changed))
        except (FileError, OSError) as error:
            self._tell(tr("Dismissed findings are not kept beside their run: {why}").format(why=error))
            self._dismiss_elsewhere(file)
            return
        self._stamps[file] = _stamp(file)
        self._dismissals[key] = said.dismissed
        self._desk.dispatch(_read(key, said.dismissed))

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.message.emit(Message(sentence))


def _read(key: str, said: Mapping[str, Dismissal]) -> DismissalsRead:
    """What a file says of a run's findings."""
    notes = {one: how.note for one, how in said.items() if how.note}
    return DismissalsRead(key, {one: how.dismissed for one, how in said.items()}, notes)


def _later_than(before_s: float) -> float:
    """Now, and after what was said before also where a clock was set back."""
    return max(time.time(), math.nextafter(before_s, math.inf))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    return _stamp_at_once(file) if reach.answering((file,)) else None


def _stamp_at_once(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

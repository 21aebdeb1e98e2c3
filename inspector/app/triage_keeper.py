"""Keeps marks of samples in their files, and brings in what other windows write there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.errors import FileError
from inspector.display.dumps import dumps_of
from inspector.formats.marks import FileMarks, Marks
from inspector.session.triage import TriageRead, marks_of
from inspector.session.triage_store import Place, beside, load_triage, own_place, place_of, save_triage
from inspector.session.values import State

LOOK_EVERY_MS = 2000


class TriageKeeper(QObject):
    """Reads the marks of the runs that are open, and writes them in the turn in which they are set.

    Signals:
        message: Message, why marks were not read or kept.
    """

    message = Signal(object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._places: dict[str, Place] = {}
        self._read: dict[Place, str] = {}
        self._stamps: dict[Path, tuple[int, int, int] | None] = {}
        self._told: set[str] = set()
        self._looking = QTimer(self, interval=LOOK_EVERY_MS)
        self._looking.timeout.connect(self.look)
        desk.run_changed.connect(self._on_run)
        desk.state_changed.connect(self._on_state)

    def look(self) -> None:
        """Read what has been written since; and say again what another window has written over."""
        changed = {file for file, stamp in self._stamps.items() if _stamp(file) != stamp}
        for file in changed:
            self._bring(file)
        for path, place in self._places.items():
            if place.file in changed:
                self._save(path, self._desk.state.triage)

    def _on_run(self, key: str) -> None:
        run = self._desk.run(key)
        if run is None:
            return
        for entry, _facts in dumps_of(run):
            if entry.path not in self._places:
                dump = Path(entry.path)
                self._places[entry.path] = place_of(dump, run.paths)
                for place in beside(dump, run.paths):
                    self._read[place] = entry.path
                    self._bring(place.file)
        if self._places:
            self._looking.start()

    def _on_state(self, before: State, after: State) -> None:
        if before.triage is after.triage:
            return
        for path, marks in after.triage.items():
            if marks is not before.triage.get(path):
                self._save(path, after.triage)

    def _bring(self, file: Path) -> None:
        self._stamps[file] = _stamp(file)
        try:
            said = load_triage(file)
        except (FileError, OSError) as error:
            self._tell(f"{error}")
            return
        news = {
            path: said[place.name] for place, path in self._read.items() if place.file == file and place.name in said
        }
        if news:
            self._desk.dispatch(TriageRead(news))

    def _save(self, path: str, triage: FileMarks) -> None:
        place = self._places.get(path)
        if place is None or not triage.get(path):
            return
        try:
            self._write(place, marks_of(triage, path))
        except (FileError, OSError) as error:
            own = own_place(Path(path))
            if place == own:
                self._tell(f"Marks of samples are not kept: {error}")
                return
            self._tell(f"Marks of samples are kept with your own data: {error}")
            self._places[path] = own
            self._read[own] = path
            self._save(path, triage)

    def _write(self, place: Place, marks: Marks) -> None:
        said = save_triage(place.file, {place.name: marks})
        self._stamps[place.file] = _stamp(place.file)
        path = self._read.get(place)
        if path is not None and place.name in said:
            self._desk.dispatch(TriageRead({path: said[place.name]}))

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self.message.emit(Message(sentence))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

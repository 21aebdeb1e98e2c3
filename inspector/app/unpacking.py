"""Packed run folders, unpacked file by file into a folder of this window's own for as long as their run is open.

A reader lists the archive and writes each file through a descriptor that is opened here; names and sizes are checked
here too, as a reader that a file has fooled may say anything.
"""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QObject, Signal

from inspector.app.news import Message
from inspector.core.files import Draft
from inspector.core.language import tr, tr_counted
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.places import data_folder
from inspector.core.private_folders import new_private_folder, remove_folder
from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.formats.packed import PackedFile, PackedRun, UnpackedFile, is_safe_name
from inspector.jobs.outputs import free_bytes, limits_in
from inspector.jobs.readers import Launcher, Reader, Ticket
from inspector.jobs.requests import ListPacked, Unpack

SPARE_BYTES = 200_000_000
"""Room on the disk that is left to others."""


def unpacked_folder() -> Path:
    """Where packed runs are unpacked."""
    return data_folder() / "unpacked"


@dataclass(slots=True)
class _Job:
    """One archive on its way.

    Attributes:
        place: the folder of its own that it is unpacked into.
        files: what is still to be unpacked, the next one last.
        done_bytes, total_bytes: by the sizes that the archive declares.
        written: names of what was unpacked.
        notes: what was not, and why.
        is_cancelled: no further file is wanted; the one at hand may have been answered before that was said.
    """

    archive: str
    place: Path
    reader: Reader
    ticket: Ticket | None = None
    draft: Draft | None = None
    files: list[PackedFile] = field(default_factory=list)
    done_bytes: int = 0
    total_bytes: int = 0
    written: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_cancelled: bool = False


class Unpacking(QObject):
    """Archives under way and unpacked.

    Signals:
        unpacked: an archive's files are there.
        failed: an archive, and why it was not unpacked: Failed or Cancelled.
        progressed: Progress of one of them.
        message: Message about what was left out of one that was unpacked.
    """

    unpacked = Signal(str)
    failed = Signal(str, object)
    progressed = Signal(object)
    message = Signal(object)

    def __init__(self, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher = launcher
        self._jobs: dict[str, _Job] = {}
        self._places: dict[str, tuple[Path, Path]] = {}

    def __contains__(self, archive: object) -> bool:
        return archive in self._places

    def path_of(self, path: str, archives: Iterable[str]) -> str:
        """Where a path is that may be one of some unpacked archives, or lie in one as if that were a folder."""
        for archive in archives:
            if archive in self._places and Path(path).is_relative_to(archive):
                place, home = self._places[archive]
                return str(home if path == archive else place / Path(path).relative_to(archive))
        return path

    def want(self, archive: str) -> None:
        """Unpack an archive, unless it is being unpacked; `unpacked` or `failed` tells of it."""
        if archive in self._jobs:
            return
        try:
            place = new_private_folder(unpacked_folder())
            reader = self._launcher.reader((archive,), limits_in(place))
        except OSError as error:
            sentence = tr("{archive}: there is no place to unpack it ({why})")
            self.failed.emit(archive, Failed(sentence.format(archive=_name(archive), why=error.strerror)))
            return
        self._jobs[archive] = job = _Job(archive, place, reader)
        job.ticket = reader.ask(
            "list packed", ListPacked(), PackedRun, partial(self._listed, job), self.progressed.emit
        )

    def cancel(self) -> None:
        """Unpack nothing any more; what was written is removed."""
        for job in self._jobs.values():
            job.is_cancelled = True
            if job.ticket is not None:
                job.ticket.cancel()

    def keep_only(self, archives: Collection[str]) -> None:
        """Remove what was unpacked of other archives than these."""
        for archive in [archive for archive in self._places if archive not in archives]:
            remove_folder(self._places.pop(archive)[0])

    def close(self) -> None:
        """Remove everything; nobody is told."""
        for job in self._jobs.values():
            job.reader.close()
            self._drop(job)
        self._jobs.clear()
        self.keep_only(())

    def _listed(self, job: _Job, outcome: Outcome[PackedRun]) -> None:
        match outcome:
            case Done(packed):
                job.notes += packed.notes
                job.files = [file for file in reversed(packed.files) if file.bytes >= 0 and is_safe_name(file.name)]
                job.total_bytes = sum(file.bytes for file in job.files)
                free = free_bytes(job.place) - SPARE_BYTES
                if job.total_bytes > free:
                    sentence = tr("{archive}: it takes {bytes} unpacked, and {free} are free in {folder}").format(
                        archive=_name(job.archive),
                        bytes=bytes_text(job.total_bytes),
                        free=bytes_text(max(free, 0)),
                        folder=job.place.parent,
                    )
                    self._end(job, Failed(sentence))
                else:
                    self._next(job)
            case Failed() | Cancelled():
                self._end(job, outcome)

    def _next(self, job: _Job) -> None:
        if job.is_cancelled:
            self._end(job, Cancelled())
            return
        while job.files:
            file = job.files.pop()
            path = job.place / file.name
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                job.draft = Draft(path)
            except OSError as error:
                if not self._skipped(job, file, error):
                    return
                continue
            job.ticket = job.reader.ask(
                "unpack",
                Unpack(file.name),
                UnpackedFile,
                partial(self._written, job, file),
                partial(self._progress, job),
                output=job.draft.descriptor,
            )
            return
        self._finish(job)

    def _progress(self, job: _Job, progress: Progress) -> None:
        done = job.done_bytes + progress.done
        unpacking = tr("unpacking {archive}").format(archive=Path(job.archive).name)
        self.progressed.emit(Progress(done, job.total_bytes, unpacking))

    def _written(self, job: _Job, file: PackedFile, outcome: Outcome[UnpackedFile]) -> None:
        draft, job.draft = job.draft, None
        assert draft is not None
        if isinstance(outcome, Cancelled):
            draft.discard()
            self._end(job, outcome)
            return
        if isinstance(outcome, Failed):
            draft.discard()
            job.notes.append(outcome.sentence)
        else:
            try:
                draft.commit(durable=False, modified_s=file.modified_s)
            except OSError as error:
                if not self._skipped(job, file, error):
                    return
            else:
                job.written.append(file.name)
                job.notes += outcome.value.notes
        job.done_bytes += file.bytes
        self._next(job)

    def _skipped(self, job: _Job, file: PackedFile, error: OSError) -> bool:
        """Note why a file cannot be written and go on; False where no other can be either, which ends the work."""
        sentence = tr("{file} could not be written ({why})")
        sentence = sentence.format(file=visible(file.name, 200), why=error.strerror)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EMFILE):
            self._end(job, Failed(f"{_name(job.archive)}: {sentence}"))
            return False
        job.notes.append(sentence)
        return True

    def _finish(self, job: _Job) -> None:
        if not job.written:
            detail = "\n".join(job.notes)
            sentence = tr("{archive}: none of its files could be unpacked").format(archive=_name(job.archive))
            self._end(job, Failed(sentence, detail))
            return
        self._places[job.archive] = (job.place, job.place / _home(job.written))
        del self._jobs[job.archive]
        job.reader.close()
        if job.notes:
            sentence = tr("{archive}: unpacked, with {notes}: {first}").format(
                archive=_name(job.archive), notes=tr_counted(len(job.notes), "note"), first=job.notes[0]
            )
            self.message.emit(Message(sentence, "\n".join(job.notes)))
        self.unpacked.emit(job.archive)

    def _end(self, job: _Job, outcome: Failed | Cancelled) -> None:
        del self._jobs[job.archive]
        job.reader.close()
        self._drop(job)
        self.failed.emit(job.archive, outcome)

    def _drop(self, job: _Job) -> None:
        if job.draft is not None:
            job.draft.discard()
        remove_folder(job.place)


def _name(archive: str) -> str:
    return visible(Path(archive).name, 200)


def _home(names: list[str]) -> str:
    """The innermost folder that holds all files: archives mostly hold one folder."""
    parents = [PurePosixPath(name).parent for name in names]
    common = parents[0]
    while not all(parent.is_relative_to(common) for parent in parents):
        common = common.parent
    return str(common)

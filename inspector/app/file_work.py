"""Work on whole files, each in a reader of its own so that the views are served meanwhile: check, copy, export."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec
from PySide6.QtCore import QObject, Signal

from inspector.app.news import Message, working_on
from inspector.core.errors import UsageError
from inspector.core.files import Draft
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.formats.verified import Verified
from inspector.formats.written import CleanCopy, ExportedCurves, ExportedSamples, ExportedTensor, WrittenReport
from inspector.jobs.outputs import begin, limits_for
from inspector.jobs.reach import SilentError, reach
from inspector.jobs.readers import Launcher, Reader, Ticket
from inspector.jobs.requests import Clean, Export, Verify, curves_export, run_report, samples_export

if TYPE_CHECKING:
    from inspector.display.curves.export import DataAsk
    from inspector.display.gallery.export import SampleRowsAsk
    from inspector.display.report.values import ReportAsk

T = TypeVar("T")
Written: TypeAlias = CleanCopy | ExportedTensor | ExportedCurves | ExportedSamples | WrittenReport


@dataclass(frozen=True, slots=True)
class _Job:
    """One piece of work, the reader that does it, and the file that it writes."""

    name: str
    reader: Reader
    ticket: Ticket
    draft: Draft | None


class FileWork(QObject):
    """The work under way.

    Signals:
        message: Message, how one ended.
        working: Working, how far one is.
        verified: key of the run, path, Verified.
    """

    message = Signal(object)
    working = Signal(object)
    verified = Signal(str, str, object)

    def __init__(self, launcher: Launcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._launcher = launcher
        self._jobs: dict[int, _Job] = {}
        self._last = 0

    @property
    def running(self) -> tuple[int, ...]:
        """Numbers of the jobs under way, oldest first."""
        return tuple(self._jobs)

    def verify(self, key: str, path: str) -> int:
        """Check a checkpoint's bytes; the job's number."""
        return self._start((path,), "verify", Verify(), Verified, partial(self._verified, key, path))

    def save_clean_copy(self, path: str, out: str) -> int | None:
        """Rewrite a checkpoint as tensors and plain values; the job's number, None where it cannot begin."""
        return self._write((path,), out, "clean", Clean(), CleanCopy)

    def export_tensor(self, path: str, name: str, out: str, *, raw: bool = False) -> int | None:
        """Write one tensor as `.npy`; the job's number, None where it cannot begin."""
        return self._write((path,), out, "export", Export(name, raw), ExportedTensor)

    def export_curves(self, paths: tuple[str, ...], ask: DataAsk, out: str) -> int | None:
        """Write points of the curves of runs, whose paths are these; the job's number, None where it cannot begin."""
        return self._write(paths, out, "export curves", curves_export(ask), ExportedCurves)

    def export_samples(self, paths: tuple[str, ...], ask: SampleRowsAsk, out: str) -> int | None:
        """Write samples of a run's dump as a table; the job's number, None where it cannot begin."""
        return self._write(paths, out, "export samples", samples_export(ask), ExportedSamples)

    def report(self, ask: ReportAsk, out: str) -> int | None:
        """Write what there is to say of a run as one page; the job's number, None where it cannot begin."""
        return self._write(ask.paths, out, "report", run_report(ask), WrittenReport)

    def reader(self, paths: tuple[str, ...]) -> Reader:
        """A reader for work of its own; who asks for it follows that work and closes it."""
        return self._launcher.reader(paths)

    def cancel(self, job: int) -> None:
        """Want a job no more; what it wrote is removed."""
        if job in self._jobs:
            self._jobs[job].ticket.cancel()

    def _write(
        self, paths: tuple[str, ...], out: str, kind: str, body: msgspec.Struct, answer_type: type[Written]
    ) -> int | None:
        try:
            reach(*paths, out)
            draft = begin([Path(path) for path in paths], Path(out))
        except (UsageError, SilentError) as error:
            self.message.emit(Message(str(error)))
            return None
        return self._start(paths, kind, body, answer_type, partial(self._written, draft), draft)

    def _start(
        self,
        paths: tuple[str, ...],
        kind: str,
        body: msgspec.Struct,
        answer_type: type[T],
        on_done: Callable[[T], None],
        draft: Draft | None = None,
    ) -> int:
        self._last += 1
        number = self._last
        reader = self._launcher.reader(paths, limits_for(draft) if draft else None, english=draft is not None)
        ticket = reader.ask(
            kind,
            body,
            answer_type,
            partial(self._ended, number, on_done),
            partial(self._progressed, number),
            output=draft.descriptor if draft else None,
        )
        self._jobs[number] = _Job(Path(paths[0]).name, reader, ticket, draft)
        self._progressed(number, Progress(0, 0, tr("reading {file}").format(file=Path(paths[0]).name)))
        return number

    def _progressed(self, number: int, progress: Progress | None) -> None:
        job = self._jobs.get(number)
        if progress is not None and job is not None and job.draft is not None and job.reader.english:
            what = tr("writing {file}").format(file=job.draft.path.name)
            progress = progress._replace(what=what)  # what a reader tells that does not speak the window's language
        self.working.emit(working_on(progress, number))

    def _ended(self, number: int, on_done: Callable[[Any], None], outcome: Outcome[Any]) -> None:
        job = self._jobs.pop(number)
        job.reader.close()
        self._progressed(number, None)
        match outcome:
            case Done(value):
                on_done(value)
            case Failed(sentence, detail):
                if job.draft is not None:
                    sentence = tr("{file} was not written: {why}").format(file=job.draft.path.name, why=sentence)
                self.message.emit(Message(sentence, detail))
            case Cancelled():
                pass
        if job.draft is not None and job.draft.open:
            _discard(job.draft)

    def _verified(self, key: str, path: str, verified: Verified) -> None:
        self.verified.emit(key, path, verified)
        detail = "\n".join([*(record.sentence() for record in verified.damaged), *verified.notes])
        self.message.emit(Message(verified.sentence(), detail, good=verified.sound))

    def _written(self, draft: Draft, made: Written) -> None:
        name = draft.path.name
        try:
            reach(draft.path)
            draft.commit()
        except OSError as error:
            sentence = tr("{file}: it could not be put in place ({why})").format(file=name, why=error.strerror)
            self.message.emit(Message(sentence))
            return
        detail = ""
        if isinstance(made, CleanCopy):
            detail = "\n".join([*(change.sentence() for change in (*made.changed, *made.left_out)), *made.notes])
        elif isinstance(made, ExportedCurves | ExportedSamples):
            name = str(draft.path)
            detail = "\n".join(made.notes)
        elif isinstance(made, WrittenReport):
            name = str(draft.path)
        sentence = tr("{file} written: {what}").format(file=name, what=made.sentence())
        self.message.emit(Message(sentence, detail, good=True))

    def close(self) -> None:
        """End every job; what they wrote is removed."""
        for job in self._jobs.values():
            job.reader.close()
            if job.draft is not None:
                _discard(job.draft)
        self._jobs.clear()


def _discard(draft: Draft) -> None:
    """Remove what was written; where its disk does not answer it is left to whoever writes there next."""
    with suppress(SilentError):
        reach(draft.path)
        draft.discard()

"""Samples of a view on their way into files: which, as what, and the work until they are there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, QTimer

from inspector.app.desk import Desk
from inspector.app.news import Message, Working
from inspector.app.sample_export_texts import cells_of, legend_of
from inspector.app.sample_export_writers import Look, PdfSheet, PictureFolder, PictureWriter, PngSheet
from inspector.core.errors import UsageError
from inspector.core.language import tr, tr_counted
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.texts import visible
from inspector.display.catalogue import offer_of
from inspector.display.gallery.export import SampleRowsAsk, TableForm, mark_places
from inspector.display.gallery.offers import SAMPLES, THUMBS
from inspector.display.gallery.order import Samples
from inspector.display.gallery.scene import WHOLE_PX, SamplesAsk, SamplesScene, ThumbsScene
from inspector.formats.marks import Marks
from inspector.jobs.outputs import check_place
from inspector.jobs.reach import SilentError, reach
from inspector.jobs.readers import Reader
from inspector.jobs.requests import scene_ask
from inspector.runs.values import Placed, Run
from inspector.session.gallery import gallery_of, with_gallery
from inspector.session.preferences import Theme
from inspector.session.triage import marks_of
from inspector.session.values import RunState, ViewState
from inspector.views.gallery.contact_sheet import Heading
from inspector.views.gallery.texts import CaptionOf, plain_caption
from inspector.views.gallery.tiles import PaintPoints, pictures_of

Form = Literal["csv", "json", "png", "pdf", "folder"]

WITH_OBJECTS = ("points",)
"""Views whose tables have a row an object."""

JOB = -3
"""Number of the pictures that are being written, among the jobs that can be cancelled."""

_TURN_S = 0.012
_AHEAD = 2


class Source(msgspec.Struct, frozen=True):
    """Where samples are taken from: a view of a run, as it is now.

    Attributes:
        scene: the numbers of all samples.
        place: the words for the dump.
        outside: what else the view reads, beside the run.
    """

    view: str
    run: Run
    run_state: RunState
    view_state: ViewState
    scene: SamplesScene
    marks: Marks
    place: str
    outside: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """What a reader reads of it."""
        return (*self.run.paths, *self.outside)


class Wanted(msgspec.Struct, frozen=True):
    """What is written.

    Attributes:
        samples: (samples,) int64, in their order; about: the words for them.
        theme: of pictures.
        paint_points: what the view paints over its pictures; None for nothing.
        caption_of: what it writes under them.
    """

    samples: Samples
    about: str
    form: Form
    out: str
    theme: Theme = "light"
    paint_points: PaintPoints | None = None
    caption_of: CaptionOf = plain_caption


def source_of(desk: Desk, view: str, scene: SamplesScene | None) -> Source | None:
    """Where samples of the chosen run are taken from; None where there are none, or their numbers have not come."""
    chosen = desk.chosen()
    if chosen is None or scene is None or not scene.table.samples:
        return None
    ask: Any = offer_of(view).ask(*chosen, desk.state.view)
    if ask is None or ask.path != scene.path:
        return None
    place = getattr(ask, "place", "") or Path(scene.path).name
    marks = marks_of(desk.state.triage, scene.path)
    return Source(view, *chosen, desk.state.view, scene, marks, place, getattr(ask, "outside", ()))


def rows_ask(source: Source, wanted: Wanted, form: TableForm) -> SampleRowsAsk:
    """What a reader is asked for a table."""
    entry = next((file for file in source.run.files if file.path == source.scene.path), None)
    numbers = offer_of(f"{source.view}.{SAMPLES}").ask(source.run, source.run_state, source.view_state)
    assert isinstance(numbers, SamplesAsk)
    return SampleRowsAsk(
        view=source.view,
        run=source.run.name,
        step=entry.step if entry else None,
        epoch=entry.epoch if entry else None,
        placed=entry.placed if entry else Placed.NOWHERE,
        form=form,
        numbers=numbers,
        samples=tuple(wanted.samples.tolist()),
        kinds=source.marks.kinds,
        marks=mark_places(source.marks, wanted.samples),
        objects=source.view in WITH_OBJECTS,
    )


class SampleExports(QObject):
    """Writes samples, and says where they went."""

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._job: _Pictures | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._go_on)

    def begin(self, source: Source, wanted: Wanted) -> bool:
        """Write samples; whether that has begun, else why not was told."""
        if not len(wanted.samples):
            sentence = tr("{file} was not written: there are no samples ({about})")
            self._tell(sentence.format(file=visible(Path(wanted.out).name), about=wanted.about))
            return False
        if wanted.form in ("csv", "json"):
            ask = rows_ask(source, wanted, wanted.form)
            return self._desk.file_work.export_samples(source.paths, ask, wanted.out) is not None
        if self._job is not None:
            sentence = tr("{file} is still being written; cancel it, or wait until it is")
            self._tell(sentence.format(file=visible(Path(self._job.out).name)))
            return False
        try:
            reach(*source.run.paths, wanted.out)
            check_place([Path(path) for path in source.run.paths], Path(wanted.out).absolute())
        except (UsageError, SilentError) as error:
            self._tell(str(error))
            return False
        try:
            writer = _writer(source, wanted)
        except (UsageError, OSError) as error:
            self._fail(wanted.out, error)
            return False
        self._job = _Pictures(self._desk, source, wanted, writer, self._turn.start)
        return True

    @property
    def busy(self) -> bool:
        """Whether pictures are being written."""
        return self._job is not None

    def cancel(self, job: int) -> None:
        """Write pictures no further; what stood at their place is as it was."""
        if job == JOB and self._job is not None:
            self._end()

    def close(self) -> None:
        """Write nothing more."""
        self.cancel(JOB)

    def _go_on(self) -> None:
        """Paint for as long as a frame allows, then see whether it has come to an end."""
        try:
            if self._job is None or not self._job.go_on():
                self._turn.stop()
        except BaseException:  # told by whoever looks after the window; it must not come again with every turn
            self._end()
            raise
        if self._job is None or self._job.result is None:
            return
        out, result = self._job.out, self._job.result
        self._end()
        if isinstance(result, str):
            self._tell(tr("{file} written: {what}").format(file=visible(out), what=result), good=True)
        else:
            self._fail(out, result)

    def _end(self) -> None:
        if self._job is not None:
            self._job.stop()
        self._job = None
        self._turn.stop()
        self._desk.working.emit(Working("", job=JOB))

    def _fail(self, out: str, error: Exception) -> None:
        why = str(error)
        if isinstance(error, OSError):
            why = tr("{why}; choose another place").format(why=error.strerror)
        self._tell(tr("{file} was not written: {why}").format(file=visible(out), why=why))

    def _tell(self, sentence: str, *, good: bool = False) -> None:
        self._desk.message.emit(Message(sentence, good=good))


def _writer(source: Source, wanted: Wanted) -> PictureWriter:
    """What becomes of the pictures; raises as its kind."""
    out, look = Path(wanted.out).absolute(), Look(wanted.theme, wanted.paint_points)
    if wanted.form == "folder":
        return PictureFolder(out, WHOLE_PX, look)
    title = f"{visible(source.run.name)} · {offer_of(source.view).title}"
    order = gallery_of(source.view_state.galleries, source.view).order
    column = source.scene.table.column(order)
    ask: Any = offer_of(source.view).ask(source.run, source.run_state, source.view_state)
    samples = tr_counted(source.scene.table.samples, "sample")
    about = [
        visible(source.place),
        wanted.about,
        tr("{count:,} of {samples}").format(count=len(wanted.samples), samples=samples),
    ]
    if column is not None:
        about.append(tr("by {column}").format(column=column.title))
    if getattr(ask, "undo", False):
        about.append(tr("their mistake undone"))
    heading = Heading(title, " · ".join(about), legend_of(source.view, source.view_state, ask))
    cells = cells_of(source.scene.table, order, source.marks, wanted.samples, wanted.caption_of)
    kind = PdfSheet if wanted.form == "pdf" else PngSheet
    return kind(out, cells, heading, source.scene.aspect, look)


class _Pictures:
    """The work on pictures: asked of a reader a few at a time, painted by turns, then put in place.

    Attributes:
        result: what was written, in words, or why it was not; None as long as it goes on.
    """

    def __init__(
        self, desk: Desk, source: Source, wanted: Wanted, writer: PictureWriter, on_more: Callable[[], None]
    ) -> None:
        self.out = wanted.out
        self.result: str | Exception | None = None
        self._desk, self._source, self._writer, self._on_more = desk, source, writer, on_more
        every = wanted.samples.tolist()
        step = writer.at_once
        self._batches = deque(tuple(every[begin : begin + step]) for begin in range(0, len(every), step))
        self._turns = len(self._batches)
        self._places = {sample: place for place, sample in enumerate(every)}
        self._reader: Reader = desk.file_work.reader(source.paths)
        self._come: deque[ThumbsScene] = deque()
        self._done = 0
        self._stopped = False
        self._steps = self._work()
        for _ in range(_AHEAD):
            self._ask()
        self._say()

    def go_on(self) -> bool:
        """Paint for as long as a frame allows; whether there is more to paint now."""
        until_s = perf_counter() + _TURN_S
        try:
            while self.result is None and perf_counter() < until_s:
                if next(self._steps):
                    return False
        except StopIteration as end:
            self.result = end.value
        except (OSError, UsageError) as error:
            self.result = error
        return self.result is None

    def stop(self) -> None:
        """End it; what is not in place is left nowhere."""
        self._stopped = True
        self._steps.close()
        self._reader.close()
        self._writer.discard()

    def _ask(self) -> None:
        if not self._batches:
            return
        source, batch = self._source, self._batches.popleft()
        galleries = with_gallery(source.view_state.galleries, source.view, {"wanted": batch})
        offer = offer_of(f"{source.view}.{THUMBS}")
        ask = offer.ask(source.run, source.run_state, msgspec.structs.replace(source.view_state, galleries=galleries))
        assert ask is not None
        ask = msgspec.structs.replace(ask, longest_px=self._writer.longest_px)
        self._reader.ask("scene", scene_ask(offer.key, ask), ThumbsScene, self._answered)

    def _answered(self, outcome: Outcome[ThumbsScene]) -> None:
        if self._stopped:
            return
        match outcome:
            case Done(scene):
                self._come.append(scene)
            case Failed(sentence):
                self.result = UsageError(sentence)
            case Cancelled():
                return
        self._on_more()

    def _work(self) -> Generator[bool | None, None, str]:
        """All steps; it yields True where pictures are to come first."""
        for _ in range(self._turns):
            while not self._come:
                yield True
            scene = self._come.popleft()
            self._ask()
            for sample, picture in pictures_of(scene).items():
                yield from self._writer.take(self._places[sample], sample, picture)
            self._done += len(scene.samples)
            self._say()
        return (yield from self._writer.finish())

    def _say(self) -> None:
        writing = tr("writing {file}").format(file=visible(Path(self.out).name))
        self._desk.working.emit(Working(writing, self._done, len(self._places), JOB))

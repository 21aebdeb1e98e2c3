"""The window's one place of change: it holds the state and the runs, asks readers, and tells what became of it.

Widgets emit intents and listen to the desk's signals; they never talk to each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from inspector.app.file_work import FileWork
from inspector.app.openings import Openings, Order
from inspector.app.run_readers import RunReaders
from inspector.app.summaries import keep_summaries_of
from inspector.app.trainings import Trainings
from inspector.app.unpacking import Unpacking
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.diagnosis.values import Diagnosis, Finding
from inspector.display.catalogue import offer_of
from inspector.display.curves.export import DataAsk
from inspector.formats.facts import OtherFacts
from inspector.jobs.readers import Launcher, Reader, Ticket
from inspector.jobs.requests import Diagnose, LockAsk, Refresh, WhichRuns, scene_ask
from inspector.runs.groups import Grouping
from inspector.runs.values import Run
from inspector.session.history import History, applied, redone, undone
from inspector.session.intents import Intent, PathsJoined, RunClosed, RunOpened, RunsJoined, TabChosen
from inspector.session.reduce import chosen_run
from inspector.session.values import RunState, State

REFRESH_LIVE_MS = 500
"""How often a live run's files are looked at, and those of a run that was seen to change; others every fourth time."""

_LATELY_LOOKS = 30
_DIAGNOSE_EVERY_S = 2.0
_DIAGNOSE_SHARE = 0.2
"""A run that grows is not diagnosed at every look: what is drawn would wait for it."""

OPENING_JOB = 0
"""What `Working.job` calls the opening of runs."""


class Message(msgspec.Struct, frozen=True):
    """One sentence for the message area.

    Attributes:
        good: false for what went wrong.
        action: what a button under it says, empty for no button.
        intent: what the button does.
    """

    sentence: str
    detail: str = ""
    good: bool = False
    action: str = ""
    intent: Intent | None = None


class SceneReady(msgspec.Struct, frozen=True):
    """A viewer's scene for a run."""

    viewer: str
    run: str
    scene: Any


class Working(msgspec.Struct, frozen=True):
    """What a reader is busy with, empty when it is done; `job` is what `Desk.cancel_job` takes, where it can be."""

    what: str
    done: int = 0
    total: int = 0
    job: int | None = None


class Desk(QObject):
    """State, runs and readers of one window."""

    state_changed = Signal(object, object)  # State before, State after
    run_changed = Signal(str)  # key: its Run or its Diagnosis is new
    run_opened = Signal(str)  # key: it has joined the tree
    scene_ready = Signal(object)  # SceneReady
    scene_failed = Signal(object)  # SceneReady with the sentence as its scene
    scene_working = Signal(str, str, object)  # viewer, key, Progress
    message = Signal(object)  # Message
    working = Signal(object)  # Working
    lock_known = Signal(str)
    verified = Signal(str, str, object)  # key, path, Verified
    summarized = Signal(str, str, object)  # key, path, CheckpointSummary
    forgotten = Signal(str)  # key: what was prepared of this run is not to be shown again

    def __init__(self, state: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(state)
        self._closed = False
        self._launcher = Launcher()
        self._readers = RunReaders(self._launcher)
        self._asked: dict[tuple[str, str], Ticket] = {}
        self._notifier = QSocketNotifier(self._launcher.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._launcher_readable)
        self._runs: dict[str, Run] = {}
        self._diagnoses: dict[str, Diagnosis] = {}
        self._read_paths: dict[str, tuple[str, ...]] = {}
        self._looks: set[Reader] = set()
        self._refreshes: dict[str, Ticket] = {}
        self._overdue: set[str] = set()
        self._changed_at: dict[str, int] = {}
        self._diagnose_at_s: dict[str, float] = {}
        self._undiagnosed: set[str] = set()
        self._ticks = 0
        self._lock = ""
        self._awaited = 0
        self._trainings = Trainings(self)
        self._trainings.appeared.connect(self._on_training_appeared)
        self._trainings.ended.connect(self._on_training_ended)
        self._file_work = FileWork(self._launcher, self)
        self._file_work.told.connect(self._on_file_work_told)
        self._file_work.progressed.connect(self._on_file_work_progressed)
        self._file_work.verified.connect(self.verified)
        self._file_work.summarized.connect(self.summarized)
        self._unpacking = Unpacking(self._launcher, self)
        self._unpacking.told.connect(self._on_told)
        self._openings = Openings(self._readers, self._unpacking, self)
        self._openings.opened.connect(self._on_opened)
        self._openings.ended.connect(self._on_not_opened)
        self._openings.progressed.connect(self._on_openings_progressed)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_LIVE_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def state(self) -> State:
        """What is open, chosen and staged."""
        return self._history.present

    @property
    def opening(self) -> bool:
        """Whether a run is being opened, or looked for."""
        return self._openings.busy or bool(self._looks)

    @property
    def busy(self) -> bool:
        """Whether an answer that the window shows is still awaited."""
        return self._awaited > 0 or bool(self._undiagnosed)

    @property
    def lock(self) -> str:
        """What keeps readers in, as one sentence; empty until a reader has said so."""
        return self._lock

    def run(self, key: str | None) -> Run | None:
        """A run by its key; None while it is being opened."""
        return self._runs.get(key) if key is not None else None

    def chosen(self) -> tuple[Run, RunState] | None:
        """The run that the views show, and what is chosen in it."""
        state = chosen_run(self.state)
        run = self.run(state.key) if state else None
        return (run, state) if run and state else None

    def diagnosis(self, key: str | None) -> Diagnosis | None:
        """A run's findings; None until its reader has answered."""
        return self._diagnoses.get(key) if key is not None else None

    def open_findings(self, state: RunState) -> tuple[Finding, ...]:
        """A run's findings that were not dismissed, worst first."""
        diagnosis = self.diagnosis(state.key)
        return tuple(one for one in diagnosis.findings if one.id not in state.dismissed) if diagnosis else ()

    def dispatch(self, intent: Intent) -> None:
        """Make the new state, and tell everyone; nothing once the readers have ended."""
        if self._closed:  # what was typed last is told a moment later, and the window may have gone by then
            return
        self._settle(applied(self._history, intent))
        if isinstance(intent, RunClosed | PathsJoined | RunsJoined):
            self._follow_state()

    def undo(self) -> None:
        """Take back the last staged edit, dismissal, joining or closing."""
        self._settle(undone(self._history))
        self._follow_state()

    def redo(self) -> None:
        """Do again what was taken back."""
        self._settle(redone(self._history))
        self._follow_state()

    def _settle(self, history: History) -> None:
        before = self._history.present
        self._history = history
        if history.present != before:
            self.state_changed.emit(before, history.present)

    def open(
        self,
        paths: tuple[str, ...],
        *,
        parent: str | None = None,
        name: str = "",
        folder: str = "",
        place: int = 0,
        packed: bool = False,
        chosen: bool = True,
    ) -> None:
        """Open paths as one run; it joins the tree when its reader has answered.

        Args:
            paths: files and folders.
            parent: key of the run that it resumes.
            name: shown instead of its own; empty for that.
            folder: the folder of many runs that it was found in.
            place: its place among them.
            packed: its one path is an archive to unpack.
            chosen: show it when it is open.
        """
        absolute = tuple(str(Path(path).absolute()) for path in paths)
        key = "|".join(absolute)
        known = next((run for run in self.state.runs if run.key == key), None)
        if known is not None:  # it may have been joined with others since
            absolute, name, folder, place = known.paths, known.name, known.folder, known.place
            archives = known.archives
        else:
            archives = absolute if packed else ()
        opened = RunOpened(key, absolute, parent, name, folder, place, archives, chosen)
        self._openings.add(Order(opened))

    def which_runs(self, paths: tuple[str, ...], on_outcome: Callable[[Outcome[Grouping]], None]) -> Ticket:
        """Have a reader tell which runs are among some paths."""
        reader = self._launcher.reader(paths)
        self._looks.add(reader)
        return reader.ask("which runs", WhichRuns(), Grouping, partial(self._looked, reader, on_outcome))

    def _looked(
        self, reader: Reader, on_outcome: Callable[[Outcome[Grouping]], None], outcome: Outcome[Grouping]
    ) -> None:
        reader.close()
        try:
            on_outcome(outcome)
        finally:
            self._looks.discard(reader)

    def restore(self) -> None:
        """Open what the state names."""
        self._follow_state()

    def _follow_state(self) -> None:
        """Open what the state names and is not open so; let go of what it names no more."""
        named = {run.key for run in self.state.runs}
        for key in [key for key in self._runs if key not in named]:
            self._forget(key)
        for run in self.state.runs:
            if run.key not in self._openings and self._read_paths.get(run.key) != run.paths:
                self._open_again(run)
        archives = {archive for run in self.state.runs for archive in run.archives}
        self._unpacking.keep_only(archives | self._openings.archives())

    def _open_again(self, run: RunState) -> None:
        """Open a run that the tree names, with the paths that it has there."""
        if run.key in self._runs:
            self._close_reader(run.key)
        opened = RunOpened(run.key, run.paths, run.parent, run.name, run.folder, run.place, run.archives)
        self._openings.add(Order(opened, quiet=True))

    def _on_opened(self, order: Order, run: Run) -> None:
        opened = order.opened
        self._read_paths[opened.key] = opened.paths
        self._runs[opened.key] = self._as_shown(opened.key, run, opened.name)
        if not order.quiet:
            self.dispatch(opened)
        self.run_changed.emit(opened.key)
        self._tell_left_out(run)
        if not run.unread_bytes:
            self._diagnose(opened.key)
        self._ask_lock(opened.key)
        self._follow_state()  # it may have been closed or joined meanwhile
        if not order.quiet:
            self.run_opened.emit(opened.key)

    def _as_shown(self, key: str, run: Run, name: str = "") -> Run:
        """A reader's answer under the key and by the name that the tree has for it."""
        known = next((state.name for state in self.state.runs if state.key == key), name)
        return msgspec.structs.replace(run, key=key, name=known or run.name)

    def _on_not_opened(self, order: Order, outcome: Failed | Cancelled) -> None:
        self._close_reader(order.key)
        if isinstance(outcome, Failed):
            self.message.emit(Message(outcome.sentence, outcome.detail))
        if order.quiet:
            self.dispatch(RunClosed(order.key))

    def _on_openings_progressed(self, progress: Progress | None) -> None:
        if progress is None:
            self.working.emit(Working("", job=OPENING_JOB))
        else:
            self.working.emit(Working(progress.what, progress.done, progress.total, OPENING_JOB))

    def _tell_left_out(self, run: Run) -> None:
        """Say of each file that was named by the user, and could not be read, why."""
        for entry in run.files:
            if isinstance(entry.facts, OtherFacts) and entry.path in run.paths:
                self.message.emit(Message(entry.facts.because))

    def _ask_lock(self, key: str) -> None:
        reader = self._readers.known(key)
        if reader and not self._lock:
            reader.ask("lock", LockAsk(), str, self._locked)

    def _locked(self, outcome: Outcome[str]) -> None:
        if isinstance(outcome, Done):
            self._lock = outcome.value
            self.lock_known.emit(outcome.value)

    def reload(self, key: str) -> None:
        """Read a run's files again with a fresh reader."""
        run = next((run for run in self.state.runs if run.key == key), None)
        if run is not None and key not in self._openings:
            self._open_again(run)

    def _diagnose(self, key: str) -> None:
        self._undiagnosed.discard(key)
        reader = self._readers.known(key)
        if reader:
            self._awaited += 1
            now_s = time.monotonic()
            self._diagnose_at_s[key] = now_s + _DIAGNOSE_EVERY_S
            reader.ask("diagnose", Diagnose(), Diagnosis, partial(self._diagnosed, key, now_s), supersedes="diagnose")

    def _diagnose_soon(self, key: str) -> None:
        """Diagnose a run that has changed, now or when its last diagnosis is old enough."""
        if time.monotonic() >= self._diagnose_at_s.get(key, 0.0):
            self._diagnose(key)
        else:
            self._undiagnosed.add(key)

    def _diagnosed(self, key: str, asked_s: float, outcome: Outcome[Diagnosis]) -> None:
        self._awaited -= 1
        now_s = time.monotonic()
        self._diagnose_at_s[key] = now_s + max(_DIAGNOSE_EVERY_S, (now_s - asked_s) / _DIAGNOSE_SHARE)
        match outcome:
            case Done(diagnosis):
                self._diagnoses[key] = diagnosis
                self.run_changed.emit(key)
                if reader := self._readers.known(key):
                    keep_summaries_of(reader)
            case Failed(sentence, detail):
                self.message.emit(Message(sentence, detail))
            case Cancelled():
                pass

    def ask_scene(self, viewer: str, run_key: str, ask: msgspec.Struct) -> None:
        """Have a reader prepare a scene; a newer ask of the same viewer takes the place of an older one."""
        run = self.run(run_key)
        if run is None:
            return
        offer = offer_of(viewer)
        self._awaited += 1
        if offer.slow:
            reader = self._readers.beside(run_key, viewer, (*run.paths, *getattr(ask, "outside", ())))
        else:
            reader = self._readers.of(run_key, run.paths)
        self._asked[viewer, run_key] = reader.ask(
            "scene",
            scene_ask(viewer, ask),
            offer.scene_type,
            partial(self._scene, viewer, run_key),
            partial(self._scene_progress, viewer, run_key),
            supersedes=f"scene:{viewer}",
        )

    def stop_scene(self, viewer: str, run_key: str) -> None:
        """Want a scene no more that is being prepared."""
        ticket = self._asked.get((viewer, run_key))
        if ticket is not None and not ticket.settled:
            ticket.cancel()
            self.working.emit(Working(""))

    def _scene_progress(self, viewer: str, run: str, progress: Progress) -> None:
        self._progress(progress)
        self.scene_working.emit(viewer, run, progress)

    def _scene(self, viewer: str, run: str, outcome: Outcome[Any]) -> None:
        self._awaited -= 1
        match outcome:
            case Done(scene):
                self.working.emit(Working(""))
                self.scene_ready.emit(SceneReady(viewer, run, scene))
            case Failed(sentence, detail):
                self.working.emit(Working(""))
                self.message.emit(Message(sentence, detail))
                self.scene_failed.emit(SceneReady(viewer, run, sentence))
            case Cancelled():
                pass

    def _progress(self, progress: Progress) -> None:
        self.working.emit(Working(progress.what, progress.done, progress.total))

    def _tick(self) -> None:
        self._ticks += 1
        for key, run in self._runs.items():
            lately = self._ticks - self._changed_at.get(key, -_LATELY_LOOKS) < _LATELY_LOOKS
            if run.live or run.unread_bytes or lately or self._ticks % 4 == 0:
                self._refresh(key)
        for key in tuple(self._undiagnosed):
            self._diagnose_soon(key)

    def _refresh(self, key: str) -> None:
        """Look at a run's files, or, where that is being done, again right after."""
        asked = self._refreshes.get(key)
        reader = self._readers.known(key)
        if asked is not None and not asked.settled:
            self._overdue.add(key)
        elif reader:
            self._overdue.discard(key)
            answer = cast("type[Run | None]", Run | None)
            self._refreshes[key] = reader.ask(
                "refresh", Refresh(), answer, partial(self._refreshed, key), supersedes="refresh"
            )

    def _refreshed(self, key: str, outcome: Outcome[Run | None]) -> None:
        if isinstance(outcome, Done) and outcome.value is not None:
            self._runs[key] = self._as_shown(key, outcome.value)
            self._changed_at[key] = self._ticks
            self.run_changed.emit(key)
            if not outcome.value.unread_bytes:
                self._diagnose_soon(key)
        if key in self._overdue:
            self._refresh(key)

    def start_training(self, arguments: tuple[str, ...], run_folder: Path, parent_key: str) -> None:
        """Start a trainer; its run joins the tree as soon as its folder is there.

        Raises:
            OSError: it cannot be started.
        """
        self._trainings.start(arguments, run_folder, parent_key)

    def stop_training(self, run: Run) -> None:
        """Ask the trainer of a run to save and stop."""
        if self._trainings.stop(Path(run.root)):
            self.message.emit(Message(f"{run.name}: asked to save a last checkpoint and stop", good=True))
        else:
            self.message.emit(Message(f"{run.name}: no trainer writes it now"))

    def verify(self, key: str, path: str) -> None:
        """Check the bytes of a checkpoint; `verified` and a message tell the result."""
        self._file_work.verify(key, path)

    def summarize(self, key: str, path: str) -> None:
        """Work out the statistics of every tensor of a checkpoint; `summarized` brings them."""
        self._file_work.summarize(key, path)

    def save_clean_copy(self, path: str, out: str) -> None:
        """Write a checkpoint anew as tensors and plain values; a message tells the result."""
        self._file_work.save_clean_copy(path, out)

    def export_tensor(self, path: str, name: str, out: str, *, raw: bool = False) -> None:
        """Write one tensor as `.npy`; `raw` keeps bfloat16 and float8 as integers instead of float32."""
        self._file_work.export_tensor(path, name, out, raw=raw)

    def export_curves(self, paths: tuple[str, ...], ask: DataAsk, out: str) -> None:
        """Write points of the curves of runs, whose paths are these; a message tells the result."""
        self._file_work.export_curves(paths, ask, out)

    def cancel_job(self, job: int) -> None:
        """Stop what `Working.job` names; a file that it was to write is as it was before."""
        if job == OPENING_JOB:
            self._openings.cancel()
        else:
            self._file_work.cancel(job)

    def _on_told(self, sentence: str, detail: str) -> None:
        self.message.emit(Message(sentence, detail))

    def _on_file_work_told(self, sentence: str, detail: str, good: bool) -> None:
        self.message.emit(Message(sentence, detail, good=good))

    def _on_file_work_progressed(self, job: int, progress: Progress | None) -> None:
        if progress is None:
            self.working.emit(Working("", job=job))
        else:
            self.working.emit(Working(progress.what, progress.done, progress.total, job))

    def _on_training_appeared(self, folder: str, parent_key: str) -> None:
        self.dispatch(TabChosen("curves"))
        self.open((folder,), parent=parent_key)

    def _on_training_ended(self, name: str, sentence: str, well: bool) -> None:
        self.message.emit(Message(f"{name}: {sentence}", good=well))

    def _launcher_readable(self) -> None:
        self._launcher.on_readable()

    def _forget(self, key: str) -> None:
        self._close_reader(key)
        self._read_paths.pop(key, None)
        self._runs.pop(key, None)
        self._diagnoses.pop(key, None)

    def _close_reader(self, key: str) -> None:
        self.forgotten.emit(key)
        for known in (self._refreshes, self._changed_at, self._diagnose_at_s):
            known.pop(key, None)
        self._overdue.discard(key)
        self._undiagnosed.discard(key)
        self._readers.close(key)
        for asked in [asked for asked in self._asked if asked[1] == key]:
            del self._asked[asked]

    def shutdown(self) -> None:
        """End every reader; nothing is delivered any more."""
        self._closed = True
        self._timer.stop()
        self._trainings.close()
        self._file_work.close()
        self._openings.close()
        self._unpacking.close()
        self._notifier.setEnabled(False)
        self._readers.clear()
        self._launcher.close()

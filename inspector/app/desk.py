"""The window's one place of change: it holds the state, has the parts behind it work, and tells what became of it.

Widgets emit intents and listen to the desk's signals; they never talk to each other.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from inspector.app.diagnoses import Diagnoses
from inspector.app.file_work import FileWork
from inspector.app.fleet_survey import FleetSurvey
from inspector.app.following import Following
from inspector.app.live_runs import LiveRuns
from inspector.app.news import OPENING_JOB, Message
from inspector.app.open_runs import OpenRuns, left_out
from inspector.app.openings import Order
from inspector.app.reading_lock import ReadingLock
from inspector.app.recordings import JOB as RECORDING_JOB
from inspector.app.recordings import Recordings
from inspector.app.run_finder import RunFinder
from inspector.app.run_readers import RunReaders
from inspector.app.scene_requests import SceneRequests
from inspector.app.trainings import Trainings
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Failed
from inspector.core.texts import visible
from inspector.jobs.children import Started
from inspector.jobs.reach import reach
from inspector.jobs.readers import Launcher
from inspector.runs.values import Run
from inspector.session.history import History, applied, redone, undone
from inspector.session.intents import (
    ConventionsChosen,
    EditUnstaged,
    Intent,
    LostForgotten,
    PathsJoined,
    RoleCorrected,
    RunClosed,
    RunLost,
    RunOpened,
    RunsJoined,
    SessionReopened,
    TabChosen,
)
from inspector.session.reduce import chosen_run
from inspector.session.store import may_come_back
from inspector.session.told import lost_text
from inspector.session.values import RunState, State

_FOLLOWED = (RunClosed, RunLost, PathsJoined, RunsJoined, SessionReopened, RoleCorrected, ConventionsChosen)
"""Of these the open runs, or what is known of their datasets, change."""

_LONGEST = 120


class Desk(QObject):
    """State and runs of one window.

    Args:
        state: what it begins with.
        parent: what it goes with.
        started: what readers are forked from, where it has been started already.

    Attributes:
        runs: those that are open.
        lock: what keeps their readers in.
        finder: tells which runs are among some paths; survey: looks at many of them in short.
        following: looks whether their files have changed.
        diagnoses: what was found in them.
        scene_requests: what readers draw of them.
        file_work: checks, copies and exports.
        trainings: the trainers that this window started or found; live_runs: what their runs are asked and answer.
        recordings: the one that writes dumps of checkpoints.

    Signals:
        state_changed: State before, State after.
        run_changed: key of a run: its Run or its Diagnosis is new.
        run_opened: key of a run that has joined the tree.
        message: Message.
        working: Working.
        said: what undo or redo did, one sentence.
    """

    state_changed = Signal(object, object)
    run_changed = Signal(str)
    run_opened = Signal(str)
    message = Signal(object)
    working = Signal(object)
    said = Signal(str)

    def __init__(self, state: State, parent: QObject | None = None, *, started: Started | None = None) -> None:
        super().__init__(parent)
        self._history = History(state)
        self._closed = False
        self._launcher = Launcher(started=started)
        self._notifier = QSocketNotifier(self._launcher.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._launcher_readable)
        self._readers = RunReaders(self._launcher)
        self.runs = OpenRuns(self._launcher, self._readers, self._name_of, self)
        self.runs.correct_roles(state.role_corrections, ())
        self.lock = ReadingLock(self._readers, self)
        self.finder = RunFinder(self._launcher)
        self.survey = FleetSurvey(self._launcher, self)
        self.following = Following(self._readers, self.runs, self)
        self.diagnoses = Diagnoses(self._launcher, self._readers, self.runs, self)
        self.diagnoses.own.use(state.preferences.own_rules)
        self.scene_requests = SceneRequests(self._readers, self.runs, self)
        self.file_work = FileWork(self._launcher, self)
        self.trainings = Trainings(self)
        self.live_runs = LiveRuns(self.runs, self.scene_requests, self)
        self.recordings = Recordings(self)
        self._connect()

    def _connect(self) -> None:
        telling_parts = (
            self.runs,
            self.diagnoses,
            self.scene_requests,
            self.file_work,
            self.trainings,
            self.live_runs,
            self.recordings,
        )
        for telling in telling_parts:
            telling.message.connect(self.message)
        for working in (self.runs, self.scene_requests, self.file_work, self.recordings):
            working.working.connect(self.working)
        self.runs.opened.connect(self._on_opened)
        self.runs.opened.connect(self.lock.look)
        self.runs.not_opened.connect(self._on_not_opened)
        self.runs.reader_ended.connect(self.following.forget)
        self.runs.reader_ended.connect(self.scene_requests.forget)
        self.following.changed.connect(self._on_files_changed)
        self.diagnoses.changed.connect(self.run_changed)
        self.trainings.appeared.connect(self._on_training_appeared)
        self.runs.reader_ended.connect(self.live_runs.forget)
        self.runs.closed.connect(self.live_runs.let_go)
        self.run_changed.connect(self._on_run_changed)
        self.live_runs.edited.connect(self._on_edited_live)
        self.recordings.written.connect(self._on_recorded)

    @property
    def state(self) -> State:
        """What is open, chosen and staged."""
        return self._history.present

    @property
    def opening(self) -> bool:
        """Whether a run is being opened, or looked for."""
        return self.runs.opening or self.finder.busy

    @property
    def busy(self) -> bool:
        """Whether an answer that the window shows is still awaited."""
        return self.scene_requests.busy or self.diagnoses.busy

    def run(self, key: str | None) -> Run | None:
        """A run by its key; None while it is being opened."""
        return self.runs.get(key) if key is not None else None

    def chosen(self) -> tuple[Run, RunState] | None:
        """The run that the views show, and what is chosen in it."""
        state = chosen_run(self.state)
        run = self.run(state.key) if state else None
        return (run, state) if run and state else None

    def dispatch(self, intent: Intent) -> None:
        """Make the new state, and tell everyone; nothing once the readers have ended."""
        if self._closed:  # what was typed last is told a moment later, and the window may have gone by then
            return
        self._settle(applied(self._history, intent))
        if isinstance(intent, _FOLLOWED):
            self._follow_state()
        if isinstance(intent, SessionReopened):
            self._tell_lost()

    def undo(self) -> None:
        """Take back what the user did last, other than looking around."""
        past = self._history.past
        self._settle(undone(self._history))
        self._follow_state()
        what = visible(past[-1].what, _LONGEST) if past else ""
        self.said.emit(tr("Undone: {what}").format(what=what) if past else tr("There is nothing to undo"))

    def redo(self) -> None:
        """Do again what was taken back."""
        future = self._history.future
        self._settle(redone(self._history))
        self._follow_state()
        what = visible(future[-1].what, _LONGEST) if future else ""
        self.said.emit(tr("Done again: {what}").format(what=what) if future else tr("There is nothing to redo"))

    def _settle(self, history: History) -> None:
        before = self._history.present
        self._history = history
        if history.present != before:
            self.diagnoses.own.use(history.present.preferences.own_rules)
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
            packed: its one path is an archive to unpack, or its paths lie in the archive `folder`.
            chosen: show it when it is open.
        """
        absolute = tuple(str(Path(path).absolute()) for path in paths)
        key = "|".join(absolute)
        known = self._named(key)
        if known is not None:  # it may have been joined with others since
            absolute, name, folder, place = known.paths, known.name, known.folder, known.place
            archives = known.archives
        else:
            archives = (folder or absolute[0],) if packed else ()
        self.runs.open(RunOpened(key, absolute, parent, name, folder, place, archives, chosen))

    def restore(self) -> None:
        """Open what the state names, and tell of what is not there."""
        self._follow_state()
        self._tell_lost()

    def reload(self, key: str) -> None:
        """Read a run's files again with a fresh reader."""
        known = self._named(key)
        if known is not None:
            self.runs.open_again(known)

    def cancel_job(self, job: int) -> None:
        """Stop what `Working.job` names; a file that it was to write is as it was before."""
        if job == OPENING_JOB:
            self.runs.cancel()
        elif job == RECORDING_JOB:
            self.recordings.cancel()
        else:
            self.file_work.cancel(job)

    def _follow_state(self) -> None:
        self.runs.follow(self.state.runs)
        self.runs.correct_roles(self.state.role_corrections, self.state.runs)

    def _named(self, key: str) -> RunState | None:
        return next((run for run in self.state.runs if run.key == key), None)

    def _name_of(self, key: str) -> str | None:
        known = self._named(key)
        return known.name if known else None

    def _on_opened(self, order: Order) -> None:
        if not order.quiet:
            self.dispatch(order.opened)
        self.run_changed.emit(order.key)
        run = self.run(order.key)
        if run is not None:
            for sentence in left_out(run):
                self.message.emit(Message(sentence))
            self.diagnoses.look(order.key, run)
        self._follow_state()  # it may have been closed or joined meanwhile
        if not order.quiet:
            self.run_opened.emit(order.key)

    def _on_not_opened(self, order: Order, outcome: Failed | Cancelled) -> None:
        """A run of the tree that cannot be read is no step of the user's, who would lose what is staged in it.

        One whose opening the user cancelled is closed.
        """
        if order.quiet and (isinstance(outcome, Failed) or may_come_back(order.opened.paths)):
            self.dispatch(RunLost(order.key))
            self._tell_lost()
        elif order.quiet:
            self.dispatch(RunClosed(order.key))

    def _tell_lost(self) -> None:
        if lost := lost_text(self.state):
            self.message.emit(Message(lost, action=tr("Forget"), intent=LostForgotten(), quiet=True))

    def _on_files_changed(self, key: str, run: Run) -> None:
        before = self.run(key)
        self.runs.put(key, run)
        self.run_changed.emit(key)
        self.diagnoses.look_again(key, before, run)

    def _on_training_appeared(self, folder: str, parent_key: str) -> None:
        self.dispatch(TabChosen("curves"))
        self.open((folder,), parent=parent_key)

    def _on_run_changed(self, key: str) -> None:
        run = self.run(key)
        if run is not None:
            self.live_runs.look(key)
            self.trainings.watch(run)

    def _on_edited_live(self, key: str, path: str, value: object) -> None:
        """An edit that a trainer took over waits for no resume any more."""
        state = self._named(key)
        staged = state.staged if state is not None and key == self.state.chosen else ()
        if any(edit.path == path and edit.new == value for edit in staged):
            self.dispatch(EditUnstaged(path))

    def _on_recorded(self, key: str, dumps: tuple[str, ...]) -> None:
        run = self.run(key)
        if run is None:
            return
        outside = tuple(dump for dump in dumps if not any(Path(dump).is_relative_to(path) for path in run.paths))
        if outside:
            self.dispatch(PathsJoined(key, outside, run.name))
        self.following.refresh(key)

    def start_reading(self) -> None:
        """Start what readers are forked from, so that the first file need not wait for it."""
        with suppress(OSError):  # who asks for a reader is told
            self._launcher.start()

    def _launcher_readable(self) -> None:
        self._launcher.on_readable()

    def shutdown(self) -> None:
        """End every reader; nothing is delivered any more. Done once, it is done."""
        if self._closed:
            return
        self._closed = True
        self.following.stop()
        self.diagnoses.stop()
        self.scene_requests.close()
        self.trainings.close()
        self.recordings.close()
        self.file_work.close()
        self.survey.stop()
        self.runs.close()
        self._notifier.setEnabled(False)
        self._readers.clear()
        self._launcher.close()
        reach.close()

"""The trainers that this window started: their runs join the tree, and how they end is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.news import Message
from inspector.core.language import tr
from inspector.formats.run_folder import RUN_FILE
from inspector.jobs.reach import there
from inspector.jobs.scripts import ScriptRun
from inspector.jobs.trainers import TrainerHandle, attach, start
from inspector.jobs.travelling import training_command
from inspector.runs.values import Run

NO_TRAINER = tr("{run}: no trainer writes it now")
_KILLED = tr("{run}: ended at once, as asked; its last whole checkpoint is kept")

LOOK_MS = 250
"""How often a started trainer is looked at until its run folder is there, and for its end."""


@dataclass
class _Training:
    """One trainer, and the run that it resumes."""

    handle: TrainerHandle
    parent: str
    opened: bool = False
    killed: bool = False


class Trainings(QObject):
    """Starts trainers, which may outlive the window, and watches them.

    Signals:
        appeared: a run folder can be opened: its path, and the key of the run it resumes.
        message: Message: how a trainer has ended, or whether one was asked to stop.
    """

    appeared = Signal(str, str)
    message = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainings: list[_Training] = []
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(
        self,
        arguments: tuple[str, ...],
        run_folder: Path,
        parent_key: str,
        *,
        keep_running: bool = True,
        interpreter: str = "",
    ) -> None:
        """Start `run-inspector ARGUMENTS` under a supervisor.

        Args:
            arguments: of the trainer.
            run_folder: what it will write.
            parent_key: of the run that it resumes.
            keep_running: it goes on when the window closes; otherwise it is then asked to save and stop.
            interpreter: that trains; this program's own without it.

        Raises:
            OSError: it cannot be started.
        """
        command = training_command(interpreter, *arguments)
        self._follow(start(command, run_folder, keep_running=keep_running), parent_key)

    def start_script(self, script: ScriptRun, parent_key: str, *, keep_running: bool = True) -> None:
        """Start a script that is not ours, whose folder is there; `keep_running` as for `start`.

        Raises:
            OSError: it cannot be started.
        """
        folder = Path(script.template.folder)
        handle = start(script.command, script.run_folder, keep_running=keep_running, script_folder=folder)
        self._follow(handle, parent_key)

    def _follow(self, handle: TrainerHandle, parent_key: str) -> None:
        self._trainings.append(_Training(handle, parent_key))
        self._timer.start()

    def watch(self, run: Run) -> None:
        """Say how a run ends that trains already: one of an earlier window's, or one that a terminal started."""
        folder = Path(run.root)
        if not run.live or run.record is None or any(one.handle.run_folder == folder for one in self._trainings):
            return
        handle = attach(folder)
        if handle is not None:
            self._trainings.append(_Training(handle, run.key, opened=True))
            self._timer.start()

    def stop(self, run: Run) -> None:
        """Ask the trainer of a run to save and stop, whoever started it; a message tells whether there is one."""
        if self._told(Path(run.root), TrainerHandle.stop):
            sentence = tr("{run}: asked to save a last checkpoint and stop").format(run=run.name)
            self.message.emit(Message(sentence, good=True))
        else:
            self.message.emit(Message(NO_TRAINER.format(run=run.name)))

    def kill(self, run: Run) -> None:
        """End the trainer of a run at once, whoever started it; what it has not saved is lost."""
        folder = Path(run.root)
        if not self._told(folder, TrainerHandle.kill):
            self.message.emit(Message(NO_TRAINER.format(run=run.name)))
        for training in self._trainings:
            training.killed = training.killed or training.handle.run_folder == folder

    def _told(self, run_folder: Path, tell: Callable[[TrainerHandle], None]) -> bool:
        for training in self._trainings:
            if training.handle.run_folder == run_folder:
                tell(training.handle)
                return True
        handle = attach(run_folder)
        if handle is None:
            return False
        tell(handle)
        handle.close()
        return True

    def close(self) -> None:
        """Watch no longer; the trainers go on."""
        self._timer.stop()
        for training in self._trainings:
            training.handle.close()
        self._trainings.clear()

    def _look(self) -> None:
        for training in list(self._trainings):
            folder = training.handle.run_folder
            if not training.opened and there(folder / RUN_FILE) is not None:
                training.opened = True
                self.appeared.emit(str(folder), training.parent)
            end = training.handle.poll()
            if end is not None:
                self._trainings.remove(training)
                sentence = f"{folder.name}: {end.sentence()}"
                if training.killed:
                    sentence = _KILLED.format(run=folder.name)
                self.message.emit(Message(sentence, good=end.well or training.killed))
        if not self._trainings:
            self._timer.stop()

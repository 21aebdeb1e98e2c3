"""The trainers that this window started: their runs join the tree, and how they end is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.app.news import Message
from inspector.formats.run_folder import RUN_FILE
from inspector.jobs.children import child_command
from inspector.jobs.trainers import TrainerHandle, attach, start
from inspector.runs.values import Run

LOOK_MS = 250
"""How often a started trainer is looked at until its run folder is there, and for its end."""


@dataclass
class _Training:
    """One trainer, and the run that it resumes."""

    handle: TrainerHandle
    parent: str
    opened: bool = False


class Trainings(QObject):
    """Starts trainers, which outlive the window, and watches them.

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

    def start(self, arguments: tuple[str, ...], run_folder: Path, parent_key: str) -> None:
        """Start `run-inspector ARGUMENTS` under a supervisor.

        Raises:
            OSError: it cannot be started.
        """
        handle = start(child_command("training", *arguments), run_folder, keep_running=True)
        self._trainings.append(_Training(handle, parent_key))
        self._timer.start()

    def stop(self, run: Run) -> None:
        """Ask the trainer of a run to save and stop, whoever started it; a message tells whether there is one."""
        if self._asked_to_stop(Path(run.root)):
            self.message.emit(Message(f"{run.name}: asked to save a last checkpoint and stop", good=True))
        else:
            self.message.emit(Message(f"{run.name}: no trainer writes it now"))

    def _asked_to_stop(self, run_folder: Path) -> bool:
        for training in self._trainings:
            if training.handle.run_folder == run_folder:
                training.handle.stop()
                return True
        handle = attach(run_folder)
        if handle is None:
            return False
        handle.stop()
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
            if not training.opened and (folder / RUN_FILE).is_file():
                training.opened = True
                self.appeared.emit(str(folder), training.parent)
            end = training.handle.poll()
            if end is not None:
                self._trainings.remove(training)
                self.message.emit(Message(f"{folder.name}: {end.sentence()}", good=end.well))
        if not self._trainings:
            self._timer.stop()

"""Recording the checkpoints of the chosen run: where its dumps go, and which the trainer is asked for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.recordable import checkpoint_to_record, dump_folder
from inspector.core.language import tr
from inspector.runs.values import FileEntry, Run


class RecordActions(QObject):
    """Asks the trainer for dumps; says so where there is nothing to record."""

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk

    def record(self) -> None:
        """Ask where, and record the checkpoint at the cursor there."""
        found = self._found()
        if found is None:
            return
        run, checkpoint, folder = found
        suggested = folder / f"{Path(checkpoint.path).stem}.h5"
        out, _kind = QFileDialog.getSaveFileName(
            self._window, tr("Record activations"), str(suggested), tr("Activation dump (*.h5)")
        )
        if out:
            self._desk.recordings.start(run.key, (checkpoint.path, "-o", out))

    def record_all(self) -> None:
        """Record every checkpoint that lies with the one at the cursor."""
        found = self._found()
        if found is not None:
            run, checkpoint, folder = found
            self._desk.recordings.start(run.key, (str(Path(checkpoint.path).parent), "--all", "-o", str(folder)))

    def _found(self) -> tuple[Run, FileEntry, Path] | None:
        """The chosen run, the checkpoint at its cursor, and a folder for its dumps; None where that is said."""
        chosen = self._desk.chosen()
        checkpoint = checkpoint_to_record(*chosen) if chosen else None
        if chosen is None or checkpoint is None:
            sentence = tr("No checkpoint here can be recorded; Help, Record your own model shows how a script does it")
            self._desk.message.emit(Message(sentence))
            return None
        folder = dump_folder(chosen[0], checkpoint)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            sentence = tr("{folder}: it cannot be made ({why})").format(folder=folder, why=error.strerror)
            self._desk.message.emit(Message(sentence))
            return None
        return chosen[0], checkpoint, folder

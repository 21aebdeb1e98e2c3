"""A child that gives one answer and goes: a newer question ends the older, and none outlives the window."""

from __future__ import annotations

import contextlib
import os
import signal

from PySide6.QtCore import QObject, QProcess

END_WITHIN_MS = 30_000
"""A killed process is gone in milliseconds; on a machine that is busy beyond measure it takes longer."""


class OneChild(QObject):
    """One child at a time, in a session of its own, so that what it has started itself ends with it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    @property
    def running(self) -> bool:
        """Whether an answer is awaited."""
        return self._process is not None

    def begin(self, process: QProcess) -> None:
        """Start a child, which is ours from here on."""
        self.stop()
        own_session = QProcess.UnixProcessParameters()
        own_session.flags = QProcess.UnixProcessFlag.CreateNewSession
        process.setUnixProcessParameters(own_session)
        process.setStandardInputFile(QProcess.nullDevice())
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        process.start()

    def stop(self) -> None:
        """Want no answer any more; the child is ended, and goes when it has."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.finished.connect(process.deleteLater)
            _kill(process)

    def close(self) -> None:
        """End every child and wait until it has: one that still runs must not go with its window."""
        self.stop()
        for process in self.findChildren(QProcess):
            _kill(process)
            process.waitForFinished(END_WITHIN_MS)

    def told(self, said: bytes, errors: bytes, code: int) -> None:
        """What becomes of an answer: what the child wrote, and its exit code."""
        raise NotImplementedError

    def not_started(self, why: str) -> None:
        """What becomes of a child that could not be started."""
        raise NotImplementedError

    def _on_error(self, error: QProcess.ProcessError) -> None:
        process = self._process
        if process is not None and error == QProcess.ProcessError.FailedToStart:  # of which `finished` does not tell
            self._process = None
            why = process.errorString()
            process.deleteLater()
            self.not_started(why)

    def _on_finished(self, code: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            said = bytes(process.readAllStandardOutput().data())
            errors = bytes(process.readAllStandardError().data())
            process.deleteLater()
            self.told(said, errors, code)


def _kill(process: QProcess) -> None:
    pid = process.processId()
    if pid:
        with contextlib.suppress(OSError):  # it leads no session yet, or has gone
            os.killpg(pid, signal.SIGKILL)
    process.kill()

"""Trainers as the window and the command line see them: started, watched, stopped, found again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from inspector.core.files import append_line, open_append
from inspector.core.language import tr
from inspector.formats.run_folder import ALIVE_FILE, CONTROL_FILE, RUN_FILE, Alive, RunRecord
from inspector.jobs.children import MODULES, child_command, start_child
from inspector.jobs.endings import ProcessEnd, unwatched
from inspector.jobs.reach import reach
from inspector.jobs.waiting import readable

_LAST_BREATH_S = 1.0


class TrainerHandle:
    """A trainer under its supervisor.

    Attributes:
        run_folder: what it writes.
        pid: the supervisor's, or its guardian's.
    """

    def __init__(self, run_folder: Path, pid: int, pidfd: int) -> None:
        self.run_folder = run_folder
        self.pid = pid
        self._pidfd = pidfd
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None
        self._report = b""
        self._end: ProcessEnd | None = None

    @classmethod
    def started(cls, run_folder: Path, process: subprocess.Popen[bytes], link: socket.socket) -> TrainerHandle:
        """The handle of a supervisor that this program started; it reports on `link`."""
        handle = cls(run_folder, process.pid, os.pidfd_open(process.pid))
        handle._process = process
        handle._link = link
        return handle

    def fileno(self) -> int:
        """A descriptor that becomes readable when `poll` may have something to say; -1 once it has ended."""
        if self._end is not None:
            return -1
        return self._link.fileno() if self._link is not None else self._pidfd

    def poll(self) -> ProcessEnd | None:
        """How it ended, None while it runs."""
        if self._end is None and (self._heard_out() if self._link is not None else readable(self._pidfd, 0.0)):
            self._end = self._ending()
            self.close()
        return self._end

    def stop(self) -> None:
        """Ask the trainer to write a last checkpoint and end; asked again, end it at once."""
        if self._end is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGTERM)

    def kill(self) -> None:
        """End the trainer at once, without a checkpoint."""
        if self._end is None:
            with contextlib.suppress(ProcessLookupError):
                # Asked twice it is ended; of one signal sent twice only one might arrive.
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.pidfd_send_signal(self._pidfd, number)

    def wait(self, timeout_s: float | None = None) -> ProcessEnd | None:
        """How it ended, waited for; None when time is up."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while (end := self.poll()) is None:
            left_s = None if until is None else until - time.monotonic()
            if left_s is not None and left_s <= 0:
                return None
            readable(self.fileno(), left_s)
        return end

    def close(self) -> None:
        """Watch it no longer; one that was started without `keep_running` takes that as the window's end and stops."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        if self._link is not None:
            self._link.close()

    def _heard_out(self) -> bool:
        assert self._link is not None
        while True:
            try:
                data = self._link.recv(65536)
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True
            if not data:
                return True
            self._report += data

    def _ending(self) -> ProcessEnd:
        if self._process is None:
            return _ending_on_disk(self.run_folder)
        try:
            returncode = self._process.wait(_LAST_BREATH_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            returncode = self._process.wait()
        try:
            return msgspec.json.decode(self._report, type=ProcessEnd)
        except (ValueError, RecursionError):
            return unwatched(returncode)


def _ending_on_disk(run_folder: Path) -> ProcessEnd:
    """What the run folder says of a trainer whose supervisor reports to nobody."""
    try:
        reach(run_folder)
        record = msgspec.json.decode((run_folder / RUN_FILE).read_bytes(), type=RunRecord)
    except (OSError, ValueError, RecursionError):
        sentence = tr("The trainer has ended; {folder} does not say how")
        return ProcessEnd(reason=sentence.format(folder=run_folder.name))
    if record.status in ("finished", "stopped"):
        return ProcessEnd(returncode=0, asked=record.status == "stopped")
    return ProcessEnd(reason=record.reason or tr("The trainer has ended without saying why"))


def start(
    command: Sequence[str], run_folder: Path, *, keep_running: bool, script_folder: Path | None = None
) -> TrainerHandle:
    """Start a trainer under a supervisor of its own.

    Args:
        command: the trainer's argument list.
        run_folder: what it will write.
        keep_running: it goes on when this program ends; otherwise it is then asked to stop.
        script_folder: where a script that is not ours runs; its console text becomes the run's.

    Raises:
        OSError: the supervisor cannot be started.
    """
    reach(run_folder)
    options = supervisor_options(run_folder, script_folder) + (["--keep-running"] if keep_running else [])
    process, link = start_child(
        "supervisor",
        lambda descriptor: child_command("supervisor", *options, "--with-parent", descriptor, "--", *command),
        stderr=subprocess.DEVNULL,
    )
    return TrainerHandle.started(run_folder, process, link)


def supervisor_options(run_folder: Path, script_folder: Path | None = None) -> list[str]:
    """The supervisor's arguments that say what it stands over."""
    script = [] if script_folder is None else ["--script-folder", str(script_folder)]
    return ["--run", str(run_folder.resolve()), *script]


def send(run_folder: Path, line: bytes) -> None:
    """Add a line of `formats.control` to a run's control.jsonl, in one call so that its trainer sees it whole.

    Raises:
        OSError: the folder may not be written.
    """
    reach(run_folder)
    descriptor = open_append(run_folder / CONTROL_FILE)
    try:
        append_line(descriptor, line)
    finally:
        os.close(descriptor)


def attach(run_folder: Path) -> TrainerHandle | None:
    """The trainer that writes a run folder now, started by whatever program; None where there is none."""
    try:
        reach(run_folder)
        alive = msgspec.json.decode((run_folder / ALIVE_FILE).read_bytes(), type=Alive)
        pidfd = os.pidfd_open(alive.pid)
    except (OSError, ValueError, RecursionError):
        return None
    if supervises(alive.pid, run_folder):
        return TrainerHandle(run_folder, alive.pid, pidfd)
    os.close(pidfd)
    return None


def supervises(pid: int, run_folder: Path) -> bool:
    """Whether the process is a supervisor of that folder, and not another one that was given its number."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        folder = Path(os.fsdecode(words[words.index(b"--run") + 1]))
    except (OSError, ValueError, IndexError):
        return False
    role = MODULES["supervisor"].encode()
    return (role in words or b"supervisor" in words) and folder == run_folder.resolve()

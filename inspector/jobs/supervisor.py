"""`python -I -m inspector.jobs.supervisor --run RUN -- COMMAND...`: a small process that stands over one trainer.

It keeps `alive.json` fresh, passes a stop on and makes sure of it, leaves no process of the trainer's behind, and
writes down why the trainer ended where the trainer could not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from inspector.core.exit_codes import BAD_INPUT
from inspector.core.files import append_line, open_append, write_atomically
from inspector.core.leftovers import sweep_temporaries
from inspector.core.texts import visible
from inspector.formats.checkpoint import newest_checkpoint
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import (
    ALIVE_FILE,
    CHECKPOINT_FOLDER,
    CONSOLE_FILE,
    DUMP_FOLDER,
    RESERVE_FILE,
    RUN_FILE,
    Alive,
    RunRecord,
)
from inspector.jobs.children import foreign_environment
from inspector.jobs.endings import ProcessEnd
from inspector.jobs.guardian import guarded, sweep
from inspector.jobs.kernel import PR_SET_PDEATHSIG, prctl
from inspector.jobs.memory_kills import memory_kills
from inspector.jobs.signals import STOP_SIGNALS, heard_signals
from inspector.jobs.tail import Tail
from inspector.jobs.trainers import supervises

HEARTBEAT_S = 2.0
GRACE_S = 60.0
"""Time for a last checkpoint between being asked to stop and being ended by force."""


class _RunFolder:
    """The folder that a trainer is to write, which may turn out to be another's.

    Args:
        path: it may not be there yet.
        is_made: it was made for this trainer, a script; any other makes it itself, unless something is there.
        pid: by which its supervisor is known.
    """

    def __init__(self, path: Path, pid: int, *, is_made: bool) -> None:
        self.path = path
        self._is_made = is_made
        self._is_taken = not is_made and _holds_more(path)
        self._pid = pid
        self._started = time.time()

    def _is_anothers(self) -> bool:
        """Whether what is there now is another trainer's, or was before this one started."""
        try:
            alive = msgspec.json.decode((self.path / ALIVE_FILE).read_bytes(), type=Alive)
        except (OSError, ValueError, RecursionError):
            return self._is_taken
        return self._is_taken or (alive.pid != self._pid and supervises(alive.pid, self.path))

    def beat(self) -> None:
        """Say that its trainer runs; nothing where the folder is not that one's."""
        if not (self.path / RUN_FILE).exists() or self._is_anothers():
            return
        alive = Alive(pid=self._pid, started=self._started, heartbeat=time.time())
        with contextlib.suppress(OSError):  # a full disk must not end a training run
            write_atomically(self.path / ALIVE_FILE, msgspec.json.encode(alive))

    def write_down(self, end: ProcessEnd, lines: Sequence[str]) -> None:
        """Say how the trainer ended; nothing where it was refused the folder, or that is another's."""
        with contextlib.suppress(OSError):
            if self._is_anothers():
                return
            if end.returncode == BAD_INPUT and not self._is_made:  # it began nothing
                (self.path / ALIVE_FILE).unlink(missing_ok=True)
            else:
                write_down(self.path, end, lines)


def _holds_more(path: Path) -> bool:
    """Whether a folder holds anything but a run that nobody has ended yet."""
    try:
        if not any(not entry.name.startswith(".") for entry in path.iterdir()):
            return False
        return msgspec.json.decode((path / RUN_FILE).read_bytes(), type=RunRecord).status != "running"
    except NotADirectoryError:
        return True
    except (OSError, ValueError, RecursionError):
        return path.is_dir()


class Supervisor:
    """One trainer and what is known of it.

    Args:
        run: its run folder.
        command: what starts it.
        grace_s: between being asked to stop and being ended.
        window: our end of a socket to the window, None without one.
        keep_running: the trainer outlives the window.
        script_folder: where a script that is not ours runs, and its console text becomes the run's; None for our own
            trainer, which writes its log itself.
    """

    def __init__(
        self,
        run: _RunFolder,
        command: Sequence[str],
        grace_s: float,
        window: socket.socket | None,
        *,
        keep_running: bool,
        script_folder: Path | None = None,
    ) -> None:
        self._run = run
        self._log = None if script_folder is None else open_append(run.path / CONSOLE_FILE)
        self._grace_s = grace_s
        self._window = window
        self._keep_running = keep_running
        self._beaten = 0.0
        self._asked = self._killed = self._at_once = False
        self._kill_at: float | None = None
        self._tail = Tail()
        self._memory_kills = memory_kills()
        self._selector = selectors.DefaultSelector()
        self._wake = self._listen_to_signals()
        self._trainer = subprocess.Popen(  # noqa: S603 - an argument list, no shell
            command,
            stdin=subprocess.DEVNULL,
            cwd=script_folder,
            stdout=None if self._log is None else subprocess.PIPE,
            stderr=subprocess.PIPE if self._log is None else subprocess.STDOUT,
            env=foreign_environment(),
            process_group=0,
            # Safe here: one thread. Should this process be killed, the trainer is asked to stop.
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM),  # noqa: PLW1509
        )
        said = self._trainer.stderr or self._trainer.stdout
        assert said is not None
        self._said = said.fileno()
        os.set_blocking(self._said, False)
        self._selector.register(self._said, selectors.EVENT_READ, self._hear_trainer)
        if window is not None:
            self._selector.register(window, selectors.EVENT_READ, self._hear_window)

    def _listen_to_signals(self) -> socket.socket:
        wake = heard_signals((*STOP_SIGNALS, signal.SIGCHLD))
        self._selector.register(wake, selectors.EVENT_READ, self._hear_signals)
        return wake

    @property
    def trainer_pid(self) -> int:
        """The trainer's process, which leads its group."""
        return self._trainer.pid

    def run(self) -> ProcessEnd:
        """Stand over the trainer until it has ended and nothing of it is left."""
        while self._trainer.poll() is None:
            self._beat()
            for key, _ in self._selector.select(self._patience_s()):
                key.data()
            if self._kill_at is not None and time.monotonic() >= self._kill_at:
                self._kill()
        sweep()
        self._hear_trainer()
        return self._ending()

    def _patience_s(self) -> float:
        waits = [self._beaten + HEARTBEAT_S - time.monotonic()]
        if self._kill_at is not None:
            waits.append(self._kill_at - time.monotonic())
        return max(0.0, min(waits))

    def _beat(self) -> None:
        now = time.monotonic()
        if now < self._beaten + HEARTBEAT_S and self._beaten:
            return
        self._beaten = now
        self._run.beat()

    def _hear_signals(self) -> None:
        for number in self._wake.recv(4096):
            if number in STOP_SIGNALS:
                self.stop()
        self._bury_orphans()

    def _bury_orphans(self) -> None:
        """Bury what the trainer left behind and what has ended since; orphans come here, and would stay as zombies."""
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (ended := os.waitid(os.P_ALL, 0, look)) is not None and ended.si_pid != self._trainer.pid:
            os.waitpid(ended.si_pid, 0)

    def _hear_trainer(self) -> None:
        while True:
            try:
                data = os.read(self._said, 65536)
            except BlockingIOError:
                return
            if not data:
                if self._said in self._selector.get_map():
                    self._selector.unregister(self._said)
                return
            self._tail.take(data)
            for target in (2, self._log):
                if target is not None:
                    with contextlib.suppress(OSError):
                        os.write(target, data)

    def _hear_window(self) -> None:
        assert self._window is not None
        try:
            gone = not self._window.recv(64)
        except OSError:
            gone = True
        if gone:
            self._selector.unregister(self._window)
            if not self._keep_running:
                self.stop()

    def stop(self) -> None:
        """Ask the trainer to stop; asked again, end it."""
        if self._asked:
            self._at_once = self._at_once or not self._killed
            self._kill()
            return
        self._asked = True
        self._kill_at = time.monotonic() + self._grace_s
        self._signal_group(signal.SIGTERM)

    def _kill(self) -> None:
        self._killed = True
        self._kill_at = None
        self._signal_group(signal.SIGKILL)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._trainer.pid, number)

    def _ending(self) -> ProcessEnd:
        lines = self._tail.lines()
        said = [line for line in lines if line.strip()]
        returncode = self._trainer.returncode
        end = ProcessEnd(
            returncode=returncode,
            asked=self._asked,
            killed=self._killed,
            at_once=self._at_once,
            out_of_memory=returncode == -signal.SIGKILL and not self._killed and memory_kills() > self._memory_kills,
            last_line=visible(said[-1].strip(), 500) if said else "",
        )
        self._run.write_down(end, lines)
        return end


def write_down(run: Path, end: ProcessEnd, lines: Sequence[str]) -> None:
    """Say in the run folder how the trainer ended, where it did not say so itself, and remove what it left half-made.

    Args:
        run: the folder; it may not be there.
        end: how it ended.
        lines: the last lines of its stderr, added to the console log unless the trainer wrote them there.

    Raises:
        OSError: the folder may not be written.
    """
    if not run.is_dir():
        return
    for name in (ALIVE_FILE, RESERVE_FILE):
        (run / name).unlink(missing_ok=True)
    for folder in (run, run / CHECKPOINT_FOLDER, run / DUMP_FOLDER):
        sweep_temporaries(folder)
    if not end.well:
        with contextlib.suppress(OSError):  # the disk may have room for run.json alone
            _add_to_log(run / CONSOLE_FILE, lines)
    try:
        record = msgspec.json.decode((run / RUN_FILE).read_bytes(), type=RunRecord)
    except (FileNotFoundError, ValueError, RecursionError):
        return
    if record.status != "running":
        return
    status = ("stopped" if end.asked else "finished") if end.well else "failed"
    reason = "" if status == "finished" else end.sentence()
    last = newest_checkpoint(run / CHECKPOINT_FOLDER) or record.last
    told = msgspec.structs.replace(record, status=status, reason=reason, ended=time.time(), last=last)
    write_atomically(run / RUN_FILE, to_json(told, indent=2))


def _add_to_log(log: Path, lines: Sequence[str]) -> None:
    with contextlib.suppress(FileNotFoundError):
        written = log.read_bytes()[-(1 << 20) :].decode("utf-8", "replace")
        lines = [line for line in lines if line not in written]
    if lines:
        descriptor = open_append(log)
        try:
            append_line(descriptor, "\n".join(lines).encode("utf-8", "replace"))
        finally:
            os.close(descriptor)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="supervisor", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="the run folder that the trainer writes")
    parser.add_argument("--grace", type=float, default=GRACE_S, help="seconds between asking to stop and force")
    parser.add_argument("--with-parent", type=int, help="a socket whose end means that the window is gone")
    parser.add_argument("--keep-running", action="store_true", help="the trainer outlives the window")
    parser.add_argument("--script-folder", type=Path, help="the command is a script that is not ours, and runs there")
    parser.add_argument("command", nargs="+", help="what starts the trainer, after --")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run a trainer to its end; the exit code is the trainer's, 128 and the signal's number if one ended it."""
    options = _parser().parse_args(arguments)
    window = None if options.with_parent is None else socket.socket(fileno=options.with_parent)
    with contextlib.suppress(PermissionError):  # already the first of its session
        os.setsid()

    run = _RunFolder(options.run, os.getpid(), is_made=options.script_folder is not None)

    def supervise(begun: Callable[[int], None]) -> int:
        end = _supervised(options, run, window, begun)
        _report(window, end)
        if end.returncode is None:
            return 127
        return end.returncode if end.returncode >= 0 else 128 - end.returncode

    def write_down_for_it(end: ProcessEnd) -> None:
        run.write_down(end, [])
        _report(window, end)

    return guarded(supervise, write_down_for_it, options.grace)


def _supervised(
    options: argparse.Namespace, run: _RunFolder, window: socket.socket | None, begun: Callable[[int], None]
) -> ProcessEnd:
    try:
        supervisor = Supervisor(
            run,
            options.command,
            options.grace,
            window,
            keep_running=options.keep_running,
            script_folder=options.script_folder,
        )
        begun(supervisor.trainer_pid)
        return supervisor.run()
    except (OSError, subprocess.SubprocessError) as error:
        program = Path(options.command[0]).name
        end = ProcessEnd(reason=f"The trainer could not be started: {program}: {getattr(error, 'strerror', error)}")
        run.write_down(end, [])  # a script's run is there before it starts
        return end


def _report(window: socket.socket | None, end: ProcessEnd) -> None:
    if window is not None:
        with contextlib.suppress(OSError):  # the window may be gone
            window.sendall(msgspec.json.encode(end))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

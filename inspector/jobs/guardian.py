"""The process above a supervisor: should that be killed, nothing of its trainer stays, whoever hears no signal.

Orphans come to the nearest process above them that takes them, so none escapes by leaving the trainer's group.
The supervisor in turn stops its trainer when its guardian is killed.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Callable

from inspector.jobs.descendants import descendants
from inspector.jobs.endings import ProcessEnd, unwatched
from inspector.jobs.kernel import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl
from inspector.jobs.signals import STOP_SIGNALS, heard_signals
from inspector.jobs.waiting import readable

_SWEEP_S = 5.0
_PID_BYTES = 4
_OVER = 0
"""In place of a pid: how the trainer ended was told."""

Supervise = Callable[[Callable[[int], None]], int]
"""Does a supervisor's work and gives the exit code. It tells the trainer's pid as soon as there is one, and takes a
SIGTERM as being asked to stop."""


def sweep() -> None:
    """End every process below this one, and bury it; orphans of theirs come to it."""
    until = time.monotonic() + _SWEEP_S
    while (left := descendants(os.getpid())) and time.monotonic() < until:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def guarded(supervise: Supervise, write_down: Callable[[ProcessEnd], None], grace_s: float) -> int:
    """Supervise in a child of this process, and clear up after that child if it does not.

    Args:
        supervise: what the child does.
        write_down: says how the trainer ended, where the child did not.
        grace_s: how long the trainer of a killed supervisor may take to save and end.

    Returns:
        The child's exit code; 128 and the signal's number if one ended it.
    """
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    # Listened to before there is a child: what comes before that listens too comes back here, and is passed on again.
    heard = heard_signals((*STOP_SIGNALS, signal.SIGCHLD))
    guardian = os.getpid()
    ear, mouth = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ear)
        os.setpgid(0, 0)  # Ctrl+C in a terminal reaches it once, from its guardian
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != guardian:
            sys.exit(1)
        code = supervise(lambda pid: _tell(mouth, pid))
        _tell(mouth, _OVER)
        sys.exit(code)
    os.close(mouth)
    code = _end_of(child, heard, lambda number: os.kill(child, number))
    trainer, has_told = _told(ear)
    if trainer and not has_told:  # asked to stop by the end of the one that started it
        with contextlib.suppress(TimeoutError):
            _end_of(trainer, heard, _wait_no_longer, time.monotonic() + grace_s)
    sweep()
    if not has_told:
        write_down(unwatched(code))
    return code if code >= 0 else 128 - code


def _told(ear: int) -> tuple[int, bool]:
    """The trainer's pid, 0 where none began, and whether its end was told; of a supervisor that has ended."""
    os.set_blocking(ear, False)
    try:
        said = os.read(ear, 2 * _PID_BYTES)
    except BlockingIOError:  # another holds the other end
        said = b""
    finally:
        os.close(ear)
    return int.from_bytes(said[:_PID_BYTES]), said[-_PID_BYTES:] == _OVER.to_bytes(_PID_BYTES)


def _tell(mouth: int, pid: int) -> None:
    """Tell the guardian the trainer's pid, or at last that its end was told."""
    try:
        os.write(mouth, pid.to_bytes(_PID_BYTES))
    except BrokenPipeError:  # the guardian was killed, perhaps before anybody listened to the signal that says so
        os.kill(os.getpid(), signal.SIGTERM)


def _wait_no_longer(_number: int) -> None:
    raise TimeoutError


def _end_of(pid: int, heard: socket.socket, asked: Callable[[int], None], until_s: float = math.inf) -> int:
    """The exit code of a child, waited for; 0 where another has buried it.

    Args:
        pid: the child.
        heard: the signals of this process.
        asked: hears each of them that asks to stop.
        until_s: on the monotonic clock.

    Raises:
        TimeoutError: time is up.
    """
    while True:
        try:
            found, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return 0
        if found:
            return os.waitstatus_to_exitcode(status)
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if readable(heard, None if left_s == math.inf else left_s):
            for number in heard.recv(4096):
                if number in STOP_SIGNALS:
                    asked(number)

"""Launchers of readers that have loaded already: one process loads what they need, and forks for each that is wanted.

It ends with the one that asks. What a launcher does, and the readers that it forks, are the program's own.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from select import select
from typing import NoReturn

from inspector.jobs.children import child_command, child_environment, start_child
from inspector.reader.answers import ANSWERS, load_all
from inspector.reader.launcher import Launcher, warm

_NUMBER = struct.Struct("i")
_MOST_BYTES = 1 << 16
_WINDOW = 3
"""The descriptor of a launcher that leads to its window."""


class ForkedLauncher:
    """As much of `subprocess.Popen` as a window asks of its launcher."""

    def __init__(self, told: int) -> None:
        self._told = told
        (self.pid,) = _NUMBER.unpack(os.read(told, _NUMBER.size))

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once."""
        if not select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("launcher", timeout or 0.0)
        (code,) = _NUMBER.unpack(os.read(self._told, _NUMBER.size))
        os.close(self._told)
        return int(code)


def start_warm(
    role: str, command: Callable[[str], Sequence[str]], *, stderr: int | None = None, english: bool = False
) -> tuple[ForkedLauncher | subprocess.Popen[bytes], socket.socket]:
    """In place of `start_child`, which it leaves to start what is not the program's own launcher."""
    if command("") != [*child_command("reader"), ""]:
        return start_child(role, command, stderr=stderr, english=english)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.setblocking(False)
    told, tells = os.pipe()
    asked = json.dumps([str(Path.cwd()), child_environment(role, english=english)]).encode()
    try:
        socket.send_fds(_server(), [asked], [theirs.fileno(), 2 if stderr is None else stderr, tells])
    finally:
        theirs.close()
        os.close(tells)
    return ForkedLauncher(told), ours


@cache
def _server() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.warm_launchers", str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            pass_fds=(theirs.fileno(),),
            env=child_environment("reader"),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(asks: socket.socket) -> None:
    """Fork for each that asks, and tell it how its launcher ended."""
    load_all()
    warm()
    selector = selectors.DefaultSelector()
    selector.register(asks, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.data is not None:
                pid, tells = key.data
                selector.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(pid, 0)
                os.write(tells, _NUMBER.pack(os.waitstatus_to_exitcode(status)))
                os.close(tells)
                continue
            asked, descriptors, _, _ = socket.recv_fds(asks, _MOST_BYTES, 3)
            if not asked:
                return
            window, stderr, tells = descriptors
            pid = os.fork()
            if pid == 0:
                _become_launcher(window, stderr, *json.loads(asked))
            os.close(window)
            os.close(stderr)
            os.write(tells, _NUMBER.pack(pid))
            selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, tells))


def _become_launcher(window: int, stderr: int, folder: str, environment: dict[str, str]) -> NoReturn:
    try:
        os.setsid()
        os.dup2(stderr, 2)
        os.dup2(window, _WINDOW)
        os.closerange(_WINDOW + 1, os.sysconf("SC_OPEN_MAX"))
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        Launcher(socket.socket(fileno=_WINDOW), ANSWERS).run()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a fork must not go on as the one that forks
        traceback.print_exc()
    finally:
        os._exit(1)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))

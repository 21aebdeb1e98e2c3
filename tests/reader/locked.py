"""Tries what a locked reader must not do; run as `python -I locked.py lock|free OPENED OTHER`, prints JSON."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from inspector.jobs.bounds import Limits
from inspector.reader.lock import lock

OPENED, OTHER = Path(sys.argv[2]), Path(sys.argv[3])
LIBC = ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def call(name: str, *arguments: object) -> int:
    return checked(getattr(LIBC, name)(*arguments))


def write_into(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY))


def create(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def use_memory() -> None:
    descriptor = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, 4096)
    os.pwrite(descriptor, b"x", 0)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
    mmap.mmap(descriptor, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ).close()


def start_thread() -> None:
    seen: list[int] = []
    thread = threading.Thread(target=seen.append, args=(1,))
    thread.start()
    thread.join()
    assert seen == [1]


def start_process() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def load_late() -> None:
    import colorsys
    import wave

    assert colorsys.__file__
    assert wave.__file__


def numbers() -> None:
    import numpy.fft

    assert numpy.fft.rfft([0.0, 1.0]).shape == (2,)


ALLOWED: dict[str, Callable[[], object]] = {
    "read the opened file": OPENED.read_bytes,
    "stat another file": OTHER.stat,
    "shared memory": use_memory,
    "a thread": start_thread,
    "a module of Python's": load_late,
    "a module of a package": numbers,
    "signal itself": lambda: os.kill(os.getpid(), 0),
    "renew its own processor time": lambda: resource.setrlimit(
        resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU)
    ),
    "read randomness": lambda: os.urandom(8),
}

REFUSED: dict[str, Callable[[], object]] = {
    "read another file": OTHER.read_bytes,
    "read another file by a link": lambda: OPENED.with_name("link").read_bytes(),
    "list the folder of the opened file": lambda: list(OPENED.parent.iterdir()),
    "list the root": lambda: list(Path("/").iterdir()),
    "read who is who": lambda: Path("/etc/passwd").read_bytes(),
    "read its own memory": lambda: os.close(os.open("/proc/self/mem", os.O_RDONLY)),
    "read what others do": lambda: list(Path("/proc").iterdir()),
    "write into the opened file": lambda: write_into(OPENED),
    "write into the null device": lambda: write_into(Path("/dev/null")),
    "create a file": lambda: create(OTHER.with_name("new")),
    "cut the opened file": lambda: os.truncate(OPENED, 1),
    "rename the opened file": lambda: OPENED.rename(OPENED.with_name("moved")).rename(OPENED),
    "remove a file": OTHER.with_name("victim").unlink,
    "make a folder": OTHER.with_name("folder").mkdir,
    "make a link": lambda: OTHER.with_name("link2").symlink_to(OTHER),
    "make a hard link": lambda: OTHER.with_name("link3").hardlink_to(OTHER),
    "make a pipe": lambda: os.mkfifo(OTHER.with_name("pipe")),
    "change permissions": lambda: OPENED.chmod(0o644),
    "change permissions by descriptor": lambda: os.fchmod(sys.stdout.fileno(), 0o600),  # a pipe of its own
    "change the owner": lambda: os.chown(OPENED, os.getuid(), os.getgid()),
    "change the times": lambda: os.utime(OPENED),
    "a network socket": lambda: socket.socket().close(),
    "a local socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "a pair of sockets": lambda: [end.close() for end in socket.socketpair()],
    "a process": start_process,
    "signal its parent": lambda: os.kill(os.getppid(), 0),
    "signal everything": lambda: os.kill(os.getppid(), signal.SIGCONT),
    "limit its parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
    "leave its namespace": lambda: call("unshare", 0),
    "hold its parent by descriptor": lambda: os.close(os.pidfd_open(os.getppid())),
    "read the memory of another": lambda: call("process_vm_readv", os.getppid(), None, 0, None, 0, 0),
    "be traced": lambda: call("ptrace", 0, 0, None, None),
}

WITHOUT_EFFECT: dict[str, tuple[Callable[[], object], int]] = {
    # Free, these fail for another reason; locked, they must not even get that far.
    "a program": (lambda: call("execve", b"/nowhere", None, None), errno.ENOENT),
    "type into the terminal": (lambda: fcntl.ioctl(sys.stdin.fileno(), 0x5412, b"x"), errno.ENOTTY),
}


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return "done"


def main() -> None:
    OTHER.with_name("victim").touch()
    attempts = {**ALLOWED, **REFUSED, **{name: attempt for name, (attempt, _) in WITHOUT_EFFECT.items()}}
    report = lock([OPENED], bounds=Limits()) if sys.argv[1] == "lock" else None
    found = {name: outcome(attempt) for name, attempt in attempts.items()}
    sys.stdout.write(json.dumps({"strength": report and report.strength, "found": found}))


if __name__ == "__main__":
    main()

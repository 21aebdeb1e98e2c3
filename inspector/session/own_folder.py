"""The folder of one window while it runs: its session, its log and its last fault, each on the disk at once.

A window that is closed removes it. One that is left without its window is of a window that fell, and holds what the
next start offers.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from inspector.core.files import open_append, write_atomically
from inspector.core.leftovers import is_running
from inspector.core.places import data_folder
from inspector.session.preferences import Preferences
from inspector.session.sample_lists import SampleLists
from inspector.session.values import State

SESSION_FILE, FAULT_FILE, LOG_FILE = "session.json", "fault.txt", "window.log"
MOST_OFFERED = 3
MOST_BYTES = 200_000
"""Of a log or a fault, so much of its end is read."""

_log = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    state: State
    kinds: dict[str, int] = {}


class Fallen(msgspec.Struct, frozen=True):
    """What a window left that was not closed.

    Attributes:
        state: its session, None where it could not be read.
        kinds: how many files of each kind were open.
        fault: what was written as it fell; empty where it was killed, or the machine stopped.
        log: the end of its log.
        at_s: when its session was last written, seconds since 1970.
    """

    folder: Path
    state: State | None
    kinds: dict[str, int]
    fault: str
    log: str
    at_s: float


class OwnFolder:
    """A new folder of this window, locked as long as its process lives.

    Attributes:
        path: where it is.
        descriptor: what a fault is written into.

    Raises:
        OSError: the data folder cannot be written.
    """

    def __init__(self) -> None:
        name = f"{time.time_ns()}-{os.getpid()}"
        unlocked = _place() / f".{name}"  # one that is found without its lock would be taken for a fallen window's
        unlocked.mkdir(mode=0o700, parents=True)
        self.descriptor = open_append(unlocked / FAULT_FILE)
        with suppress(OSError):  # where there are no locks, the number of the process tells
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.path = unlocked.rename(_place() / name)

    def keep(self, state: State, kinds: Mapping[str, int]) -> None:
        """Write the session, as a window that falls now is to be opened again.

        Raises:
            OSError: it cannot be written; what was kept before stays.
        """
        kept = msgspec.json.encode(_Kept(window_alone(state), dict(kinds)))
        write_atomically(self.path / SESSION_FILE, kept, durable=False)

    def log_end(self) -> str:
        """The last lines of the log."""
        return _end_of(self.path / LOG_FILE)

    def close(self) -> None:
        """The window was closed: its log stays until the next one is, the rest goes."""
        with suppress(OSError):
            (self.path / LOG_FILE).replace(data_folder() / LOG_FILE)
        remove(self.path)


def window_alone(state: State) -> State:
    """A state without what is kept beside its runs and in files of its own, for every window."""
    return msgspec.structs.replace(
        state, preferences=Preferences(), triage={}, role_corrections=(), sample_lists=SampleLists()
    )


def holds_anything(state: State) -> bool:
    """Whether there is anything in a session to open again."""
    return bool(state.every_run or state.fleet)


def fallen_windows() -> tuple[Fallen, ...]:
    """What windows left that fell with anything open or with a fault, newest first; what others left is removed."""
    found: list[Fallen] = []
    try:
        folders = sorted((path for path in _place().iterdir() if path.is_dir()), reverse=True)
    except OSError:
        return ()
    for folder in folders:
        if _has_window(folder):
            continue
        fallen = _read(folder)
        if len(found) < MOST_OFFERED and (fallen.fault or fallen.state is None or holds_anything(fallen.state)):
            found.append(fallen)
        else:
            remove(folder)
    return tuple(found)


def remove(folder: Path) -> None:
    """Remove the folder of a window, as far as that can be done."""
    shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    return data_folder() / "windows"


def _has_window(folder: Path) -> bool:
    owner = folder.name.rpartition("-")[2]
    if folder.name.startswith("."):  # its window may be about to lock it
        return is_running(owner)
    try:
        descriptor = os.open(folder / FAULT_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return is_running(owner)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return is_running(owner)
    finally:
        os.close(descriptor)
    return False


def _read(folder: Path) -> Fallen:
    state, kinds, at_s = None, {}, 0.0
    try:
        at_s = folder.stat().st_mtime
        at_s = (folder / SESSION_FILE).stat().st_mtime
        kept = msgspec.json.decode((folder / SESSION_FILE).read_bytes(), type=_Kept)
        state, kinds = kept.state, kept.kinds
    except FileNotFoundError:  # it fell before it was up
        state = State()
    except (OSError, ValueError, RecursionError) as error:
        _log.info("the session of a window that fell was not read: %s", error)
    return Fallen(folder, state, kinds, _end_of(folder / FAULT_FILE), _end_of(folder / LOG_FILE), at_s)


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            stream.seek(max(path.stat().st_size - MOST_BYTES, 0))
            return stream.read(MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""

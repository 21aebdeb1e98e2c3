"""Where marks of samples and dismissals of findings are kept: `triage.json` beside the run, else with the user's data.

A run's folder has one file for all its dumps. A single file, and what lies in a folder that may not be written, or in
this program's own, has a file of its own in the user's data folder, named by its identity.
"""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from inspector.core.errors import DamagedError, LimitError
from inspector.core.files import write_atomically
from inspector.core.places import data_folder
from inspector.core.resources import resource
from inspector.formats.triage import FILE_NAME, MOST_BYTES, MOST_SAMPLES, Triage, decoded, encoded, merged_triage
from inspector.jobs.reach import folder_there, there

_OTHERS_S = 0.25
"""So long another window's writing is waited for; what both wrote at once is found and merged at the next look."""


class Place(msgspec.Struct, frozen=True):
    """Where the marks of a dump are: a triage file, and the dump's name in it."""

    file: Path
    name: str


def place_of(dump: Path, opened: Iterable[str]) -> Place:
    """Where the marks of a dump are kept.

    Args:
        dump: the dump.
        opened: what was opened as its run: folders, of which the outermost that holds it counts, and files.
    """
    folders = [Path(path) for path in opened if dump.is_relative_to(path) and Path(path) != dump]
    folder = min((folder for folder in folders if folder_there(folder)), key=lambda one: len(one.parts), default=None)
    if folder is not None and _may_write(folder):
        return Place(folder / FILE_NAME, dump.relative_to(folder).as_posix())
    return own_place(dump)


def file_of_run(opened: Sequence[str]) -> Path:
    """Where the dismissals of a run's findings are kept; `opened` as of `place_of`."""
    first = Path(opened[0])
    return first / FILE_NAME if folder_there(first) and _may_write(first) else own_place(first).file


def own_place(dump: Path) -> Place:
    """The file in the user's data folder that belongs to one dump or folder, wherever it is renamed to on its disk."""
    # A dump that is a part of a log has a path below it.
    around, status = there(dump.parent), there(dump)
    if around is not None and stat.S_ISREG(around.st_mode):
        status = around
    name = f"{status.st_dev:x}-{status.st_ino:x}" if status is not None else "gone"
    return Place(data_folder() / "triage" / f"{name}.json", dump.name)


def beside(dump: Path, opened: Iterable[str]) -> tuple[Place, ...]:
    """Every place that may hold marks of a dump: its own, and that of its run though it may not be written."""
    folders = [Path(path) for path in opened if dump.is_relative_to(path) and folder_there(path)]
    in_folders = (Place(folder / FILE_NAME, dump.relative_to(folder).as_posix()) for folder in folders)
    return tuple(dict.fromkeys((*in_folders, own_place(dump), place_of(dump, opened))))


def load_triage(file: Path) -> Triage:
    """What a triage file says; nothing where there is none.

    Raises:
        DamagedError: it is not one that this version reads.
        LimitError: it is larger than any that was written by this program.
        OSError: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return Triage()
    if len(content) > MOST_BYTES:
        raise _too_large(file)
    try:
        return decoded(content)
    except ValueError as error:
        raise DamagedError(file, "marks of samples", str(error), "move it away") from error


def save_triage(file: Path, said: Triage) -> Triage:
    """Merge what is said into a triage file; it is written where that is anything new. What it says then.

    Raises:
        DamagedError, LimitError: what is there is not a triage file; it is left as it is.
        OSError: it cannot be written, and is as it was.
    """
    if file.is_relative_to(data_folder()):  # a run's folder that is gone is not made for it
        file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file.parent):
        before = load_triage(file)
        after = merged_triage(before, said)
        if after is not before:
            # A killed program loses nothing; a fresh copy of the disk would make the window wait at every key.
            content = encoded(after)
            if len(content) > MOST_BYTES or sum(map(len, after.files.values())) > MOST_SAMPLES:
                raise _too_large(file)
            write_atomically(file, content, durable=False)
    return after


def _too_large(file: Path) -> LimitError:
    return LimitError(
        file, f"marks of at most {MOST_SAMPLES:,} samples in {MOST_BYTES // 10**6} MB", "more", "move it away"
    )


def _may_write(folder: Path) -> bool:
    if folder.is_relative_to(resource(".")):
        return False
    file = folder / FILE_NAME
    return os.access(folder, os.W_OK | os.X_OK) and (there(file) is None or os.access(file, os.W_OK))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other windows from writing into a folder meanwhile, where its file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until_s = time.monotonic() + _OTHERS_S
        while not _locked(descriptor) and time.monotonic() < until_s:
            time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # this file system has no locks
        return True
    return True

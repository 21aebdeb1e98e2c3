"""What a disk holds after the power failed: the calls of a run are recorded, and what was not synced is dropped.

A model of a file system with two promises: `fsync` of a file keeps its bytes, `fsync` of a folder keeps its names.
Of all else any part may be there or not.
"""

from __future__ import annotations

import io
import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from inspector.formats.run_folder import RunRecord
from tests.training.faults import CALLS, assert_loads, assert_logged, short_run, step_of

Call = tuple[Any, ...]

CUTS = ("nothing unsynced", "names without bytes", "any part")
"""What of that which was not synced the disk holds."""


@dataclass
class Inode:
    """Bytes as they were written, and as they were when last synced."""

    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


@dataclass
class Folder:
    """Names that are sure to be there, and changes of names since in their order."""

    names: dict[str, Inode] = field(default_factory=dict)
    changes: list[dict[str, Inode | None]] = field(default_factory=list)

    def now(self, changes: int | None = None) -> dict[str, Inode]:
        """The names after so many of the changes, None for all."""
        names: dict[str, Inode | None] = dict(self.names)
        for change in self.changes[:changes]:
            names |= change
        return {name: inode for name, inode in names.items() if inode is not None}


class Recorder:
    """The operating system, with each call that changes something in a list, in the order in which they were made."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._turn = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return self._told(name, real) if name in CALLS else real

    def _told(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def made(*given: Any) -> Any:
            with self._turn:
                before = os.lseek(given[0], 0, os.SEEK_CUR) if name == "write" else 0
                found = real(*given)
                if name == "open":
                    self.calls.append((name, found, str(given[0]), given[1]))
                elif name == "write":
                    self.calls.append((name, given[0], before, bytes(given[1])[:found]))
                elif name in ("replace", "unlink"):
                    self.calls.append((name, *map(str, given)))
                elif name in ("fsync", "ftruncate"):
                    self.calls.append((name, *given))
                return found

        return made


@dataclass(frozen=True)
class Story:
    """The calls of one run, and the run's folder."""

    run: Path
    calls: list[Call]


def recorded(run: Path) -> Story:
    """Train a short run and record it."""
    recorder = Recorder()
    assert short_run(run, recorder) == 0
    return Story(run, recorder.calls)


def without_syncs(story: Story, part: str) -> Story:
    """The same run, had it not synced those whose path holds these letters."""
    calls, paths = [], dict[int, str]()
    for call in story.calls:
        if call[0] == "open":
            paths[call[1]] = call[2]
        if call[0] != "fsync" or part not in paths[call[1]]:
            calls.append(call)
    return Story(story.run, calls)


def points(story: Story) -> int:
    return len(story.calls)


@dataclass
class Disk:
    """Folders by path, and what the run had been told is kept: run.json as it was when its folder was last synced."""

    folders: dict[str, Folder] = field(default_factory=dict)
    acknowledged: bytes | None = None


def _replayed(story: Story, at: int) -> Disk:
    disk, files = Disk(), dict[int, tuple[Inode | str, bool]]()
    for name, *given in story.calls[:at]:
        _REPLAY[name](disk, files, *given)
        if name == "fsync" and files[given[0]][0] == str(story.run):
            told = disk.folders[str(story.run)].names.get("run.json")
            disk.acknowledged = None if told is None else bytes(told.data)
    return disk


def _open(disk: Disk, files: dict[int, Any], descriptor: int, path: str, flags: int) -> None:
    if flags & os.O_DIRECTORY:
        disk.folders.setdefault(path, Folder())
        files[descriptor] = path, False
        return
    folder, name = os.path.split(path)
    names = disk.folders.setdefault(folder, Folder())
    if name not in names.now():
        names.changes.append({name: Inode()})
    inode = names.now()[name]
    if flags & os.O_TRUNC:
        inode.data.clear()
    files[descriptor] = inode, bool(flags & os.O_APPEND)


def _write(_disk: Disk, files: dict[int, Any], descriptor: int, offset: int, data: bytes) -> None:
    inode, append = files[descriptor]
    start = len(inode.data) if append else offset
    inode.data.extend(bytes(max(0, start - len(inode.data))))
    inode.data[start : start + len(data)] = data


def _ftruncate(_disk: Disk, files: dict[int, Any], descriptor: int, size: int) -> None:
    del files[descriptor][0].data[size:]


def _fsync(disk: Disk, files: dict[int, Any], descriptor: int) -> None:
    synced = files[descriptor][0]
    if isinstance(synced, Inode):
        synced.synced = bytes(synced.data)
    else:
        folder = disk.folders[synced]
        folder.names, folder.changes = folder.now(), []


def _replace(disk: Disk, _files: dict[int, Any], source: str, target: str) -> None:
    folder, name = os.path.split(source)
    names = disk.folders[folder]
    names.changes.append({name: None, Path(target).name: names.now()[name]})


def _unlink(disk: Disk, _files: dict[int, Any], path: str) -> None:
    folder, name = os.path.split(path)
    disk.folders[folder].changes.append({name: None})


_REPLAY: dict[str, Callable[..., None]] = {
    "open": _open, "write": _write, "ftruncate": _ftruncate, "fsync": _fsync, "replace": _replace, "unlink": _unlink,
}  # fmt: skip


def _left(folder: Folder, cut: str, chance: random.Random) -> dict[str, bytes]:
    """The files of a folder after the power failed."""
    if cut == "nothing unsynced":
        return {name: inode.synced for name, inode in folder.now(0).items()}
    if cut == "names without bytes":
        return {name: inode.synced for name, inode in folder.now().items()}
    names = folder.now(chance.randint(0, len(folder.changes)))
    return {name: _some(inode, chance) for name, inode in names.items()}


def _some(inode: Inode, chance: random.Random) -> bytes:
    """What was synced, with the beginning of what was added since; one or the other where it was changed within."""
    if inode.data.startswith(inode.synced):
        return bytes(inode.data[: chance.randint(len(inode.synced), len(inode.data))])
    return chance.choice((inode.synced, bytes(inode.data)))


def assert_survives(story: Story, at: int, cut: str) -> int:
    """After a power cut behind so many calls, all that run.json names is whole, and it names what it had; its step."""
    disk, chance = _replayed(story, at), random.Random(at)
    run = _left(disk.folders.get(str(story.run), Folder()), cut, chance)
    checkpoints = _left(disk.folders.get(str(story.run / "checkpoints"), Folder()), cut, chance)
    told = _record(disk.acknowledged)
    if "run.json" not in run:
        assert told is None, f"call {at}, {cut}: run.json is lost"
        return 0
    record = _record(run["run.json"])
    assert record is not None
    if told is not None:
        assert step_of(record.last) >= step_of(told.last), f"call {at}, {cut}: {told.last} was named and is lost"
    for name in {record.best, record.last} - {None}:
        assert name in checkpoints, f"call {at}, {cut}: {name} is named and is not there"
        _assert_loads(name, checkpoints[name])
    assert_logged(run["metrics.jsonl"], record.last)
    return step_of(record.last)


@lru_cache(maxsize=64)
def _assert_loads(name: str, data: bytes) -> None:
    assert_loads(name, io.BytesIO(data))


def _record(data: bytes | None) -> RunRecord | None:
    return None if data is None else msgspec.json.decode(data, type=RunRecord)

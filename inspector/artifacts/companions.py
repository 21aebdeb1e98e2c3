"""Files that belong to a file that was opened: told by their names alone, before anything is parsed.

A locked reader may read what was opened and nothing beside it; an index of shards is worthless without its shards.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MAX_ENTRIES = 20_000
"""A folder with more entries is not looked through further."""

DCP_METADATA = ".metadata"
DCP_SUFFIX = ".distcp"

_INDEX = r"(?P<stem>.+)\.(?P<kind>safetensors|bin)\.index(?P<variant>\.[\w-]+)?\.json"
_INDEX_CONTAINERS = {"safetensors": "safetensors-sharded", "bin": "torch-sharded"}


class Entries(NamedTuple):
    """The names in a folder, sorted: of files, links to files among them, and of folders."""

    files: tuple[str, ...]
    folders: tuple[str, ...]


def entries_of(folder: Path) -> Entries:
    """What stands in a folder; empty where it may not be looked at."""
    try:
        with os.scandir(folder) as found:
            entries = [(entry.name, _is_folder(entry)) for entry in islice(found, MAX_ENTRIES)]
    except OSError:
        return Entries((), ())
    entries.sort()
    return Entries(
        tuple(name for name, is_folder in entries if not is_folder),
        tuple(name for name, is_folder in entries if is_folder),
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _index(name: str) -> re.Match[str] | None:
    """The parts of the name of an index; the pattern is compiled when a name may be one."""
    return re.fullmatch(_INDEX, name) if ".index" in name else None


def set_container(name: str) -> str:
    """The container of the set of files that a file of this name stands for; empty for any other name."""
    index = _index(name)
    if index is not None:
        return _INDEX_CONTAINERS[index["kind"]]
    return "dcp" if name == DCP_METADATA or name.endswith(DCP_SUFFIX) else ""


def belongs(name: str, other: str) -> bool:
    """Whether a file named `other` belongs to the set that one named `name` stands for."""
    index = _index(name)
    if index is not None:
        stem, kind, variant = re.escape(index["stem"]), index["kind"], re.escape(index["variant"] or "")
        return re.fullmatch(rf"{stem}(?:{variant})?-\d+-of-\d+(?:{variant})?\.{kind}", other) is not None
    return set_container(name) == "dcp" and set_container(other) == "dcp"


def companions_of(path: Path) -> tuple[Path, ...]:
    """What may be read beside a path that was opened.

    Of a file, the others of its set; of a folder, what its links lead to in the store of a Hugging Face cache.
    """
    if path.is_dir():
        links = (path / name for name in entries_of(path).files)
        return tuple(link.resolve() for link in links if link.is_symlink() and stays_inside(path, link))
    if not set_container(path.name):
        return ()
    beside = (name for name in entries_of(path.parent).files if name != path.name and belongs(path.name, name))
    found = (path.parent / name for name in beside)
    return tuple(other for other in found if _is_regular(other) and stays_inside(path.parent, other))


def with_companions(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The paths, each followed by what belongs to it."""
    return tuple(other for path in paths for other in (path, *companions_of(path)))


def inside(folder: Path, name: str) -> Path | None:
    """The file that an index names, None where the name leaves the folder."""
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in name or "\0" in name:
        return None
    path = folder / name
    return path if stays_inside(folder, path) else None


def stays_inside(folder: Path, path: Path) -> bool:
    """Whether a path, its links followed, is in the folder, or in the `blobs` of the Hugging Face cache around it."""
    try:
        home, real = folder.resolve(), path.resolve()
    except (OSError, RuntimeError):  # RuntimeError: a link that leads to itself
        return False
    return is_within(home, real)


def is_within(home: Path, real: Path) -> bool:
    """As `stays_inside`, of paths without links."""
    return real.is_relative_to(home) or (home.parent.name == "snapshots" and real.parent == home.parents[1] / "blobs")


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False

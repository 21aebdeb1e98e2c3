"""Values and links of an HDF5 file that lead to other files, followed to those that the user opened."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py
from inspector.artifacts.dumps.hdf5_open import close, open_file
from inspector.artifacts.dumps.hdf5_values import shown
from inspector.artifacts.dumps.part_places import Part
from inspector.artifacts.dumps.strided_parts import read_part
from inspector.artifacts.identity import Identity, identity_of
from inspector.artifacts.opened_paths import named_file
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError

MAX_OTHERS = 8
"""Other files that stay open."""

MAX_SOURCES = 4096
"""Places in which the values of one dataset may lie, those of its sources included."""

MAX_DEPTH = 8
"""Virtual datasets that may lead through one another."""

_Place = tuple[Path, int]
"""A dataset by its file and its address in it."""


class _Other(NamedTuple):
    identity: Identity
    file: Any


_others: OrderedDict[Path, _Other] = OrderedDict()


def other_file(path: Path) -> Any:
    """Another HDF5 file, kept open until it changes.

    Raises:
        FileError: it cannot be opened.
    """
    identity = identity_of(path)
    known = _others.pop(path, None)
    if known is None or known.identity != identity:
        if known is not None:
            close(known.file)
        known = _Other(identity, open_file(path).file)
    _others[path] = known
    while len(_others) > MAX_OTHERS:
        close(_others.popitem(last=False)[1].file)
    return known.file


def close_others() -> None:
    """Let go of every other file."""
    _allowed.clear()
    while _others:
        close(_others.popitem()[1].file)


def home_of(path: Path, item: Any) -> Path:
    """The file in which an object is: the one that was opened, or another that it leads to."""
    name = h5py.h5f.get_name(item)
    place = Path(os.fsdecode(name)) if isinstance(name, bytes) else path
    return place if place in _others else path


def _named(name: bytes | str, beside: Path) -> Path | None:
    """As `named_file`; a name with a percent sign stands for several, which the library would count through."""
    text = shown(name)
    return None if "%" in text else named_file(text, beside)


def behind_link(path: Path, file_name: bytes | str, target: bytes | str) -> Any:
    """The group or dataset that an external link leads to, by plain links from there on; None where it is not followed.

    Args:
        path: the file with the link.
        file_name: the other file's name in the link.
        target: the path in it.
    """
    other = _named(file_name, path)
    if other is None:
        return None
    try:
        return _by_plain_links(other_file(other), target)
    except (FileError, *FAILURES):
        return None


def _by_plain_links(file: Any, name: bytes | str) -> Any:
    """The group or dataset that a path leads to within a file; None where another kind of link is on its way."""
    item = h5py.h5g.open(file.id, b"/")
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    for component in raw.split(b"/"):
        if component not in (b"", b"."):
            if item.links.get_info(component).type != h5py.h5l.TYPE_HARD:
                return None
            item = h5py.h5o.open(item, component)
    return item


def may_read(path: Path, dataset: Any) -> bool:
    """Whether all places outside the file in which a dataset's values lie were opened by the user."""
    path = home_of(path, dataset.id)
    key = (path, identity_of(path), dataset.name)
    if key not in _allowed:
        try:
            allowed = _may_read(path, dataset, set(), ())
        except FAILURES:
            return False
        if not allowed:
            return False
        _allowed.add(key)
    return True


_allowed: set[tuple[Path, Identity, str | None]] = set()
"""Datasets that were found to be readable: looking at a hundred sources anew takes longer than a read."""


def _may_read(path: Path, dataset: Any, seen: set[_Place], above: tuple[_Place, ...]) -> bool:
    """As `may_read`; `seen` are the datasets that may be read, `above` those that lead to this one.

    The library follows datasets that lead to each other until its stack is full.
    """
    creation = dataset.id.get_create_plist()
    above = (*above, (path, _address(dataset)))
    if creation.get_layout() != h5py.h5d.VIRTUAL:
        names = [creation.get_external(index)[0] for index in range(creation.get_external_count())]
        return len(names) <= MAX_SOURCES and all(_named(name, path) for name in names)
    # Through a file object the library would look for the sources in this same file.
    if dataset.file.driver != "sec2" or creation.get_virtual_count() > MAX_SOURCES:
        return False
    for index in range(creation.get_virtual_count()):
        name, inside = shown(creation.get_virtual_filename(index)), creation.get_virtual_dsetname(index)
        place = path if name == "." else _named(name, path)
        if place is None or len(seen) > MAX_SOURCES or len(above) > MAX_DEPTH:
            return False
        try:
            source = _plain_dataset(dataset.file if name == "." else other_file(place), inside)
        except FileError:
            return False
        # Raw bytes the library would look for where the program runs.
        if source is None or source.external or (found := (place, _address(source))) in above:
            return False
        if found not in seen and source.is_virtual and not _may_read(place, source, seen, above):
            return False
        seen.add(found)
    return True


def _address(dataset: Any) -> int:
    address: int = h5py.h5o.get_info(dataset.id).addr
    return address


def _plain_dataset(file: Any, name: bytes | str) -> Any:
    """A dataset reached by plain links within a file, None where there is none."""
    item = _by_plain_links(file, name)
    return h5py.Dataset(item) if isinstance(item, h5py.h5d.DatasetID) else None


class _Segments:
    """The stretches of other files that hold a dataset, one after another, as a source of bytes."""

    def __init__(self, segments: list[tuple[Path, int, int]]) -> None:
        self._segments = segments
        self.size = sum(count for _path, _start, count in segments)

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`; a file that ends early ends the source."""
        pieces = []
        for path, start, length in self._segments:
            if count > 0 and offset < length:
                wanted = min(count, length - offset)
                with ByteFile(path) as file:
                    piece = file.read(start + offset, wanted)
                pieces.append(piece)
                if len(piece) < wanted:
                    break
                count -= wanted
                offset = 0
            else:
                offset = max(0, offset - length)
        return b"".join(pieces)

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - its bytes are in other files
        """As `Source.place`."""
        return None


def read_external(path: Path, dataset: Any, part: Part) -> AnyArray | None:
    """A part of a dataset whose values are raw bytes in other files; None where those end before it.

    The library would look for the files in the folder in which the program runs, so it is not asked.

    Raises:
        FileError: a file cannot be read.
    """
    creation = dataset.id.get_create_plist()
    path = home_of(path, dataset.id)
    segments = []
    left = dataset.size * dataset.id.get_type().get_size()
    for index in range(creation.get_external_count()):
        name, start, size = creation.get_external(index)
        count = left if size == h5py.h5f.UNLIMITED else min(size, left)
        target = _named(name, path)
        if target is None:
            return None
        segments.append((target, start, count))
        left -= count
    return read_part(_Segments(segments), 0, dataset.shape, dataset.dtype, part, fortran=False)

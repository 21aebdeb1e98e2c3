"""Reading a bounded part of an HDF5 dataset, and nothing outside the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from inspector.artifacts.dumps import read_bounds
from inspector.artifacts.dumps.hdf5_elsewhere import behind_link, home_of, may_read, read_external
from inspector.artifacts.dumps.hdf5_library import FAILURES, FILTER_ADVICE, h5py, sentence_of
from inspector.artifacts.dumps.hdf5_objects import TooMuchError, read_objects
from inspector.artifacts.dumps.hdf5_values import filters_of, missing_filters, shown, type_text
from inspector.artifacts.dumps.part_places import Part, lengths_of, whole_of
from inspector.artifacts.dumps.read_bounds import check_at_once, check_chunk, check_decoded, check_stored
from inspector.artifacts.identity import identity_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.units import bytes_text

OPEN_FOLDER = "open the folder that holds all of its files"
"""What helps where values lie in other files: only there they are read."""


def open_dataset(path: Path, file: Any, name: str, *, follow: bool = True) -> Any:
    """The dataset under a name, reached by links within the file, or to files that the user opened.

    Raises:
        UnsupportedError: the name leads through another kind of link, or to something else.
        DamagedError: it is not there, or cannot be opened.
    """
    item = h5py.h5g.open(file.id, b"/")
    try:
        for component in (part.encode("utf-8", "surrogateescape") for part in name.split("/") if part):
            kind = item.links.get_info(component).type
            found = None
            if follow and kind == h5py.h5l.TYPE_EXTERNAL:
                found = behind_link(home_of(path, item), *item.links.get_val(component))
            if kind != h5py.h5l.TYPE_HARD and found is None:
                raise UnsupportedError(path, f"{shown(name)} inside the file", "a link that is not followed")
            item = h5py.h5o.open(item, component) if found is None else found
    except FAILURES as error:
        raise DamagedError(path, f"a dataset {shown(name)}", shown(sentence_of(error))) from error
    if not isinstance(item, h5py.h5d.DatasetID):
        raise UnsupportedError(path, f"{shown(name)} to be a dataset", "a group or a type")
    return h5py.Dataset(item)


def outside(creation: Any) -> str:
    """Why a dataset's values lie outside the file; empty where they are inside."""
    if creation.get_layout() == h5py.h5d.VIRTUAL:
        return "it is virtual: its values lie in other datasets or files"
    if creation.get_external_count():
        return "its values lie in another file"
    return ""


def sources_outside(creation: Any) -> Iterator[tuple[str, str]]:
    """Kind and name of each other place in which a dataset's values lie: `virtual source` or `external storage`."""
    if creation.get_layout() == h5py.h5d.VIRTUAL:
        for index in range(creation.get_virtual_count()):
            file = shown(creation.get_virtual_filename(index))
            yield "virtual source", f"{file}:{shown(creation.get_virtual_dsetname(index))}"
    for index in range(creation.get_external_count()):
        name, offset, size = creation.get_external(index)
        length = "to its end" if size == h5py.h5f.UNLIMITED else f"{size:,} bytes"
        yield "external storage", f"{shown(name)} from byte {offset:,}, {length}"


def read(
    path: Path,
    dataset: Any,
    part: Part | None = None,
    *,
    generous: bool = False,
    direct: Callable[[Any, Part], AnyArray | None] | None = None,
) -> AnyArray:
    """A part of a dataset, the whole without one.

    Variable-length texts are str, lists are arrays and references the path of their target, in an array of objects;
    text of a fixed length is bytes.

    Args:
        path: the file, for the errors.
        dataset: as `open_dataset` gives it.
        part: within the dataset's shape.
        generous: whether someone asked for what the usual limits refuse.
        direct: reads past the library what it can, and gives None for the rest.

    Raises:
        UnsupportedError: the values lie outside the file, need a missing filter, or are of no type of numpy.
        LimitError: it would take more than the limits allow.
        DamagedError: the stored values cannot be decoded.
    """
    try:
        name = shown(dataset.name or "").removeprefix("/")
        stored = _stored(dataset)
    except FAILURES as error:
        raise DamagedError(path, "a readable dataset", shown(sentence_of(error))) from error
    if stored.elsewhere and not may_read(path, dataset):
        raise UnsupportedError(path, f"the values of {name} in this file", stored.elsewhere, OPEN_FOLDER)
    if stored.missing:
        raise UnsupportedError(path, f"filters that undo {name}", " and ".join(stored.missing), FILTER_ADVICE)
    if stored.shape is None:
        raise UnsupportedError(path, f"{name} to hold values", "an empty dataset")
    wanted = part if part is not None else whole_of(stored.shape)
    _check_size(path, name, stored, stored.shape, wanted, generous=generous)
    try:
        dtype = dataset.dtype
    except FAILURES as error:
        raise UnsupportedError(path, f"{name} to hold values that numpy has a type for", stored.type_text) from error
    if dtype.hasobject:
        return _objects(path, dataset, name, wanted)
    if dataset.external:
        return _external(path, dataset, name, wanted)
    own = not stored.elsewhere and home_of(path, dataset.id) == path
    if own and direct is not None and (found := direct(dataset, wanted)) is not None:
        return found
    try:
        values: AnyArray = np.asarray(dataset[wanted])
    except FAILURES as error:
        raise DamagedError(path, f"the values of {name} to be readable", shown(sentence_of(error))) from error
    return values


def _external(path: Path, dataset: Any, name: str, part: Part) -> AnyArray:
    found = read_external(path, dataset, part)
    if found is None:
        raise DamagedError(path, f"the values of {name} in other files", "files that end before them")
    return found


class _Stored(NamedTuple):
    """How a dataset is kept: what must be known before any of it is read."""

    shape: tuple[int, ...] | None
    chunks: tuple[int, ...] | None
    item_bytes: int
    stored_bytes: int
    elsewhere: str
    missing: tuple[str, ...]
    type_text: str


def _stored(dataset: Any) -> _Stored:
    creation = dataset.id.get_create_plist()
    kind = dataset.id.get_type()
    return _Stored(
        shape=dataset.shape,
        chunks=dataset.chunks,
        item_bytes=kind.get_size(),
        stored_bytes=dataset.id.get_storage_size(),
        elsewhere=outside(creation),
        missing=missing_filters(filters_of(creation)),
        type_text=type_text(kind),
    )


def touched_bytes(shape: Sequence[int], chunks: Sequence[int] | None, part: Part, item_bytes: int) -> int:
    """Decoded size of everything that must be read for a part."""
    lengths = lengths_of(part)
    if min(lengths, default=1) <= 0:
        return 0
    if chunks:
        lengths = tuple(
            min(-(-axis.stop // chunk) * chunk, -(-length // chunk) * chunk) - axis.start // chunk * chunk
            for axis, chunk, length in zip(part, chunks, shape, strict=True)
        )
    return math.prod(lengths) * item_bytes


def _check_size(path: Path, name: str, stored: _Stored, shape: tuple[int, ...], part: Part, *, generous: bool) -> None:
    wanted = touched_bytes(shape, None, part, stored.item_bytes)
    check_at_once(path, name, wanted, generous=generous)
    chunk = math.prod(stored.chunks) * stored.item_bytes if stored.chunks else 0
    check_chunk(path, name, chunk, generous=generous)
    check_decoded(path, name, touched_bytes(shape, stored.chunks, part, stored.item_bytes), generous=generous)
    if not generous and not stored.elsewhere:
        check_stored(path, name, wanted, stored.stored_bytes)


def _objects(path: Path, dataset: Any, name: str, part: Part) -> AnyArray:
    try:
        return read_objects(dataset, part, identity_of(path).bytes, read_bounds.MAX_BYTES)
    except TooMuchError as error:
        limit = f"at most {bytes_text(read_bounds.MAX_BYTES)} of {name} at once"
        raise LimitError(path, limit, "more texts and lists") from error
    except FAILURES as error:
        raise DamagedError(path, f"the values of {name} to be readable", shown(sentence_of(error))) from error

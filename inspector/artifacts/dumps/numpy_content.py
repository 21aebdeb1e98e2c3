"""Dumps in numpy's files: `.npz`, one array a dataset, and `.npy`, one dataset named by its file.

They are read by offset and never mapped: a mapped file that shrinks kills its reader. Nothing is unpickled.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import ml_dtypes
import numpy as np

from inspector.artifacts.archives.zip_archive import looks_like_zip
from inspector.artifacts.archives.zip_content import source_of
from inspector.artifacts.archives.zip_format import DEFLATED
from inspector.artifacts.archives.zip_scan import open_whole_or_cut
from inspector.artifacts.byte_file import ByteFile, InnerFile, ReadableFile
from inspector.artifacts.dumps import roles
from inspector.artifacts.dumps.part_places import Part, first_rows, whole_of
from inspector.artifacts.dumps.read_bounds import PROBE_BYTES, check_at_once
from inspector.artifacts.dumps.strided_parts import read_part, span_bytes
from inspector.artifacts.numpy_headers import MAGIC, NpyHeader, npy_header, npy_type
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.core.units import bytes_text
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.samples import samples_of


class _Array(NamedTuple):
    """One array: where it is, its header, its dtype; `problem` says why it is not read."""

    file: ReadableFile
    header: NpyHeader
    dtype: np.dtype[Any] | None
    text: str
    problem: str
    filters: tuple[str, ...]


def is_numpy(path: Path) -> bool:
    """Whether a file begins as numpy's do: with an array, or as an archive.

    Raises:
        FileError: it cannot be read.
    """
    with ByteFile(path) as file:
        start = file.read(0, len(MAGIC))
    return start == MAGIC or looks_like_zip(start)


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What numpy's file holds as a dump.

    Raises:
        FileError: it cannot be read.
    """
    content = NumpyContent(path, pulse)
    try:
        return content.facts(pulse)
    finally:
        content.close()


class NumpyContent:
    """The arrays of a `.npy` or `.npz` file.

    Raises:
        FileError: it cannot be read.
    """

    def __init__(self, path: Path, pulse: Pulse = QUIET) -> None:
        self._path = path
        self._file = ByteFile(path)
        self._notes = Notes()
        self._arrays: dict[str, _Array] = {}
        try:
            self._list(pulse)
        except BaseException:
            self.close()
            raise

    def _list(self, pulse: Pulse) -> None:
        if not looks_like_zip(self._file.read(0, len(MAGIC))):
            self._arrays[self._path.stem] = _array(self._file, ())
            return
        archive = open_whole_or_cut(self._file, self._notes, pulse)
        for index, member in enumerate(archive.by_name.values()):
            pulse.beat(index, len(archive.by_name), "listing arrays")
            name = member.name.removesuffix(".npy")
            try:
                inner = InnerFile(self._file, source_of(archive, member, self._notes, pulse))
                self._arrays[name] = _array(inner, ("deflate",) if member.method == DEFLATED else ())
            except FileError as error:
                self._notes.add(f"{name}: {error.mismatch}")

    def facts(self, pulse: Pulse) -> DumpFacts:
        """As `Content.facts`."""
        listed = [self._facts_of(name, array) for name, array in self._arrays.items()]
        guessed = roles.with_roles(listed, {}, self._first_rows, pulse)
        samples, doubt = samples_of(guessed, {})
        if doubt:
            self._notes.add(doubt)
        return DumpFacts(
            bytes=self._file.size,
            datasets=guessed,
            samples=samples,
            notes=self._notes.texts(),
            limited=self._notes.limited,
        )

    def _facts_of(self, name: str, array: _Array) -> DatasetFacts:
        if array.problem:
            self._notes.add(f"{name} is not read: it {array.problem}")
        size = math.prod(array.header.shape) * (array.dtype.itemsize if array.dtype else 0)
        there = array.file.size - array.header.data_start
        if size > there:
            self._notes.add(f"{name} is cut off: {size:,} bytes are declared and {max(0, there):,} are there")
        return DatasetFacts(path=name, shape=array.header.shape, dtype=array.text, bytes=size, filters=array.filters)

    def _first_rows(self, dataset: DatasetFacts, rows: int) -> AnyArray | None:
        count = dataset.shape[0] if dataset.shape else 0
        if not count or dataset.bytes // count * min(rows, count) > PROBE_BYTES:
            return None
        try:
            return self.read(dataset, first_rows(dataset.shape, rows), generous=False)
        except FileError:
            return None

    def read(self, dataset: DatasetFacts, part: Part | None, *, generous: bool) -> AnyArray:
        """As `Content.read`.

        Raises:
            UnsupportedError: the array holds objects.
            LimitError: it would take more than the limits allow.
            DamagedError: the file ends before it.
        """
        array = self._arrays.get(dataset.path)
        if array is None:
            raise UnsupportedError(self._path, f"an array {dataset.path}", "none of that name")
        if array.dtype is None or array.problem:
            raise UnsupportedError(self._path, f"numbers or text in {dataset.path}", f"an array that {array.problem}")
        shape = array.header.shape
        wanted = part if part is not None else whole_of(shape)
        needed = span_bytes(shape, wanted, array.dtype.itemsize, fortran=array.header.fortran)
        check_at_once(self._path, dataset.path, needed, generous=generous)
        start, fortran = array.header.data_start, array.header.fortran
        values = read_part(array.file, start, shape, array.dtype, wanted, fortran=fortran)
        if values is None:
            there = bytes_text(max(0, array.file.size - start))
            raise DamagedError(self._path, f"{bytes_text(dataset.bytes)} of {dataset.path}", there)
        return values

    def close(self) -> None:
        """As `Content.close`."""
        self._file.close()


def _array(file: ReadableFile, filters: tuple[str, ...]) -> _Array:
    header = npy_header(file)
    kind = npy_type(header.descr)
    dtype, problem = _dtype(header.descr, kind.name)
    return _Array(file, header, dtype, kind.name, problem, filters)


def _dtype(descr: Any, name: str) -> tuple[np.dtype[Any] | None, str]:
    """The type of the elements as numpy has it, None with the reason where they cannot be read."""
    if name == "bfloat16":
        return np.dtype(ml_dtypes.bfloat16), ""
    try:
        dtype: np.dtype[Any] = np.lib.format.descr_to_dtype(descr)
    except (TypeError, ValueError, RecursionError, OverflowError, SyntaxError):
        return None, "holds elements of a type that numpy does not have"
    if dtype.hasobject:
        return None, "holds Python objects, which are never unpickled"
    return dtype, ""

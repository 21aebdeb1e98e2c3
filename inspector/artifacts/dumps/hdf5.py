"""What an HDF5 file holds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from inspector.artifacts.dumps import roles
from inspector.artifacts.dumps.hdf5_library import FAILURES, h5py
from inspector.artifacts.dumps.hdf5_open import Opened, opened, refused
from inspector.artifacts.dumps.hdf5_values import attributes_of
from inspector.artifacts.dumps.hdf5_walk import walk
from inspector.artifacts.dumps.hdf5_window import open_dataset, read, touched_bytes
from inspector.artifacts.dumps.part_places import first_rows
from inspector.artifacts.dumps.read_bounds import PROBE_BYTES
from inspector.artifacts.identity import identity_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.samples import samples_of

PROBED_BYTES = 64 * 10**6
"""The most that is decoded of all datasets together for that: about a quarter of a second."""


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What an HDF5 file holds: datasets with their guessed roles, links, attributes, and notes on what is damaged.

    Raises:
        FileError: it cannot be opened at all.
    """
    with opened(path) as found:
        return facts_of(path, found, pulse)


def facts_of(path: Path, found: Opened, pulse: Pulse) -> DumpFacts:
    """As `facts`, of a file that is open."""
    file = found.file
    notes = Notes()
    for note in found.notes:
        notes.add(note)
    try:
        root = h5py.h5g.open(file.id, b"/")
        datasets, links = walk(path, root, notes, pulse)
    except FAILURES as error:
        raise refused(path, error, found.notes) from error
    attributes = attributes_of(file, "the file", notes)

    left_bytes = PROBED_BYTES

    def probe(dataset: DatasetFacts, rows: int) -> AnyArray | None:
        nonlocal left_bytes
        needed = _probe_bytes(dataset, rows)
        if not 0 < needed <= min(PROBE_BYTES, left_bytes):
            return None
        left_bytes -= needed
        return _first_rows(path, file, dataset, rows)

    guessed = roles.with_roles(datasets, attributes, probe, pulse)
    samples, doubt = samples_of(guessed, attributes)
    for note in (*roles.format_notes(attributes), doubt):
        if note:
            notes.add(note)
    return DumpFacts(
        bytes=identity_of(path).bytes,
        datasets=guessed,
        links=links,
        attributes=attributes,
        samples=samples,
        notes=notes.texts(),
        limited=notes.limited,
    )


def _probe_bytes(dataset: DatasetFacts, rows: int) -> int:
    """What must be decoded for the first rows of a dataset; 0 where it has none."""
    if not dataset.shape or 0 in dataset.shape:
        return 0
    item_bytes = dataset.bytes // math.prod(dataset.shape)
    return touched_bytes(dataset.shape, dataset.chunks, first_rows(dataset.shape, rows), item_bytes)


def _first_rows(path: Path, file: Any, dataset: DatasetFacts, rows: int) -> AnyArray | None:
    """The first entries along the first axis, None where they cannot be read."""
    try:
        return read(path, open_dataset(path, file, dataset.path), first_rows(dataset.shape, rows))
    except FileError:
        return None

"""A folder of PNG masks as a dump: one file a sample, labels as numbers, pictures beside them.

The masks stand alone in a folder, beside folders of pictures with the same names, or beside pictures in one folder
(`17.png` and `17_mask.png`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.dumps import roles
from inspector.artifacts.dumps.part_places import Part, whole_of
from inspector.artifacts.dumps.picture_names import is_mask_name, pictures_of
from inspector.artifacts.dumps.png_pixels import (
    COLOUR,
    COLOUR_ALPHA,
    GREY_ALPHA,
    HEADER_BYTES,
    PALETTE,
    PngHeader,
    png_header,
    png_palette,
    png_pixels,
)
from inspector.artifacts.dumps.read_bounds import check_at_once
from inspector.artifacts.identity import stamp_of
from inspector.core.arrays import AnyArray
from inspector.core.errors import DamagedError, FileError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.formats.samples import samples_of

NAMES = "names"
"""The dataset that tells what the files of each sample are called."""


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What a folder of masks holds.

    Raises:
        FileError: there are no masks in it.
    """
    return PictureContent(path).facts(pulse)


class PictureContent:
    """The pictures of a folder; no file stays open.

    Raises:
        FileError: there are no masks in it.
    """

    def __init__(self, path: Path) -> None:
        found = pictures_of(path)
        if found is None or found.home != path:
            raise FileError(path, "a folder of PNG masks", "none in it", "open it as a run")
        self._path = path
        self._columns = found.columns
        self._samples = found.samples
        self._headers: dict[str, PngHeader] = {}

    def facts(self, pulse: Pulse) -> DumpFacts:
        """As `Content.facts`."""
        notes = Notes()
        datasets = [self._facts_of(name, column, notes, pulse) for name, column in self._columns.items()]
        names = DatasetFacts(path=NAMES, shape=(len(self._samples),), dtype="text", bytes=16 * len(self._samples))
        guessed = roles.with_roles([*(one for one in datasets if one), names], {}, lambda *_: None, pulse)
        samples, doubt = samples_of(guessed, {})
        if doubt:
            notes.add(doubt)
        files = (stamp_of(path) for column in self._columns.values() for path in column.values())
        size = sum(file.bytes for file in files if file is not None)
        return DumpFacts(bytes=size, datasets=guessed, samples=samples, notes=notes.texts())

    def _facts_of(self, name: str, column: Mapping[str, Path], notes: Notes, pulse: Pulse) -> DatasetFacts | None:
        first: PngHeader | None = None
        others = unreadable = 0
        for index, path in enumerate(column.values()):
            pulse.beat(index, len(column), f"looking at {name}")
            try:
                header = _header(path)
            except FileError:
                unreadable += 1
                continue
            first = first or header
            others += (header.height, header.width) != (first.height, first.width)
        missing = sum(sample not in column for sample in self._samples)
        for count, what in ((missing, "missing"), (unreadable, "no PNG picture"), (others, "of another size")):
            if count:
                notes.add(f"{name}: {count} of {len(self._samples)} pictures {'is' if count == 1 else 'are'} {what}")
        if first is None:
            return None
        self._headers[name] = first
        shape, dtype = _shape_of(name, first)
        return DatasetFacts(
            path=name, shape=(len(self._samples), *shape), dtype=dtype, filters=("png",),
            bytes=len(self._samples) * math.prod(shape) * np.dtype(dtype).itemsize,
        )  # fmt: skip

    def read(self, dataset: DatasetFacts, part: Part | None, *, generous: bool) -> AnyArray:
        """As `Content.read`.

        Raises:
            UnsupportedError: a sample has no such picture.
            DamagedError: a picture cannot be read, or is not as large as the others.
            LimitError: it would take more than the limits allow.
        """
        wanted = part if part is not None else whole_of(dataset.shape)
        rows, rest = wanted[0], wanted[1:]
        if dataset.path == NAMES:
            return np.array(self._samples[rows], object)
        each = dataset.bytes // max(1, dataset.shape[0])
        check_at_once(self._path, dataset.path, each * (rows.stop - rows.start), generous=generous)
        pictures = np.empty((rows.stop - rows.start, *dataset.shape[1:]), dataset.dtype)
        for place, sample in enumerate(self._samples[rows]):
            pictures[place] = self._picture(dataset, sample)
        return pictures[(slice(None), *rest)]

    def _picture(self, dataset: DatasetFacts, sample: str) -> AnyArray:
        path = self._columns.get(dataset.path, {}).get(sample)
        if path is None:
            raise UnsupportedError(self._path, f"a picture of {sample} in {dataset.path}", "none")
        with ByteFile(path) as file:
            data = file.read(0, file.size)
        pixels = _as_dataset(dataset.path, png_header(path, data[:HEADER_BYTES]), png_pixels(path, data), data)
        if pixels.shape != dataset.shape[1:]:
            expected, found = ("×".join(map(str, shape)) for shape in (dataset.shape[1:], pixels.shape))
            raise DamagedError(path, f"a picture of {expected} as the others", found)
        return pixels

    def close(self) -> None:
        """As `Content.close`."""


def _header(path: Path) -> PngHeader:
    with ByteFile(path) as file:
        return png_header(path, file.read(0, HEADER_BYTES))


def _shape_of(name: str, header: PngHeader) -> tuple[tuple[int, ...], str]:
    """Shape and type of one picture of a dataset."""
    size = (header.height, header.width)
    if is_mask_name(name):
        return (size, "uint32") if header.kind in (COLOUR, COLOUR_ALPHA) else (size, header.dtype)
    if header.kind in (COLOUR, COLOUR_ALPHA, PALETTE):
        return (*size, 3), "uint8" if header.kind == PALETTE else header.dtype
    return size, header.dtype


def _as_dataset(name: str, header: PngHeader, pixels: AnyArray, data: bytes) -> AnyArray:
    """Pixels as `_shape_of` says: colours of masks as one number each, black 0; a palette's colours of pictures."""
    if is_mask_name(name) and header.kind in (COLOUR, COLOUR_ALPHA):
        red, green, blue = (pixels[..., channel].astype(np.uint32) & 0xFF for channel in range(3))
        return red << 16 | green << 8 | blue
    if header.kind == GREY_ALPHA:
        return pixels[..., 0]
    if header.kind == PALETTE and not is_mask_name(name):
        return png_palette(data)[pixels]
    return pixels[..., :3] if header.kind == COLOUR_ALPHA else pixels

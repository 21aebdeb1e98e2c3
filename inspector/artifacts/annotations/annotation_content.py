"""A file of points with the images that lie around it, read like a dump: one dataset of images, others of points."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from inspector.artifacts.annotations.annotation_arrays import arrays_of, facts_of_array
from inspector.artifacts.annotations.annotation_file import annotated_images
from inspector.artifacts.annotations.image_places import image_places
from inspector.artifacts.annotations.joining import joined
from inspector.artifacts.annotations.truth_files import truth_of
from inspector.artifacts.identity import Identity, stamp_of
from inspector.artifacts.photographs import Photograph, photograph, photograph_size
from inspector.artifacts.picture_folders import is_picture
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.errors import FileError, MissingError, UnsupportedError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse
from inspector.formats import dump as names
from inspector.formats.annotated_images import AnnotatedImages
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts

PICTURE_FILES = "picture files"
"""The dtype of a dataset whose samples are files of their own, of any size."""

MOST_SIDE_PX = 1_000_000
"""No image is larger; a number that is stands for something else."""


def facts(path: Path, pulse: Pulse) -> DumpFacts:
    """What a file of points holds.

    Raises:
        FileError: it cannot be read, or holds no points.
    """
    return AnnotationContent(path).facts(pulse)


class Source(NamedTuple):
    """Annotated images, and where they are from.

    Attributes:
        form: how they are written.
        beside: a file in the folder that their images lie in or below.
        attributes: what else is told of all of them.
    """

    images: AnnotatedImages
    form: str
    beside: Path
    attributes: Mapping[str, Any] = MappingProxyType({})


def _from_file(path: Path, pulse: Pulse) -> Source:
    images, form = annotated_images(path, pulse)
    return Source(images, form, path)


class AnnotationContent:
    """The points of a file and the images that they lie on; to predictions belongs the truth of another file.

    Args:
        path: of the file.
        source: reads it.

    Attributes:
        read_too: the identities of other files whose points are among its own.
    """

    def __init__(self, path: Path, source: Callable[[Path, Pulse], Source] = _from_file) -> None:
        self._path = path
        self._source = source
        self._attributes: dict[str, Any] = {}
        self._arrays: dict[str, AnyArray] = {}
        self._images: AnnotatedImages | None = None
        self._places: dict[str, Path] = {}
        self.read_too: tuple[Identity, ...] = ()

    def facts(self, pulse: Pulse) -> DumpFacts:
        """As `Content.facts`.

        Raises:
            FileError: the file cannot be read, or holds no points.
        """
        images = self._read(pulse)
        notes = Notes()
        for note in images.notes:
            notes.add(note)
        files = _files(images)
        missing = [file for file in files if file not in self._places]
        if len(missing) == len(files):
            if any(map(is_picture, files)):  # else they are called by numbers or words, and may have none
                notes.add(f"None of its images was found beside it; open the folder that holds {files[0][:200]} too")
        elif missing:
            found = f"{len(missing):,} of {len(files):,} images were not found"
            notes.add(f"{found} beside it, the first is {missing[0][:200]}; open the folder that holds it too")
        datasets = [facts_of_array(name, values, images) for name, values in self._arrays.items()]
        if self._places:
            datasets.append(
                DatasetFacts(
                    path=names.IMAGE, shape=(len(files),), dtype=PICTURE_FILES, bytes=0, role=Role.IMAGE,
                    layout="N", because="the annotations name their images",
                )
            )  # fmt: skip
        return DumpFacts(
            bytes=size.bytes if (size := stamp_of(self._path)) else 0,
            datasets=tuple(datasets),
            attributes=self._attributes,
            samples=len(files),
            notes=notes.texts(),
        )

    def read(self, dataset: DatasetFacts, part: tuple[slice, ...] | None, *, generous: bool) -> AnyArray:  # noqa: ARG002 - all of it is in memory
        """As `Content.read`.

        Raises:
            UnsupportedError: the dataset is of picture files.
        """
        if dataset.dtype == PICTURE_FILES:
            raise UnsupportedError(self._path, "numbers in a dataset", "picture files")
        if not self._arrays:
            self._read(QUIET)
        values = self._arrays[dataset.path]
        return values if part is None else values[part]

    def picture(self, sample: int, longest_px: int = 0) -> Photograph:
        """The image of a sample.

        Args:
            sample: from 0.
            longest_px: as `photograph`.

        Raises:
            MissingError: it was not found; its path is where it should be.
            FileError: it cannot be read.
        """
        images = self._read(QUIET) if self._images is None else self._images
        name = _files(images)[sample]
        place = self._places.get(name)
        if place is None:
            # Where the others lie is where it should be, whatever folder the annotations name.
            home = next(iter(self._places.values())).parent if self._places else self._path.parent
            wanted = home / PurePath(name).name if self._places else home / name
            advice = f"open the folder that holds it together with {self._path.name}"
            raise MissingError(wanted, "an image", f"none at {wanted}"[:500], advice)
        return photograph(place, longest_px)

    def close(self) -> None:
        """As `Content.close`."""

    def _read(self, pulse: Pulse) -> AnnotatedImages:
        source = self._source(self._path, pulse)
        images = source.images
        self._attributes = {"format": source.form, **source.attributes}
        around = [source.beside]
        # What a step logged is told by itself.
        if images.truth is None and self._source is _from_file and (truth := truth_of(self._path, images, pulse)):
            images = joined(images, truth.images, truth.path.name, truth.match)
            if truth.others:
                more = f"{truth.others[0]} has the truth of as many images, and is left aside"
                images = dataclasses.replace(images, notes=(*images.notes, more))
            self.read_too = (truth.identity,)
            self._attributes[names.TRUTH_FILE] = truth.path.name
            around += [truth.path] if truth.path.parent != source.beside.parent else []
        self._images = images
        self._places = {}
        for beside in around:
            missing = [name for name in _files(images) if name not in self._places]
            self._places |= image_places(missing, beside, pulse) if missing else {}
        self._arrays = arrays_of(images)
        self._arrays[names.SIZES] = self._sizes(images, pulse)
        return images

    def _sizes(self, images: AnnotatedImages, pulse: Pulse) -> FloatArray:
        """What the files themselves say where the annotations do not; NaN where neither does."""
        with np.errstate(invalid="ignore"):
            possible = (images.sizes >= 1) & (images.sizes <= MOST_SIDE_PX)
        sizes, files = np.where(possible, images.sizes, np.nan), _files(images)
        for index in np.flatnonzero(~np.isfinite(sizes).all(axis=1)).tolist():
            pulse.beat(index, len(sizes), "looking at images")
            place = self._places.get(files[index])
            if place is not None:
                try:
                    sizes[index] = photograph_size(place)
                except FileError:  # said when the image is looked at
                    continue
        return sizes


def _files(images: AnnotatedImages) -> tuple[str, ...]:
    """Where each image lies, as the file tells."""
    return images.files or images.names

"""Scenes of a user's own data: pictures with instance masks, cropped and brought to the size that is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from inspector.analysis.points import centroid
from inspector.core.arrays import AnyArray, IntArray
from inspector.core.errors import FileError, LimitError, MissingError, SettingsError
from inspector.core.units import counted
from inspector.formats.recipes.slots import Data
from inspector.training.slots.mask_folder import MaskFolder
from inspector.training.slots.multi_object_file import MultiObjectFile
from inspector.training.slots.scenes import BACKGROUND, IGNORED, GeneratedScenes, Scene, Source

_CLEVR_PX = (240, 320)
_CLEVR_WINDOW = (slice(29, 221), slice(64, 256))
"""Rows and columns of a CLEVR picture that are usually kept. Source: IODINE and Slot Attention, by their code."""


class Stored(Protocol):
    """Pictures with masks as they are stored, by number."""

    @property
    def path(self) -> Path:
        """Where they are."""

    @property
    def count(self) -> int:
        """How many there are."""

    def picture(self, index: int) -> npt.NDArray[np.uint8]:
        """(height, width, 3) uint8.

        Raises:
            FileError: it cannot be read.
        """

    def labels(self, index: int) -> IntArray:
        """The object of each pixel, (height, width) int64: 0 background, 255 ignored.

        Raises:
            FileError: it cannot be read.
        """

    def object_counts(self) -> IntArray | None:
        """Objects of each scene, (scenes,) int64; None where that is not stored.

        Raises:
            FileError: they cannot be read.
        """


class StoredScenes:
    """Some of the stored scenes, as the recipe sees them."""

    def __init__(self, stored: Stored, indices: IntArray, size: int) -> None:
        self._stored, self._indices = stored, indices
        self.count, self.size = len(indices), size

    def image(self, index: int) -> npt.NDArray[np.uint8]:
        """(size, size, 3) uint8."""
        return _fitted_picture(self._stored.picture(int(self._indices[index])), self.size)

    def scene(self, index: int) -> Scene:
        """The picture with its mask, and the centres of what is seen of the objects."""
        place = int(self._indices[index])
        labels = _numbered(_fitted_labels(self._stored.labels(place), self.size), self._stored.path, place)
        objects = int(labels[labels != IGNORED].max(initial=BACKGROUND))
        centres = [centroid(labels == label) for label in range(1, objects + 1)]
        return Scene(self.image(index), labels, np.asarray(centres, np.float32).reshape(-1, 2))


def sources(data: Data) -> tuple[Source, Source]:
    """Training and validation scenes: generated, or those of `data.path`, whose last share validates.

    Raises:
        FileError: the data is not there, or is not what it should be.
        SettingsError: `data.object_limit` cannot be held.
    """
    if not data.path:
        return GeneratedScenes(data, "train"), GeneratedScenes(data, "val")
    stored = _opened(Path(data.path).expanduser())
    indices = _within(stored, data.object_limit)
    validating = max(1, round(len(indices) * data.val_share))
    training = len(indices) - validating
    if training < 1:
        raise FileError(stored.path, "scenes to train on and to validate with", counted(len(indices), "scene"))
    shown = indices[training : training + data.val_scenes]
    return StoredScenes(stored, indices[:training], data.image_size), StoredScenes(stored, shown, data.image_size)


def _opened(path: Path) -> Stored:
    if not path.exists():
        raise MissingError(path, "an HDF5 file or a folder", "nothing of that name", "correct data.path")
    return MaskFolder(path) if path.is_dir() else MultiObjectFile(path)


def _within(stored: Stored, limit: int | None) -> IntArray:
    """Numbers of the scenes with at most so many objects."""
    if limit is None:
        return np.arange(stored.count)
    counts = stored.object_counts()
    if counts is None:
        raise SettingsError(
            f"data.object_limit needs visibility or num_actual_objects beside the masks, {stored.path.name} has"
            " neither; turn it off"
        )
    return np.flatnonzero(counts <= limit)


def _window(height: int, width: int) -> tuple[slice, slice]:
    """Rows and columns that are kept of a picture: a square."""
    if (height, width) == _CLEVR_PX:
        return _CLEVR_WINDOW
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return slice(top, top + side), slice(left, left + side)


def _fitted_picture(picture: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    kept = picture[_window(*picture.shape[:2])]
    planes = torch.from_numpy(np.ascontiguousarray(kept)).permute(2, 0, 1).unsqueeze(0).float()
    fitted = functional.interpolate(planes, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    found: npt.NDArray[np.uint8] = fitted[0].round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return found


def _fitted_labels(labels: IntArray, size: int) -> IntArray:
    """The nearest pixel, as labels cannot be mixed."""
    kept = labels[_window(*labels.shape)]
    places = ((np.arange(size) + 0.5) * (len(kept) / size)).astype(np.int64)
    found: IntArray = kept[np.ix_(places, places)]
    return found


def _numbered(labels: AnyArray, path: Path, place: int) -> npt.NDArray[np.uint8]:
    """Objects that are seen, numbered from 1 without gaps."""
    seen = np.setdiff1d(labels, (BACKGROUND, IGNORED))
    if len(seen) >= IGNORED:
        raise LimitError(path, f"at most {IGNORED - 1} objects in scene {place}", str(len(seen)))
    found = np.where(labels == IGNORED, IGNORED, np.searchsorted(seen, labels) + 1)
    return np.where(labels == BACKGROUND, BACKGROUND, found).astype(np.uint8)

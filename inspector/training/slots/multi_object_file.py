"""The HDF5 files of multi-object data sets: a dataset `image` and a dataset `mask`, scenes first.

Source: the files of addtt/object-centric-library, whose masks are label maps, and of HHousen/object-discovery-pytorch,
whose CLEVR with masks keeps one mask an object as Multi-Object Datasets does; in both, index 0 is the background.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, IntArray
from inspector.core.errors import DamagedError, FileError, LimitError, UnsupportedError
from inspector.core.units import bytes_text
from inspector.training.slots.scenes import IGNORED

IMAGE, MASK, VISIBILITY, OBJECTS = "image", "mask", "visibility", "num_actual_objects"

_MOST_BYTES = 256 << 20
"""Of one scene's mask, and of what is read of all scenes at once."""

_ADVICE = f"set data.path to an HDF5 file with {IMAGE} and {MASK}"


class MultiObjectFile:
    """Pictures with masks in one HDF5 file, read one by one.

    Raises:
        FileError: the file has not these datasets, or they do not fit together.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            advice = "convert it to HDF5, one dataset a key" if "tfrecord" in path.name else _ADVICE
            raise UnsupportedError(path, "an HDF5 file", "none that can be opened", advice) from error
        self._image = self._dataset(IMAGE)
        self._mask = self._dataset(MASK)
        shape = self._image.shape
        if len(shape) != 4 or shape[-1] != 3 or self._image.dtype != np.uint8:
            raise DamagedError(
                path, "image as (scenes, height, width, 3) uint8", f"{shape} {self._image.dtype}", _ADVICE
            )
        self.count, height, width = (int(length) for length in shape[:3])
        self._one_hot = self._has_mask_an_object(height, width)

    def picture(self, index: int) -> npt.NDArray[np.uint8]:
        """(height, width, 3) uint8."""
        found: npt.NDArray[np.uint8] = self._read(self._image, index)
        return found

    def labels(self, index: int) -> IntArray:
        """The object of each pixel, (height, width) int64; ignored where no mask has a pixel, or a label is below 0."""
        mask = self._read(self._mask, index)
        if mask.shape[-1] == 1 and mask.ndim > 2:
            mask = mask[..., 0]
        if not self._one_hot:
            return np.where(mask < 0, IGNORED, mask).astype(np.int64)
        found: IntArray = np.where(mask.any(axis=0), mask.argmax(axis=0), IGNORED)
        return found

    def object_counts(self) -> IntArray | None:
        """Visible objects of each scene without its background, (scenes,) int64; None where neither is stored."""
        found: AnyArray
        if VISIBILITY in self._file:
            found = np.count_nonzero(self._all(VISIBILITY).reshape(self.count, -1)[:, 1:], axis=1)
        elif OBJECTS in self._file:
            found = self._all(OBJECTS).reshape(self.count, -1)[:, 0]
        else:
            return None
        return found.astype(np.int64)

    def _dataset(self, name: str) -> h5py.Dataset:
        found = self._file.get(name)
        if not isinstance(found, h5py.Dataset):
            names = ", ".join(sorted(self._file)[:8]) or "nothing"
            raise DamagedError(self.path, f"a dataset {name}", names, _ADVICE)
        return found

    def _has_mask_an_object(self, height: int, width: int) -> bool:
        """Whether each object has a mask of its own, beside label maps.

        Raises:
            FileError: the masks are neither.
        """
        shape, dtype = tuple(self._mask.shape), self._mask.dtype
        inner = shape[1:-1] if len(shape) > 3 and shape[-1] == 1 else shape[1:]
        fits = shape[:1] == (self.count,) and inner[-2:] == (height, width) and len(inner) in (2, 3)
        if not fits or dtype.kind not in "uib":
            raise DamagedError(
                self.path,
                f"mask as ({self.count}, [objects,] {height}, {width}[, 1]) of whole numbers",
                f"{shape} {dtype}",
                _ADVICE,
            )
        if int(np.prod(shape[1:], dtype=np.float64)) * dtype.itemsize > _MOST_BYTES:
            raise LimitError(self.path, f"masks of at most {bytes_text(_MOST_BYTES)} a scene", f"{shape} {dtype}")
        return len(inner) == 3

    def _all(self, name: str) -> AnyArray:
        """A dataset with a row a scene."""
        dataset = self._dataset(name)
        if dataset.shape[:1] != (self.count,) or dataset.dtype.kind not in "uibf" or not dataset.size:
            raise DamagedError(
                self.path, f"{name} as numbers of {self.count} scenes", f"{dataset.shape} {dataset.dtype}"
            )
        if dataset.size * dataset.dtype.itemsize > _MOST_BYTES:
            raise LimitError(self.path, f"{name} of at most {bytes_text(_MOST_BYTES)}", f"{dataset.shape}")
        return self._read(dataset, slice(None))

    def _read(self, dataset: h5py.Dataset, place: Any) -> AnyArray:
        try:
            found: AnyArray = dataset[place]
        except OSError as error:
            said = " ".join(str(error).split())[:200]
            message = f"{dataset.name} of scene {place}" if isinstance(place, int) else str(dataset.name)
            raise FileError(self.path, message, f"bytes that cannot be read ({said})") from error
        return found

"""Generated scenes: coloured shapes that hide one another, with instance masks and centres.

Scene `index` of a split is the same on every machine and in any order: its generator is seeded with the data seed,
the split and the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import AnyArray, FloatArray
from inspector.formats.recipes.slots import Data

Split = Literal["train", "val"]
_SPLITS: dict[Split, int] = {"train": 0, "val": 1}

PALETTE = np.array(
    [[230, 60, 60], [60, 120, 235], [70, 190, 90], [240, 200, 60], [170, 90, 210], [60, 200, 210], [240, 140, 50]],
    np.uint8,
)
"""(colours, 3) uint8: the colours of the objects, far apart."""

BACKGROUND = 0
"""Its label in an instance mask; objects count from 1 in the order they were painted."""

# An object that is hidden more than this is painted elsewhere, so that every centre has something to see.
_LEAST_VISIBLE = 0.35
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene.

    Attributes:
        image: (size, size, 3) uint8.
        labels: (size, size) uint8, 0 background, 1.. objects.
        centres: (objects, 2) float32, x and y in pixels, the middle of the top left pixel at 0, 0.
    """

    image: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.uint8]
    centres: npt.NDArray[np.float32]


def _square(x: FloatArray, y: FloatArray, radius: float) -> AnyArray:
    return np.maximum(np.abs(x), np.abs(y)) <= radius * 0.85


def _disc(x: FloatArray, y: FloatArray, radius: float) -> AnyArray:
    return x * x + y * y <= radius * radius


def _triangle(x: FloatArray, y: FloatArray, radius: float) -> AnyArray:
    return (y <= radius * 0.75) & (y >= 1.9 * np.abs(x) - radius * 1.1)


def _cross(x: FloatArray, y: FloatArray, radius: float) -> AnyArray:
    near, far = np.minimum(np.abs(x), np.abs(y)), np.maximum(np.abs(x), np.abs(y))
    return (near <= radius * 0.4) & (far <= radius)


_Shape: TypeAlias = Callable[[FloatArray, FloatArray, float], AnyArray]

_SHAPES: tuple[_Shape, ...] = (_square, _disc, _triangle, _cross)


def scene(data: Data, split: Split, index: int) -> Scene:
    """One scene of a split."""
    random = np.random.Generator(np.random.PCG64([data.seed, _SPLITS[split], index]))
    size = data.image_size
    image = np.empty((size, size, 3), np.uint8)
    image[:] = random.integers(30, 60)
    labels = np.zeros((size, size), np.uint8)
    areas: list[int] = []
    centres: list[tuple[float, float]] = []
    colour = PALETTE[random.integers(len(PALETTE))]
    for place in range(int(random.integers(data.min_objects, data.max_objects + 1))):
        if place and random.random() >= data.same_colour:
            colour = PALETTE[random.integers(len(PALETTE))]
        shape = _SHAPES[random.integers(len(_SHAPES))]
        painted, centre = _placed(random, shape, size)
        for _ in range(_TRIES):
            if _all_visible(np.where(painted, place + 1, labels), areas):
                break
            painted, centre = _placed(random, shape, size)
        areas.append(max(int(painted.sum()), 1))
        centres.append(centre)
        labels[painted] = place + 1
        image[painted] = colour
    return Scene(image, labels, np.asarray(centres, np.float32).reshape(-1, 2))


def _placed(random: np.random.Generator, shape: _Shape, size: int) -> tuple[AnyArray, tuple[float, float]]:
    """A shape somewhere in the picture: its pixels, (size, size) bool, and its centre."""
    row, column = np.mgrid[0:size, 0:size].astype(np.float64)
    radius = size * random.uniform(0.13, 0.2)
    x, y = random.uniform(radius, size - 1 - radius, 2)
    turn = random.uniform(0.0, 2 * np.pi)
    right, down = column - x, row - y
    along = np.cos(turn) * right + np.sin(turn) * down
    across = np.cos(turn) * down - np.sin(turn) * right
    return shape(along, across, radius), (float(x), float(y))


def _all_visible(labels: AnyArray, areas: list[int]) -> bool:
    seen = np.bincount(labels.ravel(), minlength=len(areas) + 1)
    return all(seen[place + 1] >= _LEAST_VISIBLE * area for place, area in enumerate(areas))


class Scenes:
    """The images of one split, painted when first asked for and kept while they are few."""

    _KEPT_BYTES = 256_000_000

    def __init__(self, data: Data, split: Split) -> None:
        self._data = data
        self._split: Split = split
        self.count = data.train_scenes if split == "train" else data.val_scenes
        size = data.image_size
        keep = self.count * size * size * 3 <= self._KEPT_BYTES
        self._images = np.zeros((self.count if keep else 0, size, size, 3), np.uint8)
        self._painted = np.zeros(len(self._images), bool)

    def images(self, indices: Iterable[int]) -> npt.NDArray[np.uint8]:
        """(n, size, size, 3) uint8."""
        return np.stack([self._image(int(index)) for index in indices])

    def scene(self, index: int) -> Scene:
        """One scene with its mask and centres."""
        return scene(self._data, self._split, index)

    def _image(self, index: int) -> npt.NDArray[np.uint8]:
        if index >= len(self._images):
            return self.scene(index).image
        if not self._painted[index]:
            self._images[index] = self.scene(index).image
            self._painted[index] = True
        kept: npt.NDArray[np.uint8] = self._images[index]
        return kept

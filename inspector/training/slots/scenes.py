"""Generated scenes: coloured shapes that hide one another, with instance masks and centres; and scenes kept in memory.

Scene `index` of a split is the same on every machine and in any order: its generator is seeded with the data seed,
the split and the index.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

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

IGNORED = 255
"""The label of pixels that count nowhere, as those of crowds."""

# An object that is hidden more than this is painted elsewhere, so that every centre has something to see.
_LEAST_VISIBLE = 0.35
_TRIES = 20

_REACH = 1.25
"""No pixel of a shape is farther from its centre than this times its radius."""

_ROOMY = 4
"""So many objects have room in a picture; where there may be more, they are smaller."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene.

    Attributes:
        image: (size, size, 3) uint8.
        labels: (size, size) uint8, 0 background, 1.. objects, 255 ignored.
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
    shrink = min(1.0, math.sqrt(_ROOMY / data.max_objects))
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
        painted, centre = _placed(random, shape, size, shrink)
        for _ in range(_TRIES):
            if _all_visible(np.where(painted, place + 1, labels), areas):
                break
            painted, centre = _placed(random, shape, size, shrink)
        areas.append(max(int(painted.sum()), 1))
        centres.append(centre)
        labels[painted] = place + 1
        image[painted] = colour
    return Scene(image, labels, np.asarray(centres, np.float32).reshape(-1, 2))


def _placed(
    random: np.random.Generator, shape: _Shape, size: int, shrink: float
) -> tuple[AnyArray, tuple[float, float]]:
    """A shape somewhere in the picture: its pixels, (size, size) bool, and its centre."""
    radius = shrink * size * random.uniform(0.13, 0.2)
    x, y = random.uniform(radius, size - 1 - radius, 2)
    turn = random.uniform(0.0, 2 * np.pi)
    # Only around the centre, as most of a large picture lies far from any one shape.
    left, top = (max(0, math.floor(place - _REACH * radius)) for place in (x, y))
    row, column = np.mgrid[
        top : min(size, math.ceil(y + _REACH * radius) + 1), left : min(size, math.ceil(x + _REACH * radius) + 1)
    ].astype(np.float64)
    right, down = column - x, row - y
    along = np.cos(turn) * right + np.sin(turn) * down
    across = np.cos(turn) * down - np.sin(turn) * right
    near = shape(along, across, radius)
    painted = np.zeros((size, size), bool)
    painted[top : top + near.shape[0], left : left + near.shape[1]] = near
    return painted, (float(x), float(y))


def _all_visible(labels: AnyArray, areas: list[int]) -> bool:
    seen = np.bincount(labels.ravel(), minlength=len(areas) + 1)
    return all(seen[place + 1] >= _LEAST_VISIBLE * area for place, area in enumerate(areas))


class Source(Protocol):
    """Where the scenes of a split come from; each is asked for by its number."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def size(self) -> int:
        """Side of each picture in pixels."""

    def image(self, index: int) -> npt.NDArray[np.uint8]:
        """(size, size, 3) uint8."""

    def scene(self, index: int) -> Scene:
        """The picture with its mask and centres."""


class GeneratedScenes:
    """The scenes of a split as they are painted."""

    def __init__(self, data: Data, split: Split) -> None:
        self._data, self._split = data, split
        self.count = data.train_scenes if split == "train" else data.val_scenes
        self.size = data.image_size

    def image(self, index: int) -> npt.NDArray[np.uint8]:
        """(size, size, 3) uint8."""
        return self.scene(index).image

    def scene(self, index: int) -> Scene:
        """One scene with its mask and centres."""
        return scene(self._data, self._split, index)


class KeptImages:
    """The images of a split, made when first asked for and kept while they are few."""

    _KEPT_BYTES = 1_000_000_000

    def __init__(self, source: Source) -> None:
        self._source = source
        size = source.size
        keep = source.count * size * size * 3 <= self._KEPT_BYTES
        self._images = np.zeros((source.count if keep else 0, size, size, 3), np.uint8)
        self._known = np.zeros(len(self._images), bool)

    def of(self, indices: Iterable[int]) -> npt.NDArray[np.uint8]:
        """(n, size, size, 3) uint8."""
        return np.stack([self._image(int(index)) for index in indices])

    def _image(self, index: int) -> npt.NDArray[np.uint8]:
        if index >= len(self._images):
            return self._source.image(index)
        if not self._known[index]:
            self._images[index] = self._source.image(index)
            self._known[index] = True
        kept: npt.NDArray[np.uint8] = self._images[index]
        return kept

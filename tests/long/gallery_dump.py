"""A dump of many small samples whose pictures tell which sample they are of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
from deflate import zlib_compress

SLOTS, MASK_SIDE, IMAGE_SIDE, CHANNELS, CELLS = 8, 32, 64, 8, 16
BITS = 20
"""The number of a sample, in blocks of 8 by 8 pixels from the upper left, the lowest bit first: the left half of a
block is white for 1, the right half for 0, so that it is still told where masks or maps are laid over it."""

_DISTINCT = 256
"""Masks, labels and activations repeat after so many samples; pictures do not."""
_BLOCK_PX = 8
_MASKS, _LABELS, _IMAGE, _LAYER = "slots/masks", "gt/masks", "samples/image", "activations/conv"

Image = npt.NDArray[np.uint8]


def make_dump(path: Path, samples: int) -> None:
    """A dump of pictures, masks of slots, labels, a layer and points; chunks of one sample, gzip and shuffle.

    A hundred thousand samples take 1.9 GB and some two minutes.
    """
    rng = np.random.default_rng(0)
    masks = _masks(rng)
    layer = np.maximum(rng.standard_normal((_DISTINCT, CHANNELS, CELLS, CELLS)), 0).astype("<f2")
    labels = masks.argmax(axis=1).astype(np.uint8).repeat(2, axis=1).repeat(2, axis=2)
    repeated = {name: [_packed(one) for one in many] for name, many in _named(masks, labels, layer).items()}
    noise = rng.integers(0, 64, (_DISTINCT, IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8)
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples, "complete": True})
        _make_datasets(file, samples)
        for sample in range(samples):
            _write(file[_IMAGE], sample, _packed(picture_of(sample, noise[sample % _DISTINCT])))
            for name, packed in repeated.items():
                _write(file[name], sample, packed[sample % _DISTINCT])
        for name, points in zip(("gt", "pred"), _points(rng, samples), strict=True):
            file[f"{name}/points"], file[f"{name}/points_offsets"] = points, np.arange(samples + 1, dtype="<i8")


def picture_of(sample: int, noise: Image) -> Image:
    """(64, 64, 3) uint8: noise, with the number of the sample in its upper rows."""
    picture: Image = noise + np.uint8(96)
    for bit in range(BITS):
        row, column = _place(bit)
        block = picture[row : row + _BLOCK_PX, column : column + _BLOCK_PX]
        left, right = (255, 0) if sample >> bit & 1 else (0, 255)
        block[:, : _BLOCK_PX // 2], block[:, _BLOCK_PX // 2 :] = left, right
    return picture


def number_in(thumbnail: npt.NDArray[np.uint8]) -> int:
    """The number that a thumbnail shows, (64, 64, 4) uint8."""
    brightness = thumbnail[..., :3].sum(axis=2, dtype=np.int64)
    found = 0
    for bit in range(BITS):
        row, column = _place(bit)
        block = brightness[row + 1 : row + _BLOCK_PX - 1, column + 1 : column + _BLOCK_PX - 1]
        half = block.shape[1] // 2
        found |= int(block[:, :half].sum() > block[:, half:].sum()) << bit
    return found


def _place(bit: int) -> tuple[int, int]:
    """The upper left corner of a bit's block."""
    row, column = divmod(bit, IMAGE_SIDE // _BLOCK_PX)
    return row * _BLOCK_PX, column * _BLOCK_PX


def _points(rng: np.random.Generator, samples: int) -> tuple[Any, Any]:
    """One true and one predicted point a sample, (samples, 2) float32, below the number in the picture."""
    truth = rng.random((samples, 2), np.float32) * np.float32([IMAGE_SIDE, IMAGE_SIDE * 0.4])
    truth[:, 1] += IMAGE_SIDE * 0.5
    said = truth + rng.normal(0, 2, truth.shape).astype("<f4")
    said[:, 1] = said[:, 1].clip(IMAGE_SIDE * 0.45, IMAGE_SIDE)
    return truth, said


def _masks(rng: np.random.Generator) -> npt.NDArray[np.float16]:
    """(distinct, slots, height, width) float16 that sum to about one over the slots."""
    centres = rng.random((_DISTINCT, SLOTS, 2, 1, 1)) * MASK_SIDE
    rows, columns = np.mgrid[:MASK_SIDE, :MASK_SIDE]
    logits = -((rows - centres[:, :, 0]) ** 2 + (columns - centres[:, :, 1]) ** 2) / 60
    weights = np.exp(logits + rng.normal(0, 0.2, logits.shape))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float16)


def _named(masks: Any, labels: Any, layer: Any) -> dict[str, Any]:
    return {_MASKS: masks, _LABELS: labels, _LAYER: layer}


def _make_datasets(file: h5py.File, samples: int) -> None:
    kinds = {
        _IMAGE: ((IMAGE_SIDE, IMAGE_SIDE, 3), "u1", "NHWC"),
        _LABELS: ((IMAGE_SIDE, IMAGE_SIDE), "u1", "NHW"),
        _MASKS: ((SLOTS, MASK_SIDE, MASK_SIDE), "<f2", "NKHW"),
        _LAYER: ((CHANNELS, CELLS, CELLS), "<f2", "NCHW"),
    }
    for name, (shape, dtype, layout) in kinds.items():
        made = file.create_dataset(name, (samples, *shape), dtype, chunks=(1, *shape), compression="gzip", shuffle=True)
        made.attrs["layout"] = layout


def _write(dataset: h5py.Dataset, sample: int, chunk: bytes) -> None:
    dataset.id.write_direct_chunk((sample, *(0 for _ in dataset.shape[1:])), chunk)


def _packed(values: npt.NDArray[Any]) -> bytes:
    planes = np.ascontiguousarray(values).reshape(-1).view(np.uint8).reshape(-1, values.itemsize).T
    return bytes(zlib_compress(np.ascontiguousarray(planes).tobytes(), 2))

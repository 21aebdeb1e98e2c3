"""Small dumps in the layout ri-dump/1, written with h5py as the trainer would, for the tests of the viewers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SAMPLES, SIZE, SLOTS, ITERATIONS, GRID, SLOT_DIM = 6, 32, 5, 3, 16, 8
DEAD = (1, 4)
SPARSE = (2,)

Painter = Callable[[h5py.File], None]


def dataset(file: h5py.File, path: str, values: Any, **attributes: Any) -> h5py.Dataset:
    """One dataset with attributes, chunked by sample where it has samples."""
    array = np.asarray(values)
    chunked = {"chunks": (1, *array.shape[1:]), "compression": "gzip"} if array.ndim > 1 and array.size else {}
    made = file.create_dataset(path, data=array, **chunked)
    made.attrs.update(attributes)
    return made


def discs(rng: np.random.Generator, count: int = 3, size: int = SIZE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An image (size, size, 3) uint8, its label map with background 0, and the centres (count, 2) as x, y pixels."""
    rows, columns = np.mgrid[:size, :size]
    image = np.full((size, size, 3), 90, np.uint8)
    labels = np.zeros((size, size), np.uint8)
    spots = rng.permutation(9)[:count]
    centres = []
    for label, spot in enumerate(spots, start=1):
        x, y = (spot % 3 + 0.5) * size / 3, (spot // 3 + 0.5) * size / 3
        inside = (columns - x) ** 2 + (rows - y) ** 2 < (size / 7) ** 2
        labels[inside] = label
        image[inside] = rng.integers(60, 255, 3)
        centres.append((x, y))
    return image, labels, np.asarray(centres, np.float32)


def soft_masks(labels: np.ndarray, slots: int, sharpness: float) -> np.ndarray:
    """(slots, height, width) float32 summing to 1: slot k likes label k."""
    logits = np.stack([np.where(labels == slot, sharpness, 0.0) for slot in range(slots)])
    weights = np.exp(logits)
    return (weights / weights.sum(0)).astype(np.float32)


def write(path: Path, *, seed: int = 0, extra: Sequence[Painter] = (), without: Sequence[str] = ()) -> Path:
    """A whole dump: images, masks, attention, slots, two layers, points; `without` are paths to leave out."""
    rng = np.random.default_rng(seed)
    scenes = [discs(rng) for _ in range(SAMPLES)]
    images, labels = np.stack([scene[0] for scene in scenes]), np.stack([scene[1] for scene in scenes])
    centres = [scene[2] for scene in scenes]
    masks = np.stack([soft_masks(label, SLOTS, 4.0) for label in labels])
    coarse = masks[:, :, :: SIZE // GRID, :: SIZE // GRID].reshape(SAMPLES, 1, SLOTS, GRID * GRID)
    blend = np.linspace(0.2, 1.0, ITERATIONS)[None, :, None, None]
    attention = blend * coarse + (1 - blend) / SLOTS
    predicted = [centre + rng.normal(0, 2 + 3 * index, centre.shape) for index, centre in enumerate(centres)]
    offsets = np.cumsum([0, *(len(centre) for centre in centres)])
    with h5py.File(path, "w") as file:
        file.attrs.update(
            format="ri-dump",
            version=1,
            run_id="r",
            step=1500,
            epoch=12.0,
            family="slots",
            n_samples=SAMPLES,
            complete=True,
        )
        dataset(file, "samples/index", np.arange(SAMPLES))
        dataset(file, "samples/image", images, layout="NHWC")
        dataset(file, "samples/original_hw", np.full((SAMPLES, 2), SIZE, np.int32))
        dataset(file, "gt/masks", labels, layout="NHW", background_index=0)
        dataset(file, "gt/points", np.concatenate(centres).astype(np.float32))
        dataset(file, "gt/points_offsets", offsets)
        dataset(file, "pred/points", np.concatenate(predicted).astype(np.float32))
        dataset(file, "pred/points_offsets", offsets)
        dataset(file, "slots/slots", rng.normal(1, 1, (SAMPLES, SLOTS, SLOT_DIM)).astype(np.float32), layout="NKD")
        dataset(file, "slots/masks", masks.astype(np.float16), layout="NKHW", kind="decoder_mask", normalised_over="K")
        dataset(
            file,
            "slots/attn",
            attention.astype(np.float16),
            layout="NIKP",
            kind="encoder_attention",
            normalised_over="K",
            grid_hw=[GRID, GRID],
        )
        for layer, channels in (("encoder.conv1", 6), ("encoder.conv2", 8)):
            values = np.maximum(rng.normal(0, 1, (SAMPLES, channels, GRID, GRID)), 0)
            if layer.endswith("2"):
                values[:, DEAD] = 0
                values[:, SPARSE] = 0
                values[0, SPARSE, 3, 4] = 1.5
            dataset(
                file,
                f"activations/{layer}",
                values.astype(np.float16),
                layout="NCHW",
                tap="post",
                module_type="Conv2d",
                activation="relu",
            )
        for paint in extra:
            paint(file)
        for name in without:
            if name in file:
                del file[name]
    return path


def oracle(path: Path) -> h5py.File:
    """The dump as h5py reads it; the library shares a file that the program still holds open, without a lock."""
    return h5py.File(path, locking=False)


def replaced(path: str, values: Any, **attributes: Any) -> Painter:
    """Puts other values where a dataset stands, its attributes kept."""

    def paint(file: h5py.File) -> None:
        kept = dict(file[path].attrs) if path in file else {}
        if path in file:
            del file[path]
        dataset(file, path, values, **{**kept, **attributes})

    return paint

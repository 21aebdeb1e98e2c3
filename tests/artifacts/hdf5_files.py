"""HDF5 files that the tests make."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import h5py
import numpy as np

SAMPLES, SLOTS, ITERATIONS, SIDE, GRID, CHANNELS = 5, 4, 3, 12, 6, 7


def soft_masks(generator: np.random.Generator, shape: tuple[int, ...], axis: int) -> np.ndarray:
    """Random masks that sum to 1 over an axis."""
    weights = generator.random(shape) ** 3 + 1e-3
    return weights / weights.sum(axis=axis, keepdims=True)


def arrays_of_a_dump(seed: int = 0) -> dict[str, np.ndarray]:
    """One array for each role, as `ri-dump/1` names and lays them out."""
    generator = np.random.default_rng(seed)
    counts = np.array([2, 0, 3, 1, 2])
    points = generator.uniform(0, SIDE, (int(counts.sum()), 2)).astype(np.float32)
    return {
        "samples/image": generator.integers(0, 256, (SAMPLES, SIDE, SIDE, 3), np.uint8),
        "gt/masks": generator.integers(0, 4, (SAMPLES, SIDE, SIDE), np.uint8),
        "gt/points": points,
        "gt/points_offsets": np.concatenate([[0], counts.cumsum()]).astype(np.int64),
        "pred/points": points + np.float32([3, 4]),
        "pred/points_offsets": np.concatenate([[0], counts.cumsum()]).astype(np.int64),
        "pred/recon": generator.random((SAMPLES, SIDE, SIDE, 3)).astype(np.float16),
        "slots/slots": generator.normal(size=(SAMPLES, SLOTS, 16)).astype(np.float32),
        "slots/masks": soft_masks(generator, (SAMPLES, SLOTS, SIDE, SIDE), 1).astype(np.float16),
        "slots/attn": soft_masks(generator, (SAMPLES, ITERATIONS, SLOTS, GRID * GRID), 2).astype(np.float16),
        "activations/conv.2": np.maximum(generator.normal(size=(SAMPLES, CHANNELS, 6, 6)), 0).astype(np.float16),
        "activations/conv.10": generator.normal(size=(SAMPLES, CHANNELS, 3, 3)).astype(np.float16),
    }


def write_dump(path: Path, arrays: dict[str, np.ndarray], **attributes: object) -> Path:
    """A dump of this program, a chunk a sample where that is possible."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": SAMPLES, "complete": True, **attributes})
        for name, array in arrays.items():
            by_sample = array.ndim > 1 and len(array) == SAMPLES
            packing = {"chunks": (1, *array.shape[1:]), "compression": "gzip", "shuffle": True} if by_sample else {}
            file.create_dataset(name, data=array, **packing)
        file["slots/attn"].attrs["grid_hw"] = [GRID, GRID]
    return path


def declared_texts() -> bytes:
    """A file whose attribute `note` and one value of `names` declare 870 MB of themselves, and have a few bytes."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file.attrs["note"] = "declares more than is"
        file.create_dataset("names", data=["declares more than it has"], dtype=h5py.string_dtype())
    declared = out.getvalue()
    for length in (len("declares more than is"), len("declares more than it has")):
        was = struct.pack("<I", length)
        # Where it is told of, not where it lies: there the library compares it.
        place = declared.rindex(was + struct.pack("<Q", declared.index(b"GCOL")))
        declared = declared[:place] + struct.pack("<I", 870_000_000) + declared[place + 4 :]
    return declared

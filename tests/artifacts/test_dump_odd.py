"""Whatever datasets are called and hold, a dump gives values or a sentence."""

from __future__ import annotations

import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.arrays import ShapeError
from inspector.core.errors import FileError
from inspector.core.pulse import QUIET

NAMES = (
    "image", "samples/image", "video", "x", "masks", "gt/masks", "pred_masks", "labels", "attn", "slots/attn",
    "all_slots", "slots/masks", "alphas", "recon", "pred/recon", "activations/conv", "points", "gt/points",
    "gt/points_offsets", "pred/done", "stats/conv/mean", "samples/index", "anything",
)  # fmt: skip
TYPES = ("f4", "f2", "f8", "u1", "i4", "?", "c8", "S3", "u2", "f4,i4")
LENGTHS = (0, 1, 1, 2, 3, 3, 4, 5, 7, 8, 12, 16, 49, 50)
ATTRIBUTES = {
    "layout": ("NKHW", "NKP", "NCHW", "NHWC", "NAQP", "KHW", "", "Z", "NIKP", "NK1HW", "NFKHWC", 3),
    "grid_hw": ([0, 1], [3, 3], [7, 7], "x", 5),
    "special_tokens": (1, -1, 99, "a"),
    "normalised_over": ("K", "P", "", 7),
    "sample_subset": ([0, 1], [5], [], 3),
    "background_index": (0, 3, -1, "z"),
    "_ARRAY_DIMENSIONS": (["sample", "slot", "y", "x"], ["n"]),
}


def array(picks: random.Random, generator: np.random.Generator) -> np.ndarray:
    shape: tuple[int, ...] = ()
    for _ in range(picks.randint(0, 6)):
        shape = (*shape, picks.choice(LENGTHS))
    if np.prod(shape, dtype=float) > 1e5:
        shape = shape[:2]
    dtype = np.dtype(picks.choice(TYPES))
    if dtype.kind not in "fiu?":
        return np.zeros(shape, dtype)
    values = np.asarray(generator.random(shape)) * picks.choice((1, 2, 300))
    if dtype.kind == "f" and values.size and values.ndim:
        values = values / np.maximum(values.sum(axis=picks.randrange(values.ndim), keepdims=True), 1e-3)
        values.flat[0] = picks.choice((0.5, 0.5, np.nan, np.inf))
    return values.astype(dtype)


def write(path: Path, picks: random.Random) -> None:
    generator = np.random.default_rng(picks.randrange(10**9))
    with h5py.File(path, "w") as file:
        for name in picks.sample(NAMES, picks.randint(1, 5)):
            dataset = file.create_dataset(name, data=array(picks, generator))
            for key, values in ATTRIBUTES.items():
                if picks.random() < 0.15:
                    dataset.attrs[key] = picks.choice(values)
        file.attrs["n_samples"] = picks.choice((0, 3, -1, 10**9, "q"))


def look(found: dump.Dump, sample: int) -> tuple[int, int]:
    """Try every way to read a sample; how many give values, and how many a sentence."""
    layers = dump.activation_layers(found)
    ways = [
        lambda: dump.masks_of(found, sample, "attention"),
        lambda: dump.masks_of(found, sample, "decoder_masks", 0, 1),
        lambda: dump.image_of(found, sample),
        lambda: dump.gt_labels_of(found, sample),
        lambda: all_points(found, QUIET).sample(sample),
        *(lambda layer=layer: dump.activation_of(found, layer, sample) for layer in layers),
        *(lambda layer=layer: dump.layer_statistics(found, layer, QUIET) for layer in layers),
        *(lambda path=one.path: found.read(path, sample) for one in found.facts.datasets),
    ]
    sentences = 0
    for way in ways:
        try:
            way()
        except (FileError, ShapeError) as error:
            assert str(error)
            sentences += 1
    return len(ways) - sentences, sentences


@pytest.mark.parametrize("seed", range(4))
def test_odd_dumps_give_values_or_a_sentence(tmp_path: Path, seed: int) -> None:
    picks = random.Random(seed)
    outcomes = np.zeros(2, int)
    for index in range(25):
        path = tmp_path / f"{index}.h5"
        write(path, picks)
        found = dump.opened(path)
        for sample in (0, 1):
            outcomes += look(found, sample)
    dump.close_all()
    assert (outcomes > 100).all(), "either is what most of them give"

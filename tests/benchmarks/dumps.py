"""Activation dumps for the benchmarks, and what is done with them; `python -m tests.benchmarks.dumps WAY PATH ...`.

Each way prints its seconds, or what it measured as a line of JSON: `sparsity`, `statistics` and `h5py` scan a layer,
`steps PATH ours|h5py cold|warm COUNT THINK_MS` goes from sample to sample and `p95` prints one number of that, `sparse`
opens a dump that is almost all hole, `make PATH BYTES [SIDE]` makes a dump of samples.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from deflate import zlib_compress

from inspector.analysis.channel_sums import is_near, row_counts
from inspector.artifacts.dumps.dump import gt_labels_of, image_of, layer_statistics, masks_of, opened, picture_of
from inspector.artifacts.dumps.neighbours import read_ahead, stop_reading_ahead
from inspector.artifacts.dumps.streaming import Batch, worked
from inspector.core.pulse import QUIET

LAYER = "activations/conv"
CHANNELS, SIDE = 64, 32
DISTINCT = 64
"""Samples that differ; a large file repeats them, as packing them takes most of the time."""


def make_layer(path: Path, samples: int, storage: str) -> None:
    """A dump of one layer, half of it zeros: `gzip`, `shuffled` (and gzip), `chunked` or `flat`."""
    generator = np.random.default_rng(0)
    values = np.maximum(generator.standard_normal((DISTINCT, CHANNELS, SIDE, SIDE), np.float32), 0)
    packing: dict[str, Any] = {} if storage == "flat" else {"chunks": (1, CHANNELS, SIDE, SIDE)}
    if storage in ("gzip", "shuffled"):
        packing |= {"compression": "gzip", "shuffle": storage == "shuffled"}
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples})
        dataset = file.create_dataset(LAYER, (samples, CHANNELS, SIDE, SIDE), "<f4", **packing)
        for start in range(0, samples, DISTINCT):
            stop = min(samples, start + DISTINCT)
            dataset[start:stop] = np.roll(values, start // DISTINCT, axis=1)[: stop - start]


def make_samples(path: Path, total_bytes: int, side: int = 256) -> int:
    """A dump of pictures with 12 masks each, gzip and shuffle, of about so many bytes; how many samples it has."""
    generator = np.random.default_rng(0)
    slots = 12
    centres = generator.random((DISTINCT, slots, 2, 1, 1)) * side
    rows, columns = np.mgrid[:side, :side]
    distances = (rows - centres[:, :, 0]) ** 2 + (columns - centres[:, :, 1]) ** 2
    masks = np.exp(-distances * (5 / side) ** 2) + 1e-3 + 0.01 * generator.random(distances.shape)
    masks = (masks / masks.sum(axis=1, keepdims=True)).astype("<f4")
    image = generator.integers(0, 256, (DISTINCT, side, side, 3), np.uint8)
    arrays: dict[str, Any] = {
        "samples/image": image,
        "gt/masks": masks.argmax(axis=1).astype(np.uint8),
        "pred/recon": (image / 255).astype("<f2"),
        "slots/slots": generator.standard_normal((DISTINCT, slots, 64)).astype("<f4"),
        "slots/masks": masks,
    }
    stored = {name: [packed(sample) for sample in array] for name, array in arrays.items()}
    each = sum(len(chunk) for chunks in stored.values() for chunk in chunks) / DISTINCT
    samples = int(total_bytes / each) + 1
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples})
        for name, array in arrays.items():
            shape = array.shape[1:]
            file.create_dataset(
                name, (samples, *shape), array.dtype, chunks=(1, *shape), compression="gzip", shuffle=True
            )
        for sample in range(samples):
            for name, chunks in stored.items():
                place = (sample, *(0 for _ in arrays[name].shape[1:]))
                file[name].id.write_direct_chunk(place, chunks[sample % DISTINCT])
    return samples


def packed(sample: Any) -> bytes:
    """A chunk of one sample as HDF5 keeps it behind shuffle and gzip."""
    content = np.ascontiguousarray(sample)
    planes = content.reshape(-1).view(np.uint8).reshape(-1, content.itemsize).T
    return bytes(zlib_compress(np.ascontiguousarray(planes).tobytes(), 4))


def _sparsity_peer(path: Path) -> float:
    """The share of near-zero values of each channel by h5py, sample by sample."""
    began = time.perf_counter()
    with h5py.File(path) as file:
        dataset, total = file[LAYER], np.zeros(CHANNELS)
        for sample in range(len(dataset)):
            total += (np.abs(dataset[sample]) < 1e-6).mean(axis=(1, 2))
    return time.perf_counter() - began


def _near_counts(batch: Batch) -> Any:
    """(channels,) near-zero values of some samples."""
    total = np.zeros(CHANNELS, np.int64)
    for sample in batch.values:
        total += row_counts(is_near(np.abs(sample.reshape(CHANNELS, -1)), 1e-6))
    return total


def _sparsity_ours(path: Path) -> float:
    """The same of batches that are decoded and counted in two threads."""
    began = time.perf_counter()
    dump = opened(path)
    layer = dump.dataset(LAYER)
    assert layer is not None
    total = np.zeros(CHANNELS)
    for _stop, counts in worked(dump, layer, _near_counts, QUIET):
        total += counts
    return time.perf_counter() - began


def _statistics_ours(path: Path) -> float:
    """All that the Features view is made of: five thresholds, moments, extremes, bounds, likeness of channels."""
    began = time.perf_counter()
    dump = opened(path)
    layer = dump.dataset(LAYER)
    assert layer is not None
    layer_statistics(dump, layer, QUIET)
    return time.perf_counter() - began


def forget_pages(path: Path) -> None:
    """Take what is kept of a file out of the memory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def read_pages(path: Path) -> None:
    """Have all of a file kept in the memory."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _sample_ours(path: Path, sample: int) -> None:
    dump = opened(path)
    image_of(dump, sample)
    masks_of(dump, sample, "decoder_masks")
    gt_labels_of(dump, sample)
    dump.read("slots/slots", sample)
    rebuilt = dump.one("reconstruction")
    if rebuilt is not None:
        picture_of(dump, rebuilt, sample)


@cache
def _open_h5py(path: Path) -> h5py.File:
    return h5py.File(path, locking=False)


def _sample_h5py(path: Path, sample: int) -> None:
    """The same numbers as they are stored: nothing is put in order, scaled or labelled."""
    for name in ("samples/image", "slots/masks", "gt/masks", "slots/slots", "pred/recon"):
        _open_h5py(path)[name][sample]


STEPS: dict[str, Callable[[Path, int], None]] = {"ours": _sample_ours, "h5py": _sample_h5py}


def steps(path: Path, who: str, state: str, count: int, think_ms: float) -> dict[str, float]:
    """From a sample to the next one so many times: image, masks, truth, slots and reconstruction of each.

    Args:
        path: of `make_samples`.
        who: a key of STEPS.
        state: `cold` where none of the file is in memory before, else `warm`.
        count: how many steps.
        think_ms: between two steps, in which the next sample is decoded.
    """
    if state == "cold":
        forget_pages(path)
    else:
        read_pages(path)
    began = time.perf_counter()
    STEPS[who](path, 0)
    opening_ms = 1000 * (time.perf_counter() - began)
    took_ms = []
    for step in range(1, count + 1):
        read_ahead()
        time.sleep(think_ms / 1000)
        began = time.perf_counter()
        stop_reading_ahead()
        STEPS[who](path, step)
        took_ms.append(1000 * (time.perf_counter() - began))
    median, most = np.percentile(took_ms, (50, 95))
    return {
        "first ms": round(opening_ms, 1),
        "median ms": round(float(median), 2),
        "p95 ms": round(float(most), 2),
        "longest ms": round(max(took_ms), 1),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
    }


def open_sparse(path: Path) -> dict[str, float]:
    """A contiguous dump of 20 GB of which nothing was written but its header and last sample: open, first, last."""
    samples = 20 * 10**9 // (CHANNELS * SIDE * SIDE * 4)
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": samples})
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        creation.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        space = h5py.h5s.create_simple((samples, CHANNELS, SIDE, SIDE))
        group = file.create_group("activations")
        dataset = h5py.Dataset(h5py.h5d.create(group.id, b"conv", h5py.h5t.IEEE_F32LE, space, creation))
        dataset[samples - 1] = 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    dump = opened(path)
    opening = time.perf_counter()
    dump.read(LAYER, 0)
    assert dump.read(LAYER, samples - 1).min() == 1
    ended = time.perf_counter()
    return {
        "declared GB": round(path.stat().st_size / 1e9, 1),
        "on disk MB": round(path.stat().st_blocks * 512 / 1e6, 1),
        "open ms": round(1000 * (opening - began), 1),
        "two samples ms": round(1000 * (ended - opening), 1),
        "more memory MB": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000, 1),
    }


SCANS: dict[str, Callable[[Path], float]] = {
    "sparsity": _sparsity_ours,
    "statistics": _statistics_ours,
    "h5py": _sparsity_peer,
}


def main(way: str, path: Path, *more: str) -> object:
    """One way: seconds of a scan or of the slowest steps but one in twenty, or a report."""
    if way in SCANS:
        return SCANS[way](path)
    if way == "make":
        return make_samples(path, *(int(one) for one in more))
    if way == "sparse":
        return json.dumps(open_sparse(path))
    who, state, count, think_ms = more
    report = steps(path, who, state, int(count), float(think_ms))
    return report["p95 ms"] / 1000 if way == "p95" else json.dumps(report)


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:]))

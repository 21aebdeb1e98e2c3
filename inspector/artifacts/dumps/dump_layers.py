"""Activations of a dump: layers in order, one sample's channels, and statistics over all samples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inspector.analysis.halves import widened
from inspector.analysis.ratio import ratio
from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined
from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.artifacts.dumps.layouts import grid_of, ordered
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats import dump as names
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

BATCH_BYTES = 2 * 10**6
"""About what is decoded between two beats when a layer is streamed."""


def activation_layers(dump: Dump) -> tuple[DatasetFacts, ...]:
    """The layers whose activations were recorded: in the order of the file where it keeps one, else by name."""
    layers = dump.all(Role.ACTIVATION)
    listed = [layer.path for layer in layers]
    return tuple(sorted(layers, key=_natural)) if listed == sorted(listed) else layers


def _natural(layer: DatasetFacts) -> list[tuple[int, str]]:
    """A key that puts `conv.10` after `conv.2`."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", layer.path) if part]


def layer_name(layer: DatasetFacts) -> str:
    """The module that a layer's activations come from."""
    return layer.path.removeprefix(f"{names.ACTIVATIONS}/")


def activation_of(dump: Dump, layer: DatasetFacts, sample: int) -> npt.NDArray[np.float32]:
    """The activations of one sample, (channels, height, width) float32; a layer without positions is 1 × 1.

    Raises:
        FileError: they cannot be read.
    """
    letters = (layer.layout or "NCHW"[: len(layer.shape)]).replace("N", "")
    array = widened(dump.read(layer.path, sample))
    if "P" in letters:
        flat = ordered(array, letters, "CP")
        leading, rows, columns = grid_of(flat.shape[1], layer.attributes, picture_size(dump))
        array, letters = flat[:, leading:].reshape(len(flat), rows, columns), "CHW"
    elif letters == "C":
        array, letters = array.reshape(-1, 1, 1), "CHW"
    return np.ascontiguousarray(ordered(array, letters, "CHW"), np.float32)


def layer_statistics(dump: Dump, layer: DatasetFacts, pulse: Pulse) -> LayerStatistics:
    """What each channel of a layer did: as recorded over many samples, else over the samples in the dump.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    key = f"statistics {layer.path}"
    if key not in dump.remembered:
        dump.remembered[key] = _recorded_statistics(dump, layer) or _streamed_statistics(dump, layer, pulse)
    found: LayerStatistics = dump.remembered[key]
    return found


def _streamed_statistics(dump: Dump, layer: DatasetFacts, pulse: Pulse) -> LayerStatistics:
    letters = layer.layout or "NCHW"[: len(layer.shape)]
    channels = letters.replace("N", "").index("C") + 1
    total: LayerStatistics | None = None
    for start, stop in _batches(layer, max(letters.find("N"), 0)):
        pulse.beat(start, layer.shape[0], layer.path)
        batch = channel_statistics(np.moveaxis(dump.rows(layer, start, stop), channels, 1))
        total = batch if total is None else combined(total, batch)
    return total if total is not None else channel_statistics(np.empty((0, layer.shape[letters.index("C")])))


def _batches(layer: DatasetFacts, axis: int) -> Iterator[tuple[int, int]]:
    """Runs of samples that end with a chunk and decode to about BATCH_BYTES."""
    count = layer.shape[axis]
    each = max(1, layer.bytes // max(1, count))
    chunk = layer.chunks[axis] if layer.chunks else 1
    size = max(1, BATCH_BYTES // (each * chunk)) * chunk
    return pairwise([*range(0, count, size), count])


def _recorded_statistics(dump: Dump, layer: DatasetFacts) -> LayerStatistics | None:
    """From `stats/<module>`, None where it is not there, incomplete or contradicts itself."""
    base = f"{names.STATISTICS}/{layer_name(layer)}"
    near = dump.dataset(f"{base}/n_lt_eps")
    epsilons = near.attributes.get("eps") if near else None
    parts = ("count", "mean", "m2", "min", "max", "absmax", "n_lt_eps")
    if not isinstance(epsilons, list) or any(dump.dataset(f"{base}/{part}") is None for part in parts):
        return None
    try:
        values = {part: dump.read(f"{base}/{part}") for part in parts}
    except FileError:
        return None
    count = np.atleast_1d(values["count"]).astype(np.int64)
    channels = values["mean"].shape
    count = np.broadcast_to(count, channels) if count.size == 1 else count
    shapes = {part: values[part].shape == channels for part in parts[1:6]}
    if len(channels) != 1 or count.shape != channels or not all(shapes.values()):
        return None
    if values["n_lt_eps"].shape != (len(epsilons), *channels):
        return None
    mean = values["mean"].astype(np.float64)
    # Mean |a| is not recorded; where a channel keeps one sign, it is the mean's size.
    one_sided = np.where(values["min"] >= 0, mean, np.where(values["max"] <= 0, -mean, np.nan))
    per_sample = max(1, _positions(layer))
    return LayerStatistics(
        epsilons=np.asarray(epsilons, np.float64),
        near_zero=values["n_lt_eps"].astype(np.int64),
        n=count,
        not_finite=np.zeros(channels, np.int64),
        mean=mean,
        variance=ratio(values["m2"], count),
        mean_abs=one_sided,
        absmax=np.where(count > 0, values["absmax"], np.nan).astype(np.float64),
        samples=int(count.max(initial=0)) // per_sample,
    )


def _positions(layer: DatasetFacts) -> int:
    """Values a channel has in one sample."""
    lengths = (length for letter, length in zip(layer.layout, layer.shape, strict=False) if letter not in "NC")
    return int(np.prod(list(lengths), dtype=np.int64))

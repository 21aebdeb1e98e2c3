"""Activations of a dump: layers in order, one sample's channels, and statistics over all samples."""

from __future__ import annotations

import re
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from inspector.analysis.halves import widened
from inspector.analysis.sparsity import LayerStatistics
from inspector.analysis.statistics_columns import OPTIONAL, REQUIRED, statistics_of_columns
from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.artifacts.dumps.layer_scan import scan_layer
from inspector.artifacts.dumps.layouts import grid_of, ordered
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats import dump as names
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts


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
        dump.remembered[key] = _recorded_statistics(dump, layer) or scan_layer(dump, layer, pulse).statistics
    found: LayerStatistics = dump.remembered[key]
    return found


def _recorded_statistics(dump: Dump, layer: DatasetFacts) -> LayerStatistics | None:
    """From `stats/<module>`, None where it is not there, incomplete or contradicts itself."""
    base = f"{names.STATISTICS}/{layer_name(layer)}"
    near = dump.dataset(f"{base}/n_lt_eps")
    epsilons = near.attributes.get("eps") if near else None
    if not isinstance(epsilons, list) or not all(isinstance(one, int | float) for one in epsilons):
        return None
    columns = {}
    for name in (*REQUIRED, *OPTIONAL):
        path = f"{base}/{name}"
        # What cannot be read is as if it had not been recorded.
        with suppress(FileError):
            if dump.dataset(path) is not None:
                columns[name] = dump.read(path)
    return statistics_of_columns(columns, epsilons, _positions(layer))


def _positions(layer: DatasetFacts) -> int:
    """Values a channel has in one sample."""
    lengths = (length for letter, length in zip(layer.layout, layer.shape, strict=False) if letter not in "NC")
    return int(np.prod(list(lengths), dtype=np.int64))

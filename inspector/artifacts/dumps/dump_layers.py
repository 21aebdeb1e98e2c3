"""Activations of a dump: layers in order, one sample's channels, and statistics over all samples."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import numpy.typing as npt

from inspector.analysis.halves import widened
from inspector.analysis.sparsity import LayerStatistics
from inspector.analysis.statistics_columns import OPTIONAL, REQUIRED, statistics_of_columns
from inspector.artifacts.dumps.dump_file import Dump, picture_size
from inspector.artifacts.dumps.layer_scan import part_of_layer, scan_layer
from inspector.artifacts.dumps.layouts import grid_of, ordered
from inspector.core.arrays import AnyArray
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.texts import natural_key
from inspector.formats import dump as names
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, layer_name


def activation_layers(dump: Dump) -> tuple[DatasetFacts, ...]:
    """The layers whose activations were recorded: in the order of the file where it keeps one, else by name."""
    layers = dump.all(Role.ACTIVATION)
    listed = [layer.path for layer in layers]
    return tuple(sorted(layers, key=lambda layer: natural_key(layer.path))) if listed == sorted(listed) else layers


def activation_of(dump: Dump, layer: DatasetFacts, sample: int) -> npt.NDArray[np.float32]:
    """The activations of one sample, (channels, height, width) float32; a layer without positions is 1 × 1.

    Raises:
        FileError: they cannot be read.
    """
    letters = layer.layout.replace("N", "")
    return np.ascontiguousarray(_on_grid(dump, layer, widened(dump.read(layer.path, sample)), letters), np.float32)


def at_positions(dump: Dump, layer: DatasetFacts, values: AnyArray) -> AnyArray:
    """Values of a layer's positions as a map, (rows, columns).

    Args:
        dump: the layer's.
        layer: as it is stored.
        values: (positions,) in the layer's own order, as a scan counts them.
    """
    letters = layer.layout.replace("N", "").replace("C", "")
    sizes = dict(zip(layer.layout, layer.shape, strict=False))
    found: AnyArray = _on_grid(dump, layer, values.reshape(1, *(sizes[one] for one in letters)), f"C{letters}")[0]
    return found


def _on_grid(dump: Dump, layer: DatasetFacts, array: AnyArray, letters: str) -> AnyArray:
    """Values as (channels, rows, columns), without the tokens that stand at no place."""
    if "P" in letters:
        flat = ordered(array, letters, "CP")
        leading, rows, columns = grid_of(flat.shape[1], layer.attributes, picture_size(dump))
        return flat[:, leading:].reshape(len(flat), rows, columns)
    return array.reshape(-1, 1, 1) if letters == "C" else ordered(array, letters, "CHW")


def layer_statistics(dump: Dump, layer: DatasetFacts, pulse: Pulse, up_to: int | None = None) -> LayerStatistics:
    """What each channel of a layer did: as recorded over many samples, else over the samples in the dump.

    Args:
        dump: the layer's.
        layer: as it is stored.
        pulse: beats while it is read.
        up_to: of a large layer, so many samples are enough; all that were read before count too.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    key = f"statistics {layer.path}"
    if key not in dump.remembered:
        recorded = _recorded_statistics(dump, layer)
        if recorded is None and up_to is not None and up_to < layer.samples:
            return part_of_layer(dump, layer, pulse, up_to).statistics
        dump.remembered[key] = recorded or scan_layer(dump, layer, pulse).statistics
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

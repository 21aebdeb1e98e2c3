"""What the channels of a layer did over all samples of a dump, and how silent the layer was on each of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from inspector.analysis.ratio import ratio
from inspector.analysis.sparsity import LayerStatistics, channel_statistics, combined
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.kept_scans import LayerScan, keep_layer, known_layer
from inspector.artifacts.dumps.layer_padding import content_of, valid_positions
from inspector.artifacts.dumps.streaming import batches, samples_in
from inspector.core.arrays import AnyArray, FloatArray
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts

VERSION = 1
"""Of the numbers: one that is kept of another version is worked out anew."""


@dataclass(slots=True)
class _Scan:
    """How far a scan has come."""

    done: int = 0
    statistics: LayerStatistics | None = None
    zero_shares: list[FloatArray] = field(default_factory=list)


def scan_layer(dump: Dump, layer: DatasetFacts, pulse: Pulse) -> LayerScan:
    """A layer's scan, known at once if it was made before; what is cancelled goes on where it was.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    while True:
        found = part_of_layer(dump, layer, pulse)
        if len(found.zero_shares) >= samples_in(layer):
            return found


def part_of_layer(dump: Dump, layer: DatasetFacts, pulse: Pulse) -> LayerScan:
    """As `scan_layer`, of as many samples as there is time for until the pulse is due; the next call reads on."""
    letters = _letters(layer)
    channels, samples = layer.shape[letters.index("C")], samples_in(layer)
    name = f"layer {VERSION} {layer.path} {letters}"
    if name not in dump.remembered:
        dump.remembered[name] = known_layer(dump, name, channels, samples) or _Scan()
    scan = dump.remembered[name]
    if isinstance(scan, LayerScan):
        return scan
    _read_on(dump, layer, scan, pulse)
    statistics = scan.statistics or channel_statistics(np.empty((0, channels)))
    found = LayerScan(statistics, np.concatenate([np.empty(0), *scan.zero_shares]))
    if scan.done >= samples:
        dump.remembered[name] = found
        keep_layer(dump, name, found)
    return found


def _letters(layer: DatasetFacts) -> str:
    return layer.layout or "NCHW"[: len(layer.shape)]


def _read_on(dump: Dump, layer: DatasetFacts, scan: _Scan, pulse: Pulse) -> None:
    channels = _letters(layer).replace("N", "").index("C") + 1
    content = content_of(dump, layer)
    first = scan.done
    for batch in batches(dump, layer, pulse, scan.done):
        if scan.done > first and pulse.due():
            return
        values = np.moveaxis(batch.values, channels, 1)
        valid = None if content is None else valid_positions(dump, layer, content[batch.start : batch.stop])
        statistics = channel_statistics(values, valid=valid)
        scan.statistics = statistics if scan.statistics is None else combined(scan.statistics, statistics)
        scan.zero_shares.append(zero_shares(values, valid, finite=not statistics.not_finite.any()))
        scan.done = batch.stop


def zero_shares(values: AnyArray, valid: AnyArray | None = None, *, finite: bool = False) -> FloatArray:
    """Share of exact zeros among the finite values of each sample, (samples,) float64; NaN without any.

    Args:
        values: (samples, channels, ...).
        valid: (samples, ...) bool, False in the padding.
        finite: whether all values that are valid are known to be.
    """
    zero = values == 0
    counted = np.ones((1, 1), bool) if valid is None else valid[:, None]
    if not finite:
        counted = counted & np.isfinite(values)
    if counted.shape == (1, 1):
        sizes = np.full(len(values), values[:1].size)
    else:
        zero &= counted
        sizes = _per_sample(np.broadcast_to(counted, values.shape))
    return ratio(_per_sample(zero), sizes)


def _per_sample(flags: AnyArray) -> AnyArray:
    """How many flags of each sample are set; row by row, as counting along axes takes ten times as long."""
    return np.array([np.count_nonzero(sample) for sample in flags], np.int64)

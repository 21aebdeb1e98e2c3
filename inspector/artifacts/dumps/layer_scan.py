"""What a layer did over all samples of a dump: its channels, how silent it was on each sample and at each position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from inspector.analysis.layer_totals import LayerTotals, added, totals_of
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.kept_scans import keep_layer, known_layer
from inspector.artifacts.dumps.layer_padding import content_of, valid_positions
from inspector.artifacts.dumps.streaming import Batch, worked
from inspector.core.arrays import AnyArray
from inspector.core.pulse import Pulse
from inspector.formats.facts import DatasetFacts

VERSION = 2
"""Of the numbers: one that is kept of another version is worked out anew."""


@dataclass(slots=True)
class _Scan:
    """How far a scan has come."""

    done: int = 0
    totals: LayerTotals | None = None


def scan_layer(dump: Dump, layer: DatasetFacts, pulse: Pulse) -> LayerTotals:
    """A layer's scan, known at once if it was made before; what is cancelled goes on where it was.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    while True:
        found = part_of_layer(dump, layer, pulse)
        if len(found.zero_shares) >= layer.samples:
            return found


def part_of_layer(dump: Dump, layer: DatasetFacts, pulse: Pulse, up_to: int | None = None) -> LayerTotals:
    """As `scan_layer`, of as many samples as there is time for until the pulse is due; the next call reads on.

    Args:
        dump: the layer's.
        layer: as it is stored.
        pulse: beats while it is read.
        up_to: samples after which no more are read now, to the end of a batch.

    Raises:
        FileError: the activations cannot be read.
        WorkCancelled: the pulse says so.
    """
    letters = layer.layout
    sizes = dict(zip(letters, layer.shape, strict=True))
    channels, samples = sizes["C"], layer.samples
    positions = [length for letter, length in sizes.items() if letter not in "NC"]
    name = f"layer {VERSION} {layer.path} {letters}"
    if name not in dump.remembered:
        shape = samples, channels, int(np.prod(positions, dtype=np.int64))
        dump.remembered[name] = known_layer(dump, name, shape) or _Scan()
    scan = dump.remembered[name]
    if isinstance(scan, LayerTotals):
        return scan
    _read_on(dump, layer, scan, pulse, samples if up_to is None else up_to)
    found = scan.totals or totals_of(np.empty((0, channels, *positions), np.float32))
    if scan.done >= samples:
        dump.remembered[name] = found
        keep_layer(dump, name, found)
    return found


def _read_on(dump: Dump, layer: DatasetFacts, scan: _Scan, pulse: Pulse, up_to: int) -> None:
    if 0 < up_to <= scan.done:
        return
    work = partial(_totals_of, dump, layer, content_of(dump, layer))
    for stop, totals in worked(dump, layer, work, pulse, scan.done):
        scan.totals = totals if scan.totals is None else added(scan.totals, totals)
        scan.done = stop
        if stop >= up_to:
            break


def _totals_of(dump: Dump, layer: DatasetFacts, content: AnyArray | None, batch: Batch) -> LayerTotals:
    """What a batch says."""
    values = np.moveaxis(batch.values, layer.layout.replace("N", "").index("C") + 1, 1)
    valid = None if content is None else valid_positions(dump, layer, content[batch.start : batch.stop])
    return totals_of(values, valid, batch.start)

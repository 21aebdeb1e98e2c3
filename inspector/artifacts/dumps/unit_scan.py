"""How silent each layer of a dump was on each sample."""

from __future__ import annotations

import numpy as np

from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.dump_layers import activation_layers
from inspector.artifacts.dumps.layer_scan import part_of_layer
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.dump import SAMPLE_SUBSET
from inspector.formats.facts import DatasetFacts, layer_name
from inspector.formats.sample_table import SPARSITY, SampleTable, sample_column


def scan_units(dump: Dump, pulse: Pulse) -> SampleTable:
    """The sparsity of every layer on every sample, `sparsity/<layer>`: the share of exact zeros among its values.

    Once they were all read they are known at once, also from the user's cache folder. With a pulse that is due earlier
    the table holds those that were read by then, and the next call reads on; layers are read one after the other, and
    `scanned` is the number of samples of which all layers were read.

    Raises:
        WorkCancelled: the pulse says so; what was read so far is not lost.
    """
    samples = dump.facts.samples or 0
    columns, notes, scanned = [], Notes(), samples
    for layer in activation_layers(dump):
        values, done = np.full(samples, np.nan), samples
        try:
            shares = part_of_layer(dump, layer, pulse).zero_shares
        except FileError as error:
            notes.add_error(error)
        else:
            done = _placed(values, layer, shares)
        scanned = min(scanned, done)
        columns.append(sample_column(f"{SPARSITY}{layer_name(layer)}", values))
    return SampleTable(samples=samples, scanned=scanned, columns=tuple(columns), notes=notes.texts())


def _placed(values: FloatArray, layer: DatasetFacts, shares: FloatArray) -> int:
    """Put shares where their samples are, and say up to which sample they reach."""
    subset = layer.attributes.get(SAMPLE_SUBSET)
    rows = subset if isinstance(subset, list) else range(len(values))
    for row, share in zip(rows, shares, strict=False):
        if isinstance(row, int) and 0 <= row < len(values):
            values[row] = share
    return min((row for row in rows[len(shares) :] if isinstance(row, int)), default=len(values))

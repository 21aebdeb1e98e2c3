"""What was worked out of whole dumps: known again from the user's cache folder, and handed to the window to put there.

A file that was written just now is not kept: within a step of its disk's clock it may be another without a sign of it.
"""

from __future__ import annotations

from dataclasses import MISSING, fields

import msgspec
import numpy as np

from inspector.analysis.channel_sketch import SKETCH_LENGTH
from inspector.analysis.layer_totals import STRONGEST, LayerTotals
from inspector.analysis.sparsity import LayerStatistics
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.identity import is_settled
from inspector.core.arrays import AnyArray
from inspector.formats.sample_table import SampleTable, sample_column
from inspector.formats.scan_cache import KeptScan, known_scan

MAX_WAITING = 256
"""Scans that wait for the window; it takes them soon, and what it does not take is worked out again some day."""

_not_kept: dict[str, KeptScan] = {}

_SHAPES: dict[str, str] = {
    "epsilons": "T", "near_zero": "TC", "n": "C", "not_finite": "C", "mean": "C", "variance": "C", "mean_abs": "C",
    "absmax": "C", "samples": "", "least": "C", "greatest": "C", "at_least": "C", "at_greatest": "C", "near_one": "C",
    "firing": "TC", "sketch": "SC", "sketch_of_ones": "S",
}  # fmt: skip
"""The fields of a layer's statistics: T thresholds, C channels, S numbers of a sketch."""

_BESIDE: dict[str, str] = {
    "zero_shares": "N", "near_at": "TP", "known_at": "P", "strengths": "KC", "strongest": "KC",
}  # fmt: skip
"""What else is told of a layer: N samples, P positions, K samples that excite a channel most."""

_NEEDED = frozenset(field.name for field in fields(LayerStatistics) if field.default is MISSING)


def scans_to_keep() -> tuple[KeptScan, ...]:
    """What was worked out in this process since the last time that this was asked, for the cache."""
    waiting = tuple(_not_kept.values())
    _not_kept.clear()
    return waiting


def known_table(dump: Dump, name: str) -> SampleTable | None:
    """The numbers of a dump's samples as they were kept, None where they were not.

    Args:
        dump: as it is now.
        name: what was worked out of it, and by which version.
    """
    scan = known_scan(_key(dump, name))
    samples = dump.facts.samples or 0
    if scan is None or any(array.shape != (samples,) or array.dtype.kind != "f" for array in scan.arrays.values()):
        return None
    columns = tuple(sample_column(column, values) for column, values in scan.arrays.items())
    return SampleTable(samples=samples, scanned=samples, columns=columns, notes=scan.notes)


def keep_table(dump: Dump, name: str, table: SampleTable) -> None:
    """Have the numbers of all samples kept."""
    _keep(dump, name, {column.name: column.values for column in table.columns}, table.notes)


def known_layer(dump: Dump, name: str, shape: tuple[int, int, int]) -> LayerTotals | None:
    """What was worked out of a layer as it was kept, None where it was not, or is of another size.

    Args:
        dump: as it is now.
        name: what was worked out of it, and by which version.
        shape: samples, channels and positions of the layer.
    """
    scan = known_scan(_key(dump, name))
    if scan is None:
        return None
    arrays = dict(scan.arrays)
    if not (_NEEDED | _BESIDE.keys()) <= arrays.keys() <= _SHAPES.keys() | _BESIDE.keys():
        return None
    sizes = dict(zip("NCP", shape, strict=True)) | {"S": SKETCH_LENGTH, "K": STRONGEST, "T": arrays["epsilons"].size}
    axes = _SHAPES | _BESIDE
    if any(array.shape != tuple(sizes[axis] for axis in axes[field]) for field, array in arrays.items()):
        return None
    beside = {field: arrays.pop(field) for field in _BESIDE}
    counted = arrays.pop("samples")
    return LayerTotals(LayerStatistics(samples=int(counted), **arrays), **beside)


def keep_layer(dump: Dump, name: str, totals: LayerTotals) -> None:
    """Have what was worked out of a layer kept."""
    known = {field: getattr(totals.statistics, field) for field in _SHAPES}
    arrays = {field: np.asarray(value) for field, value in known.items() if value is not None}
    _keep(dump, name, arrays | {field: getattr(totals, field) for field in _BESIDE}, ())


def _keep(dump: Dump, name: str, arrays: dict[str, AnyArray], notes: tuple[str, ...]) -> None:
    if is_settled(dump.identity):
        key = _key(dump, name)
        _not_kept[key] = KeptScan(key=key, arrays=arrays, notes=notes)
        while len(_not_kept) > MAX_WAITING:
            del _not_kept[next(iter(_not_kept))]


def _key(dump: Dump, name: str) -> str:
    # What was read generously may hold more.
    return f"{msgspec.structs.astuple(dump.identity)} {name}{' generous' if dump.generous else ''}"

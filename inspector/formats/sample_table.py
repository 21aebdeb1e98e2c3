"""Numbers of every sample of a dump: what a gallery is sorted and filtered by, and histograms are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_later


class ColumnName(NamedTuple):
    """How a number is called in English; `unit` is empty for one that has none."""

    label: str
    unit: str = ""


COLUMN_NAMES: dict[str, ColumnName] = {
    "fg_ari": ColumnName("FG-ARI"),
    "ari": ColumnName("ARI"),
    "miou": ColumnName("mIoU"),
    "mbo": ColumnName("mBO"),
    "slot_cosine": ColumnName(tr_later("Slot cosine")),
    "slot_cosine_centred": ColumnName(tr_later("Slot cosine, centred")),
    "mask_entropy": ColumnName(tr_later("Mask entropy")),
    "active_slots": ColumnName(tr_later("Active slots")),
    "effective_slots": ColumnName(tr_later("Effective slots")),
    "err_px": ColumnName(tr_later("Point error"), "px"),
    "err_change_px": ColumnName(tr_later("Change of point error"), "px"),
    "err_other_px": ColumnName(tr_later("Point error there"), "px"),
    "change": ColumnName(tr_later("Fixed, same, broken")),
    "dx_px": ColumnName(tr_later("Error in x"), "px"),
    "dy_px": ColumnName(tr_later("Error in y"), "px"),
    "gt_x_px": ColumnName(tr_later("True x"), "px"),
    "gt_y_px": ColumnName(tr_later("True y"), "px"),
    "confidence": ColumnName(tr_later("Confidence")),
    "missed": ColumnName(tr_later("Missed")),
    "spurious": ColumnName(tr_later("Spurious")),
    "count": ColumnName(tr_later("Count")),
    "count_predicted": ColumnName(tr_later("Predicted count")),
    "count_error": ColumnName(tr_later("Count error")),
    "done": ColumnName(tr_later("Done")),
    "gt_done": ColumnName(tr_later("True done")),
    "done_error": ColumnName(tr_later("Done error")),
    "sequence_step": ColumnName(tr_later("Sequence step")),
    "reconstruction_mse": ColumnName(tr_later("Reconstruction MSE")),
}
"""The numbers that a sample may have, in the order they are listed; the sparsity of each layer comes after them.

Errors in x, in y and of a count are predicted less true. Of several objects `err_px`, `dx_px`, `dy_px`, `gt_x_px`,
`gt_y_px` and `confidence` are those of the one that is most wrong.
"""

_PLACES = {name: place for place, name in enumerate(COLUMN_NAMES)}

SPARSITY = "sparsity/"
"""What the name of a layer's sparsity begins with."""

_SPARSITY_OF = tr_later("Sparsity of {layer}")


class SampleColumn(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One number of every sample.

    Attributes:
        name: a key of COLUMN_NAMES, or `sparsity/<layer>`.
        label: what it is called in English, as in what is exported.
        values: (samples,) float64, one a sample in the order of the dump; NaN where undefined or not read yet.
    """

    name: str
    label: str
    unit: str
    values: FloatArray

    @property
    def title(self) -> str:
        """What it is called on screen."""
        layer = self.name.removeprefix(SPARSITY)
        if layer != self.name:
            return tr(_SPARSITY_OF).format(layer=layer)
        return tr(self.label) if self.name in COLUMN_NAMES else self.label


class SampleTable(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Numbers of the samples of a dump, of which a scan that still runs has read some.

    Attributes:
        samples: how many the dump holds.
        scanned: how many were read so far, the first ones; all of them once the scan is through.
        columns: in the order they are listed; only those that the dump has data for.
        notes: what could not be read, one sentence each.
    """

    samples: int
    scanned: int = 0
    columns: tuple[SampleColumn, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every sample was read."""
        return self.scanned >= self.samples

    def column(self, name: str) -> SampleColumn | None:
        """The column of a name, None where there is none."""
        return next((column for column in self.columns if column.name == name), None)


def with_numbers(table: SampleTable, numbers: Mapping[str, FloatArray]) -> SampleTable:
    """A table with more numbers, in the place of those of the same names.

    Args:
        table: the table.
        numbers: (samples,) float64 by names of COLUMN_NAMES.
    """
    columns = {column.name: column for column in table.columns}
    columns |= {name: sample_column(name, values) for name, values in numbers.items()}
    listed = sorted(columns.values(), key=lambda column: _PLACES.get(column.name, len(_PLACES)))
    return msgspec.structs.replace(table, columns=tuple(listed))


def sample_column(name: str, values: FloatArray) -> SampleColumn:
    """A column by its name.

    Args:
        name: a key of COLUMN_NAMES, or `sparsity/<layer>`.
        values: (samples,) float64, NaN where undefined.
    """
    layer = name.removeprefix(SPARSITY)
    known = ColumnName(_SPARSITY_OF.format(layer=layer)) if layer != name else COLUMN_NAMES.get(name, ColumnName(name))
    return SampleColumn(name=name, label=known.label, unit=known.unit, values=np.asarray(values, np.float64))

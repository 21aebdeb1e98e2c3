"""What is said of samples in words."""

from __future__ import annotations

import math

from inspector.core.units import number_text
from inspector.formats.marks import Mark
from inspector.formats.sample_table import SampleColumn, SampleTable


def value_text(value: float, unit: str = "") -> str:
    """`0.04`, `23.4 px`, `3`; a dash where undefined."""
    if math.isnan(value):
        return "–"
    if unit:
        shown = f"{value:.1f}"
    elif value == round(value) or abs(value) >= 10:
        shown = number_text(float(f"{value:.3g}"))
    else:
        shown = f"{round(value, 2) + 0.0:.2f}"  # adding 0.0 makes a negative zero positive
    return f"{shown.replace('-', '−')} {unit}".rstrip()


def caption_of(sample: int, column: SampleColumn | None) -> str:
    """What stands on the foot of a tile: the number that samples are sorted by, else that of the sample."""
    return f"{sample + 1:,}" if column is None else value_text(float(column.values[sample]), column.unit)


def sample_text(sample: int, column: SampleColumn | None, mark: Mark, problem: str) -> str:
    """`sample 18, FG-ARI 0.04, flagged, #hard, two objects touch`."""
    parts = [f"sample {sample + 1}"]
    if column is not None:
        parts.append(f"{column.label} {caption_of(sample, column)}")
    parts += ["flagged"] if mark.flagged else []
    parts += [f"#{tag}" for tag in mark.tags]
    parts += [text for text in (mark.note, problem) if text]
    return ", ".join(parts)


def count_text(table: SampleTable, shown: int, row: int | None, flagged: int) -> str:
    """`17 of 300 · 4 flagged · 40% read`: where the chosen sample stands among those shown.

    Args:
        table: all samples.
        shown: how many are shown.
        row: where the chosen one stands, None where it is not shown.
        flagged: how many are.
    """
    parts = [f"{row + 1:,} of {shown:,}" if row is not None else f"{shown:,}"]
    parts += [f"of {table.samples:,} samples"] if shown < table.samples else ["samples"]
    texts = [" ".join(parts)] + ([f"{flagged:,} flagged"] if flagged else [])
    if not table.whole:
        texts.append(f"{table.scanned / table.samples:.0%} read")
    return " · ".join(texts)

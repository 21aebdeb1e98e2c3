"""What is said of samples in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from inspector.core.language import tr, tr_many
from inspector.core.units import number_text
from inspector.formats.marks import Mark
from inspector.formats.sample_table import SampleColumn, SampleTable
from inspector.views.pictures import TextRun


class Caption(NamedTuple):
    """What stands on the foot of a tile: pieces from the left, each in its colour, and a text at the right."""

    left: tuple[TextRun, ...] = ()
    right: str = ""


class CountText(NamedTuple):
    """How many samples there are: all that is said of it, and what stands where there is little room."""

    full: str = ""
    short: str = ""


CaptionOf = Callable[[SampleTable, int, SampleColumn | None], Caption]
"""The caption of a sample, from the numbers of all and the one that they are sorted by."""


# Said of every row of a list.
_SAMPLE, _FLAGGED, _REJECTED = tr("sample {number}"), tr("flagged"), tr("rejected")


def plain_caption(_table: SampleTable, sample: int, column: SampleColumn | None) -> Caption:
    """The number that samples are sorted by, else that of the sample."""
    return Caption(((caption_of(sample, column), ""),))


def value_text(value: float, unit: str = "") -> str:
    """`0.04`, `23.4 px`, `3`; a dash where undefined."""
    if math.isnan(value):
        return "–"
    if unit:
        shown = f"{value:.1f}"
    elif value == round(value) or abs(value) >= 10:
        shown = number_text(value, 3)
    else:
        shown = f"{round(value, 2) + 0.0:.2f}"  # adding 0.0 makes a negative zero positive
    return f"{shown.replace('-', '−')} {unit}".rstrip()


def caption_of(sample: int, column: SampleColumn | None) -> str:
    """The number that samples are sorted by, else that of the sample."""
    return f"{sample + 1:,}" if column is None else value_text(float(column.values[sample]), column.unit)


def sample_text(sample: int, column: SampleColumn | None, mark: Mark, problem: str) -> str:
    """`sample 18, FG-ARI 0.04, flagged, #hard, two objects touch`."""
    parts = [_SAMPLE.format(number=sample + 1)]
    if column is not None:
        parts.append(f"{column.title} {caption_of(sample, column)}")
    parts += [_FLAGGED] if mark.flagged else []
    parts += [_REJECTED] if mark.rejected else []
    parts += [f"#{tag}" for tag in mark.tags]
    parts += [text for text in (mark.note, problem) if text]
    return ", ".join(parts)


def count_text(
    table: SampleTable, shown: int, row: int | None, flagged: int, rejected: int, selected: int
) -> CountText:
    """`17 of 300 shown · 4 of 500 flagged · 2 rejected · 40% read`; how many there are is said once.

    Args:
        table: all samples.
        shown: how many are shown.
        row: where the chosen one stands among them, None where it is not shown.
        flagged: how many are, of all.
        rejected: how many are, of all.
        selected: how many are selected together.
    """
    place = tr("{place:,} of {count:,}").format(place=row + 1, count=shown) if row is not None else f"{shown:,}"
    if shown >= table.samples:
        first, short = tr_many("{place} sample", "{place} samples", table.samples), "{place}"
    elif flagged:
        first = short = tr("{place} shown")
    else:
        first = tr_many("{place} shown of {count:,} sample", "{place} shown of {count:,} samples", table.samples)
        short = tr("{place} shown of {count:,}")
    texts = [first.format(place=place, count=table.samples)]
    texts += [tr("{count:,} selected").format(count=selected)] if selected > 1 else []
    texts += [tr("{count:,} of {samples:,} flagged").format(count=flagged, samples=table.samples)] if flagged else []
    texts += [tr("{count:,} rejected").format(count=rejected)] if rejected else []
    if not table.whole:
        texts.append(tr("{share:.0%} read").format(share=table.scanned / table.samples))
    return CountText(" · ".join(texts), short.format(place=place, count=table.samples))

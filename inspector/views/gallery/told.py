"""The numbers of the chosen sample in words."""

from __future__ import annotations

import numpy as np

from inspector.core.language import tr
from inspector.formats.marks import Mark
from inspector.formats.sample_table import SampleTable
from inspector.views.gallery.texts import value_text
from inspector.views.told import SampleTold

MOST_LINES = 4


def told_of_table(table: SampleTable, sample: int, mark: Mark) -> SampleTold:
    """The first few numbers of a sample that are known."""
    known = (column for column in table.columns if sample < len(column.values) and not np.isnan(column.values[sample]))
    lines = [(column.title, value_text(float(column.values[sample]), column.unit)) for column in known]
    return SampleTold(tr("Sample {number:,}").format(number=sample + 1), tuple(lines[:MOST_LINES]), mark=mark)

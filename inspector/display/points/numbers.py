"""The point error of every sample of a dump beside its other numbers, for its gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import opened
from inspector.core.pulse import Pulse
from inspector.display.gallery.samples import LOOK_S, aspect_of, slot_numbers
from inspector.display.gallery.scene import SamplesAsk, SamplesScene
from inspector.display.points.reading import all_points
from inspector.formats.sample_table import SampleTable, sample_column


def prepare(ask: SamplesAsk, pulse: Pulse) -> SamplesScene:
    """The largest error of each sample, in pixels of the original image, and what else is told of it.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what="opening the dump")
    path = Path(ask.path)
    points = all_points(path, pulse)
    count = len(points.samples)
    errors_px = np.array([sample.worst_px for sample in points.samples], np.float64)
    dump = opened(path)
    others = slot_numbers(dump, "", pulse.within(LOOK_S))
    same = others.samples == count
    table = SampleTable(
        samples=count,
        scanned=others.scanned if same else count,
        columns=(sample_column("err_px", errors_px), *(others.columns if same else ())),
        notes=points.notes,
    )
    return SamplesScene(path=ask.path, table=table, aspect=aspect_of(dump))

"""The point error of every sample of a dump, for its gallery."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inspector.artifacts.dumps.dump import opened
from inspector.core.pulse import Pulse
from inspector.display.gallery.samples import aspect_of
from inspector.display.gallery.scene import SamplesAsk, SamplesScene
from inspector.display.points.reading import all_points
from inspector.formats.sample_table import SampleTable, sample_column


def prepare(ask: SamplesAsk, pulse: Pulse) -> SamplesScene:
    """The largest error of each sample, in pixels of the original image.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    path = Path(ask.path)
    points = all_points(path, pulse)
    count = len(points.samples)
    errors_px = np.array([sample.worst_px for sample in points.samples], np.float64)
    table = SampleTable(samples=count, scanned=count, columns=(sample_column("err_px", errors_px),), notes=points.notes)
    return SamplesScene(path=ask.path, table=table, aspect=aspect_of(opened(path)))

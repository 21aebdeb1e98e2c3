"""Reads the logs of a run and lays their series out in panels."""

from __future__ import annotations

from inspector.core.pulse import Pulse
from inspector.display.curves.kept import Kept
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.runs.curves import run_series

_kept = Kept()
"""A reader process serves one run, so what is kept is of its curves."""


def prepare(ask: CurvesAsk, pulse: Pulse) -> CurvesScene:
    """Every series of the asked logs that the filter lets through, in panels."""
    read = run_series(ask.paths, pulse)
    found = [(curve.file, curve.series) for curve in read.curves]
    return curves_of(found, ask, pulse, read.notes, _kept)

"""Reads the logs of a run and lays their series out in panels."""

from __future__ import annotations

import msgspec

from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.display.curves.kept import Kept
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.runs.curves import run_series

_kept = Kept()
"""A reader process serves one run, so what is kept is of its curves."""


def prepare(ask: CurvesAsk, pulse: Pulse) -> CurvesScene:
    """Every series of the asked logs that the filter lets through, in panels."""
    read = run_series(ask.paths, pulse.within(0.0) if ask.unread_bytes else pulse)
    found = [(curve.file, curve.series) for curve in read.curves]
    scene = curves_of(found, ask, pulse, read.notes, _kept)
    if not read.unread_bytes:
        return scene
    reading = tr("{size} of the logs are still to be read").format(size=bytes_text(read.unread_bytes))
    return msgspec.structs.replace(scene, reading=reading)

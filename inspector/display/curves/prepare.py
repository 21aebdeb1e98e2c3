"""Reads the logs of a run and lays their series out in panels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.display.curves.panels import curves_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.formats.series import Series


def prepare(ask: CurvesAsk, pulse: Pulse) -> CurvesScene:
    """Every series of the asked logs that the filter lets through, in panels."""
    found, notes = _read(ask.paths, pulse)
    return curves_of(found, ask, pulse, notes)


def _read(paths: Sequence[str], pulse: Pulse) -> tuple[list[tuple[str, Series]], list[str]]:
    """The series of all logs with the file they come from; one that two logs hold is taken once."""
    found: list[tuple[str, Series]] = []
    notes: list[str] = []
    for path in paths:
        name = Path(path).name
        pulse.beat(what=f"reading {name}")
        try:
            logged = series_of(Path(path), pulse)
        except FileError as error:
            notes.append(str(error))
            continue
        notes.extend(f"{name}: {note}" for note in logged.notes)
        for series in logged.series:
            if not any(_same(series, other) for _, other in found):
                found.append((name, series))
    return found, notes


def _same(one: Series, other: Series) -> bool:
    return (
        one.tag == other.tag
        and np.array_equal(one.steps, other.steps)
        and np.array_equal(one.values, other.values, equal_nan=True)
    )

"""The curves of a run: what all its logs hold, joined."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.formats.log_media import LogMedia
from inspector.formats.series import Series


class RunCurve(msgspec.Struct, frozen=True, kw_only=True):
    """One curve of a run.

    Attributes:
        series: its points; `starts` tells where a restarted or resumed run logged it again.
        file: the name of the log that it comes from, as short as tells it from the run's other logs; where several
            files of one logger make the curve, of the newest.
        apart: another log of the run has a curve of the same tag with other values, so `file` must be shown with it.
    """

    series: Series
    file: str
    apart: bool = False


class RunCurves(msgspec.Struct, frozen=True, kw_only=True):
    """Every curve of a run.

    Attributes:
        curves: in the order that their tags came.
        media: what the logs hold beside numbers.
        skipped: what was left out and why, one sentence each.
        notes: damage, what was assumed, and which log repeats which, one sentence each.
    """

    curves: tuple[RunCurve, ...] = ()
    media: tuple[LogMedia, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def run_series(paths: Iterable[str | Path], pulse: Pulse) -> RunCurves:
    """The curves of all logs of a run, each once.

    The files that one logger wrote one after the other (event files of one folder, rotated logs, versions of a
    Lightning log) make one curve, its attempts in the order they were written. A curve that several loggers wrote is
    shown once, from the fullest, with a note; where their values differ beyond what is rounded in print, each stands
    apart. A log without steps is placed by its epochs or times where the other logs tell the steps of those.
    Asked again, only what has changed is read and joined.

    Args:
        paths: the logs of one run.
        pulse: is beaten for every file and every joined curve.

    Raises:
        WorkCancelled: the pulse was cancelled.
    """
    curves: list[RunCurve] = []
    notes: list[str] = []
    for path in map(Path, paths):
        pulse.beat(what=f"reading {path.name}")
        try:
            found = series_of(path, pulse)
        except FileError as error:
            notes.append(str(error))
            continue
        curves.extend(RunCurve(series=series, file=path.name) for series in found.series)
    return RunCurves(curves=tuple(curves), notes=tuple(notes))

"""A curve as it was logged."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import FloatArray, IntArray
from inspector.formats.log_media import LogMedia


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One curve, every point that the log holds, in the order of the file.

    Attributes:
        steps: (points,) float64, optimizer steps; they may repeat or go back where a run was restarted.
        epochs: (points,) float64, NaN where a record had none; None where no record had one.
        times: (points,) float64, seconds since 1970, NaN where unknown; None where no record had one.
        values: (points,) float64, NaN and infinities as logged.
        stepless: the file gave no steps, so `steps` counts the points from 0.
        starts: (attempts,) int64, where in the arrays each attempt begins, the first at 0: a run that was restarted or
            resumed logs a further attempt. None where there is one attempt. No point is dropped for being repeated.
    """

    tag: str
    steps: FloatArray
    values: FloatArray
    epochs: FloatArray | None = None
    times: FloatArray | None = None
    stepless: bool = False
    starts: IntArray | None = None


class SeriesSet(msgspec.Struct, frozen=True, kw_only=True):
    """Every curve of a log.

    Attributes:
        skipped: what was left out and why, one sentence each (`12 histograms`).
        notes: damage met while reading.
        media: what the log holds beside numbers, listed without its bytes.
        unread_bytes: how much of the log is still to be read, where this is a first look at a long one.
    """

    series: tuple[Series, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    media: tuple[LogMedia, ...] = ()
    unread_bytes: int = 0

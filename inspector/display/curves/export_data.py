"""The points of curves written into a file: one long table (CSV), or one array for each curve and axis (npz)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from inspector.analysis.expressions import ExpressionError
from inspector.artifacts.output import Output
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.errors import UsageError
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.curves.axis import axis_of, place
from inspector.display.curves.combined import combined
from inspector.display.curves.export import DataAsk, DataRun, is_among
from inspector.display.curves.export_forms import WRITERS, WrittenCurve
from inspector.display.curves.filtering import filter_of
from inspector.display.curves.grouping import Place, place_of, place_of_expression
from inspector.display.curves.kept import Smoothing, smoothing_of
from inspector.display.curves.rates import RATE_PANEL
from inspector.formats.series import Series
from inspector.formats.written import ExportedCurves
from inspector.runs.curves import run_series


def export_curves(ask: DataAsk, descriptor: int, pulse: Pulse) -> ExportedCurves:
    """Write every point, or those of a stretch of x, as numbers that are read back bit for bit.

    What no file states is empty in CSV, and NaN in npz. Steps, epochs and times are as logged; attempts count from 1.

    Args:
        ask: which curves.
        descriptor: of the new file, open for writing; what is in it is dropped.
        pulse: of this work.

    Raises:
        UsageError: no curve is asked for.
        WorkCancelled: the pulse was cancelled.
        OSError: the disk is full.
    """
    notes: list[str] = []
    curves = [curve for run in ask.runs for curve in _curves_of(run, ask, notes, pulse)]
    if not curves:
        names = ", ".join(run.name for run in ask.runs)
        raise UsageError(tr("{runs}: none of the curves is asked for").format(runs=names))
    output = Output(descriptor)
    WRITERS[ask.form](curves, output, pulse)
    pulse.beat(what=tr("writing to the disk"))
    output.finish()
    return ExportedCurves(
        curves=len(curves), points=sum(curve.points for curve in curves), bytes=output.bytes, notes=tuple(notes)
    )


def _curves_of(run: DataRun, ask: DataAsk, notes: list[str], pulse: Pulse) -> Iterator[WrittenCurve]:
    read = run_series(run.ask.paths, pulse)
    notes += read.notes
    everything = [curve.series for curve in read.curves]
    axis, note = axis_of(
        everything, run.ask.x_axis, run.ask.moments, metric=run.ask.x_metric, batch_size=run.ask.batch_size
    )
    notes += [note] if note else []
    found = [(one.series, place_of(one.series.tag), f" · {one.file}" if one.apart else "") for one in read.curves]
    lets = filter_of(run.ask.filter)
    wanted = [
        *((series, where, "") for series, where in _expressions(everything, run.ask.expressions, notes)),
        *(one for one in found if lets.lets(one[0].tag)),
    ]
    smoothing = smoothing_of(run.ask.smoothing_kind, run.ask.smoothing)
    for series, where, apart in wanted:
        if is_among(ask.panels, where.key, where.title):
            x = place(series, axis)
            yield WrittenCurve(
                run=run.name,
                tag=series.tag + apart,
                series=series,
                rows=_rows_within(x, ask.x_range),
                x=x,
                # As on the screen: an average of rates never was.
                smoothing=Smoothing() if where.key == RATE_PANEL else smoothing,
            )


def _expressions(
    everything: Sequence[Series], texts: Sequence[str], notes: list[str]
) -> Iterator[tuple[Series, Place]]:
    curves = {series.tag: series for series in reversed(everything)}
    for text in dict.fromkeys(texts):
        try:
            series, note = combined(text, curves)
        except ExpressionError as error:
            notes.append(f"{visible(text, 60)}: {error}")
            continue
        notes += [note] if note else []
        yield series, place_of_expression(text)


def _rows_within(x: FloatArray, x_range: tuple[float, float] | None) -> IntArray | None:
    if x_range is None:
        return None
    return np.flatnonzero((x >= x_range[0]) & (x <= x_range[1]))

"""Reads the timeline's curve."""

from __future__ import annotations

import numpy as np

from inspector.analysis.pyramid import decimate
from inspector.core.arrays import FloatArray
from inspector.core.pulse import Pulse
from inspector.display.timeline.scene import TimelineAsk, TimelineScene
from inspector.runs.curves import run_series
from inspector.runs.rising import rising_curves

WIDTH_PX = 1200


def prepare(ask: TimelineAsk, pulse: Pulse) -> TimelineScene:
    """The curve scaled to 0..1 over the axis of all files."""
    steps, values = _curve(ask, pulse)
    places = [mark.step for mark in ask.marks] + [step for step, _text in ask.ticks]
    if steps.size:
        places += [float(steps[0]), float(steps[-1])]
    first, last = (min(places), max(places)) if places else (0.0, 0.0)
    return TimelineScene(
        tag=ask.tag,
        steps=steps,
        values=_scaled(values),
        first_step=first,
        last_step=last,
        marks=ask.marks,
        ticks=ask.ticks,
        axis=ask.axis,
    )


def _curve(ask: TimelineAsk, pulse: Pulse) -> tuple[FloatArray, FloatArray]:
    found = run_series(ask.logs, pulse.within(0.0) if ask.unread_bytes else pulse)
    wanted = (curve.series for curve in found.curves if curve.series.tag == ask.tag)
    curve = rising_curves(wanted, pulse).get(ask.tag)
    if curve is None or not curve.steps.size:
        return np.empty(0), np.empty(0)
    return decimate(curve.steps, curve.values, float(curve.steps[0]), float(curve.steps[-1]), WIDTH_PX)


def _scaled(values: FloatArray) -> FloatArray:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.full(values.shape, np.nan)
    low, high = float(finite.min()), float(finite.max())
    scaled = (np.where(np.isfinite(values), values, np.nan) - low) / (high - low) if high > low else values * 0 + 0.5
    return scaled.astype(np.float64)

"""From a dump to the plots of its points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.points.plots import counts, done, errors, groups, loss, places, prevalence
from inspector.display.points.plots.measures import Measures, measures_of
from inspector.display.points.plots.scene import Plot, PlotsAsk, PlotsScene
from inspector.runs.loss_threshold import LossThreshold

PLOTS: tuple[Callable[[Measures], Plot], ...] = (
    errors.error_histogram,
    errors.error_shares,
    places.offsets,
    places.error_map,
    groups.by_count,
    groups.by_step,
    loss.loss_curve,
    done.done_histogram,
    done.precision_over_recall,
    done.calibration,
    prevalence.prevalence,
    counts.count_scatter,
    counts.grid_errors,
)
"""In the order shown."""


def prepare(ask: PlotsAsk, pulse: Pulse) -> PlotsScene:
    """Every plot, those with nothing to draw too, which say why.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    dump = opened(Path(ask.path), pulse, generous=ask.generous)
    points = points_without_pattern(dump, pulse, ask.radius_px, undo=ask.undo)
    measures = measures_of(points, ask.threshold, pulse)
    plots = []
    for number, make in enumerate(PLOTS):
        pulse.beat(number, len(PLOTS), tr("plots"))
        plots.append(make(measures))
    return PlotsScene(
        plots=tuple(plots),
        threshold=ask.threshold.value if ask.threshold is not None else 0.0,
        threshold_text=_source_text(ask.threshold) if ask.threshold is not None else "",
    )


def _source_text(threshold: LossThreshold) -> str:
    """`loss.funnel_threshold 0.3`, or that it was set by hand."""
    value = number_text(threshold.value)
    if threshold.setting:
        return f"{visible(threshold.setting)} {value}"
    return tr("set by hand {value}").format(value=value)

"""The ask and the scene of curves."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from inspector.core.arrays import FloatArray, IntArray
from inspector.diagnosis.thresholds import DEFAULTS, Thresholds
from inspector.runs.values import Moment
from inspector.session.values import AxisScale, SmoothingKind, XAxis

MarkerKind = Literal["checkpoint", "dump", "seam", "finding", "warm-up", "evidence"]


class PlanAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the planned learning rate of a parameter group is known.

    Attributes:
        group_name, index: of the group; the name is empty where the plan is of all.
        source: `settings`, or the name of the checkpoint whose scheduler tells.
        values: settings by dotted path, for a recipe of this program.
        class_name, state: the scheduler, for a checkpoint; empty where settings tell.
        base_lr: the rate that the plan multiplies.
        per: what one of the scheduler's own steps is.
        steps_per_epoch: optimizer steps, None where no file tells.
    """

    source: str
    base_lr: float
    values: dict[str, Any] = {}
    class_name: str = ""
    state: dict[str, Any] = {}
    group: dict[str, Any] = {}
    group_name: str = ""
    index: int = 0
    per: Literal["epoch", "step"] = "epoch"
    steps_per_epoch: float | None = None


class StepMarker(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the run that stands at a step.

    Attributes:
        path: what is opened.
    """

    step: float
    kind: Literal["checkpoint", "dump"]
    label: str
    path: str
    epoch: float | None = None


class CurvesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What to draw of a run.

    Attributes:
        paths: logs, in the order of the run.
        moments: the run's table of steps, thinned; it places series that lack epochs or times.
        filter: as `display.curves.filtering` reads it; empty for all.
        plans: of the learning rate, one for each parameter group that has its own.
        marks: checkpoints and dumps.
        batch_size: samples a step, None where no setting tells.
        steps_per_epoch: optimizer steps, None where no file tells.
        recipe: the run's own word for what it trains, empty where none is known.
        thresholds: those in force for the run, as its findings decide by.
        unread_bytes: how much of the logs is still to be read; unless 0, they are read no further for this scene.
        stamp: changes when a log does.
    """

    paths: tuple[str, ...]
    x_axis: XAxis = "step"
    x_metric: str = ""
    x_scale: AxisScale = "linear"
    y_scale: AxisScale = "linear"
    shared_y: bool = False
    from_zero: bool = False
    smoothing: float = 0.0
    smoothing_kind: SmoothingKind = "ema"
    filter: str = ""
    expressions: tuple[str, ...] = ()
    ignore_outliers: bool = False
    expected_bands: bool = False
    moments: tuple[Moment, ...] = ()
    plans: tuple[PlanAsk, ...] = ()
    marks: tuple[StepMarker, ...] = ()
    batch_size: float | None = None
    steps_per_epoch: float | None = None
    recipe: str = ""
    thresholds: Thresholds = DEFAULTS
    unread_bytes: int = 0
    stamp: float = 0.0


class Levels(msgspec.Struct, frozen=True):
    """Values of a stretch and the extremes of their blocks, as `analysis.pyramid.Pyramid` holds them."""

    y: FloatArray
    lows: tuple[FloatArray, ...]
    highs: tuple[FloatArray, ...]


class Stretch(msgspec.Struct, frozen=True):
    """A part of a line along which x does not fall.

    Attributes:
        x: (points,) float64, finite.
        shown: smoothed, or as logged where there is no smoothing.
        logged: as logged; None where that is what is shown.
        attempt: which attempt of the run wrote it, from 0.
        dim: a later attempt has taken its place, or it is of the run that was resumed.
    """

    x: FloatArray
    shown: Levels
    logged: Levels | None = None
    attempt: int = 0
    dim: bool = False


def _no_marks() -> IntArray:
    return np.zeros(0, np.int64)


def _nothing() -> FloatArray:
    return np.zeros(0)


LOST_WORDS = ("NaN", "+inf", "−inf")
"""What a number of `Line.lost_kinds` says."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One curve of a panel.

    Attributes:
        tag: its full name in the log; an expression's own text; empty for a plan.
        label: its name in the legend.
        ink: its number in the series palette, or a token's name.
        dashed: it is planned, not logged.
        variant: lines of one panel and ink are told apart by it; 0 is drawn solid.
        dim: it steps back behind the others.
        lost_x, lost_y: where values were not finite: x, and the last finite value before (the next where none was).
        lost_kinds: (marks,) int64, index into LOST_WORDS for each of them.
        file: the log it comes from.
        run: name of the run, empty until several are laid side by side.
        expression: it was worked out from other lines.
    """

    tag: str
    label: str
    ink: int | str
    stretches: tuple[Stretch, ...]
    dashed: bool = False
    variant: int = 0
    dim: bool = False
    lost_x: FloatArray
    lost_y: FloatArray
    lost_kinds: IntArray = msgspec.field(default_factory=_no_marks)
    file: str = ""
    run: str = ""
    expression: bool = False


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A strip under the curves.

    Attributes:
        x, low, high: (points,) float64, x rising; NaN in low and high is a gap.
        label: what it shows (`min to max of 5 seeds`).
        source: whence it comes, one sentence; empty for what is worked out from the runs themselves.
        ink: as of a line.
        kind: of expected values, or over runs that differ only in their seed.
    """

    x: FloatArray
    low: FloatArray
    high: FloatArray
    label: str
    source: str = ""
    ink: int | str = "good"
    kind: Literal["expected", "seeds"] = "expected"


class TableRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a table says of a line.

    Attributes:
        line: its index in the panel.
        best: the least or greatest finite value as logged, by what its metric calls best; NaN where there is none.
        best_x, last_x: where they stand, NaN where there is none.
        last: the last finite value as logged.
        count: points, those that are not finite included.
        not_finite: how many of them are NaN or infinite; nan, above and below tell NaN, +inf and -inf apart.
    """

    line: int
    best: float
    best_x: float
    last: float
    last_x: float
    count: int
    not_finite: int = 0
    nan: int = 0
    above: int = 0
    below: int = 0


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """Curves that share a y axis.

    Attributes:
        key: stable name, by which panels of compared runs meet.
        group: the heading that it stands under; panels of one group stand side by side.
        x_scale, y_scale: as drawn; may differ from what was asked.
        y_threshold: below it a symlog axis is close to linear.
        fit_y: least and greatest value to show when fitting, in values; NaN where nothing is finite.
        rows: one for each logged line.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    group: str = ""
    x_scale: AxisScale = "linear"
    y_scale: AxisScale = "linear"
    y_threshold: float = 1.0
    fit_y: tuple[float, float]
    bands: tuple[Band, ...] = ()
    rows: tuple[TableRow, ...] = ()


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands at an x.

    Attributes:
        until: where it ends, for what has a length (a warm-up, evidence); None otherwise.
        opens: path of a checkpoint or dump, id of a finding; empty where there is nothing to open.
        severity: of a finding; empty otherwise.
        panel: key of the one panel that it belongs to; empty for all.
    """

    x: float
    kind: MarkerKind
    label: str
    opens: str = ""
    until: float | None = None
    panel: str = ""
    severity: str = ""


class CurvesScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the view paints.

    Attributes:
        x_axis: what x is: steps, epochs, seconds since the first record or since 1970, samples, or a metric's value.
            May differ from what was asked.
        x_label: x in words (`step`, or the metric's name).
        x_threshold: below it a symlog axis of x is close to linear.
        fit_x: least and greatest x to show when fitting; NaN where there is none.
        last_x: the greatest x that was logged, NaN where there is none.
        cursor_steps, cursor_x: a table, both rising, that leads from the cursor's step to x and back; empty where
            x is the step itself.
        clock_steps, clock_epochs, clock_times: (rows,) float64, the run's table of steps, thinned, steps rising; times
            in seconds since 1970; NaN where no file tells.
        clock_origin: the time of the run's first record.
        hidden: how many series the filter leaves out.
        filter_error: why the filter is not a regular expression; empty where it is. It is then searched as text.
        expression_errors: for each expression asked for, why it could not be worked out, or empty.
        smoothing_text: how lines are smoothed (`exponential average of 0.6`, `median of 19 points`); empty for not.
        tags: every series of the logs, whatever the filter.
        reading: what is still to be read where this is a first look (`1.2 GB of the logs are still to be read`); empty
            when all is read.
        notes: what could not be read or placed.
        runs: names of the runs, the chosen one first; one where none is compared.
        run_inks: the ink of each of them where lines are coloured by run; empty otherwise.
    """

    x_axis: XAxis
    x_label: str = "step"
    x_threshold: float = 1.0
    panels: tuple[Panel, ...]
    fit_x: tuple[float, float]
    last_x: float
    cursor_steps: FloatArray
    cursor_x: FloatArray
    markers: tuple[Marker, ...] = ()
    clock_steps: FloatArray = msgspec.field(default_factory=_nothing)
    clock_epochs: FloatArray = msgspec.field(default_factory=_nothing)
    clock_times: FloatArray = msgspec.field(default_factory=_nothing)
    clock_origin: float = 0.0
    hidden: int = 0
    filter_error: str = ""
    expression_errors: tuple[str, ...] = ()
    smoothing_text: str = ""
    tags: tuple[str, ...] = ()
    reading: str = ""
    notes: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    run_inks: tuple[int, ...] = ()

"""The ask and the scene of curves."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from inspector.core.arrays import FloatArray
from inspector.runs.values import Moment
from inspector.session.values import XAxis


class PlanAsk(msgspec.Struct, frozen=True, kw_only=True):
    """How the planned learning rate is known.

    Attributes:
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
    per: Literal["epoch", "step"] = "epoch"
    steps_per_epoch: float | None = None


class CurvesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What to draw of a run.

    Attributes:
        paths: logs, in the order of the run.
        moments: the run's table of steps, thinned; it places series that lack epochs or times.
        filter: a regular expression, searched in tags whatever the case; empty for all.
        stamp: changes when a log does.
    """

    paths: tuple[str, ...]
    x_axis: XAxis = "step"
    smoothing: float = 0.6
    filter: str = ""
    log_y: bool = False
    ignore_outliers: bool = False
    moments: tuple[Moment, ...] = ()
    plan: PlanAsk | None = None
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
    """

    x: FloatArray
    shown: Levels
    logged: Levels | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One curve of a panel.

    Attributes:
        tag: its full name in the log.
        label: its name in the legend.
        ink: its number in the series palette, or a token's name.
        dim: it belongs to a run that is compared.
        lost_x, lost_y: where values were not finite: x, and the last finite value before (the next where none was).
        file: the log it comes from.
    """

    tag: str
    label: str
    ink: int | str
    stretches: tuple[Stretch, ...]
    dashed: bool = False
    dim: bool = False
    lost_x: FloatArray
    lost_y: FloatArray
    file: str = ""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """Curves that share a y axis.

    Attributes:
        key: stable name, by which panels of compared runs meet.
        fit_y: least and greatest value to show when fitting, in values; NaN where nothing is finite.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    log_y: bool = False
    fit_y: tuple[float, float]


class CurvesScene(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the view paints.

    Attributes:
        x_axis: what x is: steps, epochs, or seconds since the first record. May differ from what was asked.
        fit_x: least and greatest x to show when fitting; NaN where there is none.
        last_x: the greatest x that was logged, NaN where there is none.
        cursor_steps, cursor_x: a table, both rising, that leads from the cursor's step to x and back; empty where
            x is the step itself.
        hidden: how many series the filter leaves out.
        filter_error: why the filter is not a regular expression; empty where it is. It is then searched as text.
        notes: what could not be read or placed.
        runs: names of the runs, the chosen one first; one where none is compared.
    """

    x_axis: XAxis
    panels: tuple[Panel, ...]
    fit_x: tuple[float, float]
    last_x: float
    cursor_steps: FloatArray
    cursor_x: FloatArray
    hidden: int = 0
    filter_error: str = ""
    notes: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()

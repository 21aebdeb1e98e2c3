"""Whether a run has curves, and which of its logs are asked for."""

from __future__ import annotations

from inspector.display.curves.plan import plan_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.display.nearest import log_paths
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.facts import ConsoleFacts, MetricsFacts
from inspector.runs.values import Moment, Run
from inspector.session.values import RunState, ViewState

MAX_MOMENTS = 2000
"""Rows of the run's table that travel with an ask; between them is interpolated."""


def judge(run: Run) -> Verdict:
    """Made for any run with a log of numbers."""
    if run.series:
        count = len(run.series)
        return Verdict(Fit.MADE_FOR, "1 series" if count == 1 else f"{count} series")
    logs = [entry for entry in run.files if isinstance(entry.facts, MetricsFacts | ConsoleFacts)]
    if logs:
        return Verdict(Fit.NO, "the logs hold no numbers over time")
    return Verdict(Fit.NO, f"no log among {len(run.files)} files")


def ask(run: Run, _run_state: RunState, view_state: ViewState) -> CurvesAsk | None:
    """Every curve of the run; the cursor is not asked for, the view moves it by itself."""
    if not run.series:
        return None
    paths = log_paths(run)
    return CurvesAsk(
        paths=paths,
        x_axis=view_state.x_axis,
        smoothing=view_state.smoothing,
        filter=view_state.series_filter,
        y_scale=view_state.y_scale,
        ignore_outliers=view_state.ignore_outliers,
        moments=_thinned(run.moments),
        plan=plan_of(run),
        stamp=max((entry.modified_s for entry in run.files if entry.path in paths), default=0.0),
    )


def _thinned(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
    stride = -(-len(moments) // MAX_MOMENTS)
    return moments if stride <= 1 else (*moments[:-1:stride], moments[-1])


OFFER = Offer(
    key="curves",
    title="Curves",
    judge=judge,
    ask=ask,
    ask_type=CurvesAsk,
    scene_type=CurvesScene,
    prepare="inspector.display.curves.prepare",
)

"""Whether a run has curves, and which of its logs are asked for."""

from __future__ import annotations

import msgspec

from inspector.core.language import tr, tr_counted, tr_many
from inspector.diagnosis.own_thresholds import thresholds_of
from inspector.diagnosis.rates.run_length import number_named
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.trajectories import words_of_run
from inspector.display.curves.of_run import OfRun
from inspector.display.curves.plan import plans_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene, PlanAsk, StepMarker
from inspector.display.nearest import where_text
from inspector.display.offer import Fit, Offer, Verdict
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, DumpFacts, MetricsFacts
from inspector.runs.log_paths import log_paths_of
from inspector.runs.pace import steps_per_epoch
from inspector.runs.values import Moment, Run
from inspector.session.values import RunState, ViewState

MAX_MOMENTS = 2000
"""Rows of the run's table that travel with an ask; between them is interpolated."""

_WHOLE_BATCH = ("global_batch_size", "total_batch_size", "train_batch_size", "effective_batch_size")
_PART_BATCH = ("batch_size", "per_device_train_batch_size", "batch", "bs")
_TIMES = (("gradient_accumulation_steps", "accumulate_grad_batches", "grad_accum_steps"), ("world_size", "num_gpus"))


class _RunFacts(msgspec.Struct, frozen=True):
    """What an ask takes from a run alone."""

    moments: tuple[Moment, ...]
    plans: tuple[PlanAsk, ...]
    marks: tuple[StepMarker, ...]
    batch_size: float | None
    steps_per_epoch: float | None
    recipe: str
    thresholds: Thresholds


def judge(run: Run) -> Verdict:
    """Made for any run with a log of numbers."""
    if run.series:
        count = len(run.series)
        return Verdict(Fit.MADE_FOR, tr_many("{count} series", "{count} series", count).format(count=count))
    logs = [entry for entry in run.files if isinstance(entry.facts, MetricsFacts | ConsoleFacts)]
    if logs:
        return Verdict(Fit.NO, tr("the logs hold no numbers over time"))
    return Verdict(Fit.NO, tr("no log among {files}").format(files=tr_counted(len(run.files), "file")))


def ask(run: Run, _run_state: RunState, view_state: ViewState) -> CurvesAsk | None:
    """Every curve of the run; the cursor is not asked for, the view moves it by itself."""
    if not run.series:
        return None
    paths = log_paths_of(run)
    facts = _facts_of(run)
    return CurvesAsk(
        paths=paths,
        x_axis=view_state.x_axis,
        x_metric=view_state.x_metric,
        x_scale=view_state.x_scale,
        y_scale=view_state.y_scale,
        shared_y=view_state.shared_y,
        from_zero=view_state.from_zero,
        smoothing=view_state.smoothing,
        smoothing_kind=view_state.smoothing_kind,
        filter=view_state.series_filter,
        expressions=view_state.expressions,
        ignore_outliers=view_state.ignore_outliers,
        expected_bands=view_state.expected_bands,
        moments=facts.moments,
        plans=facts.plans,
        marks=facts.marks,
        batch_size=facts.batch_size,
        steps_per_epoch=facts.steps_per_epoch,
        recipe=facts.recipe,
        thresholds=facts.thresholds,
        unread_bytes=run.unread_bytes,
        stamp=max((entry.modified_s for entry in run.files if entry.path in paths), default=0.0),
    )


@OfRun
def _facts_of(run: Run) -> _RunFacts:
    return _RunFacts(
        moments=_thinned(run.moments),
        plans=plans_of(run),
        marks=_marks(run),
        batch_size=batch_size(run),
        steps_per_epoch=steps_per_epoch(run),
        recipe=words_of_run(run),
        thresholds=thresholds_of(run),
    )


def _thinned(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
    stride = -(-len(moments) // MAX_MOMENTS)
    return moments if stride <= 1 else (*moments[:-1:stride], moments[-1])


def _marks(run: Run) -> tuple[StepMarker, ...]:
    return tuple(
        StepMarker(
            step=float(entry.step),
            kind="checkpoint" if isinstance(entry.facts, CheckpointFacts) else "dump",
            label=where_text(entry),
            path=entry.path,
            epoch=entry.epoch,
        )
        for entry in run.files
        if entry.step is not None and isinstance(entry.facts, CheckpointFacts | DumpFacts)
    )


def batch_size(run: Run) -> float | None:
    """Samples in an optimizer step: the whole batch's setting, else a part's times how many make one; None unknown."""
    values = run.settings.values
    whole = number_named(_WHOLE_BATCH, values)
    if whole and whole > 0:
        return whole
    part = number_named(_PART_BATCH, values)
    if not part or part <= 0:
        return None
    for names in _TIMES:
        times = number_named(names, values)
        part *= times if times and times > 0 else 1.0
    return part


OFFER = Offer(
    key="curves",
    title=tr("Curves"),
    judge=judge,
    ask=ask,
    ask_type=CurvesAsk,
    scene_type=CurvesScene,
    prepare="inspector.display.curves.prepare",
)

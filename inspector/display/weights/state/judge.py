"""The cards belong to the checkpoint at the cursor."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.diagnosis.own_thresholds import thresholds_of
from inspector.diagnosis.tags import is_rate
from inspector.display.nearest import entry_at
from inspector.display.offer import Offer
from inspector.display.weights.judge import judge
from inspector.display.weights.state.scene import StateAsk, StateScene
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, MetricsFacts
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> StateAsk | None:
    """What the checkpoint at the cursor knows; None on other pages."""
    entry = entry_at(run, run_state, CheckpointFacts)
    if entry is None or view_state.weights_page != "tensors":
        return None
    return StateAsk(
        path=entry.path,
        settings=dict(run.settings.values),
        logs=_logs_of_rates(run),
        step=entry.step,
        epoch=entry.epoch,
        thresholds=thresholds_of(run),
        generous=view_state.generous_file == entry.path,
        stamp=entry.modified_s,
    )


def _logs_of_rates(run: Run) -> tuple[str, ...]:
    logs = {entry.path: entry.facts for entry in run.files if isinstance(entry.facts, MetricsFacts | ConsoleFacts)}
    return tuple(path for path in log_paths_of(run) if any(is_rate(one.tag) for one in logs[path].series))


OFFER = Offer(
    key="weights.state",
    title=tr("Training state"),
    judge=judge,
    ask=ask,
    ask_type=StateAsk,
    scene_type=StateScene,
    prepare="inspector.display.weights.state.prepare",
    tabbed=False,
    slow=True,
)

"""The checkpoints of a run that the weights are followed over."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.offer import Offer
from inspector.display.weights.judge import judge
from inspector.display.weights.trend.scene import TrendAsk, TrendFile, TrendScene
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

MAX_FILES = 24
"""More checkpoints are thinned evenly, the first and the last stay."""


def ask(run: Run, _run_state: RunState, view_state: ViewState) -> TrendAsk | None:
    """Every checkpoint, on the compare page; None where there are fewer than two."""
    if view_state.weights_page != "compare":
        return None
    entries = [one for one in run.files if isinstance(one.facts, CheckpointFacts)]
    if len(entries) < 2:
        return None
    entries.sort(key=lambda one: (one.step is None, one.step or 0, one.modified_s))
    if len(entries) > MAX_FILES:
        last = len(entries) - 1
        entries = [entries[round(place * last / (MAX_FILES - 1))] for place in range(MAX_FILES)]
    files = tuple(TrendFile(one.path, one.name, one.step, one.epoch, one.modified_s) for one in entries)
    return TrendAsk(files=files, stamp=max(one.modified_s for one in entries))


OFFER = Offer(
    key="weights.trend",
    title=tr("Weights over the run"),
    judge=judge,
    ask=ask,
    ask_type=TrendAsk,
    scene_type=TrendScene,
    prepare="inspector.display.weights.trend.prepare",
    tabbed=False,
    slow=True,
)

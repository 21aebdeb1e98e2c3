"""Whether a run has weights, and which checkpoint is asked for."""

from __future__ import annotations

from inspector.core.language import tr, tr_counted
from inspector.display.nearest import entry_at, where_text
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.weights.scene import WeightsAsk, WeightsScene
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def judge(run: Run) -> Verdict:
    """Made for checkpoints with tensors; possible for one with plain values alone."""
    checkpoints = [entry.facts for entry in run.files if isinstance(entry.facts, CheckpointFacts)]
    if not checkpoints:
        return Verdict(Fit.NO, tr("no checkpoint among {files}").format(files=tr_counted(len(run.files), "file")))
    if not any(facts.tensors for facts in checkpoints):
        if any(facts.limited for facts in checkpoints):
            return Verdict(Fit.MADE_FOR, tr("a list of tensors so long that it is read only on request"))
        return Verdict(Fit.POSSIBLE, tr("plain values and no tensors"))
    return Verdict(Fit.MADE_FOR, tr_counted(len(checkpoints), "checkpoint"))


def ask(run: Run, run_state: RunState, view_state: ViewState) -> WeightsAsk | None:
    """The checkpoint at the cursor, None where the run has none."""
    entry = entry_at(run, run_state, CheckpointFacts)
    if entry is None:
        return None
    return WeightsAsk(
        path=entry.path,
        place=where_text(entry),
        generous=view_state.generous_file == entry.path,
        stamp=entry.modified_s,
    )


OFFER = Offer(
    key="weights",
    title=tr("Weights"),
    judge=judge,
    ask=ask,
    ask_type=WeightsAsk,
    scene_type=WeightsScene,
    prepare="inspector.display.weights.prepare",
)

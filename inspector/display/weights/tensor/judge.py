"""Which tensor of which checkpoint is asked for: the chosen one, with the checkpoint before to compare it with."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.diagnosis.own_thresholds import thresholds_of
from inspector.display.nearest import entry_at, place_or_name
from inspector.display.offer import Offer
from inspector.display.weights.judge import judge
from inspector.display.weights.tensor.scene import TensorAsk, TensorScene
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> TensorAsk | None:
    """The chosen tensor of the checkpoint at the cursor; None on other pages."""
    entry = entry_at(run, run_state, CheckpointFacts)
    if entry is None or view_state.weights_page != "tensors":
        return None
    before = checkpoint_before(run, entry)
    return TensorAsk(
        path=entry.path,
        tensor=view_state.tensor,
        filter="" if view_state.tensor else view_state.tensor_filter,
        input=view_state.kernel_input,
        before=before.path if before else "",
        before_place=place_or_name(before) if before else "",
        thresholds=thresholds_of(run),
        generous=view_state.generous_file == entry.path,
        stamp=max(entry.modified_s, before.modified_s if before else 0.0),
    )


def checkpoint_before(run: Run, entry: FileEntry) -> FileEntry | None:
    """The last checkpoint of a run at an earlier step."""
    if entry.step is None:
        return None
    earlier = [
        one
        for one in run.files
        if isinstance(one.facts, CheckpointFacts) and one.step is not None and one.step < entry.step
    ]
    return max(earlier, key=lambda one: one.step or 0, default=None)


OFFER = Offer(
    key="weights.tensor",
    title=tr("Tensor"),
    judge=judge,
    ask=ask,
    ask_type=TensorAsk,
    scene_type=TensorScene,
    prepare="inspector.display.weights.tensor.prepare",
    tabbed=False,
)

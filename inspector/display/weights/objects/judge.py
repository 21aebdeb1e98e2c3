"""The values belong to the checkpoint at the cursor."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.nearest import entry_at
from inspector.display.offer import Offer
from inspector.display.weights.judge import judge
from inspector.display.weights.objects.scene import ObjectsAsk, ObjectsScene
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> ObjectsAsk | None:
    """The values of the checkpoint at the cursor that pass the filter; None on other pages."""
    entry = entry_at(run, run_state, CheckpointFacts)
    if entry is None or view_state.weights_page != "objects":
        return None
    return ObjectsAsk(
        path=entry.path,
        filter=view_state.tensor_filter,
        generous=view_state.generous_file == entry.path,
        stamp=entry.modified_s,
    )


OFFER = Offer(
    key="weights.objects",
    title=tr("Objects"),
    judge=judge,
    ask=ask,
    ask_type=ObjectsAsk,
    scene_type=ObjectsScene,
    prepare="inspector.display.weights.objects.prepare",
    tabbed=False,
)

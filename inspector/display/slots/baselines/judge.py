"""Which sample's colours are compared with its masks."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.dumps import chosen_dump, datasets
from inspector.display.offer import Offer
from inspector.display.slots import judge as slots
from inspector.display.slots.baselines.scene import BaselinesAsk, BaselinesScene
from inspector.formats.dump import Role
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def ask(run: Run, run_state: RunState, view_state: ViewState) -> BaselinesAsk | None:
    """The sample that is shown; None where its dump has no images, or no truth to score against."""
    dump = chosen_dump(run, run_state, slots.has_masks)
    shown = slots.ask(run, run_state, view_state)
    if dump is None or shown is None or not all(datasets(dump.facts, role) for role in (Role.IMAGE, Role.GT_MASKS)):
        return None
    return BaselinesAsk(path=shown.path, sample=shown.sample, choice=shown.choice)


OFFER = Offer(
    key="slots.baselines",
    title=tr("Scores of colours alone"),
    judge=slots.judge,
    ask=ask,
    ask_type=BaselinesAsk,
    scene_type=BaselinesScene,
    prepare="inspector.display.slots.baselines.prepare",
    tabbed=False,
)

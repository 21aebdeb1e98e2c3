"""Of which dump points are plotted, and held against what."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.offer import Offer
from inspector.display.points import judge as points
from inspector.display.points.plots.scene import PlotsAsk, PlotsScene
from inspector.display.points.threshold import chosen_threshold
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

PLOTS = "plots"
"""The part of the Points tab."""


def ask(run: Run, run_state: RunState, view_state: ViewState) -> PlotsAsk | None:
    """All samples of the dump that the tab shows; None where it shows none."""
    shown = points.ask(run, run_state, view_state)
    if shown is None:
        return None
    return PlotsAsk(
        path=shown.path,
        radius_px=view_state.match_radius_px,
        threshold=chosen_threshold(run, view_state),
        generous=shown.generous,
        undo=shown.undo,
    )


OFFER = Offer(
    key=f"points.{PLOTS}",
    title=tr("Plots of points"),
    judge=points.judge,
    ask=ask,
    ask_type=PlotsAsk,
    scene_type=PlotsScene,
    prepare="inspector.display.points.plots.prepare",
    tabbed=False,
)

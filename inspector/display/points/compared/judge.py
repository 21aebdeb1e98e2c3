"""Which two dumps are held against each other."""

from __future__ import annotations

from pathlib import Path

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.nearest import where_text
from inspector.display.offer import Offer
from inspector.display.points import judge as points
from inspector.display.points.compared.scene import ComparedAsk, ComparedScene
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

COMPARED = "compared"


def ask(run: Run, run_state: RunState, view_state: ViewState) -> ComparedAsk | None:
    """The dump that the view shows and the chosen other one; None where none is chosen."""
    shown = points.ask(run, run_state, view_state)
    if shown is None or not shown.compared:
        return None
    entry = next((file for file in run.files if file.path == shown.compared), None)
    return ComparedAsk(
        path=shown.path,
        sample=shown.sample,
        generous=shown.generous,
        radius_px=shown.radius_px,
        undo=shown.undo,
        other=shown.compared,
        place=visible(where_text(entry) if entry is not None else Path(shown.compared).name),
        outside=shown.outside,
        limit_px=shown.change_limit_px,
    )


OFFER = Offer(
    key=f"points.{COMPARED}",
    title=tr("Two dumps of points"),
    judge=points.judge,
    ask=ask,
    ask_type=ComparedAsk,
    scene_type=ComparedScene,
    prepare="inspector.display.points.compared.prepare",
    tabbed=False,
    slow=True,
    lane="samples",
)

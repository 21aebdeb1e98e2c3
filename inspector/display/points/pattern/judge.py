"""Which points are looked at for a mistake that is behind all their errors."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.display.dumps import datasets, dumps_of
from inspector.display.nearest import where_text
from inspector.display.offer import Offer
from inspector.display.points import judge as points
from inspector.display.points.pattern.scene import DumpChoice, PatternAsk, PatternScene
from inspector.formats.dump import Role
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState

PATTERN = "pattern"


def ask(run: Run, run_state: RunState, view_state: ViewState) -> PatternAsk | None:
    """The points of the dump that the view shows, None where it shows none."""
    shown = points.ask(run, run_state, view_state)
    if shown is None:
        return None
    others = tuple(one for one in point_dumps(run) if one.path != shown.path)
    return PatternAsk(
        path=shown.path,
        generous=shown.generous,
        undo=shown.undo,
        others=others,
    )


def point_dumps(run: Run, prefix: str = "") -> tuple[DumpChoice, ...]:
    """The dumps of a run with predicted points, their words after a prefix."""
    return tuple(
        DumpChoice(file.path, visible(f"{prefix}{where_text(file)}"))
        for file, facts in dumps_of(run)
        if datasets(facts, Role.PRED_POINTS)
    )


OFFER = Offer(
    key=f"points.{PATTERN}",
    title=tr("Pattern of the point errors"),
    judge=points.judge,
    ask=ask,
    ask_type=PatternAsk,
    scene_type=PatternScene,
    prepare="inspector.display.points.pattern.prepare",
    tabbed=False,
)

"""The preview stands on the resume sheet, which makes its ask; it is no tab."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.preview.scene import PreviewAsk, PreviewScene
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


def judge(run: Run) -> Verdict:
    """Made for runs that this program trained."""
    if run.record is None:
        return Verdict(Fit.NO, tr("only runs that this program trained can be resumed"))
    return Verdict(Fit.MADE_FOR, tr("recipe {recipe}").format(recipe=run.record.recipe))


def ask(_run: Run, _state: RunState, _view: ViewState) -> None:
    """Nothing by itself: the sheet asks."""


OFFER = Offer(
    key="preview",
    title=tr("Resume"),
    judge=judge,
    ask=ask,
    ask_type=PreviewAsk,
    scene_type=PreviewScene,
    prepare="inspector.display.preview.prepare",
    tabbed=False,
)

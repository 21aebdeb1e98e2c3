"""How a run trains stands in a strip of its own, not in a tab."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.display.offer import Fit, Offer, Verdict
from inspector.display.training.scene import TrainingAsk, TrainingScene
from inspector.formats.run_folder import METRICS_FILE
from inspector.runs.log_paths import log_paths_of
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState, ViewState


def judge(run: Run) -> Verdict:
    """Made for runs that this program trains."""
    if run.record is None:
        return Verdict(Fit.NO, tr("only runs that this program trains answer to it"))
    if _record_of(run) is None:
        return Verdict(Fit.NO, tr("there is no {file} yet").format(file=METRICS_FILE))
    return Verdict(Fit.MADE_FOR, tr("recipe {recipe}").format(recipe=run.record.recipe))


def _record_of(run: Run) -> FileEntry | None:
    return next((entry for entry in run.files if entry.name == METRICS_FILE), None)


def ask(run: Run, _state: RunState, _view: ViewState) -> TrainingAsk | None:
    """Its metric record as far as it is written."""
    entry = _record_of(run)
    if entry is None or run.record is None:
        return None
    return TrainingAsk(path=entry.path, bytes=entry.bytes, logs=log_paths_of(run))


OFFER = Offer(
    key="training",
    title=tr("Training"),
    judge=judge,
    ask=ask,
    ask_type=TrainingAsk,
    scene_type=TrainingScene,
    prepare="inspector.display.training.prepare",
    tabbed=False,
)

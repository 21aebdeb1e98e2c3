"""Where the loss of points changes its form, as a view shows it: by the settings of the run, or by hand."""

from __future__ import annotations

from inspector.runs.loss_threshold import WHOLE_SIDE, LossForm, LossThreshold, loss_threshold
from inspector.runs.values import Run
from inspector.session.values import ViewState


def chosen_threshold(run: Run, view_state: ViewState) -> LossThreshold | None:
    """The threshold that was set by hand, else that of the run's settings."""
    told = loss_threshold(run)
    if not view_state.point_threshold > 0:
        return told
    form: LossForm = told.form if told is not None else "funnel"
    return LossThreshold(value=min(view_state.point_threshold, WHOLE_SIDE), form=form)

"""The threshold that is set by hand goes before that of the settings."""

from __future__ import annotations

from inspector.display.points.threshold import chosen_threshold
from inspector.runs.loss_threshold import LossThreshold, loss_threshold
from inspector.session.values import ViewState
from tests.runs.test_loss_threshold import run


def test_what_is_set_by_hand_wins_and_keeps_the_form_of_the_settings() -> None:
    huber = run(huber_delta=0.5)
    assert chosen_threshold(huber, ViewState()) == loss_threshold(huber)
    assert chosen_threshold(huber, ViewState(point_threshold=0.2)) == LossThreshold(value=0.2, form="huber")
    assert chosen_threshold(run(), ViewState(point_threshold=9.0)) == LossThreshold(value=2.0)
    assert chosen_threshold(run(), ViewState()) is None

"""What is looked for in losses."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.losses import (
    done_loss_stuck,
    funnel_jump,
    initial_loss,
    loss_diverging,
    loss_noisy,
    loss_not_finite,
    loss_stalled,
    memorised,
    negative_loss,
    overfitting,
    smoothing_floor,
    still_improving,
)
from inspector.diagnosis.losses.loss_curves import has_losses

CHECKS: tuple[Check, ...] = (
    Check((loss_not_finite.ABOUT, loss_not_finite.OF_WEIGHTS), loss_not_finite.check),
    Check((loss_diverging.ABOUT,), loss_diverging.check, has_losses),
    Check((overfitting.ABOUT,), overfitting.check),
    Check((memorised.ABOUT,), memorised.check, has_losses),
    Check((negative_loss.ABOUT,), negative_loss.check, has_losses),
    Check((loss_stalled.ABOUT,), loss_stalled.check, has_losses),
    Check((done_loss_stuck.ABOUT,), done_loss_stuck.check, done_loss_stuck.has_done_loss),
    Check((funnel_jump.ABOUT,), funnel_jump.check, funnel_jump.has_threshold),
    Check((initial_loss.ABOUT,), initial_loss.check, initial_loss.has_known_guess),
    Check((loss_noisy.ABOUT,), loss_noisy.check, has_losses),
    Check((smoothing_floor.ABOUT,), smoothing_floor.check, smoothing_floor.smooths),
    Check((still_improving.ABOUT,), still_improving.check, still_improving.has_metric),
)

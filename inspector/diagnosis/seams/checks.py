"""What is looked for where a run was resumed."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.losses.loss_curves import has_losses
from inspector.diagnosis.rates.rate_spike import has_rates
from inspector.diagnosis.seams import later_training, loss_jump, resume_rate, schedule_restarted
from inspector.diagnosis.seams.resumes import is_resumed

CHECKS: tuple[Check, ...] = (
    Check((resume_rate.ABOUT,), resume_rate.check, is_resumed, opens_files=True),
    Check((loss_jump.ABOUT,), loss_jump.check, loss_jump.has_sides, opens_files=True),
    Check((later_training.ABOUT,), later_training.check, has_losses, opens_files=True),
    Check((schedule_restarted.ABOUT,), schedule_restarted.check, has_rates),
)

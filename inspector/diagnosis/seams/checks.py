"""What is looked for where a run was resumed."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.seams import later_training, loss_jump, resume_rate

CHECKS: tuple[Check, ...] = (
    Check((resume_rate.ABOUT,), resume_rate.check, opens_files=True),
    Check((loss_jump.ABOUT,), loss_jump.check, opens_files=True),
    Check((later_training.ABOUT,), later_training.check, opens_files=True),
)

"""What is looked for in one or two checkpoints."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.checkpoints import dead_outputs, gradient_health, moment_health, weight_health
from inspector.diagnosis.subjects import checkpointed

CHECKS: tuple[Check, ...] = (
    Check((moment_health.BROKEN,), moment_health.check_finite, checkpointed, opens_files=True),
    Check((gradient_health.DEPTH,), gradient_health.check_depth, checkpointed, opens_files=True),
    Check((weight_health.EMPTY,), weight_health.check_empty, checkpointed, opens_files=True),
    Check((weight_health.COPIES,), weight_health.check_copies, checkpointed, opens_files=True),
    Check((dead_outputs.ABOUT,), dead_outputs.check, checkpointed, opens_files=True),
    Check((moment_health.UNDERFLOW,), moment_health.check_underflow, checkpointed, opens_files=True),
    Check((moment_health.STEPS,), moment_health.check_steps, checkpointed, opens_files=True),
)

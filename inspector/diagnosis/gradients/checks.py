"""What is looked for in gradients: as they were logged, and, of those that are not there, as the optimizer has them."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.checkpoints import gradient_health
from inspector.diagnosis.gradients import (
    clip_saturation,
    exploding_gradient,
    no_gradient,
    update_ratio,
    vanishing_gradient,
    zero_moments,
)
from inspector.diagnosis.gradients.norm_curves import has_norms, has_norms_of_modules
from inspector.diagnosis.gradients.zero_moments import has_moments

CHECKS: tuple[Check, ...] = (
    Check((gradient_health.NONE, gradient_health.FROZEN), no_gradient.check, opens_files=True),
    Check((vanishing_gradient.ABOUT,), vanishing_gradient.check, has_norms_of_modules),
    Check((exploding_gradient.ABOUT,), exploding_gradient.check, has_norms),
    Check((update_ratio.HIGH, update_ratio.LOW), update_ratio.check, update_ratio.has_ratios),
    Check((clip_saturation.ABOUT,), clip_saturation.check, clip_saturation.clips),
    Check((zero_moments.ABOUT,), zero_moments.check, has_moments, opens_files=True),
)

"""What is looked for in validation scores."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.scores import (
    accuracy_gap,
    behind_course,
    below_baseline,
    padded_accuracy,
    scattered_background,
    score_collapsed,
    score_oscillating,
    score_stagnant,
    validation_ahead,
)
from inspector.diagnosis.scores.score_curves import has_ari, has_scores

CHECKS: tuple[Check, ...] = (
    Check((score_collapsed.ABOUT,), score_collapsed.check, has_scores),
    Check((score_oscillating.ABOUT,), score_oscillating.check, has_scores),
    Check((below_baseline.ABOUT,), below_baseline.check, below_baseline.has_baselines),
    Check((score_stagnant.ABOUT,), score_stagnant.check, has_ari),
    Check((padded_accuracy.ABOUT,), padded_accuracy.check, padded_accuracy.is_of_grids),
    Check((accuracy_gap.ABOUT,), accuracy_gap.check, accuracy_gap.has_both),
    Check((validation_ahead.ABOUT,), validation_ahead.check, validation_ahead.has_accuracy),
    Check((scattered_background.ABOUT,), scattered_background.check, scattered_background.has_both),
    Check((behind_course.ABOUT,), behind_course.check, behind_course.has_course),
)

"""What is looked for in learning rates."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.rates import overwritten_rate, rate_range, rate_spike
from inspector.diagnosis.rates.rate_abouts import ABOUTS

CHECKS: tuple[Check, ...] = (
    Check(tuple(ABOUTS.values()), overwritten_rate.check),
    Check((rate_range.HIGH, rate_range.LOW), rate_range.check, rate_range.is_adam),
    Check((rate_spike.ABOUT,), rate_spike.check, rate_spike.has_rates),
)

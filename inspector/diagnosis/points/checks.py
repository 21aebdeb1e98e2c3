"""What is looked for in predicted points."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.points import done_signal, error_stuck, lenient_threshold, misplaced, outside
from inspector.diagnosis.subjects import pointing

CHECKS: tuple[Check, ...] = (
    Check(misplaced.ABOUTS, misplaced.check, pointing, opens_files=True),
    Check((outside.ABOUT,), outside.check, pointing, opens_files=True),
    Check(done_signal.ABOUTS, done_signal.check, pointing, opens_files=True),
    Check((lenient_threshold.ABOUT,), lenient_threshold.check, pointing, opens_files=True),
    Check((error_stuck.ABOUT,), error_stuck.check, pointing),
)

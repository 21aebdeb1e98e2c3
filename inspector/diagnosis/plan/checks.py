"""What is looked for in settings alone."""

from __future__ import annotations

from inspector.diagnosis.check import Check
from inspector.diagnosis.plan import settings_look

CHECKS: tuple[Check, ...] = (Check((settings_look.ABOUT,), settings_look.check, settings_look.has_settings),)

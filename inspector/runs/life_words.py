"""What becomes of a run, in words."""

from __future__ import annotations

from collections.abc import Mapping

from inspector.core.language import tr
from inspector.runs.values import Life

LIFE_WORDS: Mapping[str, str] = {
    Life.LIVE: tr("live"),
    Life.STALLED: tr("stalled"),
    Life.FINISHED: tr("finished"),
    Life.FAILED: tr("failed"),
    Life.CRASHED: tr("presumed crashed"),
    Life.SILENT: tr("silent"),
}
"""As they are shown."""

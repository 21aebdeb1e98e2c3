"""From all points of a dump to the mistake behind their errors."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from inspector.analysis.point_patterns import Misplaced
from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.patterns import pattern_of
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.diagnosis.points.pattern_words import pattern_text, pattern_title
from inspector.display.points.pattern.scene import PatternAsk, PatternScene


def prepare(ask: PatternAsk, pulse: Pulse) -> PatternScene:
    """What is said above the samples.

    Raises:
        FileError: the dump or its points cannot be read.
        WorkCancelled: the pulse says so.
    """
    pulse.beat(what=tr("opening the dump"))
    pattern = pattern_of(opened(Path(ask.path), pulse, generous=ask.generous), pulse)
    if pattern is None:
        return PatternScene(others=ask.others)
    can_undo = isinstance(pattern, get_args(Misplaced))
    return PatternScene(
        title=pattern_title(pattern),
        text=pattern_text(pattern),
        can_undo=can_undo,
        undone=can_undo and ask.undo,
        others=ask.others,
    )

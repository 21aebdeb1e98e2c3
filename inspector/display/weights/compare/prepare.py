"""Compares the two checkpoints."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.weights.compare.rows import scene_of
from inspector.display.weights.compare.scene import CompareAsk, CompareScene
from inspector.runs.checkpoint_diff import diff_of


def prepare(ask: CompareAsk, pulse: Pulse) -> CompareScene:
    """What differs; the other checkpoint is the first, so that changes read as what came later."""
    pulse.beat(what=tr("reading {file}").format(file=Path(ask.path).name))
    if not ask.other:
        problem = tr("The run has one checkpoint; choose another file")
        return CompareScene(path=ask.path, other="", choices=ask.choices, problem=problem)
    second = opened(Path(ask.path), pulse, generous=ask.generous)
    first = opened(Path(ask.other), pulse)
    return scene_of(diff_of(first, second, pulse), ask)

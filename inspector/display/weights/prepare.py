"""Lists what a checkpoint holds."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from inspector.analysis.optimizer_names import section_and_short
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.language import tr
from inspector.core.pulse import Pulse
from inspector.display.weights.facts_text import WEIGHT, summary_text
from inspector.display.weights.imports import import_groups
from inspector.display.weights.scene import WeightsAsk, WeightsScene
from inspector.display.weights.sections import sections_of
from inspector.display.weights.tree import tree_of


def prepare(ask: WeightsAsk, pulse: Pulse) -> WeightsScene:
    """The tree of tensors, the sections beside them, and what unpickling would import."""
    pulse.beat(what=tr("reading {file}").format(file=Path(ask.path).name))
    checkpoint = opened(Path(ask.path), pulse, generous=ask.generous)
    facts = checkpoint.facts
    pulse.beat(what=tr("sorting tensors"))
    contents = sections_of(facts.objects, facts.tensors, places_of(checkpoint))
    first = next((tensor.name for tensor in facts.tensors if tensor.role == WEIGHT), "")
    return WeightsScene(
        path=ask.path,
        place=ask.place,
        summary=summary_text(facts),
        tree=tree_of(facts.tensors, contents, section_and_short(first, facts.tensors)[0], pulse),
        sections=tuple(one.section for one in contents if not one.is_tensor),
        values=len(facts.objects),
        imports=import_groups(facts.would_import),
        notes=facts.notes,
        limited=facts.limited and not checkpoint.generous,
    )


def places_of(checkpoint: Checkpoint) -> dict[str, Hashable]:
    """Where each tensor's elements are, equal for tensors that are one under several names."""
    return {
        name: (str(window.path), window.storage.start, window.offset, window.shape, window.strides)
        for name, window in checkpoint.windows.items()
        if isinstance(window, TensorWindow)
    }

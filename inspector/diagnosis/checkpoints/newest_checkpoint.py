"""The newest checkpoint of a run with all its numbers looked through; the only one whose tensors the checks read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.checkpoint_summary import summary_of
from inspector.core.errors import FileError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.diagnosis.checkpoint_values import GradientFlow
from inspector.diagnosis.checkpoints.gradient_flow import gradient_flow
from inspector.diagnosis.material import Material, file_text, is_removed, step_of
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import TensorEvidence
from inspector.formats.checkpoint_summary import CheckpointSummary
from inspector.formats.facts import CheckpointFacts
from inspector.runs.values import FileEntry


class Newest(NamedTuple):
    """The newest checkpoint with weights."""

    entry: FileEntry
    checkpoint: Checkpoint
    summary: CheckpointSummary

    @property
    def step(self) -> float | None:
        """Where it stands in the run."""
        return step_of(self.entry)

    def evidence(self, told: Iterable[tuple[str, str]]) -> tuple[TensorEvidence, ...]:
        """Some of its tensors, by name, each with what is told of it."""
        return tuple(TensorEvidence(checkpoint=self.entry.path, name=name, text=text) for name, text in told)


_kept: list[tuple[tuple[object, ...], Newest]] = []
_kept_flows: list[tuple[tuple[object, ...], GradientFlow]] = []


_GONE = "all checkpoints were removed while they were looked at"


def newest(material: Material, pulse: Pulse) -> Newest | str:
    """It, or the sentence that says why there is none to look at; remembered, as every check of a run asks for it."""
    found = [
        (entry, facts)
        for entry, facts in material.checkpoints
        if any(tensor.role == "weight" for tensor in facts.tensors)
    ]
    if not found:
        return material.lacking("there is no checkpoint with weights")
    return next(
        (one for pair in reversed(found) if (one := _looked_through(*pair, material.thresholds, pulse)) is not None),
        _GONE,
    )


def _looked_through(entry: FileEntry, facts: CheckpointFacts, limits: Thresholds, pulse: Pulse) -> Newest | str | None:
    """A checkpoint, or why it is not looked through; None where the trainer has just removed it."""
    if facts.bytes > limits.largest_summed_bytes:
        size = bytes_text(facts.bytes)
        return f"{file_text(entry)} has {size}, too much to look through unasked; its Weights view does"
    try:
        checkpoint = opened(Path(entry.path), pulse)
    except FileError as error:
        return None if is_removed(entry) else str(error)
    key = (checkpoint.path, checkpoint.identity, entry)
    if not _kept or _kept[0][0] != key:
        _kept[:] = [(key, Newest(entry, checkpoint, summary_of(checkpoint, pulse)))]
    return _kept[0][1]


def flow_of(one: Newest, pulse: Pulse) -> GradientFlow:
    """Its gradient flow without updates, remembered likewise."""
    key = (one.checkpoint.path, one.checkpoint.identity)
    if not _kept_flows or _kept_flows[0][0] != key:
        _kept_flows[:] = [(key, gradient_flow(one.checkpoint, pulse, updates=False, summary=one.summary))]
    return _kept_flows[0][1]

"""A parent's state put into freshly built parts, so that every edit takes effect; what has no place is told.

The order is the one that was exact for every scheduler: load the weights, join the optimizers' moments by name, move
new schedulers to the position, restore random state and counters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from inspector.core.errors import RunFolderError
from inspector.formats.recipes.schedule import OWN
from inspector.training import optimizer, randomness
from inspector.training.build import Parts
from inspector.training.own_resume import own_scheduler_notes
from inspector.training.progress import Best, Counters, best_and_counters
from inspector.training.resume import Prepared

_SHOWN = 5
"""A sentence names so many tensors."""


class LeftOut(msgspec.Struct, frozen=True):
    """A tensor that is not loaded.

    Attributes:
        saved: its shape in the checkpoint, None where it has none of that name.
        own: its shape in the model, None where it has none of that name.
    """

    name: str
    saved: tuple[int, ...] | None
    own: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a run goes on with beside its parts, and what to know.

    Attributes:
        loaded: tensors of the model that the checkpoint gave.
        left_out: those that it did not, and those of it that have no place.
        notes: one sentence each.
    """

    best: Best
    counters: Counters
    metrics: dict[str, float]
    loaded: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]


def restore(prepared: Prepared, parts: Parts) -> Restored:
    """Put the parent's state into freshly built parts.

    Raises:
        RunFolderError: the weights do not fit, and the mode asks for all of them.
    """
    content, mode, position = prepared.content, prepared.mode, prepared.position
    model, saved = parts.task.model, content["model"]
    left_out = left_out_of(model.state_dict(), saved)
    loaded = len(model.state_dict()) - sum(one.own is not None for one in left_out)
    if mode == "weights":
        _load_what_fits(model, saved, left_out)
        return Restored(Best(), Counters(), {}, loaded, left_out, _told(left_out, loaded))
    if left_out:
        raise RunFolderError(
            f"{prepared.parent.checkpoint}: {len(left_out)} of its tensors do not fit the settings"
            f" ({_misfit(left_out[0])}); use --mode weights, which leaves them out"
        )
    model.load_state_dict(saved)
    notes: list[str] = []
    if mode != "new-optimizer":
        notes += _optimizer_notes(parts, content["optimizers"])
    parts.rates.advance(position.epoch, position.index)
    if not prepared.restarts_rate:
        parts.rates.restore(content["schedulers"])
    if prepared.settings.schedule.family == OWN:
        notes += own_scheduler_notes(prepared, parts)
    randomness.restore(content["rng"])
    best, counters = best_and_counters(content, parts.task.score.name)
    return Restored(best, counters, dict(content["metrics"]), loaded, (), tuple(notes))


def left_out_of(own: Mapping[str, Tensor], saved: Mapping[str, Tensor]) -> tuple[LeftOut, ...]:
    """Tensors that are on one side alone, or of another shape on the other, in the model's order."""
    return tuple(
        LeftOut(name, _shape(saved, name), _shape(own, name))
        for name in dict.fromkeys([*own, *saved])
        if _shape(saved, name) != _shape(own, name)
    )


def _shape(tensors: Mapping[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(tensors[name].shape) if name in tensors else None


def _misfit(one: LeftOut) -> str:
    if one.own is None:
        return f"{one.name} has no place in the model"
    if one.saved is None:
        return f"{one.name} is missing"
    return f"{one.name} is {_by(one.saved)} there and {_by(one.own)} in the model"


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one number"


def _load_what_fits(model: nn.Module, saved: Mapping[str, Tensor], left_out: tuple[LeftOut, ...]) -> None:
    unfit = {one.name for one in left_out}
    with torch.no_grad():
        fitting = {name: tensor for name, tensor in saved.items() if name not in unfit}
        model.load_state_dict({**model.state_dict(), **fitting})


def _told(left_out: tuple[LeftOut, ...], loaded: int) -> tuple[str, ...]:
    afresh = [one.name for one in left_out if one.own is not None]
    unused = [one.name for one in left_out if one.own is None]
    sentences = []
    if afresh:
        sentences.append(
            f"{len(afresh)} of {loaded + len(afresh)} tensors start afresh, as the checkpoint has none of their shape:"
            f" {_names(afresh)}"
        )
    if unused:
        sentences.append(f"{len(unused)} tensors of the checkpoint have no place in the model: {_names(unused)}")
    return tuple(sentences)


def _names(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" and more" if len(names) > _SHOWN else "")


def _optimizer_notes(parts: Parts, saved: Mapping[str, Any]) -> list[str]:
    """Join the optimizers' state; what there is to know of it."""
    fresh = optimizer.join_states(parts.optimizers, saved)
    notes = []
    if fresh:
        notes.append(f"{len(fresh)} parameters had no optimizer state and start afresh: {_names(fresh)}")
    strangers = optimizer.strangers(parts.optimizers, saved)
    if strangers:
        notes.append(f"optimizer state of {len(strangers)} parameters is left out, as none has it: {_names(strangers)}")
    if optimizer.reordered(parts.optimizers, saved):
        notes.append("the checkpoint lists the parameters in another order; their state was joined by name")
    return notes

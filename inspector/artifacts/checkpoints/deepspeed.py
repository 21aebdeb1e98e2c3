"""Folders that DeepSpeed writes: the module's states, and those of the optimizer by rank.

Source: deepspeed/runtime/engine.py (`_save_checkpoint`), deepspeed/checkpoint/constants.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.folders import (
    DEEPSPEED_LATEST,
    DEEPSPEED_LAYER,
    DEEPSPEED_MODEL,
    DEEPSPEED_OPTIMIZER,
    deepspeed_folder,
)
from inspector.artifacts.checkpoints.gathering import Gathering, Part
from inspector.artifacts.checkpoints.paths import below
from inspector.artifacts.checkpoints.zero_ranks import MAX_RANKS, MODULE, Rank, Shapes, add_ranks, rank_of
from inspector.artifacts.companions import entries_of
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES
from inspector.core.errors import MissingError
from inspector.core.pulse import Pulse

_SHAPES = "param_shapes"


def read(path: Path, gathering: Gathering, pulse: Pulse) -> None:
    """List a DeepSpeed checkpoint: the module's tensors, and master weights and moments by the parameters' names.

    Args:
        path: of the folder of one step, or of the one whose `latest` names it.
        gathering: takes what is found.
        pulse: of this work.

    Raises:
        MissingError: no model or optimizer states are there.
    """
    gathering.looked_at(path / DEEPSPEED_LATEST)
    folder = deepspeed_folder(path)
    if folder is None:
        raise MissingError(path, f"the folder that {DEEPSPEED_LATEST} names", "none with DeepSpeed's states")
    gathering.looked_at(folder)
    names = entries_of(folder).files
    models = [found for name in names if (found := DEEPSPEED_MODEL.fullmatch(name))]
    optimizers = [found for name in names if (found := DEEPSPEED_OPTIMIZER.fullmatch(name))]
    slices = sorted({found["mp"] for found in (*models, *optimizers)}, key=int)
    for mp in slices:
        prefix = f"mp_rank_{mp}" if len(slices) > 1 else ""
        _add_slice(
            folder,
            prefix,
            sorted((found for found in models if found["mp"] == mp), key=lambda found: int(found["rank"] or 0)),
            sorted((found for found in optimizers if found["mp"] == mp), key=lambda found: int(found["rank"])),
            gathering,
            pulse,
        )
    for name in names:
        layer = DEEPSPEED_LAYER.fullmatch(name)
        if layer is not None:
            gathering.add(folder / name, f"layer_{layer['layer']}.{layer['mp']}")
    others = [name for name in names if name.endswith("_states.pt") and not _is_known(name)]
    if others:
        gathering.notes.add(f"{len(others):,} files of states are of a kind that is not shown: {cut(others[0], 120)}")


def _is_known(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (DEEPSPEED_MODEL, DEEPSPEED_OPTIMIZER, DEEPSPEED_LAYER))


def _add_slice(
    folder: Path,
    prefix: str,
    models: Sequence[re.Match[str]],
    optimizers: Sequence[re.Match[str]],
    gathering: Gathering,
    pulse: Pulse,
) -> None:
    """The states of one tensor-parallel rank; without such ranks, of the whole model."""
    groups: list[Shapes] = []
    if models:
        part = gathering.opened(folder / models[0].string)
        if part is not None:
            groups = _groups_of(part.facts.objects)
            gathering.add_tensors(part, prefix, but=_empty_in(part, groups) if optimizers else ())
            for name, value in part.facts.objects.items():
                if not name.startswith(f"{_SHAPES}."):
                    gathering.add_object(below(prefix, name), value)
    else:
        gathering.notes.add("no file of model states is there: parameters have no names")
    if len(models) > 1:
        gathering.notes.add(f"{models[0].string} is shown; {len(models) - 1:,} other ranks hold the like")
    if not optimizers:
        gathering.notes.add("no optimizer states are there, as after training without ZeRO or with weights only")
        return
    if len(optimizers) > MAX_RANKS:
        gathering.notes.add(f"only the first {MAX_RANKS:,} of {len(optimizers):,} ranks are read")
    ranks: list[Rank] = []
    for number, found in enumerate(optimizers[:MAX_RANKS]):
        pulse.beat(number, len(optimizers), "reading ranks")
        part = gathering.opened(folder / found.string)
        if part is not None:
            ranks.append(rank_of(int(found["rank"]), found.string, part))
    if ranks:
        add_ranks(ranks, groups, prefix, gathering, pulse)


def _groups_of(objects: dict[str, Any]) -> list[Shapes]:
    """Names and shapes of the parameters of each group, as the file orders them."""
    groups: dict[str, Shapes] = {}
    for path, value in objects.items():
        section, _, rest = path.partition(".")
        number, _, name = rest.partition(".")
        group, name = (number, name) if number.isdecimal() else ("0", rest)
        if section == _SHAPES and name and _is_shape(value):
            groups.setdefault(group, {})[name] = tuple(value)
    return list(groups.values())


def _empty_in(part: Part, groups: list[Shapes]) -> set[str]:
    """The module's tensors that stage 3 leaves empty, since every parameter is cut among the ranks."""
    there = {tensor.name for tensor in part.facts.tensors if tensor.shape == (0,)}
    return {name for group in groups for parameter in group if (name := f"{MODULE}.{parameter}") in there}


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_AXES
        and all(type(length) is int and 0 <= length < LONGEST_AXIS for length in value)
    )

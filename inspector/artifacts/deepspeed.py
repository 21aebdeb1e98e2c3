"""Folders that DeepSpeed writes: what its flat vectors hold, under the names of the parameters.

ZeRO lays all parameters of a group end to end in 32-bit numbers and cuts the vector among the ranks (stages 1 and 2),
or cuts every parameter among the ranks and lays a rank's parts end to end (stage 3). The optimizer's moments are cut
in the same way.

Source: deepspeed/utils/zero_to_fp32.py, deepspeed/checkpoint/constants.py, deepspeed/runtime/zero/stage_1_and_2.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from inspector.artifacts.companions import entries_of
from inspector.artifacts.flat_vectors import FlatVector, Stretch, shaped
from inspector.artifacts.folders import (
    DEEPSPEED_LATEST,
    DEEPSPEED_LAYER,
    DEEPSPEED_MODEL,
    DEEPSPEED_OPTIMIZER,
    deepspeed_folder,
)
from inspector.artifacts.gathering import Gathering, Part, joined
from inspector.artifacts.node_text import cut
from inspector.artifacts.tensor_roles import OPTIMIZER, WEIGHT
from inspector.artifacts.windows import LONGEST_AXIS, MAX_AXES, TensorWindow
from inspector.core.errors import MissingError
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

ZERO3 = 3
MAX_RANKS = 16_384

_SHAPES = "param_shapes"
_STATE = "optimizer_state_dict"
_FLAT = re.compile(rf"{_STATE}\.(?:single_partition_of_fp32_groups|fp32_flat_groups)\.(?P<group>\d+)")
_MOMENT = re.compile(
    rf"{_STATE}\.(?:base_optimizer_state|optimizer_state_dict)(?:\.state)?\.(?P<group>\d+)\.(?P<key>\w+)"
)
_GROUPS = re.compile(rf"{_STATE}\.(?:base_optimizer_state|optimizer_state_dict)\.param_groups\.(?P<rest>.+)")
_MASTER = "fp32"
_MODULE = "module"


class _Rank(NamedTuple):
    """What one rank's optimizer file holds, and its tensors' lengths; `part` is None where it cannot be read."""

    number: int
    name: str
    part: Part | None
    lengths: dict[str, int]


Shapes = dict[str, tuple[int, ...]]


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
                    gathering.add_object(joined(prefix, name), value)
    else:
        gathering.notes.add("no file of model states is there: parameters have no names")
    if len(models) > 1:
        gathering.notes.add(f"{models[0].string} is shown; {len(models) - 1:,} other ranks hold the like")
    if not optimizers:
        gathering.notes.add("no optimizer states are there, as after training without ZeRO or with weights only")
        return
    if len(optimizers) > MAX_RANKS:
        gathering.notes.add(f"only the first {MAX_RANKS:,} of {len(optimizers):,} ranks are read")
    ranks = []
    for number, found in enumerate(optimizers[:MAX_RANKS]):
        pulse.beat(number, len(optimizers), "reading ranks")
        part = gathering.opened(folder / found.string)
        ranks.append(_Rank(int(found["rank"]), found.string, part, _lengths_of(part)))
    ranks = [rank for rank in ranks if rank.part is not None]
    if ranks:
        _add_ranks(_with_missing(ranks, gathering), groups, prefix, gathering, pulse)


def _lengths_of(part: Part | None) -> dict[str, int]:
    """Elements of the one-dimensional tensors."""
    tensors = part.facts.tensors if part is not None else ()
    return {tensor.name: tensor.shape[0] for tensor in tensors if len(tensor.shape) == 1}


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
    return {name for group in groups for parameter in group if (name := f"{_MODULE}.{parameter}") in there}


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_AXES
        and all(type(length) is int and 0 <= length < LONGEST_AXIS for length in value)
    )


def _with_missing(ranks: list[_Rank], gathering: Gathering) -> list[_Rank]:
    """All ranks that there should be; those that cannot be read are as long as the first one that can."""
    part = ranks[0].part
    counted = part.facts.objects.get(f"{_STATE}.partition_count") if part is not None else None
    counts = [count for count in (counted if isinstance(counted, list) else [counted]) if type(count) is int]
    wanted = min(max((*counts, ranks[-1].number + 1)), MAX_RANKS)
    by_number = {rank.number: rank for rank in ranks}
    missing = [number for number in range(wanted) if number not in by_number]
    if missing:
        shown = ", ".join(str(number) for number in missing[:8])
        gathering.notes.add(f"optimizer states of {len(missing):,} of {wanted:,} ranks are missing: {shown}")
    return [by_number.get(number, _Rank(number, "", None, ranks[0].lengths)) for number in range(wanted)]


def _add_ranks(ranks: list[_Rank], groups: list[Shapes], prefix: str, gathering: Gathering, pulse: Pulse) -> None:
    """Master weights and moments by the parameters' names; without names, the flat vectors as they are."""
    first = next(rank.part for rank in ranks if rank.part is not None)
    flats = _flat_names(first)
    if not groups or not flats:
        gathering.notes.add("the flat vectors are shown as they are, since nothing tells which parameters they hold")
        for rank in ranks:
            if rank.part is not None:
                gathering.add_tensors(rank.part, joined(prefix, f"zero_rank_{rank.number}"))
        return
    stage = first.facts.objects.get(f"{_STATE}.zero_stage")
    cut_parameters = stage == ZERO3 or any("fp32_flat_groups" in name for name in flats[_MASTER].values())
    if cut_parameters:
        gathering.notes.add("every parameter is cut among the ranks (ZeRO 3): the module shows the 32-bit weights")
    for sort, names in flats.items():
        pulse.beat(what="naming parameters")
        vectors = [[_stretch(rank, name) for rank in ranks] for name in names.values()]
        for name, shape, stretches in _cut(groups, vectors, cut_parameters, sort, gathering):
            if sort != _MASTER:
                full, role = f"optimizer.state.{name}.{sort}", OPTIMIZER
            elif cut_parameters and joined(prefix, f"{_MODULE}.{name}") not in gathering.windows:
                full, role = f"{_MODULE}.{name}", WEIGHT
            else:
                full, role = f"{_MASTER}.{name}", OPTIMIZER
            _add_tensor(joined(prefix, full), shape, stretches, role, gathering)
    _add_rest(first, groups, flats, prefix, gathering)


def _flat_names(part: Part) -> dict[str, dict[int, str]]:
    """The flat tensors of a rank: `fp32` and each moment, by the number of the group."""
    found: dict[str, dict[int, str]] = {_MASTER: {}}
    shapes = {tensor.name: tensor.shape for tensor in part.facts.tensors}
    for name in shapes:
        flat = _FLAT.fullmatch(name)
        if flat is not None:
            found[_MASTER][int(flat["group"])] = name
    for name, shape in shapes.items():
        moment = _MOMENT.fullmatch(name)
        master = found[_MASTER].get(int(moment["group"])) if moment else None
        if moment is not None and master is not None and shape == shapes[master]:
            found.setdefault(moment["key"], {})[int(moment["group"])] = name
    whole = {sort: dict(sorted(names.items())) for sort, names in found.items()}
    return {sort: names for sort, names in whole.items() if names and len(names) == len(whole[_MASTER])}


def _stretch(rank: _Rank, name: str) -> Stretch:
    """A rank's flat tensor."""
    length = rank.lengths.get(name, 0)
    if rank.part is None:
        return Stretch(f"has elements on rank {rank.number}, whose optimizer states are not there", 0, length)
    window = rank.part.windows.get(name, f"is not in {rank.name}")
    if isinstance(window, TensorWindow) and window.strides != (1,):
        window = f"is in {rank.name} in another order than a flat vector has"
    return Stretch(window, 0, length)


def _cut(
    groups: list[Shapes], vectors: list[list[Stretch]], cut_parameters: bool, sort: str, gathering: Gathering
) -> Iterator[tuple[str, tuple[int, ...], list[Stretch]]]:
    """Each parameter, and the stretches that hold its elements in order."""
    world = len(vectors[0])
    if cut_parameters:
        of_ranks = [FlatVector([group[rank] for group in vectors]) for rank in range(world)]
        start = 0
        for group in groups:
            for name, shape in group.items():
                count = math.prod(shape)
                share = -(-count // world)
                found = [piece for vector in of_ranks for piece in vector.cut(start, share)]
                yield name, shape, FlatVector(found).cut(0, count)
                start += share
        _note_rest(of_ranks[0].size - start, world, sort, "a rank's vector", gathering)
        return
    for number, (group, stretches) in enumerate(zip(groups, vectors, strict=False)):
        vector = FlatVector(stretches)
        start = 0
        for name, shape in group.items():
            count = math.prod(shape)
            yield name, shape, vector.cut(start, count)
            start += count
        _note_rest(vector.size - start, world, sort, f"group {number}", gathering)
    if len(groups) != len(vectors):
        gathering.notes.add(f"there are shapes of {len(groups):,} groups and {sort} vectors of {len(vectors):,}")


def _note_rest(rest: int, world: int, sort: str, where: str, gathering: Gathering) -> None:
    """Vectors are padded to a multiple of twice the ranks; more than that is no padding."""
    if rest < 0:
        gathering.notes.add(f"the parameters need {-rest:,} more {sort} elements than {where} has")
    elif rest >= 2 * world:
        gathering.notes.add(f"{rest:,} {sort} elements of {where} belong to no parameter")


def _add_tensor(
    name: str, shape: tuple[int, ...], stretches: Sequence[Stretch], role: str, gathering: Gathering
) -> None:
    window = shaped(name, shape, stretches)
    windows = [stretch.window for stretch in stretches if isinstance(stretch.window, TensorWindow)]
    dtype, item_bytes = (windows[0].dtype, windows[0].item_bytes) if windows else ("float32", 4)
    if isinstance(window, str) and "whose optimizer states" not in window:
        gathering.notes.add(f"{cut(name, 200)} {window}")
    size = math.prod(shape) * item_bytes
    if size < LONGEST_AXIS:
        gathering.add_tensor(TensorFacts(name=name, shape=shape, dtype=dtype, bytes=size, role=role), window)


def _add_rest(
    first: Part, groups: list[Shapes], flats: dict[str, dict[int, str]], prefix: str, gathering: Gathering
) -> None:
    """What the first rank holds beside flat vectors: the same on all ranks, and given once."""
    taken = {name for names in flats.values() for name in names.values()}
    state = joined(prefix, "optimizer.state")
    for tensor in first.facts.tensors:
        moment = _MOMENT.fullmatch(tensor.name)
        window = first.windows[tensor.name]
        if moment is not None and tensor.shape == () and int(moment["group"]) < len(groups):
            for parameter in groups[int(moment["group"])]:
                name = f"{state}.{parameter}.{moment['key']}"
                facts = TensorFacts(name=name, shape=(), dtype=tensor.dtype, bytes=tensor.bytes, role=OPTIMIZER)
                gathering.add_tensor(facts, window)
        elif tensor.name not in taken:
            name = joined(prefix, tensor.name)
            facts = TensorFacts(name=name, shape=tensor.shape, dtype=tensor.dtype, bytes=tensor.bytes, role=tensor.role)
            gathering.add_tensor(facts, window)
    for path, value in first.facts.objects.items():
        group = _GROUPS.fullmatch(path)
        moment = _MOMENT.fullmatch(path)
        if group is not None:
            _add_group_value(group["rest"], value, groups, prefix, gathering)
        elif moment is not None and int(moment["group"]) < len(groups):
            for parameter in groups[int(moment["group"])]:
                gathering.add_object(f"{state}.{parameter}.{moment['key']}", value)
        else:
            gathering.add_object(joined(prefix, path), value)


def _add_group_value(rest: str, value: Any, groups: list[Shapes], prefix: str, gathering: Gathering) -> None:
    """A value of a parameter group; its `params` are the names, where DeepSpeed keeps the flat vector's number."""
    number, _, key = rest.partition(".")
    if key == "params" and number.isdecimal() and int(number) < len(groups):
        value = list(groups[int(number)])
    gathering.add_object(joined(prefix, f"optimizer.param_groups.{rest}"), value)

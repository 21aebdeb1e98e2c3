"""What DeepSpeed's ranks hold of the optimizer, under the names of the parameters.

ZeRO lays all parameters of a group end to end in 32-bit numbers and cuts the vector among the ranks (stages 1 and 2),
or cuts every parameter among the ranks and lays a rank's parts end to end (stage 3). The optimizer's moments are cut
in the same way.

Source: deepspeed/utils/zero_to_fp32.py, deepspeed/runtime/zero/stage_1_and_2.py (`state_dict`), stage3.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

from inspector.artifacts.checkpoints.flat_vectors import FlatVector, Stretch, shaped
from inspector.artifacts.checkpoints.gathering import Gathering, Part
from inspector.artifacts.checkpoints.listing import LARGEST_BYTES
from inspector.artifacts.checkpoints.paths import below
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.tensor_roles import OPTIMIZER, WEIGHT
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable
from inspector.core.pulse import Pulse
from inspector.formats.facts import TensorFacts

ZERO3 = 3
MAX_RANKS = 16_384
MODULE = "module"

_STATE = "optimizer_state_dict"
_FLAT = re.compile(rf"{_STATE}\.(?:single_partition_of_fp32_groups|fp32_flat_groups)\.(?P<group>\d+)")
_MOMENT = re.compile(
    rf"{_STATE}\.(?:base_optimizer_state|optimizer_state_dict)(?:\.state)?\.(?P<group>\d+)\.(?P<key>\w+)"
)
_GROUPS = re.compile(rf"{_STATE}\.(?:base_optimizer_state|optimizer_state_dict)\.param_groups\.(?P<rest>.+)")
_MASTER = "fp32"

Shapes = dict[str, tuple[int, ...]]
"""Shapes of a group's parameters by name, in the order in which their elements are laid."""


class Rank(NamedTuple):
    """What one rank's file holds, and its one-dimensional tensors' lengths; `part` is None where none can be read."""

    number: int
    name: str
    part: Part | None
    lengths: dict[str, int]


def rank_of(number: int, name: str, part: Part) -> Rank:
    """A rank whose file of that name was opened."""
    return Rank(
        number, name, part, {found.name: found.shape[0] for found in part.facts.tensors if len(found.shape) == 1}
    )


def add_ranks(there: list[Rank], groups: list[Shapes], prefix: str, gathering: Gathering, pulse: Pulse) -> None:
    """Master weights and moments by the parameters' names; without names, the flat vectors as they are.

    Args:
        there: the ranks whose files could be read, at least one.
        groups: of parameters.
        prefix: of all names, without its dot.
        gathering: takes what is found.
        pulse: of this work.
    """
    ranks = _with_missing(there, gathering)
    first = next(rank.part for rank in ranks if rank.part is not None)
    flats = _flat_names(first)
    if not groups or not flats:
        gathering.notes.add("the flat vectors are shown as they are, since nothing tells which parameters they hold")
        for rank in ranks:
            if rank.part is not None:
                gathering.add_tensors(rank.part, below(prefix, f"zero_rank_{rank.number}"))
        return
    stage = first.facts.objects.get(f"{_STATE}.zero_stage")
    cut_parameters = stage == ZERO3 or any("fp32_flat_groups" in name for name in flats[_MASTER].values())
    if cut_parameters:
        gathering.notes.add("every parameter is cut among the ranks (ZeRO 3): the module shows the 32-bit weights")
    noted = {_not_there(rank) for rank in ranks if rank.part is None}
    for sort, names in flats.items():
        pulse.beat(what="naming parameters")
        vectors = [[_stretch(rank, name) for rank in ranks] for name in names.values()]
        for name, shape, stretches in _cut(groups, vectors, cut_parameters, sort, gathering):
            if sort != _MASTER:
                full, role = f"optimizer.state.{name}.{sort}", OPTIMIZER
            elif cut_parameters and below(prefix, f"{MODULE}.{name}") not in gathering.windows:
                full, role = f"{MODULE}.{name}", WEIGHT
            else:
                full, role = f"{_MASTER}.{name}", OPTIMIZER
            _add_tensor(below(prefix, full), shape, stretches, role, noted, gathering)
    _add_rest(first, groups, flats, prefix, gathering)


def _with_missing(ranks: list[Rank], gathering: Gathering) -> list[Rank]:
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
    return [by_number.get(number, Rank(number, "", None, ranks[0].lengths)) for number in range(wanted)]


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


def _stretch(rank: Rank, name: str) -> Stretch:
    """A rank's flat tensor."""
    length = rank.lengths.get(name, 0)
    if rank.part is None:
        return Stretch(_not_there(rank), 0, length)
    window = rank.part.windows.get(name, Unreadable(f"is not in {rank.name}", "lost"))
    if isinstance(window, TensorWindow) and window.strides != (1,):
        window = Unreadable(f"is in {rank.name} in another order than a flat vector has", "unread")
    return Stretch(window, 0, length)


def _not_there(rank: Rank) -> Unreadable:
    return Unreadable(f"has elements on rank {rank.number}, whose optimizer states are not there", "lost")


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
    name: str,
    shape: tuple[int, ...],
    stretches: Sequence[Stretch],
    role: str,
    noted: Container[Unreadable],
    gathering: Gathering,
) -> None:
    window = shaped(name, shape, stretches)
    windows = [stretch.window for stretch in stretches if isinstance(stretch.window, TensorWindow)]
    dtype, item_bytes = (windows[0].dtype, windows[0].item_bytes) if windows else ("float32", 4)
    if isinstance(window, Unreadable) and window not in noted:
        gathering.notes.add(f"{cut(name, 200)} {window.reason}")
    size = math.prod(shape) * item_bytes
    if size < LARGEST_BYTES:
        gathering.add_tensor(TensorFacts(name=name, shape=shape, dtype=dtype, bytes=size, role=role), window)


def _add_rest(
    first: Part, groups: list[Shapes], flats: dict[str, dict[int, str]], prefix: str, gathering: Gathering
) -> None:
    """What the first rank holds beside flat vectors: the same on all ranks, and given once."""
    taken = {name for names in flats.values() for name in names.values()}
    state = below(prefix, "optimizer.state")
    for tensor in first.facts.tensors:
        moment = _MOMENT.fullmatch(tensor.name)
        window = first.windows[tensor.name]
        if moment is not None and tensor.shape == () and int(moment["group"]) < len(groups):
            for parameter in groups[int(moment["group"])]:
                name = f"{state}.{parameter}.{moment['key']}"
                facts = TensorFacts(name=name, shape=(), dtype=tensor.dtype, bytes=tensor.bytes, role=OPTIMIZER)
                gathering.add_tensor(facts, window)
        elif tensor.name not in taken:
            name = below(prefix, tensor.name)
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
            gathering.add_object(below(prefix, path), value)


def _add_group_value(rest: str, value: Any, groups: list[Shapes], prefix: str, gathering: Gathering) -> None:
    """A value of a parameter group; its `params` are the names, where DeepSpeed keeps the flat vector's number."""
    number, _, key = rest.partition(".")
    if key == "params" and number.isdecimal() and int(number) < len(groups):
        value = list(groups[int(number)])
    gathering.add_object(below(prefix, f"optimizer.param_groups.{rest}"), value)

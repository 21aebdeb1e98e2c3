"""In how many ways the slots of an optimizer's groups fit a model's parameters when only order and shape are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]
Slot: TypeAlias = Shape | None
"""The shape that an entry of the state has, None where nothing is kept for it: any parameter fits."""

Place: TypeAlias = tuple[int, int]
"""A group and the place in it."""

MAX_STATES = 200_000


def fits_in_order(shapes: Sequence[Shape], groups: Sequence[Sequence[Slot]]) -> tuple[Place | None, ...] | str:
    """The place of each parameter, None for one in no group; or why it cannot be told, as a sentence.

    Each group keeps the model's order among its own parameters, as every filter over `named_parameters()` does.
    One group of as many slots as there are parameters is the model's own order; otherwise every way to deal the
    parameters out to the groups, or to none, is counted, and only a single one is an answer.
    """
    slots = sum(map(len, groups))
    if slots > len(shapes):
        return f"the optimizer has {slots:,} parameters and the file {len(shapes):,} weights"
    rows = _rows(shapes, groups)
    if isinstance(rows, str):
        return rows
    return _only_path(shapes, groups, rows)


_State: TypeAlias = tuple[int, ...]
"""How many slots of each group are taken."""


def _rows(shapes: Sequence[Shape], groups: Sequence[Sequence[Slot]]) -> list[dict[_State, int]] | str:
    """For every parameter in order, each reachable state and in how many ways the rest can be dealt from there."""
    whole = tuple(map(len, groups))
    forward: list[set[_State]] = [{(0,) * len(groups)}]
    visited = 1
    for index, shape in enumerate(shapes):
        left = len(shapes) - index - 1
        reached: set[_State] = set()
        for state in forward[-1]:
            reached.update(after for _, after in _choices(state, shape, groups, left))
        visited += len(reached)
        if visited > MAX_STATES:
            return "too many ways to deal the weights out to the optimizer's groups"
        if not reached:
            return "the shapes in the optimizer's state do not follow the order of the weights"
        forward.append(reached)
    if whole not in forward[-1]:
        return "the shapes in the optimizer's state do not follow the order of the weights"
    ways: list[dict[_State, int]] = [{} for _ in forward]
    ways[-1] = {whole: 1}
    for index in range(len(shapes) - 1, -1, -1):
        left = len(shapes) - index - 1
        for state in forward[index]:
            after = _choices(state, shapes[index], groups, left)
            # Two ways are as many as it takes to know that there is no single one.
            count = min(2, sum(ways[index + 1].get(then, 0) for _, then in after))
            if count:
                ways[index][state] = count
    return ways


def _choices(
    state: _State, shape: Shape, groups: Sequence[Sequence[Slot]], left: int
) -> list[tuple[int | None, _State]]:
    """Where a parameter can go: (group, or None for no group; the state after it)."""
    open_slots = sum(len(group) - taken for group, taken in zip(groups, state, strict=True))
    found: list[tuple[int | None, _State]] = []
    if open_slots <= left:
        found.append((None, state))
    for number, group in enumerate(groups):
        taken = state[number]
        if taken < len(group) and (group[taken] is None or group[taken] == shape):
            found.append((number, (*state[:number], taken + 1, *state[number + 1 :])))
    return found


def _only_path(
    shapes: Sequence[Shape], groups: Sequence[Sequence[Slot]], ways: list[dict[_State, int]]
) -> tuple[Place | None, ...] | str:
    state = (0,) * len(groups)
    if ways[0].get(state, 0) != 1:
        return "more than one order of the weights fits the optimizer's groups"
    places: list[Place | None] = []
    for index, shape in enumerate(shapes):
        left = len(shapes) - index - 1
        for number, after in _choices(state, shape, groups, left):
            if after in ways[index + 1]:
                places.append(None if number is None else (number, state[number]))
                state = after
                break
    return tuple(places)

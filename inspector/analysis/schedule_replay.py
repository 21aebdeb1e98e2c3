"""Learning rates step by step, with the same arithmetic as torch's schedulers and the same state between steps.

Most of torch's schedulers work out a rate from the one that stands in the optimizer's group, so a closed form differs
from them in the last digits, and by far more where schedulers of schedulers take steps of their own while they are
built. Here those steps are taken again.

Source: `optim.lr_scheduler` of torch 2.13, `get_lr`, `_initial_step`, `_update_lr` and the constructors.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np

from inspector.analysis.schedule_rules import RULES, Rate, State
from inspector.analysis.schedules.scheduler_state import scheduler_class
from inspector.analysis.schedules.torch_forms import closed_form
from inspector.core.arrays import FloatArray

Write: TypeAlias = Callable[[int, Rate], Rate]
"""A second writer: takes the steps done and the group's rate, gives the rate that it leaves before the next step."""

MAX_STEPS = 100_000
"""More are not replayed: a step takes about a microsecond."""

_MAX_DEPTH = 20


class _Node(Protocol):
    """A scheduler while it is replayed; each call takes the group's rate and gives what it becomes."""

    def build(self, rate: Rate) -> Rate:
        """Its constructor."""

    def begin(self, rate: Rate) -> Rate:
        """`_initial_step`, which SequentialLR calls anew on its first child."""

    def step(self, rate: Rate) -> Rate:
        """One step."""

    def restart(self, rate: Rate) -> Rate:
        """`_update_lr(0)`."""

    def undo(self) -> None:
        """What SequentialLR does to its children."""


def replayed(
    class_name: str,
    state: State,
    base_lr: float,
    steps: int,
    group: Mapping[str, Any] | None = None,
    group_index: int = 0,
    *,
    write: Write | None = None,
) -> FloatArray | None:
    """(steps + 1,) float64: a group's rate after 0, 1, ... steps of its scheduler; None where it cannot be told.

    Where a writer gives (runs,) rates, several runs are played at once: (steps + 1, runs).

    Args:
        class_name: as in `torch.optim.lr_scheduler`; empty to tell from the state's keys.
        state: plain values of its `state_dict()`, of any moment of the run.
        base_lr: its base rate of this group.
        steps: the scheduler's steps, at most `MAX_STEPS`.
        group: the optimizer group, whose `initial_lr, max_lr, min_lr` OneCycleLR needs.
        group_index: the group's place, for states with one value a group.
        write: a second writer, called before each step.
    """
    if steps > MAX_STEPS:
        return None
    initial = (group or {}).get("initial_lr", base_lr)
    try:
        node = _node(class_name.rpartition(".")[2], state, base_lr, group or {}, group_index, 0)
        if node is None:
            return None
        rate: Rate = node.build(float(initial))
        rates = [rate]
        for done in range(steps):
            rate = node.step(rate if write is None else write(done, rate))
            rates.append(rate)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        # A foreign state with a key missing or of another type, or a plan that ends in an error, as OneCycleLR's does.
        return None
    runs = max((one.shape for one in rates if isinstance(one, np.ndarray)), default=())
    return np.asarray([np.broadcast_to(one, runs) for one in rates] if runs else rates, np.float64)


def planned_rate_at(
    class_name: str,
    state: State,
    base_lr: float,
    t: float,
    group: Mapping[str, Any] | None = None,
    group_index: int = 0,
) -> float | None:
    """The rate that a scheduler plans after `t` of its own steps, None where its state does not say.

    By its closed form where there is one, which is right to about 1e-12 of the base rate.
    """
    found = closed_form(class_name, state, base_lr, t, group, group_index)
    if found is not None:
        return float(found)
    rates = replayed(class_name, state, base_lr, int(t), group, group_index) if float(t).is_integer() else None
    return None if rates is None else float(rates[-1])


class _Leaf:
    """One of torch's plain schedulers."""

    def __init__(self, name: str, state: State, base: float) -> None:
        self._rule, self._closed, self._keeps_at_start = RULES[name]
        self._state, self._base = state, base
        self._t = 0

    def build(self, rate: Rate) -> Rate:
        self._t = -1
        return self.begin(rate)

    def begin(self, rate: Rate) -> Rate:
        self._t += 1
        return rate if self._keeps_at_start else self._rule(self._state, self._base, self._t, rate)

    def step(self, rate: Rate) -> Rate:
        self._t += 1
        return self._rule(self._state, self._base, self._t, rate)

    def restart(self, rate: Rate) -> Rate:
        self._t = 0
        return self._closed(self._state, self._base, 0, rate)

    def undo(self) -> None:
        self._t -= 1


class _Formula:
    """A scheduler that works its rate out anew at every step."""

    def __init__(self, formula: Callable[[int], float]) -> None:
        self._formula = formula
        self._t = 0

    def build(self, _rate: Rate) -> Rate:
        self._t = 0
        return self._formula(0)

    def begin(self, _rate: Rate) -> Rate:
        return self.step(_rate)

    def step(self, _rate: Rate) -> Rate:
        self._t += 1
        return self._formula(self._t)

    def restart(self, _rate: Rate) -> Rate:
        self._t = 0
        return self._formula(0)

    def undo(self) -> None:
        self._t -= 1


class _Sequence:
    """SequentialLR: one child after the other."""

    def __init__(self, children: list[_Node], milestones: list[int], initial: float) -> None:
        self._children, self._milestones, self._initial = children, milestones, initial
        self._t = 0

    def build(self, rate: Rate) -> Rate:
        for child in self._children:
            rate = child.build(rate)
        self.undo()
        self._t = 0
        return self._children[bisect_right(self._milestones, 0)].begin(self._initial)

    def begin(self, rate: Rate) -> Rate:
        return self.step(rate)

    def step(self, rate: Rate) -> Rate:
        self._t += 1
        turn = bisect_right(self._milestones, self._t)
        if turn > 0 and self._milestones[turn - 1] == self._t:
            return self._children[turn].restart(rate)
        return self._children[turn].step(rate)

    def restart(self, _rate: Rate) -> Rate:
        raise ValueError("torch cannot start a scheduler of schedulers anew")

    def undo(self) -> None:
        for child in self._children:
            child.undo()


class _Chain:
    """ChainedScheduler: every child takes each step, on the rate that the one before left."""

    def __init__(self, children: list[_Node]) -> None:
        self._children = children

    def build(self, rate: Rate) -> Rate:
        for child in self._children:
            rate = child.build(rate)
        return rate

    def begin(self, rate: Rate) -> Rate:
        return self.step(rate)

    def step(self, rate: Rate) -> Rate:
        for child in self._children:
            rate = child.step(rate)
        return rate

    def restart(self, _rate: Rate) -> Rate:
        raise ValueError("torch cannot start a scheduler of schedulers anew")

    def undo(self) -> None:
        for child in self._children:
            child.undo()


def _node(name: str, state: State, base: float, group: Mapping[str, Any], index: int, depth: int) -> _Node | None:
    name = name or scheduler_class(state) or ""
    if name in ("SequentialLR", "ChainedScheduler"):
        if depth > _MAX_DEPTH:
            return None
        children = []
        for child in state["_schedulers"]:
            if not isinstance(child, Mapping):
                return None
            own = child.get("base_lrs", [base] * (index + 1))[index]
            made = _node("", child, float(own), group, index, depth + 1)
            if made is None:
                return None
            children.append(made)
        if name == "ChainedScheduler":
            return _Chain(children)
        initial = float(group.get("initial_lr", base))
        return _Sequence(children, [int(one) for one in state["_milestones"]], initial)
    if name in RULES:
        return _Leaf(name, state, base)
    if name in _FORMULAS:

        def formula(t: int) -> float:
            found = closed_form(name, state, base, float(t), group, index)
            if found is None or not math.isfinite(float(found)):
                raise ValueError("no rate is planned there")
            return float(found)

        return _Formula(formula)
    return None


_FORMULAS = frozenset(("LambdaLR", "CosineAnnealingWarmRestarts", "OneCycleLR", "CyclicLR"))

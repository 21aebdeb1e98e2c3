"""What is worked out of a run alone, kept until the run is read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from inspector.runs.values import Run

T = TypeVar("T")

_KEPT_RUNS = 128


class OfRun(Generic[T]):
    """A function of runs that remembers its answers: it is asked at every change of the window's state.

    Args:
        make: works an answer out.
    """

    def __init__(self, make: Callable[[Run], T]) -> None:
        self._make = make
        self._known: OrderedDict[int, tuple[Run, T]] = OrderedDict()

    def __call__(self, run: Run) -> T:
        """The answer for a run."""
        # The run is kept with its answer, so its address is of no other one.
        known = self._known.pop(id(run), None) or (run, self._make(run))
        self._known[id(run)] = known
        if len(self._known) > _KEPT_RUNS:
            self._known.popitem(last=False)
        return known[1]

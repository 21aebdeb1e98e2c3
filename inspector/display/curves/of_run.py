"""What is worked out of a run alone, kept until the run is read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from inspector.runs.values import Run

T = TypeVar("T")

_KEPT_RUNS = 64


class OfRun(Generic[T]):
    """A function of runs that remembers its answer for the newest of each key: it is asked at every change of state.

    Args:
        make: works an answer out.
    """

    def __init__(self, make: Callable[[Run], T]) -> None:
        self._make = make
        self._known: OrderedDict[str, tuple[Run, T]] = OrderedDict()

    def __call__(self, run: Run) -> T:
        """The answer for a run."""
        known = self._known.pop(run.key, None)
        if known is None or known[0] is not run:
            known = run, self._make(run)
        self._known[run.key] = known
        if len(self._known) > _KEPT_RUNS:
            self._known.popitem(last=False)
        return known[1]

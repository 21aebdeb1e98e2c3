"""The points of curves as rows, as `metrics` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inspector.formats.nonfinite import spelled

if TYPE_CHECKING:
    from inspector.formats.series import Series  # with numpy, which listing a checkpoint does without

COLUMNS = ("tag", "step", "epoch", "time", "value")


def rows_of(series: Series, start: int = 0) -> Iterator[tuple[Any, ...]]:
    """A cell for each of `COLUMNS`, a row a point from the one numbered `start` on; None where nothing is known."""
    for index in range(start, series.values.size):
        yield (
            series.tag,
            step_number(float(series.steps[index])),
            None if series.epochs is None else spelled(float(series.epochs[index])),
            None if series.times is None else spelled(float(series.times[index])),
            spelled(float(series.values[index])),
        )


def step_number(step: float) -> int | float | str:
    """A step as a whole number where it is one; a word where it is not finite."""
    return int(step) if step.is_integer() else spelled(step)

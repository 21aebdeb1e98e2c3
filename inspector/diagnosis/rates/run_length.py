"""How long a run is meant to be, from whatever settings tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.analysis.numbers import finite_number

_EPOCHS = ("epochs", "max_epochs", "num_epochs", "n_epochs", "num_train_epochs", "total_epochs")
_STEPS = ("max_steps", "total_steps", "num_steps", "num_training_steps", "max_iters", "total_iterations")


def planned_epochs(*sources: Mapping[str, Any]) -> float | None:
    """Epochs of the whole run by the first source that tells them, None where none does."""
    return _first(_EPOCHS, sources)


def planned_steps(*sources: Mapping[str, Any]) -> float | None:
    """Optimizer steps of the whole run by the first source that tells them, None where none does."""
    return _first(_STEPS, sources)


def number_named(names: tuple[str, ...], values: Mapping[str, Any]) -> float | None:
    """The number of the shortest path whose last part is one of these names, None where there is none."""
    found = [
        path for path in values if path.rpartition(".")[2].lower() in names and finite_number(values[path]) is not None
    ]
    return finite_number(values[min(found, key=lambda path: (path.count("."), path))]) if found else None


def _first(names: tuple[str, ...], sources: tuple[Mapping[str, Any], ...]) -> float | None:
    for source in sources:
        # A scheduler's own state says how long the scheduler is, not the run.
        values = {path: value for path, value in source.items() if "sched" not in path.lower()}
        # -1 says that something else decides.
        given = {path: value for path, value in values.items() if (finite_number(value) or 0.0) > 0}
        found = number_named(names, given)
        if found is not None:
            return found
    return None

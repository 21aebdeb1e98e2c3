"""By which of its curves a run is judged."""

from __future__ import annotations

import numpy as np

from inspector.diagnosis.material import Material
from inspector.diagnosis.tags import is_loss, part_of, plainness
from inspector.formats.metric_names import better_of, words
from inspector.formats.series import Series
from inspector.runs.rising import finite

_MAIN = {
    "slots": "val/fg_ari",
    "arc_solver": "val/accuracy_content",
    "arc_slots": "val/accuracy_content",
    "counting": "val/pixel_error",
}
"""By recipe, as its trainer chooses the best checkpoint."""

_SCORES = (
    "val/fg_ari",
    "val/ari",
    "val/accuracy_content",
    "val/pixel_error",
    "val/accuracy",
    "val_accuracy",
    "val/acc",
)
"""Of runs of no known recipe, the most telling first; any other score comes before the losses."""

_PARTS = ("validation", "test", "train", "")


def judged_by(material: Material) -> str:
    """The score that runs of a recipe are judged by, empty for other runs; the rest may stay poor where all is well."""
    return _MAIN.get(material.recipe, "")


def main_score(material: Material) -> str | None:
    """The curve that tells most of a run: that of its recipe where it was logged, else of a score, else of a loss.

    None where no curve with a finite value says by its name which end of it is better.
    """

    def chosen() -> str | None:
        told = [tag for tag, one in material.curves.items() if _is_told(tag) and len(finite(one).values)]
        own = judged_by(material)
        return own if own in told else min(told, key=_telling, default=None)

    return material.once(main_score, chosen)


def best_place(one: Series, tag: str) -> int | None:
    """Where a curve's best point is; None where its name tells no direction, or it has no points."""
    better = better_of(tag)
    if not better or not len(one.values):
        return None
    return int(np.argmax(one.values) if better == "high" else np.argmin(one.values))


def _is_told(tag: str) -> bool:
    return bool(better_of(tag)) and "baseline" not in words(tag)


def _telling(tag: str) -> tuple[bool, int, int, tuple[int, int, str]]:
    """Least of the curve that tells most: scores before losses, of held-out data before others, known ones first."""
    part = part_of(tag)
    place = 0 if is_loss(tag) else _SCORES.index(tag) if tag in _SCORES else len(_SCORES)
    return is_loss(tag) or part == "train", _PARTS.index(part), place, plainness(tag)

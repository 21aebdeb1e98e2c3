"""Roles of numbers that are told beside points: counts and steps of each sample, the confidence of each prediction."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspector.artifacts.dumps.role_fits import Guess
from inspector.artifacts.dumps.role_names import WORD_END, WORD_START, is_predicted
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts

_POINTS = (Role.GT_POINTS, Role.PRED_POINTS)
_NAMES: tuple[tuple[str, Role], ...] = (
    (rf"{WORD_START}(scores?|confidences?|confs?|prob(s|abilit(y|ies))?){WORD_END}", Role.CONFIDENCE),
    (rf"(^|/)k$|{WORD_START}(sequence_step|seq_step|step_idx|step_index|n_marked|num_marked|marked){WORD_END}",
     Role.SEQUENCE_STEP),
    (rf"{WORD_START}(counts?|n_objects|num_objects|n_points|num_points|total){WORD_END}", Role.COUNT),
)  # fmt: skip
"""Patterns of names in small letters, the first that matches."""


def guesses_beside_points(datasets: Sequence[DatasetFacts]) -> dict[str, Guess]:
    """By path what datasets hold that have no role yet, or are numbers of samples; none in a dump without points."""
    if not any(dataset.role in _POINTS for dataset in datasets):
        return {}
    points = next((one.shape[:-1] for one in datasets if one.role == Role.PRED_POINTS), None)
    found = {}
    for dataset in datasets:
        role = _role(dataset.path) if dataset.role in (Role.UNKNOWN, Role.SAMPLE_SCALAR) else None
        if role is None:
            continue
        of_predictions = points is not None and dataset.shape in (points, (*points, 1))
        if of_predictions if role is Role.CONFIDENCE else dataset.role == Role.SAMPLE_SCALAR:
            found[dataset.path] = Guess(role, dataset.layout, "its name; it lies beside points")
    return found


def _role(path: str) -> Role | None:
    name = path.lower()
    role = next((role for pattern, role in _NAMES if re.search(pattern, name)), None)
    return Role.PRED_COUNT if role is Role.COUNT and is_predicted(name) else role

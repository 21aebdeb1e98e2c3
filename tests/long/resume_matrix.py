"""Every family of schedules under every edit, with one group, two groups and two optimizers, beside the usual way."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.long.harness import Check, Figures
from tests.long.usual_resume import usual_error
from tests.training.matrix import (
    EDITS,
    FAMILIES,
    LAYOUTS,
    child_run,
    edits_of,
    is_whole,
    matrix_recipe,
    parent_run,
    previewed,
    worst_error,
    wrong_hyper_parameters,
)

WRONG = 1e-9
"""From this share of the largest rate on, the usual way is counted as wrong."""


def one_round(number: int, figures: Figures) -> None:
    """One family with one layout: both ways under every edit, as the largest error of the rates."""
    family, layout = list(FAMILIES)[number // len(LAYOUTS)], LAYOUTS[number % len(LAYOUTS)]
    row = figures.setdefault("errors", {}).setdefault(f"{family}, {layout}", {})
    with tempfile.TemporaryDirectory() as folder, matrix_recipe():
        parent = parent_run(Path(folder) / "parent", family, layout)
        for name in EDITS:
            edits, meaning = edits_of(family, name)
            child = child_run(parent, Path(folder) / name, edits, meaning)
            ours = worst_error(child, previewed(family, layout, edits, meaning))
            wrong = wrong_hyper_parameters(child)
            assert is_whole(child)
            assert ours <= 1e-12, (family, layout, name, ours)
            assert not wrong, (family, layout, name, wrong)
            usual, right = usual_error(family, layout, edits, meaning)
            row[name] = {"ours": ours, "usual": usual, "usual_keeps_weight_decay_and_betas": right}
            count(figures, name, ours, is_wrong=isinstance(usual, str) or usual > WRONG or not right)


def count(figures: Figures, name: str, ours: float, *, is_wrong: bool) -> None:
    figures["resumes"] = figures.get("resumes", 0) + 1
    figures["worst_error_of_ours"] = max(figures.get("worst_error_of_ours", 0.0), ours)
    usual = figures.setdefault("usual_way_wrong", {}).setdefault(name, {"wrong": 0, "of": 0})
    usual["wrong"] += is_wrong
    usual["of"] += 1


CHECK = Check(
    name="resume_matrix",
    title="Every family of schedules under every edit: rates as previewed, beside the usual way of loading",
    round=one_round,
    target_rounds=len(FAMILIES) * len(LAYOUTS),
    quick_rounds=1,
)

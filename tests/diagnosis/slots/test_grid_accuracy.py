"""Rebuilt grids are held against one colour and a copy of the input, over the cells of their content alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.analysis.grid_scores import grid_scores
from inspector.core.arrays import ShapeError
from inspector.diagnosis.slots.grid_accuracy import ABOUT
from inspector.diagnosis.values import Finding, Severity
from tests.diagnosis.folders import diagnosed, open_question, write_dump

GRIDS, SIDE = 20, 10


def truth() -> np.ndarray:
    """6 × 6 of content in the upper left, 24 of its 36 cells of colour 0, the others drawn; zeros around it."""
    cells = np.zeros((GRIDS, SIDE, SIDE), np.uint8)
    drawn = np.random.default_rng(0)
    for grid in cells:
        grid[2:4, :6] = drawn.integers(1, 9, (2, 6))
    return cells


def write(folder: Path, answers: np.ndarray, step: int = 5000, **more: np.ndarray) -> None:
    kept = {"gt/grids": truth(), "pred/logits_argmax": answers, "samples/original_hw": np.full((GRIDS, 2), 6)}
    named = {name.replace("__", "/"): values for name, values in more.items()}
    write_dump(folder / f"step_{step:07d}.h5", step, {**kept, **named})


def found_in(folder: Path) -> Finding | None:
    return next((one for one in diagnosed(folder).findings if one.id == ABOUT.id), None)


def test_shares_are_of_the_content_alone() -> None:
    """24 of 36 cells are of the commonest colour; answers of 1 everywhere are right where it was drawn."""
    content = np.zeros((GRIDS, SIDE, SIDE), bool)
    content[:, :6, :6] = True
    scores = grid_scores(truth(), np.ones_like(truth()), content)
    assert scores.majority == pytest.approx(np.full(GRIDS, 24 / 36))
    assert scores.accuracy == pytest.approx((truth() == 1).sum((1, 2)) / 36)
    assert np.isnan(scores.copy).all()
    assert np.isnan(grid_scores(truth(), truth(), np.zeros_like(content)).accuracy).all()
    with pytest.raises(ShapeError):
        grid_scores(truth(), truth()[:, :5])


def test_right_answers_get_nothing(tmp_path: Path) -> None:
    write(tmp_path, truth())
    assert found_in(tmp_path) is None


def test_one_colour_everywhere_is_no_better_than_one_colour(tmp_path: Path) -> None:
    write(tmp_path, np.zeros_like(truth()))
    found = found_in(tmp_path)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert found.summary == (
        "66.7% of the cells within the content are right over 20 grids of step_0005000.h5, where one colour has 66.7%"
    )
    assert found.baseline == "One colour: 66.7% of the same cells"


def test_a_copy_of_the_input_is_the_baseline_where_it_is_the_better_one(tmp_path: Path) -> None:
    """The input differs in one of 36 cells, and so does the answer, in another."""
    given, answers = truth(), truth()
    given[:, 0, 0], answers[:, 0, 1] = 9, 9
    write(tmp_path, answers, activations__question=given)
    found = found_in(tmp_path)
    assert found is not None
    assert "97.2% of the cells" in found.summary
    assert found.baseline == "A copy of the input: 97.2% of the same cells"


def test_early_and_of_few_grids_nothing_is_said(tmp_path: Path) -> None:
    write(tmp_path, np.zeros_like(truth()), 500)
    assert open_question(tmp_path, ABOUT.id).because == ("it is step 500, and grids may be rebuilt badly until 1,000")

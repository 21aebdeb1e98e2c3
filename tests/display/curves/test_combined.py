"""Expressions of curves are joined on the step, drawn like any other curve, and say what they assumed."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.expressions import ExpressionError
from inspector.display.curves.combined import combined
from tests.display.curves.making import lines_of, scene_of, series


def work(text, *all_series):
    return combined(text, {one.tag: one for one in all_series})


def test_curves_of_the_same_records_are_taken_record_by_record_in_every_attempt():
    steps, starts = [0, 1, 2, 1, 2], [0, 3]
    a = series("a", [5, 4, 3, 7, 6], steps=steps, starts=starts, epochs=[0, 1, 2, 1, 2])
    b = series("b", [1, 1, 1, 2, 2], steps=steps, starts=starts)
    found, note = work("a - b", a, b)
    assert found.values.tolist() == [4, 3, 2, 5, 4]
    assert found.starts.tolist() == starts
    assert found.epochs.tolist() == [0, 1, 2, 1, 2]
    assert note == ""


def test_curves_of_other_records_are_joined_at_the_steps_of_the_sparser_one():
    train = series("train/loss", np.arange(100.0), steps=np.arange(100))
    val = series("val/loss", [50, 60, 70], steps=[10, 20, 30])
    found, note = work("val/loss - train/loss", train, val)
    assert found.steps.tolist() == [10, 20, 30]
    assert found.values.tolist() == [40, 40, 40]
    assert note == ""


def test_what_is_interpolated_is_said_and_nothing_is_beyond_the_ends():
    train = series("train/loss", [0, 10, 30], steps=[0, 10, 30])
    val = series("val/loss", [1, 1, 1, 1], steps=[-5, 5, 10, 40])
    found, note = work("val/loss - train/loss", train, val)
    assert found.steps.tolist() == [0, 10, 30]
    assert found.values.tolist() == pytest.approx([1, -9, -29])
    assert note == "val/loss - train/loss: interpolated val/loss at 2 of 3 steps"


def test_a_value_that_is_no_number_is_not_spread_to_its_neighbours():
    a = series("a", [1, np.nan, 3, 4], steps=[0, 1, 2, 3])
    b = series("b", [1, 1, 1], steps=[0, 1, 3])
    found, _ = work("a + b", a, b)
    assert found.values.tolist() == pytest.approx([2, np.nan, 5], nan_ok=True)


def test_of_repeated_steps_what_stands_is_taken():
    """Step 1 was logged again after a restart; its later value counts."""
    a = series("a", [5, 4, 3, 7, 6, 9], steps=[0, 1, 2, 1, 2, 3], starts=[0, 3])
    b = series("b", [1, 1], steps=[1, 3])
    found, _ = work("a - b", a, b)
    assert found.values.tolist() == [6, 8]


def test_curves_that_cannot_be_joined_say_why():
    a, far = series("a", [1, 2]), series("far", [1, 2], steps=[100, 101])
    with pytest.raises(ExpressionError, match="share no stretch"):
        work("a - far", a, far)
    with pytest.raises(ExpressionError, match="b has no steps"):
        work("a - b", a, series("b", [1, 2, 3], stepless=True))
    with pytest.raises(ExpressionError, match="needs a curve"):
        work("1 + 1", a)


def test_an_expression_has_a_panel_of_its_own_is_smoothed_after_and_is_not_filtered():
    a, b = series("a", [4.0, 0.0]), series("b", [1.0, 1.0])
    scene = scene_of(a, b, expressions=("a - b", "a -", "a - b"), smoothing=0.5, filter="nothing")
    assert scene.expression_errors[0] == ""
    assert "missing" in scene.expression_errors[1]
    (panel,) = scene.panels
    assert (panel.title, panel.group) == ("a - b", "Expressions")
    line = panel.lines[0]
    assert line.expression
    assert line.stretches[0].logged.y.tolist() == [3, -1]
    # The debiased average of 3 and -1 with a weight of 0.5: (0.25 · 3 + 0.5 · -1) / 0.75.
    assert line.stretches[0].shown.y.tolist() == pytest.approx([3, (0.75 - 0.5) / 0.75])
    assert scene.hidden == 2


def test_an_expression_stands_first_and_what_it_assumed_is_a_note():
    scene = scene_of(
        series("train/loss", [1, 2, 3]), series("val/loss", [5], steps=[1.5]), expressions=("val/loss / train/loss",)
    )
    assert [panel.title for panel in scene.panels] == ["val/loss / train/loss", "Loss"]
    assert lines_of(scene)["val/loss / train/loss"].stretches[0].shown.y.tolist() == [2]
    assert any("interpolated train/loss at 1 of 1 step" in note for note in scene.notes)

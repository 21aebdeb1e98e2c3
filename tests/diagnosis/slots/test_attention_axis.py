"""Attention must sum to 1 over slots; over positions instead, slots do not compete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.diagnosis.slots.attention_axis import ABOUT
from inspector.diagnosis.values import Severity, SlotEvidence, Sureness
from tests.diagnosis.folders import finding, open_question, write_curves, write_dump, write_own

SLOTS, POSITIONS = 5, 144


def _softmax(logits: np.ndarray, axis: int | tuple[int, ...]) -> np.ndarray:
    weights = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def _logits(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 2, shape)


def _write(folder: Path, attention: np.ndarray, dtype: Any = np.float32, **attributes: Any) -> Path:
    path = folder / "step_0000500.h5"
    write_dump(path, 500, {"slots/attn": attention.astype(dtype)}, slots__attn=attributes)
    return path


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_softmax_over_positions_is_critical(tmp_path: Path, dtype: Any) -> None:
    path = _write(tmp_path, _softmax(_logits(6, 3, SLOTS, POSITIONS), 3), dtype, layout="NIKP", normalised_over="K")
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.rules == ("X.A1",)
    assert found.cures == ()
    assert found.evidence == (
        SlotEvidence(
            dump=str(path),
            sample=0,
            slots=(0, 1, 2, 3, 4),
            masks="slots/attn",
            text="Attention of sample 1 in step_0000500.h5",
        ),
    )
    assert "softmax(dim=slots)" in found.confirm
    assert found.since_step == 500


@pytest.mark.parametrize(
    ("recipe", "preset", "edits"),
    [
        ("slots", "wrong_softmax_axis", [("model.attention_axis", "slots")]),
        ("arc_slots", "wrong_softmax_axis", [("model.attention_axis", "slots")]),
        ("arc_slots", "faulty", [("model.attention_axis", "slots"), ("decoder.one_colour", True)]),
    ],
)
def test_a_recipe_is_cured_by_its_axis_and_by_a_decoder_that_needs_several_slots(
    tmp_path: Path, recipe: str, preset: str, edits: list[tuple[str, Any]]
) -> None:
    write_own(tmp_path, preset, recipe=recipe)
    _write(tmp_path, _softmax(_logits(6, 3, SLOTS, POSITIONS), 3), layout="NIKP", normalised_over="P")
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert [(one.path, one.new) for one in found.cures[0].edits] == edits


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_softmax_over_slots_is_healthy(tmp_path: Path, dtype: Any) -> None:
    _write(tmp_path, _softmax(_logits(6, 3, SLOTS, POSITIONS), 2), dtype, layout="NIKP")
    assert finding(tmp_path, ABOUT.id) is None


def test_weights_of_the_mean_were_normalised_over_slots_first(tmp_path: Path) -> None:
    """Slot Attention divides each slot's attention by its sum over positions before it averages the values."""
    attention = _softmax(_logits(6, SLOTS, POSITIONS), 1)
    _write(tmp_path, attention / attention.sum(2, keepdims=True), layout="NKP")
    assert finding(tmp_path, ABOUT.id) is None


def test_heads_and_slots_may_sum_to_one_together(tmp_path: Path) -> None:
    _write(tmp_path, _softmax(_logits(6, 2, SLOTS, POSITIONS), (1, 2)), layout="NAKP")
    assert finding(tmp_path, ABOUT.id) is None


def test_positions_may_be_rows_and_columns(tmp_path: Path) -> None:
    _write(tmp_path, _softmax(_logits(6, SLOTS, 12, 12), (2, 3)), layout="NKHW")
    assert finding(tmp_path, ABOUT.id) is not None


def test_a_guessed_layout_makes_it_likely_only(tmp_path: Path) -> None:
    _write(tmp_path, _softmax(_logits(6, SLOTS, POSITIONS), 2))
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.sureness is Sureness.LIKELY


def test_logits_sum_to_nothing(tmp_path: Path) -> None:
    _write(tmp_path, _logits(6, SLOTS, POSITIONS), layout="NKP")
    assert "neither over slots nor over positions" in open_question(tmp_path, ABOUT.id).because


def test_values_that_are_not_finite_are_no_alarm(tmp_path: Path) -> None:
    _write(tmp_path, np.full((6, SLOTS, POSITIONS), np.nan), layout="NKP")
    assert "neither" in open_question(tmp_path, ABOUT.id).because


def test_without_attention_it_says_so(tmp_path: Path) -> None:
    write_curves(tmp_path, range(3), slots__loss=lambda step: 1.0)
    assert open_question(tmp_path, ABOUT.id).because == "no dump with the attention of slots"

"""Every family of schedules under every edit: what a resumed run uses is what was previewed and asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest

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
    words_of,
    worst_error,
    wrong_hyper_parameters,
)
from tests.training.runs import call

ROTATED = {family: LAYOUTS[place % len(LAYOUTS)] for place, family in enumerate(FAMILIES)}
"""Each family with one layout; `python -m tests.long resume_matrix` takes them all."""

COLUMNS = {"weight decay": ("linear", "cosine", "plateau"), "betas": ("constant", "one_cycle", "plateau")}
"""Edits that no schedule sees are made of some families, of every layout."""


@pytest.fixture(autouse=True)
def _recipe():
    with matrix_recipe():
        yield


@pytest.mark.parametrize("family", FAMILIES)
def test_the_effective_rate_is_the_previewed_one_whatever_is_edited(family, tmp_path):
    layout = ROTATED[family]
    parent = parent_run(tmp_path / "parent", family, layout)
    errors = {}
    for name in [name for name in EDITS if family in COLUMNS.get(name, FAMILIES)]:
        edits, meaning = edits_of(family, name)
        child = child_run(parent, tmp_path / name.replace(" ", "-"), edits, meaning)
        assert is_whole(child)
        errors[name] = worst_error(child, previewed(family, layout, edits, meaning))
        assert wrong_hyper_parameters(child) == []
    assert {name: error for name, error in errors.items() if not error <= 1e-12} == {}


def test_the_plan_constructs_the_scheduler_whose_rates_are_previewed(tmp_path):
    layout = "two optimizers"
    parent = parent_run(tmp_path / "parent", "cosine", layout)
    for name in EDITS:
        edits, meaning = edits_of("cosine", name)
        code, out = call(
            "plan", parent, "--from", "step_0000004", "--rate", meaning, "--device", "cpu", *words_of(edits)
        )
        assert code == 0
        for group, rates in previewed("cosine", layout, edits, meaning).items():
            np.testing.assert_allclose(json.loads(out)["rates"][group], rates, rtol=0, atol=1e-12 * rates.max())


def test_the_matrix_sees_state_that_is_loaded_the_usual_way(tmp_path, monkeypatch):
    parent = parent_run(tmp_path / "parent", "cosine", "one group")

    def loaded(optimizers, saved):
        for name, optimizer in optimizers.items():
            optimizer.load_state_dict(saved[name])
        return []

    monkeypatch.setattr("inspector.training.optimizer.join_states", loaded)
    child = child_run(parent, tmp_path / "decay", {"optim.weight_decay": 0.07}, "rescale")
    assert wrong_hyper_parameters(child) == ["main.first: 0.0, (0.9, 0.999)"]
    monkeypatch.setattr("inspector.training.rates.Rates.advance", lambda _self, _epochs, _steps: None)
    child = child_run(parent, tmp_path / "rate", {}, "rescale")
    assert worst_error(child, previewed("cosine", "one group", {}, "rescale")) > 0.1

"""What the checks look at: curves that rise in step, plain values as a tree, warm-up and epochs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.core.pulse import QUIET
from inspector.diagnosis.material import cleaned, joined, material_of, value_at, warmup_steps
from inspector.formats.series import Series
from inspector.formats.settings import flatten, nested
from inspector.runs.pace import steps_per_epoch
from inspector.runs.scan import scan
from tests.diagnosis.folders import write_curves, write_own


def _series(steps: list[float], values: list[float] | None = None, tag: str = "loss") -> Series:
    return Series(tag=tag, steps=np.array(steps, float), values=np.array(values or steps, float))


def test_what_a_restarted_run_wrote_again_counts() -> None:
    one = cleaned(_series([1, 2, 3, 4, 2, 3, 4, 5], [1, 2, 3, 4, 20, 30, 40, 50]))
    assert one.steps.tolist() == [1, 2, 3, 4, 5]
    assert one.values.tolist() == [1, 20, 30, 40, 50]


@given(st.lists(st.one_of(st.floats(), st.integers(0, 9).map(float)), max_size=40))
def test_cleaned_steps_rise_strictly_and_keep_the_last_of_each(steps: list[float]) -> None:
    one = cleaned(_series(steps, [float(place) for place in range(len(steps))]))
    assert (np.diff(one.steps) > 0).all()
    assert np.isfinite(one.steps).all()
    finite = [step for step in steps if np.isfinite(step)]
    if finite:
        assert one.steps[0] == min(finite)
        assert one.steps[-1] == finite[-1]


def test_logs_that_follow_each_other_are_one_curve_and_copies_are_not_doubled() -> None:
    first, second = _series([1, 2, 3]), _series([4, 5])
    assert joined([second, first]).steps.tolist() == [1, 2, 3, 4, 5]
    assert joined([first, _series([1, 2])]).steps.tolist() == [1, 2, 3]


def test_the_value_at_a_step_is_the_last_before_it() -> None:
    one = _series([10, 20, 30], [1.0, np.nan, 3.0])
    assert value_at(one, 9) is None
    assert value_at(one, 10) == 1.0
    assert value_at(one, 25) is None
    assert value_at(one, 99) == 3.0


def test_plain_values_become_a_tree_with_lists() -> None:
    tree = {"a": {"b": [1, 2], "groups": [{"lr": 1.0}, {"lr": 2.0}]}, "milestones": {"0": 1, "1": 2}}
    flat = {
        "x.a.b": [1, 2],
        "x.a.groups.0.lr": 1.0,
        "x.a.groups.1.lr": 2.0,
        "x.milestones.0": 1,
        "x.milestones.1": 2,
        "y.z": 3,
    }
    assert nested(flat, "x") == tree
    assert nested(flat, "nowhere") == {}


@given(st.dictionaries(st.text("ab.01", min_size=1, max_size=6), st.integers(), max_size=8))
def test_any_paths_give_some_tree(flat: dict[str, Any]) -> None:
    assert isinstance(nested(flat, ""), dict)


@given(
    st.recursive(
        st.integers(),
        lambda below: st.dictionaries(st.text("abc", min_size=1, max_size=2), below, max_size=3),
        max_leaves=9,
    ).filter(lambda tree: isinstance(tree, dict))
)
def test_a_tree_of_names_comes_back(tree: dict[str, Any]) -> None:
    assert flatten(nested(flatten(tree), "")) == flatten(tree)


def test_an_epoch_has_the_steps_that_the_recipe_gives_it(tmp_path: Path) -> None:
    write_own(tmp_path, data__train_scenes=1000, data__batch_size=64)
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert steps_per_epoch(material.run) == 16  # 1000 / 64, the last batch smaller
    assert warmup_steps(material, None) == 32


def test_a_foreign_run_tells_by_its_table_and_its_rate(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 500), lr=lambda step: min(step / 40, 1.0) * 0.1)
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert steps_per_epoch(material.run) == pytest.approx(125)
    assert warmup_steps(material, material.curves["lr"]) == 40


def test_a_log_that_cannot_be_read_is_told_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_curves(tmp_path, range(1, 5), loss=lambda step: 1.0)
    run = scan((tmp_path,), QUIET)
    (tmp_path / "metrics.jsonl").write_text("not a log\n")
    material = material_of(run, QUIET)
    assert material.curves == {}
    assert material.lacking("no loss was logged").startswith("no loss was logged; metrics.jsonl: expected")

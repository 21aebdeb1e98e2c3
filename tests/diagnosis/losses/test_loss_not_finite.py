"""A loss that is NaN or infinite is found where it begins; gaps of a shared table are not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from inspector.diagnosis.losses.loss_not_finite import ABOUT, OF_WEIGHTS
from inspector.diagnosis.values import CurveEvidence, Severity, Sureness, TensorEvidence
from tests.diagnosis.folders import cured_paths, finding, open_question, write_curves, write_metrics, write_own


def test_a_loss_that_turns_nan_is_critical_from_its_first_bad_step(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=1e-2, optim__clip_norm=None)
    write_curves(
        tmp_path,
        range(1, 51),
        train__loss=lambda step: math.nan if step >= 31 else 1.0 / step,
        lr__encoder=lambda step: step * 1e-4,
    )
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.since_step == 31
    assert found.since_epoch == pytest.approx(31 / 125)
    assert found.rules == ("S1.12", "X.G1")
    assert "NaN from step 31" in found.summary
    assert "the rate was 0.0031" in found.summary
    first = found.evidence[0]
    assert isinstance(first, CurveEvidence)
    assert (first.series, first.first_step, first.last_step) == ("train/loss", 31, 50)


def test_its_cure_is_a_tenth_of_the_rate_and_a_clip_norm_of_one(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=1e-2, optim__clip_norm=None)
    write_curves(tmp_path, range(1, 5), train__loss=lambda step: math.inf)
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    edits = {edit.path: edit.new for edit in found.cures[0].edits}
    assert edits == {"optim.lr": 1e-3, "optim.clip_norm": 1.0}


def test_a_clip_norm_that_is_short_already_is_left_alone(tmp_path: Path) -> None:
    write_own(tmp_path, optim__clip_norm=0.5)
    write_curves(tmp_path, range(1, 5), train__loss=lambda step: math.nan)
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert cured_paths(found) == {"optim.lr"}


def test_a_foreign_run_gets_no_cure_whose_setting_it_lacks(tmp_path: Path) -> None:
    write_metrics(tmp_path, [{"step": step, "loss": math.nan if step > 2 else 1.0} for step in range(6)])
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert found.cures == ()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_each_spelling_counts(tmp_path: Path, word: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(f'{{"step": 1, "loss": 1.0}}\n{{"step": 2, "loss": "{word}"}}\n')
    assert finding(tmp_path, ABOUT.id, OF_WEIGHTS.id) is not None


def test_a_loss_that_recovers_is_told_apart(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 21), train__loss=lambda step: math.inf if step in (5, 6) else 1.0)
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert found.sureness is Sureness.LIKELY
    assert "2 of 20 values" in found.summary


def test_the_last_checkpoint_before_it_is_named(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    (tmp_path / "checkpoints").mkdir()
    for step in (10, 20, 30):
        torch.save({"step": step, "model": {"w": torch.ones(3)}}, tmp_path / "checkpoints" / f"step_{step:07d}.pt")
    write_curves(tmp_path, range(1, 41), train__loss=lambda step: math.nan if step >= 25 else 1.0)
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert "step_0000020.pt" in found.confirm


def test_training_and_validation_that_share_a_table_may_leave_each_other_empty(tmp_path: Path) -> None:
    records = [
        {"step": step, "train_loss": math.nan if step % 5 == 0 else 1.0, "val_loss": 1.0 if step % 5 == 0 else math.nan}
        for step in range(1, 21)
    ]
    write_metrics(tmp_path, records)
    assert finding(tmp_path, ABOUT.id, OF_WEIGHTS.id) is None


def test_a_nan_among_filled_rows_still_counts_in_such_a_table(tmp_path: Path) -> None:
    records = [
        {
            "step": step,
            "train_loss": math.nan if step % 5 == 0 or step > 16 else 1.0,
            "val_loss": 1.0 if step % 5 == 0 else math.nan,
        }
        for step in range(1, 21)
    ]
    write_metrics(tmp_path, records)
    assert finding(tmp_path, ABOUT.id, OF_WEIGHTS.id) is not None


def test_a_metric_that_is_undefined_is_no_loss(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 5), train__loss=lambda step: 1.0, val__fg_ari=lambda step: math.nan)
    assert finding(tmp_path, ABOUT.id, OF_WEIGHTS.id) is None


def test_weights_that_are_not_finite_are_found_although_no_loss_says_so(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    weights = {"good": torch.ones(4), "bad": torch.tensor([1.0, float("nan")]), "mask": torch.ones(1)}
    torch.save({"step": 3, "model": weights}, tmp_path / "last.pt")
    found = finding(tmp_path, ABOUT.id, OF_WEIGHTS.id)
    assert found is not None
    assert [one.name for one in found.evidence if isinstance(one, TensorEvidence)] == ["model.bad"]
    assert found.since_step == 3


def test_buffers_may_hold_minus_infinity_on_purpose(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {"decoder.attn_mask": torch.full((2, 2), float("-inf")), "decoder.weight": torch.ones(2)}
    torch.save({"step": 3, "model": state}, tmp_path / "last.pt")
    write_curves(tmp_path, range(1, 4), loss=lambda step: 1.0)
    assert finding(tmp_path, ABOUT.id, OF_WEIGHTS.id) is None


def test_a_pickle_of_other_things_may_hold_infinite_bounds(samples: Path) -> None:
    """A real record of an environment's observation space, from -inf to inf."""
    path = next(samples.glob("rundirs/DLR-RM__rl-baselines3-zoo/**/vecnormalize.pkl"))
    assert open_question(path, ABOUT.id).because == "no loss was logged"


def test_without_a_loss_it_says_so_and_what_was_looked_at(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    write_curves(tmp_path, range(1, 4), accuracy=lambda step: 0.5)
    assert open_question(tmp_path, ABOUT.id).because == "no loss was logged"
    torch.save({"step": 3, "model": {"w": torch.ones(3)}}, tmp_path / "last.pt")
    assert open_question(tmp_path, ABOUT.id).because == "no loss was logged; the weights of last.pt are finite"

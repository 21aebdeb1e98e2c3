"""Overfitting is told by both losses over several evaluations; noise, divergence and other reductions are not it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.losses.overfitting import ABOUT
from inspector.diagnosis.values import CurveEvidence, Severity, Sureness
from tests.diagnosis.folders import cured_paths, finding, open_question, write_curves, write_metrics, write_own


def _falling(step: int) -> float:
    return 0.5 * math.exp(-step / 500) + 0.01


def _slowly(step: int) -> float:
    return 0.5 - step * 1e-4


def _losses(
    folder: Path, validation: Callable[[int], float], train: Callable[[int], float] = _falling, epochs: int = 14
) -> None:
    """Training each tenth step, validation once in 125 steps, as the trainer does; `validation` takes the epoch."""
    records = []
    for step in range(10, epochs * 125 + 1, 5):
        if step % 10 == 0:
            records.append({"step": step, "train/loss": train(step)})
        if step % 125 == 0:
            records.append({"step": step, "val/loss": validation(step // 125)})
    write_metrics(folder, records)


def test_the_seed_case_is_an_error_that_names_both_numbers(tmp_path: Path) -> None:
    """Best 0.606 at the 10th evaluation, 1.509 at the 55th, training at 0.10: 2.49 times its best, 15 times it."""
    write_own(tmp_path, best="step_0001250.pt")

    def validation(epoch: int) -> float:
        return 0.606 + 0.1 * (10 - epoch) if epoch <= 10 else 0.606 + (1.509 - 0.606) * (epoch - 10) / 45

    _losses(tmp_path, validation, lambda step: 1.0 + (0.1 - 1.0) * min(step / 6740, 1.0), epochs=55)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.ERROR, Sureness.CERTAIN)
    assert found.rules == ("S2.02", "S2.03", "X.L6")
    assert "0.606 at epoch 10 and is 1.509 now, 2.49 times its best" in found.summary
    assert "Validation is 15.1 times training" in found.summary
    assert "step_0001250.pt" in found.confirm
    assert found.since_epoch == 11
    series = [(one.series, one.first_step) for one in found.evidence if isinstance(one, CurveEvidence)]
    assert series == [("val/loss", 1250), ("train/loss", 1250)]


def test_a_rise_over_three_evaluations_is_a_warning(tmp_path: Path) -> None:
    write_own(tmp_path)
    _losses(tmp_path, lambda epoch: 0.5 if epoch <= 8 else 0.5 + 0.03 * (epoch - 8), _slowly, epochs=12)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("X.L6",)
    assert found.severity is Severity.WARNING


def test_one_and_a_half_times_the_best_counts_only_after_five_more_evaluations(tmp_path: Path) -> None:
    """Rule S2.02; the last value alone jumps, so the averages do not rise three times in a row."""

    def validation(epoch: int) -> float:
        return {4: 0.4, 9: 0.9}.get(epoch, 0.5 + (0.05 if epoch % 2 else 0.0))

    _losses(tmp_path, validation, _slowly, epochs=9)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("S2.02",)

    later = tmp_path / "later"
    later.mkdir()
    _losses(later, lambda epoch: {5: 0.4, 9: 0.9}.get(epoch, 0.5 + (0.05 if epoch % 2 else 0.0)), _slowly, epochs=9)
    assert finding(later, ABOUT.id) is None


def test_a_healthy_noisy_run_is_not_overfitting(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.01, 60).tolist()
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        _losses(folder, lambda epoch, seed=seed: _falling(125 * epoch) * (1.1 + noise[epoch + 5 * seed]), epochs=30)
        assert finding(folder, ABOUT.id) is None


def test_a_flat_noisy_validation_is_not_overfitting_although_training_falls(tmp_path: Path) -> None:
    """Noise of 1% around a plateau; the least of 60 evaluations lies 2.5% below the others by chance."""
    accused = 0
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        noise = np.random.default_rng(seed).normal(1.0, 0.01, 61).tolist()
        _losses(folder, lambda epoch, noise=noise: 0.5 * noise[epoch], _slowly, epochs=30)
        accused += finding(folder, ABOUT.id) is not None
    assert accused <= 2


def test_a_slow_rise_under_noise_is_a_warning(tmp_path: Path) -> None:
    """7% up over thirty evaluations that scatter by 2%."""
    noise = np.random.default_rng(1).normal(1.0, 0.018, 80).tolist()
    _losses(
        tmp_path, lambda epoch: (0.1 + 0.0002 * max(0, epoch - 35)) * noise[epoch], lambda step: 0.1 - step * 1e-5, 70
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("X.L6",)
    assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.LIKELY)


def test_a_steep_fall_before_the_best_does_not_count_as_noise(tmp_path: Path) -> None:
    """Validation falls by a tenth an epoch, then rises by 1 % an epoch: 12 % in all, without noise."""
    _losses(tmp_path, lambda epoch: 0.5 * 0.9**epoch if epoch <= 12 else 0.5 * 0.9**12 * (1 + (epoch - 12) / 100),
            _slowly, epochs=24)  # fmt: skip
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("X.L6",)


def test_a_run_whose_training_loss_rises_too_diverges_and_does_not_overfit(tmp_path: Path) -> None:
    _losses(tmp_path, lambda epoch: 0.2 + 0.1 * epoch, lambda step: 0.2 + step / 1000)
    assert finding(tmp_path, ABOUT.id) is None


def test_a_gap_that_was_always_there_is_another_reduction(tmp_path: Path) -> None:
    _losses(tmp_path, lambda epoch: 32 * _falling(125 * epoch))
    assert finding(tmp_path, ABOUT.id) is None


def test_a_gap_that_opens_while_validation_still_falls_is_only_possible(tmp_path: Path) -> None:
    _losses(tmp_path, lambda epoch: 0.5 - 0.001 * epoch, lambda step: math.exp(-step / 300))
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("S2.03",)
    assert found.sureness is Sureness.POSSIBLE
    # By hand: the gap is 1.5 times its first at epoch 2 and 2.3 times at epoch 3.
    assert found.summary.startswith("val/loss was 0.498 at epoch 2 and is 0.486 now. train/loss fell from ")
    assert found.since_step == 375
    assert {(one.series, one.first_step) for one in found.evidence if isinstance(one, CurveEvidence)} == {
        ("val/loss", 250), ("train/loss", 250)
    }  # fmt: skip


@pytest.mark.parametrize(("subset", "is_told"), [(0.1, True), (1.0, False)])
def test_a_smaller_gap_counts_where_a_part_of_the_data_is_left_out(
    tmp_path: Path, subset: float, is_told: bool
) -> None:
    """Validation three times training at the end, and both still fall."""
    write_own(tmp_path, data__subset=subset)
    _losses(tmp_path, lambda epoch: _falling(125 * epoch) * (1 + epoch / 7))
    found = finding(tmp_path, ABOUT.id)
    assert (found is not None) is is_told
    if found is not None:
        assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.POSSIBLE)


def test_a_negative_loss_has_no_ratios_but_can_still_rise(tmp_path: Path) -> None:
    _losses(tmp_path, lambda epoch: -1.0 - 0.1 * epoch if epoch <= 6 else -1.6 + 0.1 * (epoch - 6), lambda step: -step)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("X.L6",)
    assert "times" not in found.summary


def test_a_negative_term_of_the_training_loss_opens_no_gap(tmp_path: Path) -> None:
    """0.1 of reconstruction on both sides; the diversity loss takes the total of training down to 0.005."""

    def records(rise: float) -> list[dict[str, float]]:
        return [
            {
                "step": 125 * epoch,
                "train/loss": 0.1 - rise * epoch / 10 - 0.095 * min(1.0, epoch / 8),
                "train/loss_reconstruction": 0.1 - rise * epoch / 10,
                "train/loss_diversity": -0.095 * min(1.0, epoch / 8),
                "val/loss": 0.1 + rise * max(0, epoch - 7),
            }
            for epoch in range(1, 15)
        ]

    write_metrics(tmp_path, records(rise=0.0))
    assert finding(tmp_path, ABOUT.id) is None
    write_metrics(tmp_path, records(rise=0.004))
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert "train/loss_reconstruction fell from" in found.summary
    assert "S2.03" not in found.rules


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        ("train/loss", "val/loss"),
        ("train_loss", "val_loss"),
        ("loss", "val_loss"),
        ("Loss", "ValLoss"),
        ("train_loss_epoch", "valid_loss"),
        ("training.total_loss", "validation.total_loss"),
        ("train/loss", "eval/loss"),
    ],
)
def test_pairs_are_known_by_many_names(tmp_path: Path, train: str, validation: str) -> None:
    records = [
        {"step": step, "loss_scale": 2.0, train: _falling(10 * step), validation: 0.5 + 0.05 * max(0, step - 6)}
        for step in range(1, 15)
    ]
    write_metrics(tmp_path, records)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert [one.series for one in found.evidence if isinstance(one, CurveEvidence)] == [validation, train]


def test_cures_take_more_data_then_decay_then_stopping(tmp_path: Path) -> None:
    write_own(tmp_path, "tiny_subset")
    _losses(tmp_path, lambda epoch: 0.5 + 0.1 * max(0, epoch - 3))
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    edits = [{edit.path: edit.new for edit in cure.edits} for cure in found.cures]
    assert edits == [{"data.subset": 1.0}, {"optim.weight_decay": 0.01}, {"train.early_stop": True}]


def test_a_run_that_uses_all_its_data_is_offered_more_scenes(tmp_path: Path) -> None:
    write_own(tmp_path, optim__weight_decay=0.02, train__patience=9)
    _losses(tmp_path, lambda epoch: 0.5 + 0.1 * max(0, epoch - 3))
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    edits = {edit.path: edit.new for cure in found.cures for edit in cure.edits}
    assert edits == {
        "data.train_scenes": 16_000,
        "optim.weight_decay": 0.04,
        "train.early_stop": True,
        "train.patience": 5,
    }
    assert "data.subset" not in cured_paths(found)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 20), train__loss=_falling)
    assert open_question(tmp_path, ABOUT.id).because == "no validation loss was logged"
    write_curves(tmp_path, range(1, 4), train__loss=_falling, val__loss=_falling)
    assert open_question(tmp_path, ABOUT.id).because == "3 finite evaluations of val/loss; 4 are needed"
    write_curves(tmp_path, range(1, 9), val__loss=_falling)
    assert open_question(tmp_path, ABOUT.id).because == "no training loss was logged beside val/loss"


def test_validation_alone_can_still_show_that_the_best_is_past(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 12), val__loss=lambda step: 1.0 if step <= 4 else 0.3 * step)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.rules == ("S2.02",)
    assert found.sureness is Sureness.POSSIBLE
    assert found.title == "Validation is past its best"

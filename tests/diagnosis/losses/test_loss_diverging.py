"""A training loss that rises is told by its own history; noise, spikes and ripples near zero are not it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.losses.loss_diverging import ABOUT
from inspector.diagnosis.values import Severity, Sureness
from tests.diagnosis.folders import diagnosed, finding, open_question, write_curves, write_metrics, write_own

EPOCHS = range(125, 1251, 125)


def test_a_rise_of_a_seventh_from_the_start_is_critical(tmp_path: Path) -> None:
    """0.60 to 0.74 in five epochs: 1.23 times its least, and 0.14, which an absolute rise of 0.5 misses."""
    write_own(tmp_path, optim__lr=3e-4)
    values = (0.60, 0.63, 0.65, 0.69, 0.70, 0.74)
    write_metrics(tmp_path, [{"step": 125 * at, "train/loss": value} for at, value in enumerate(values)])
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.rules == ("S3.01", "S1.02", "S3.03")
    assert "0.6 at epoch 0 and is 0.74 at epoch 5, 1.23 times its least" in found.summary
    assert found.since_epoch == 1
    assert found.cures[0].edits[0].new == 1e-4


def test_a_loss_that_falls_then_doubles_is_an_error_since_its_best(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=1e-4)
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: abs(step - 750) / 500 + 0.3)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.ERROR
    assert found.since_step == 875
    assert found.cures[0].edits[0].new == 5e-5


@pytest.mark.parametrize(("clip", "shorter"), [(None, [("optim.clip_norm", 1.0)]), (1.0, [])])
def test_gradients_are_clipped_beside_a_lower_rate_where_they_are_not(
    tmp_path: Path, clip: float | None, shorter: list[tuple[str, float]]
) -> None:
    write_own(tmp_path, optim__lr=3e-3, optim__clip_norm=clip)
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: abs(step - 750) / 500 + 0.3)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert [(one.path, one.new) for one in found.cures[0].edits] == [("optim.lr", 1e-3), *shorter]


@pytest.mark.parametrize("seed", range(5))
def test_noise_around_a_floor_is_not_told(tmp_path: Path, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.03, 2000)
    write_curves(tmp_path, range(1, 2001, 5), train__loss=lambda s: float(0.3 + np.exp(-s / 300) + noise[s - 1]))
    assert finding(tmp_path, ABOUT.id) is None


def test_a_ripple_at_the_foot_of_a_long_fall_is_not_told(tmp_path: Path) -> None:
    """0.001 to 0.003 is three times as much, and nothing beside the fall from 1."""
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: 1.0 if step < 300 else 0.001 if step < 900 else 0.003)
    assert finding(tmp_path, ABOUT.id) is None


def test_one_high_value_at_the_end_is_not_told(tmp_path: Path) -> None:
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.5 - step / 5000 + (0.1 if step == 1250 else 0.0))
    assert finding(tmp_path, ABOUT.id) is None


def test_one_high_value_right_after_the_least_of_a_flat_loss_is_not_told(tmp_path: Path) -> None:
    """0.5 in one epoch, of a loss of five that goes up and down by 2 %."""
    ends = {1125: 4.78, 1250: 5.31}
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: ends.get(step, 5.1 if step % 250 else 5.0))
    assert finding(tmp_path, ABOUT.id) is None


def test_validation_that_rises_is_another_finding(tmp_path: Path) -> None:
    write_curves(tmp_path, EPOCHS, train__loss=lambda step: 1.0 - step / 2000, val__loss=lambda step: 0.5 + step / 1000)
    assert finding(tmp_path, ABOUT.id) is None


def test_losses_that_follow_an_opponent_or_a_reward_are_not_judged(tmp_path: Path) -> None:
    write_curves(
        tmp_path, EPOCHS, train__gen_loss=lambda step: step / 100, train__disc_loss=lambda step: 1.0 - step / 2000
    )
    assert "an opponent" in open_question(tmp_path, ABOUT.id).because


def test_a_run_without_a_training_loss_says_so_and_one_without_losses_is_not_asked(tmp_path: Path) -> None:
    write_curves(tmp_path, EPOCHS, val__loss=lambda step: 0.5)
    assert open_question(tmp_path, ABOUT.id).because == "no training loss was logged"
    write_curves(tmp_path, EPOCHS, accuracy=lambda step: 0.5)
    assert ABOUT.id not in [one.id for one in diagnosed(tmp_path).not_assessable]

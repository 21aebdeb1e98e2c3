"""What a loss says of a run: learnt by heart, below zero, flat, noisy, begun wrong, jumping, cut short."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.losses import (
    done_loss_stuck,
    funnel_jump,
    initial_loss,
    loss_noisy,
    loss_stalled,
    memorised,
    negative_loss,
    smoothing_floor,
    still_improving,
)
from inspector.diagnosis.losses.smoothing_floor import floor_of
from inspector.diagnosis.values import SettingEvidence, Severity, Sureness
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import RUN_FILE, SETTINGS_FILE, RunRecord
from tests.diagnosis.folders import (
    cured_paths,
    diagnosed,
    finding,
    open_question,
    write_curves,
    write_metrics,
    write_own,
)

EPOCHS = range(125, 1251, 125)


def _write_recipe(folder: Path, recipe: str, **edits: object) -> None:
    record = RunRecord(id="a", name="a", recipe=recipe, seed=0, host="h", started=0.0, status="finished")
    (folder / RUN_FILE).write_bytes(to_json(record))
    changes = {path.replace("__", "."): value for path, value in edits.items()}
    (folder / SETTINGS_FILE).write_bytes(to_json(settings_of(recipe, edits=changes)))


def _gone(step: int) -> float:
    return 0.1104 * 10 ** (-step / 200)


class TestMemorised:
    def test_a_loss_that_is_gone_beside_a_low_ari_and_few_samples_is_critical(self, tmp_path: Path) -> None:
        """4,000 scenes x 0.3 are 1,200; below 1 % at step 375 of 125 an epoch."""
        write_own(tmp_path, data__subset=0.3)
        write_curves(tmp_path, range(25, 1251, 25), train__loss=_gone, val__fg_ari=lambda step: 0.3)
        found = finding(tmp_path, memorised.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.CRITICAL
        assert found.rules == ("S0.01", "S0.05")
        assert "1,200 training samples, where 10,000 are advised" in found.summary
        assert [one.value for one in found.evidence if isinstance(one, SettingEvidence)] == [1200]
        assert {"data.subset", "optim.weight_decay"} <= cured_paths(found)
        assert "0.52 to 0.63" in found.baseline

    def test_the_same_loss_beside_a_high_ari_on_enough_samples_is_rightly_low(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=_gone, val__fg_ari=lambda step: 0.9, val__loss=_gone)
        assert finding(tmp_path, memorised.ABOUT.id) is None

    def test_a_gap_is_a_witness_too_and_a_slow_fall_is_not_told(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=_gone, val__loss=lambda step: 0.09)
        found = finding(tmp_path, memorised.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.ERROR
        write_curves(tmp_path, range(125, 5001, 125), train__loss=lambda s: 10 ** (-s / 900), val__loss=lambda step: 1)
        assert finding(tmp_path, memorised.ABOUT.id) is None

    def test_a_loss_that_a_negative_term_takes_to_nothing_is_not_learnt_by_heart(self, tmp_path: Path) -> None:
        write_own(tmp_path)
        write_curves(
            tmp_path,
            EPOCHS,
            train__loss=lambda step: 0.2 if step < 300 else -0.05,
            train__loss_reconstruction=lambda step: 0.1,
            train__loss_diversity=lambda step: 0.1 if step < 300 else -0.15,
            val__fg_ari=lambda step: 0.1,
        )
        assert finding(tmp_path, memorised.ABOUT.id) is None


class TestNegativeLoss:
    def test_the_unclamped_diversity_loss_is_named_with_what_it_can_take(self, tmp_path: Path) -> None:
        """Weight 0.01 over 11 slots: 0.001."""
        write_own(tmp_path, model__slots=11, loss__diversity_weight=0.01, loss__diversity_clamp=False)
        write_curves(
            tmp_path,
            EPOCHS,
            train__loss=lambda step: 0.0004 if step < 1000 else -0.0006,
            train__loss_recon=lambda step: 0.0003,
            train__loss_diversity_weighted=lambda step: 0.0001 if step < 1000 else -0.0009,
        )
        found = finding(tmp_path, negative_loss.ABOUT.id)
        assert found is not None
        assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.CERTAIN)
        assert found.since_step == 1000
        assert "train/loss_diversity_weighted brings it there" in found.summary
        assert "with weight 0.01 over 11 slots it can take 0.001 off" in found.summary
        assert cured_paths(found) == {"loss.diversity_clamp"}

    def test_a_negative_square_without_such_a_term_is_an_error(self, tmp_path: Path) -> None:
        write_own(tmp_path)
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.1 - step / 10_000)
        found = finding(tmp_path, negative_loss.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.ERROR
        assert found.cures == ()

    @pytest.mark.parametrize("tag", ["train__nll_loss", "train__elbo_loss", "train__loss_cosine"])
    def test_losses_that_may_be_negative_are_not_told(self, tmp_path: Path, tag: str) -> None:
        write_curves(tmp_path, EPOCHS, **{tag: lambda step: -step / 100})
        assert finding(tmp_path, negative_loss.ABOUT.id) is None

    def test_a_loss_above_zero_is_not_told(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 1 / step)
        assert finding(tmp_path, negative_loss.ABOUT.id) is None


class TestStalled:
    def test_a_loss_that_never_fell_is_told_with_the_accuracy(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=lambda s: 2.30 - s / 1e5, train__accuracy=lambda step: 0.1)
        found = finding(tmp_path, loss_stalled.ABOUT.id)
        assert found is not None
        assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.CERTAIN)
        assert found.rules == ("X.L3", "X.L2")

    def test_a_term_of_places_that_never_fell_is_told(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "counting", loss__coord="funnel")
        write_curves(tmp_path, EPOCHS, train__loss=lambda s: 1.0 - s / 2000, train__loss_coord=lambda s: 0.2 - s / 1e6)
        found = finding(tmp_path, loss_stalled.ABOUT.id)
        assert found is not None
        assert found.rules == ("S2.14",)
        assert found.cures[0].edits[0].new == "huber"

    def test_a_loss_that_has_converged_is_not_told(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.5 if step < 200 else 0.1)
        assert finding(tmp_path, loss_stalled.ABOUT.id) is None

    def test_noise_neither_hides_a_flat_loss_nor_makes_a_fall_in_the_first_epoch_flat(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(4).normal(0, 0.1, 41)
        epochs = range(125, 5001, 125)
        write_curves(tmp_path, epochs, train__loss=lambda step: float(3.0 + noise[step // 125]))
        assert float(3.0 + noise[1:].min()) < 0.95 * (3.0 + noise[1])
        assert finding(tmp_path, loss_stalled.ABOUT.id) is not None
        write_curves(
            tmp_path, epochs, train__loss=lambda step: float((5.0 if step == 125 else 3.0) + noise[step // 125])
        )
        assert finding(tmp_path, loss_stalled.ABOUT.id) is None

    def test_a_handful_of_steps_moves_nothing(self, tmp_path: Path) -> None:
        """Eight epochs of three steps, as a run of 24 samples has them."""
        records = [{"step": step, "epoch": step / 3, "train/loss": 0.41 - step / 1e4} for step in range(1, 25)]
        write_metrics(tmp_path, records)
        assert "ends before step 200" in open_question(tmp_path, loss_stalled.ABOUT.id).because

    def test_a_warmup_that_the_rate_alone_tells_is_waited_for(self, tmp_path: Path) -> None:
        rates = {"lr": lambda step: min(step / 5000, 1.0)}
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 2.3, **rates)
        assert "ends before step" in open_question(tmp_path, loss_stalled.ABOUT.id).because
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 2.3 * 0.9 ** (step / 125), **rates)
        assert finding(tmp_path, loss_stalled.ABOUT.id) is None  # what has fallen need not wait

    def test_three_epochs_are_too_few(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS[:3], train__loss=lambda step: 2.3)
        assert "fewer than 5 epochs" in open_question(tmp_path, loss_stalled.ABOUT.id).because


class TestNoisy:
    def test_epochs_that_scatter_are_information(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 1.0 if step % 250 else 0.4)
        found = finding(tmp_path, loss_noisy.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert found.rules == ("X.L5",)

    def test_single_steps_may_scatter(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).normal(0, 0.3, 1251)
        write_curves(tmp_path, range(1, 1251, 2), train__loss=lambda step: float(1.0 + noise[step]))
        assert finding(tmp_path, loss_noisy.ABOUT.id) is None

    def test_few_epochs_are_said_to_be_few(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS[:4], train__loss=lambda step: 1.0 / step)
        assert "4 epochs; 8 are needed" in open_question(tmp_path, loss_noisy.ABOUT.id).because


class TestInitialLoss:
    def test_a_first_loss_far_above_that_of_a_guess_is_a_warning(self, tmp_path: Path) -> None:
        """ln 10 is 2.303, a quarter more 2.878."""
        _write_recipe(tmp_path, "arc_solver")
        write_curves(tmp_path, range(1, 100), train__loss=lambda step: 3.5 - step / 100)
        found = finding(tmp_path, initial_loss.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert "where a guess among 10 classes has 2.303" in found.summary
        write_curves(tmp_path, range(1, 100), train__loss=lambda step: 2.8 - step / 100)
        assert finding(tmp_path, initial_loss.ABOUT.id) is None

    def test_the_mean_of_an_epoch_is_no_first_loss(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "arc_solver")
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.6)
        assert "the first step of train/loss was not logged" in open_question(tmp_path, initial_loss.ABOUT.id).because


class TestFunnelJump:
    def test_the_funnel_jumps_and_huber_does_not(self, tmp_path: Path) -> None:
        """0.3 squared is 0.09, and 0.3 x 0.3 + 0.09 is 0.18."""
        _write_recipe(tmp_path, "counting", loss__coord="funnel", loss__funnel_threshold=0.3)
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 1 / step)
        found = finding(tmp_path, funnel_jump.ABOUT.id)
        assert found is not None
        assert "jumps from 0.09 to 0.18, and its slope falls from 0.6 to 0.3" in found.summary
        assert [(one.path, one.new) for one in found.cures[0].edits] == [("loss.coord", "huber")]
        _write_recipe(tmp_path, "counting", loss__coord="huber")
        assert finding(tmp_path, funnel_jump.ABOUT.id) is None


class TestSmoothingFloor:
    def test_the_floor_of_ten_classes_is_half_a_nat(self) -> None:
        """0.5003 for a smoothing of 0.1, counted by hand: -0.91 ln 0.91 - 9 * 0.01 ln 0.01."""
        assert floor_of(0.1, 10) == pytest.approx(-0.91 * math.log(0.91) - 0.09 * math.log(0.01), abs=1e-12)
        assert round(floor_of(0.1, 10), 4) == 0.5003

    def test_smoothing_at_a_low_accuracy_is_information(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "arc_solver", loss__label_smoothing=0.1)
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.6, train__accuracy=lambda step: 0.7)
        found = finding(tmp_path, smoothing_floor.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert "No loss gets below 0.5003; train/loss is 0.09971 above it" in found.summary
        assert cured_paths(found) == {"loss.label_smoothing"}

    def test_an_accuracy_of_content_tells_before_one_that_padding_raises(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "arc_solver", loss__label_smoothing=0.1)
        both = {"train__accuracy": lambda step: 0.93, "val__accuracy_content": lambda step: 0.4}
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.6, **both)
        found = finding(tmp_path, smoothing_floor.ABOUT.id)
        assert found is not None
        assert "val/accuracy_content is 40.0% at best" in found.summary

    def test_smoothing_late_in_training_is_of_use(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "arc_solver", loss__label_smoothing=0.1)
        write_curves(tmp_path, EPOCHS, train__loss=lambda step: 0.6, train__accuracy=lambda step: 0.85)
        assert finding(tmp_path, smoothing_floor.ABOUT.id) is None


class TestStillImproving:
    def test_a_run_that_ends_at_its_best_was_cut_short(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=10)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: step / 2000)
        found = finding(tmp_path, still_improving.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert cured_paths(found) == {"schedule.epochs"}
        assert found.rules == ("S0.09", "X.L12")
        assert "slots are usually trained for 200 epochs or more" in found.summary

    def test_a_run_that_ended_before_its_plan_is_not_judged(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=40)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: step / 2000)
        assert finding(tmp_path, still_improving.ABOUT.id) is None

    def test_what_little_a_loss_still_gains_at_the_end_of_its_way_is_not_told(self, tmp_path: Path) -> None:
        """Without noise every gain is clear; the last quarter has 5 % of the whole."""
        write_own(tmp_path, schedule__epochs=20)
        write_curves(tmp_path, range(125, 2501, 125), val__loss=lambda step: 0.2 + math.exp(-step / 625))
        assert finding(tmp_path, still_improving.ABOUT.id) is None

    def test_a_run_that_has_levelled_off_was_not(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=10)
        noise = np.random.default_rng(1).normal(0, 0.01, 1251)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: float(0.8 * (1 - math.exp(-step / 150)) + noise[step]))
        assert finding(tmp_path, still_improving.ABOUT.id) is None


class TestDoneLoss:
    def test_a_done_loss_at_the_level_of_the_base_rate_is_stuck(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "counting", loss__done_weight=1.0, data__done_positive_fraction=None)
        write_curves(
            tmp_path,
            range(125, 2501, 125),
            val__loss=lambda step: 0.5 + 1 / step,
            val__loss_done=lambda step: 0.45 + (step % 250) / 1e4,
            baseline__loss_done_base_rate=lambda step: 0.44,
        )
        found = finding(tmp_path, done_loss_stuck.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert "0.44 of a model that always says the base rate" in found.summary
        assert found.rules == ("S2.10", "S2.11")
        assert [cure.edits[0].path for cure in found.cures] == ["data.done_positive_fraction", "loss.done_weight"]

    def test_a_done_loss_that_falls_is_not_stuck(self, tmp_path: Path) -> None:
        write_curves(tmp_path, range(125, 2501, 125), val__loss_done=lambda step: 0.7 - step / 5000)
        assert finding(tmp_path, done_loss_stuck.ABOUT.id) is None

    def test_a_short_one_is_not_judged(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS[:4], val__loss_done=lambda step: 0.5)
        assert "does not reach over 10 epochs" in open_question(tmp_path, done_loss_stuck.ABOUT.id).because


@pytest.mark.parametrize(
    "values", [[], [math.nan], [-math.inf], [0.5], [math.nan, 0.5, math.inf], [0.0, 0.0, 0.0], [-1e300, 1e300]]
)
def test_hardly_any_values_break_nothing(tmp_path: Path, values: list[float]) -> None:
    curves = dict.fromkeys(("train__loss", "val__loss", "val__fg_ari", "val__accuracy", "slots__cosine"), values)
    write_curves(
        tmp_path, range(len(values)), **{tag: (lambda step, own=own: own[step]) for tag, own in curves.items()}
    )
    assert not [one for one in diagnosed(tmp_path).not_assessable if "fault of the program" in one.because]

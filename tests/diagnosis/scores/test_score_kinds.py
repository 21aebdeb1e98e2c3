"""Scores beside what needs no model, beside training, and beside each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.scores import (
    accuracy_gap,
    below_baseline,
    padded_accuracy,
    scattered_background,
    score_stagnant,
    validation_ahead,
)
from inspector.diagnosis.scores.baselines import logged_baselines
from inspector.diagnosis.scores.score_curves import ari_tag, plain_ari_tag
from inspector.diagnosis.values import Severity
from inspector.formats.nonfinite import to_json
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import RUN_FILE, SETTINGS_FILE, RunRecord
from inspector.formats.series import Series
from tests.diagnosis.folders import diagnosed, finding, open_question, write_curves, write_own

EPOCHS = range(125, 1251, 125)


def _write_recipe(folder: Path, recipe: str, **edits: object) -> None:
    record = RunRecord(id="a", name="a", recipe=recipe, seed=0, host="h", started=0.0, status="finished")
    (folder / RUN_FILE).write_bytes(to_json(record))
    changes = {path.replace("__", "."): value for path, value in edits.items()}
    (folder / SETTINGS_FILE).write_bytes(to_json(settings_of(recipe, edits=changes)))


@pytest.mark.parametrize(
    ("tags", "foreground", "plain"),
    [
        (("train/fg_ari", "val/fg_ari", "test/fg_ari"), "val/fg_ari", None),
        (("train/ari", "ari_of_all_objects", "test/ari"), "test/ari", "test/ari"),
        (("train/ari", "train/fg_ari"), "train/fg_ari", "train/ari"),
        (("val/ari", "train/fg_ari", "val/fg_ari_attention"), "val/ari", "val/ari"),
    ],
)
def test_the_ari_of_held_out_data_is_judged_where_it_was_logged(
    tags: tuple[str, ...], foreground: str, plain: str | None
) -> None:
    assert (ari_tag(tags), plain_ari_tag(tags)) == (foreground, plain)


class TestBelowBaseline:
    def test_each_baseline_belongs_to_the_score_of_the_longest_name(self) -> None:
        tags = (
            "val/loss", "val/loss_done", "val/pixel_error", "val/pixel_error_median", "val/count_mae", "val/fg_ari",
            "val/done_average_precision", "baseline/loss_done_base_rate", "baseline/pixel_error_mean_position",
            "baseline/count_mae_mean_count", "baseline/fg_ari_colour", "baseline/done_average_precision_base_rate",
            "baseline/sparsity_conv1", "slots/active", "baseline/slots_active_colours",
        )  # fmt: skip
        one_value = Series(tag="", steps=np.zeros(1), values=np.zeros(1))
        found = {
            one.tag: (one.score, one.better, one.blind) for one in logged_baselines(dict.fromkeys(tags, one_value))
        }
        assert found == {
            "baseline/loss_done_base_rate": ("val/loss_done", "low", True),
            "baseline/pixel_error_mean_position": ("val/pixel_error", "low", True),
            "baseline/count_mae_mean_count": ("val/count_mae", "low", True),
            "baseline/fg_ari_colour": ("val/fg_ari", "high", False),
            "baseline/done_average_precision_base_rate": ("val/done_average_precision", "high", True),
        }

    def test_a_score_below_blocks_that_stands_still_is_an_error(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=12, schedule__warmup_epochs=1.0)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.25, baseline__fg_ari_blocks=lambda step: 0.55)
        found = finding(tmp_path, below_baseline.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.ERROR
        assert found.summary == "val/fg_ari ends at 0.25, no better than the 0.55 of blocks"

    def test_while_the_validation_loss_falls_it_is_a_warning(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=12, schedule__warmup_epochs=1.0)
        curves = {"val__loss": lambda step: 1.0 - step / 2000, "baseline__fg_ari_blocks": lambda step: 0.55}
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.25, **curves)
        found = finding(tmp_path, below_baseline.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING

    def test_below_colour_clusters_is_information(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=12, schedule__warmup_epochs=1.0)
        curves = {"baseline__fg_ari_blocks": lambda step: 0.55, "baseline__fg_ari_colour": lambda step: 0.97}
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.8, **curves)
        found = finding(tmp_path, below_baseline.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO

    def test_low_is_better_for_an_error_of_places(self, tmp_path: Path) -> None:
        write_curves(
            tmp_path, EPOCHS, val__pixel_error=lambda step: 9.0, baseline__pixel_error_mean_position=lambda step: 20.0
        )
        assert finding(tmp_path, below_baseline.ABOUT.id) is None

    def test_three_evaluations_that_get_better_fast_are_no_noise_around_the_baseline(self, tmp_path: Path) -> None:
        values = {125: 26.3, 250: 2.4, 375: 1.1}
        write_curves(
            tmp_path, values, val__count_mae=values.__getitem__, baseline__count_mae_mean_count=lambda step: 4.8
        )
        assert finding(tmp_path, below_baseline.ABOUT.id) is None
        write_curves(tmp_path, values, val__count_mae=lambda step: 4.9, baseline__count_mae_mean_count=lambda step: 4.8)
        assert finding(tmp_path, below_baseline.ABOUT.id) is not None

    def test_before_slots_have_parted_nothing_is_told(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=12, schedule__warmup_epochs=2.0)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.25, baseline__fg_ari_blocks=lambda step: 0.55)
        assert "slots may part until step 1,250" in open_question(tmp_path, below_baseline.ABOUT.id).because

    def test_a_warmup_that_the_rate_alone_tells_is_waited_for(self, tmp_path: Path) -> None:
        curves = {"val__fg_ari": lambda step: 0.25, "baseline__fg_ari_blocks": lambda step: 0.55}
        write_curves(tmp_path, EPOCHS, lr=lambda step: min(step / 250, 1.0), **curves)
        assert "slots may part until step 1,250" in open_question(tmp_path, below_baseline.ABOUT.id).because
        write_curves(tmp_path, EPOCHS, lr=lambda step: 1.0 - step / 5000, **curves)
        assert finding(tmp_path, below_baseline.ABOUT.id) is not None

    def test_early_in_a_run_nothing_is_told(self, tmp_path: Path) -> None:
        write_own(tmp_path, schedule__epochs=40, schedule__warmup_epochs=1.0)
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.25, baseline__fg_ari_blocks=lambda step: 0.55)
        assert "it is epoch 10 of 40" in open_question(tmp_path, below_baseline.ABOUT.id).because


class TestStagnant:
    def test_an_ari_that_stands_for_half_of_the_run_is_a_warning(self, tmp_path: Path) -> None:
        write_own(tmp_path)
        write_curves(tmp_path, range(125, 7501, 125), val__fg_ari=lambda step: min(step / 4000, 0.45))
        found = finding(tmp_path, score_stagnant.ABOUT.id)
        assert found is not None
        assert (found.severity, found.rules) == (Severity.WARNING, ("S0.15",))

    @pytest.mark.parametrize(("recipe", "reached"), [("slots", 0.7), ("arc_slots", 0.3)])
    def test_it_is_information_above_blocks_and_where_another_score_counts(
        self, tmp_path: Path, recipe: str, reached: float
    ) -> None:
        _write_recipe(tmp_path, recipe)
        write_curves(tmp_path, range(125, 7501, 125), val__fg_ari=lambda step: min(step / 4000, reached))
        found = finding(tmp_path, score_stagnant.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO

    def test_a_good_or_rising_ari_is_not_told(self, tmp_path: Path) -> None:
        write_curves(tmp_path, range(125, 7501, 125), val__fg_ari=lambda step: min(step / 4000, 0.9))
        assert finding(tmp_path, score_stagnant.ABOUT.id) is None
        write_curves(tmp_path, range(125, 7501, 125), val__fg_ari=lambda step: step / 12000)
        assert finding(tmp_path, score_stagnant.ABOUT.id) is None

    def test_ten_epochs_are_too_few(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.4)
        assert "does not reach over 50 epochs" in open_question(tmp_path, score_stagnant.ABOUT.id).because


class TestPaddedAccuracy:
    @pytest.mark.parametrize(
        ("recipe", "edits"),
        [
            ("arc_solver", {"loss.pad_loss": False}),
            ("arc_slots", {"loss.pad_loss": False, "model.padding": "left_out"}),
        ],
    )
    def test_padded_accuracy_below_empty_answers_is_a_warning(
        self, tmp_path: Path, recipe: str, edits: dict[str, object]
    ) -> None:
        """0.88 is high and yet less than 0.92, which knows nothing."""
        write_own(tmp_path, "padded_loss", recipe=recipe)
        curves = {"baseline__accuracy_padded_all_zeros": lambda step: 0.921}
        write_curves(
            tmp_path,
            EPOCHS,
            val__accuracy_padded=lambda step: 0.88,
            val__accuracy_content=lambda step: 0.41,
            **curves,
        )
        found = finding(tmp_path, padded_accuracy.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert "val/accuracy_padded is 88.0% and val/accuracy_content 41.0%; empty answers have more" in found.summary
        assert found.baseline == "Empty answers: 92.1% of the padded cells"
        assert {edit.path: edit.new for edit in found.cures[0].edits} == edits

    def test_an_accuracy_that_does_not_say_which_cells_is_information(self, tmp_path: Path) -> None:
        _write_recipe(tmp_path, "arc_solver")
        write_curves(tmp_path, EPOCHS, train__accuracy=lambda step: 0.88)
        found = finding(tmp_path, padded_accuracy.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert "94.1%" in found.baseline

    def test_accuracy_of_other_runs_is_not_asked_for(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__accuracy=lambda step: 0.88)
        found = diagnosed(tmp_path)
        told = {one.id for one in found.findings} | {one.id for one in found.not_assessable}
        assert padded_accuracy.ABOUT.id not in told


class TestAccuracies:
    @pytest.mark.parametrize(
        ("trained", "held_out", "told"), [(0.8, 0.69, True), (0.8, 0.75, False), (0.95, 0.87, True), (0.95, 0.9, False)]
    )
    def test_the_gap_that_counts_is_smaller_near_the_top(
        self, tmp_path: Path, trained: float, held_out: float, *, told: bool
    ) -> None:
        write_curves(tmp_path, EPOCHS, train__acc=lambda step: trained, val__acc=lambda step: held_out)
        found = finding(tmp_path, accuracy_gap.ABOUT.id)
        assert (found is not None) is told
        assert found is None or found.severity is Severity.INFO

    def test_validation_that_is_perfect_at_once_or_ahead_is_information(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__acc=lambda step: 0.9, val__acc=lambda step: 0.97)
        found = finding(tmp_path, validation_ahead.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO
        assert "97.0% at epoch 1 already" in found.summary
        assert "val/acc ends at 97.0%, train/acc at 90.0%" in found.summary

    def test_validation_that_grows_slowly_is_not(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, train__acc=lambda step: step / 1260, val__acc=lambda step: step / 1270)
        assert finding(tmp_path, validation_ahead.ABOUT.id) is None


class TestScatteredBackground:
    def test_a_high_fg_ari_beside_a_low_ari_is_explained(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.9, val__ari=lambda step: 0.1)
        found = finding(tmp_path, scattered_background.ABOUT.id)
        assert found is not None
        assert found.severity is Severity.INFO

    def test_two_high_ones_need_no_explanation(self, tmp_path: Path) -> None:
        write_curves(tmp_path, EPOCHS, val__fg_ari=lambda step: 0.9, val__ari=lambda step: 0.7)
        assert finding(tmp_path, scattered_background.ABOUT.id) is None

"""A score that falls to a fraction of its best collapsed; one low evaluation, and a score that never was, did not."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.diagnosis.scores import score_collapsed, score_oscillating
from inspector.diagnosis.values import CurveEvidence, Severity, Sureness
from tests.diagnosis.folders import cured_paths, diagnosed, finding, open_question, write_metrics, write_own


def _write_scores(folder: Path, values: list[float], tag: str = "val/ari") -> None:
    """One evaluation an epoch, the first at epoch 1."""
    write_metrics(folder, [{"step": 125 * at, tag: value} for at, value in enumerate(values, start=1)])


def test_the_seeds_collapse_is_critical_and_its_settings_are_named(tmp_path: Path) -> None:
    """0.4471 to 0.1784 is 40 %, to 0.0148 3 %; 0.3371 is 75 % of the best."""
    write_own(tmp_path, optim__lr=4e-4, optim__clip_norm=None, schedule__warmup_epochs=5.0)
    _write_scores(tmp_path, [0.4039, 0.4471, 0.1784, 0.0455, 0.0148, 0.3371])
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.rules == ("S0.03", "S0.07", "S0.08")
    assert found.since_epoch == 3
    assert "came back to 0.3371 at epoch 6, 75.4% of its best" in found.summary
    assert [(one.path, one.new) for one in found.cures[0].edits] == [("optim.lr", 1e-4), ("optim.clip_norm", 1.0)]
    assert "train.early_stop" in cured_paths(found)
    curve = next(one for one in found.evidence if isinstance(one, CurveEvidence))
    assert (curve.series, curve.first_step, curve.last_step) == ("val/ari", 250, 750)
    assert "0.03 to 0.05 as ARI" in found.baseline


def test_a_collapse_that_is_made_good_is_a_warning(tmp_path: Path) -> None:
    _write_scores(tmp_path, [0.4, 0.6, 0.1, 0.1, 0.3, 0.6, 0.7])
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert found.title == "Score collapsed and came back"


def test_an_early_fall_that_was_long_made_good_is_a_warning(tmp_path: Path) -> None:
    """Its end lies below a later best, and above all that it had before the fall."""
    _write_scores(tmp_path, [0.22, 0.05, 0.02, 0.2, 0.4, 0.6, 0.5, 0.5, 0.5])
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert found is not None
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "values",
    [
        [0.1, 0.3, 0.5, 0.05, 0.6, 0.7],  # one low evaluation
        [0.15, 0.01, 0.02, 0.01],  # its best is below the floor
        [0.2, 0.4, 0.38, 0.5, 0.48, 0.55],  # a healthy rise
        [0.5],
    ],
)
def test_what_is_no_collapse_is_not_told(tmp_path: Path, values: list[float]) -> None:
    _write_scores(tmp_path, values)
    assert score_collapsed.ABOUT.id not in [one.id for one in diagnosed(tmp_path).findings]


def test_a_foreground_score_that_never_beat_blocks_has_nothing_to_lose(tmp_path: Path) -> None:
    _write_scores(tmp_path, [0.45, 0.3, 0.05, 0.05, 0.05], "val/fg_ari")
    assert finding(tmp_path, score_collapsed.ABOUT.id) is None


@pytest.mark.parametrize(("later", "is_told"), [(0.125, True), (0.105, False)])
def test_it_has_where_the_validation_loss_went_with_it(tmp_path: Path, later: float, is_told: bool) -> None:
    """From 0.13 to 0.1 and back by 0.025 or 0.005 of the 0.03."""
    pairs = [(0.05, 0.13), (0.2, 0.11), (0.36, 0.1), *[(0.1, later)] * 3]
    records = [
        {"step": 125 * at, "val/fg_ari": score, "val/loss": loss} for at, (score, loss) in enumerate(pairs, start=1)
    ]
    write_metrics(tmp_path, records)
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert (found is not None) == is_told


def test_a_fifth_below_the_best_after_ten_epochs_is_a_warning(tmp_path: Path) -> None:
    _write_scores(tmp_path, [0.1 * at for at in range(1, 8)] + [0.45] * 5, "val/accuracy")
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert found is not None
    assert (found.severity, found.rules) == (Severity.WARNING, ("S0.16",))
    assert found.since_epoch == 8


def test_percent_is_a_scale_too(tmp_path: Path) -> None:
    _write_scores(tmp_path, [40.0, 60.0, 5.0, 4.0], "val/acc")
    found = finding(tmp_path, score_collapsed.ABOUT.id)
    assert found is not None
    assert found.severity is Severity.CRITICAL


def test_one_evaluation_cannot_fall_and_no_score_is_not_asked_for(tmp_path: Path) -> None:
    _write_scores(tmp_path, [0.5])
    assert "2 are needed" in open_question(tmp_path, score_collapsed.ABOUT.id).because
    _write_scores(tmp_path, [0.5], "train/loss")
    assert score_collapsed.ABOUT.id not in [one.id for one in diagnosed(tmp_path).not_assessable]


def test_a_score_that_swings_is_an_error(tmp_path: Path) -> None:
    """Peaks of 0.6 and lows of 0.2: falls of 0.4 with four turns."""
    _write_scores(tmp_path, [0.2, 0.6, 0.25, 0.6, 0.2, 0.55, 0.2])
    found = finding(tmp_path, score_oscillating.ABOUT.id)
    assert found is not None
    assert (found.severity, found.rules) == (Severity.ERROR, ("S0.04",))


@pytest.mark.parametrize("ends", [6, 7])
def test_a_score_that_swings_at_every_evaluation_is_told_wherever_it_ends(tmp_path: Path, ends: int) -> None:
    """The last two lie halfway below the peak, 0.23 of a fall of 0.47, give or take their noise."""
    _write_scores(tmp_path, [0.59, 0.14, 0.58, 0.13, 0.6, 0.15, 0.59][:ends], "val/accuracy")
    assert any(
        one.id == score_oscillating.ABOUT.id or "swings" in "".join(one.consequences)
        for one in diagnosed(tmp_path).findings
    )


def test_a_steep_rise_with_dips_does_not_swing(tmp_path: Path) -> None:
    """Its range is 0.5 and it turns four times, but it never falls by more than 0.02."""
    _write_scores(tmp_path, [0.1, 0.3, 0.28, 0.5, 0.48, 0.6])
    assert finding(tmp_path, score_oscillating.ABOUT.id) is None


def test_an_ari_that_drifts_about_is_a_warning_after_twenty_epochs(tmp_path: Path) -> None:
    drifting = [0.35 + (0.08 if at % 2 else -0.08) for at in range(22)]
    _write_scores(tmp_path, drifting)
    found = finding(tmp_path, score_oscillating.ABOUT.id)
    assert found is not None
    assert (found.severity, found.rules) == (Severity.WARNING, ("S0.18",))
    _write_scores(tmp_path, drifting[:12])
    found = finding(tmp_path, score_oscillating.ABOUT.id)
    assert found is not None
    assert (found.severity, found.rules) == (Severity.INFO, ("S0.17",))


def test_five_evaluations_are_too_few_to_swing(tmp_path: Path) -> None:
    _write_scores(tmp_path, [0.5] * 5)
    assert "5 evaluations of val/ari; 6 are needed" in open_question(tmp_path, score_oscillating.ABOUT.id).because

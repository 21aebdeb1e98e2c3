"""Planted faults of predicted points are named by one finding each, with planted numbers; healthy sets have none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.analysis.point_patterns import Collapsed, ConstantOffset, PointPattern
from inspector.core.pulse import QUIET
from inspector.diagnosis.material import Material
from inspector.diagnosis.points import done_signal, error_stuck, lenient_threshold, misplaced
from inspector.diagnosis.points.pattern_words import pattern_title
from inspector.diagnosis.values import (
    CurveEvidence,
    Finding,
    PointEvidence,
    SettingEvidence,
    Severity,
    Sureness,
)
from inspector.formats.setting_fields import Field
from inspector.runs.scan import scan
from inspector.runs.values import SettingsSheet
from tests.diagnosis.folders import diagnosed, open_question, texts_of, write_dump, write_metrics

SAMPLES = 200
SIZES = np.tile([[384.0, 512.0], [384.0, 384.0], [300.0, 600.0], [384.0, 480.0]], (SAMPLES // 4, 1))
"""Heights and widths: images are not square, and differ."""

OF_POINTS = {
    misplaced.SWAPPED.id,
    misplaced.OFFSET.id,
    misplaced.SCALED.id,
    misplaced.COLLAPSED.id,
    misplaced.AT_BORDER.id,
    done_signal.SILENT.id,
    done_signal.RARE.id,
    lenient_threshold.ABOUT.id,
    error_stuck.ABOUT.id,
}

CHECKS = {misplaced.ABOUT.id, done_signal.ABOUT.id, lenient_threshold.ABOUT.id, error_stuck.ABOUT.id}

Places = Callable[[np.ndarray], np.ndarray]


def objects() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.05, 0.95, (SAMPLES, 2)) * SIZES[:, ::-1]


def noise(deviation_px: float = 4.0) -> np.ndarray:
    return np.random.default_rng(1).normal(0, deviation_px, (SAMPLES, 2))


def signed(points: np.ndarray) -> np.ndarray:
    return (points + 0.5) / SIZES[:, ::-1] * 2 - 1


def pixels(places: np.ndarray) -> np.ndarray:
    return (places + 1) / 2 * SIZES[:, ::-1] - 0.5


def answers(positives: int) -> np.ndarray:
    return (np.arange(SAMPLES) % (SAMPLES // positives) == 0).astype(np.float32)


def write(folder: Path, predicted: np.ndarray, *, step: int = 500, **more: Any) -> Path:
    """A dump of one object a sample, in pixels."""
    path = folder / f"step_{step:07d}.h5"
    kept = {
        "gt/points": objects(),
        "pred/points": predicted,
        "samples/size": SIZES,
        **{name.replace("__", "/"): values for name, values in more.items()},
    }
    write_dump(path, step, kept)
    return path


def write_settings(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)


def write_errors(folder: Path, error_px: Callable[[int], float], epochs: int = 40) -> None:
    write_metrics(
        folder,
        [
            {"step": epoch * 125, "epoch": float(epoch), "val/pixel_error": error_px(epoch)}
            for epoch in range(1, epochs)
        ],
    )


def found_in(folder: Path) -> list[Finding]:
    """What was found of points."""
    return [one for one in diagnosed(folder).findings if one.id in OF_POINTS]


def the_one(folder: Path) -> Finding:
    told = diagnosed(folder)
    for text in texts_of(told):
        assert "nan" not in text
        assert not text.endswith(".")
    (found,) = (one for one in told.findings if one.id in OF_POINTS)
    return found


@pytest.mark.parametrize("deviation_px", [0.0, 4.0, 40.0])
def test_a_healthy_set_gets_none(tmp_path: Path, deviation_px: float) -> None:
    sure = np.where(answers(50) > 0, 0.9, 0.1)
    write(tmp_path, objects() + noise(deviation_px), pred__done=sure, gt__done=answers(50))
    write_settings(tmp_path, '{"loss": {"funnel_threshold": 0.1}}')
    write_errors(tmp_path, lambda epoch: 5 + 100 / epoch)
    found = diagnosed(tmp_path)
    assert [one.id for one in found.findings if one.id in OF_POINTS] == []
    assert set(found.passed) >= CHECKS


@pytest.mark.parametrize(
    ("plant", "wanted", "title"),
    [
        (lambda truth: truth[:, ::-1] + noise(), misplaced.SWAPPED.id, "Predicted points have x and y swapped"),
        (
            lambda truth: pixels(signed(truth)[:, ::-1]) + noise(),
            misplaced.SWAPPED.id,
            "Predicted points have x and y swapped",
        ),
        (
            lambda truth: truth + np.array([30, -12]) + noise(1),
            misplaced.OFFSET.id,
            "Predicted points are all moved by +30, −12 px",
        ),
        (
            lambda truth: 0.6 * (truth + 0.5) - 0.5 + noise(0.1),
            misplaced.SCALED.id,
            "Predicted points are scaled by 0.6",
        ),
        (
            lambda truth: pixels((signed(truth) + 1) / 2) + noise(0.1),
            misplaced.SCALED.id,
            "Predicted points are scaled by 0.5",
        ),
        (
            lambda truth: pixels(np.full_like(truth, -1.0)) + noise(0.5),
            misplaced.COLLAPSED.id,
            "Predictions are stuck in the corner (−1.00, −1.00)",
        ),
        (
            lambda truth: pixels(np.full_like(truth, 0.25)),
            misplaced.COLLAPSED.id,
            "Every image gets the same prediction (0.25, 0.25)",
        ),
        (
            lambda truth: np.full_like(truth, 150.0) + noise(0.1),
            misplaced.COLLAPSED.id,
            "Every image gets the same prediction (−0.39, −0.22)",
        ),
        (
            lambda truth: pixels(np.tanh(8 * signed(truth))),
            misplaced.AT_BORDER.id,
            "Predicted coordinates pile up at the border",
        ),
    ],
)
def test_a_planted_mistake_is_named_by_one_finding(tmp_path: Path, plant: Places, wanted: str, title: str) -> None:
    path = write(tmp_path, plant(objects()))
    write_settings(tmp_path, '{"loss": {"funnel_threshold": 0.3}}')
    write_errors(tmp_path, lambda epoch: 90.0)
    found = the_one(tmp_path)
    assert (found.id, found.title) == (wanted, title)
    assert found.since_step == 500
    assert found.why
    assert found.false_alarm
    points = [one for one in found.evidence if isinstance(one, PointEvidence)]
    assert points
    assert {one.dump for one in points} == {str(path)}


@pytest.mark.parametrize(
    ("pattern", "title"),
    [
        (ConstantOffset(12.4, -0.3, 12.4, 0.3), "Predicted points are all moved by +12, +0 px"),
        (ConstantOffset(-1.6, 2e9, 2e9, 0.3), "Predicted points are all moved by −2, +2e+09 px"),
        (Collapsed(-0.999, 0.5, False, 0.0, 0.5), "Every image gets the same prediction (−1.00, 0.50)"),
        (Collapsed(2.25e30, -1.0, False, 0.0, 0.5), "Every image gets the same prediction (2.25e30, −1.00)"),
    ],
)
def test_a_title_stays_short_however_far_predictions_lie(pattern: PointPattern, title: str) -> None:
    assert pattern_title(pattern) == title


def test_the_median_error_is_told_as_it_is_and_without_the_mistake(tmp_path: Path) -> None:
    predicted = objects()[:, ::-1] + noise()
    write(tmp_path, predicted)
    before, after = (np.median(np.hypot(*(one - objects()).T)) for one in (predicted, predicted[:, ::-1]))
    found = the_one(tmp_path)
    assert f"The median error of {before:.1f} px falls to {after:.1f} px" in found.summary
    assert "over 200 points of step_0000500.h5" in found.summary
    assert (found.severity, found.sureness) == (Severity.ERROR, Sureness.CERTAIN)


def test_the_worse_half_and_the_worst_sample_are_evidence(tmp_path: Path) -> None:
    predicted = objects() + np.array([30, -12]) + noise(1)
    write(tmp_path, predicted)
    errors = np.hypot(*(predicted - objects()).T)
    many, one = the_one(tmp_path).evidence
    assert isinstance(one, PointEvidence)
    assert isinstance(many, PointEvidence)
    assert (one.sample, one.column) == (int(errors.argmax()), "")
    assert (many.column, many.high) == ("err_px", None)
    assert many.low == pytest.approx(np.median(errors), rel=1e-5)


def test_a_mistake_is_told_since_the_first_dump_of_the_row_that_has_it(tmp_path: Path) -> None:
    swapped = objects()[:, ::-1]
    for step, predicted in ((100, swapped), (200, objects() + 30), (300, swapped), (400, swapped), (500, swapped)):
        write(tmp_path, predicted, step=step)
    found = the_one(tmp_path)
    assert (found.since_step, found.since_epoch) == (300, 300 / 125)
    assert {one.dump for one in found.evidence if isinstance(one, PointEvidence)} == {str(tmp_path / "step_0000500.h5")}


def test_a_done_signal_that_never_fires_for_want_of_positives_is_one_finding(tmp_path: Path) -> None:
    done = np.random.default_rng(2).uniform(0, 0.4, SAMPLES)
    write(tmp_path, objects() + noise(), pred__done=done, gt__done=answers(8))
    found = the_one(tmp_path)
    assert (found.id, found.title) == (done_signal.SILENT.id, "Done signal never fires")
    assert found.summary.startswith(f"4.0% of samples are done; no prediction exceeds {done.max():.2f}")
    assert found.rules == ("S1.13", "S2.06", "S2.07")
    write(tmp_path, objects() + noise(), step=600, pred__done=done / 4, gt__done=answers(8))
    assert the_one(tmp_path).rules == ("S1.13", "S2.06", "S2.07", "S2.12"), "all below 0.1"
    many, one = found.evidence
    assert isinstance(many, PointEvidence)
    assert isinstance(one, PointEvidence)
    assert (many.column, many.low, many.high) == ("gt_done", 0.5, None)
    assert one.sample == int(np.where(answers(8) > 0, done, -1).argmax())


@pytest.mark.parametrize(("fires", "severity"), [(1, Severity.WARNING), (2, Severity.INFO), (4, Severity.INFO)])
def test_rare_positives_are_told_where_the_signal_fires(tmp_path: Path, fires: int, severity: Severity) -> None:
    write(tmp_path, objects() + noise(), pred__done=answers(fires) * 0.8 + 0.1, gt__done=answers(4))
    found = the_one(tmp_path)
    assert (found.id, found.title) == (done_signal.RARE.id, "Only 2.0% of samples are done")
    assert found.severity is severity
    assert "saying no always is right in 98.0%" in found.baseline


def test_done_samples_are_rare_by_the_batches_that_are_learnt_from_where_these_are_logged(tmp_path: Path) -> None:
    def found_of(share: float, positives: int, step: int) -> list[Finding]:
        done = answers(positives)
        write(tmp_path, objects() + noise(), step=step, pred__done=done * 0.8 + 0.1, gt__done=done)
        write_metrics(tmp_path, [{"step": step, "train/done_share": share} for step in (1, 2)])
        return found_in(tmp_path)

    assert not found_of(0.5, 4, 500), "batches are balanced, validation is not"
    (found,) = found_of(0.03, 20, 600)
    assert found.id == done_signal.RARE.id
    assert found.summary.startswith("train/done_share is 3.0% on average; from one half on 100.0% of those of step_")


def test_a_low_signal_that_knows_is_a_warning(tmp_path: Path) -> None:
    write(tmp_path, objects() + noise(), pred__done=answers(20) * 0.3 + 0.1, gt__done=answers(20))
    found = the_one(tmp_path)
    assert (found.id, found.severity) == (done_signal.SILENT.id, Severity.WARNING)
    assert "Call it done from 0.40 on, where F1 is 1.00" in found.confirm


@pytest.mark.parametrize("positives", [20, 100])
def test_a_low_signal_that_knows_of_common_answers_is_a_warning_too(tmp_path: Path, positives: int) -> None:
    write(tmp_path, objects() + noise(), pred__done=answers(positives) * 0.3 + 0.1, gt__done=answers(positives))
    assert the_one(tmp_path).severity is Severity.WARNING


def run_with(folder: Path, **settings: tuple[Any, str]) -> Material:
    """A run whose recipe has these settings, each with its value and kind."""
    named = {path.replace("__", "."): one for path, one in settings.items()}
    sheet = SettingsSheet(
        values={path: value for path, (value, _kind) in named.items()},
        fields=tuple(Field(path=path, title=path, kind=kind) for path, (_value, kind) in named.items()),
    )
    return Material(msgspec.structs.replace(scan((folder,), QUIET), settings=sheet), {})


def test_cures_are_settings_that_the_recipe_has(tmp_path: Path) -> None:
    write(tmp_path, pixels(np.full_like(objects(), -1.0)), pred__done=np.full(SAMPLES, 0.1), gt__done=answers(4))
    material = run_with(
        tmp_path,
        optim__lr=(1e-3, "number"),
        loss__done_weight=(3.0, "number"),
        data__done_positive_fraction=(0.02, "number"),
    )
    edits = {}
    for check in (misplaced.check, done_signal.check):
        found = check(material, QUIET)
        assert isinstance(found, Finding)
        edits |= {edit.path: edit.new for cure in found.cures for edit in cure.edits}
    assert edits == {"optim.lr": 5e-5, "loss.done_weight": 5.0, "data.done_positive_fraction": 0.5}


def test_a_loss_that_forgives_is_cured_by_another_form_where_there_is_one(tmp_path: Path) -> None:
    write(tmp_path, objects() + noise(20))
    fields = {"loss__funnel_threshold": (0.3, "number"), "loss__coord": ("funnel", "text")}
    found = lenient_threshold.check(run_with(tmp_path, **fields), QUIET)
    assert isinstance(found, Finding)
    assert [(edit.path, edit.new) for cure in found.cures for edit in cure.edits] == [("loss.coord", "huber")]


def test_a_threshold_that_forgives_most_errors_is_told_and_why_they_stay(tmp_path: Path) -> None:
    write(tmp_path, objects() + noise(20))
    write_settings(tmp_path, '{"loss": {"funnel_threshold": 0.3}}')
    found = the_one(tmp_path)
    errors = np.hypot(*noise(20).T)
    assert (found.id, found.severity, found.rules) == (lenient_threshold.ABOUT.id, Severity.INFO, ("S2.04",))
    assert found.title == f"Loss threshold hides {np.median(errors):.0f} px errors"
    longer = np.median(SIZES.max(axis=1))
    assert found.summary.startswith(f"Threshold 0.3 is {round(0.15 * longer, 1):g} px on {longer:.0f} px images")
    assert f"{(errors <= 0.15 * longer).mean():.1%} of errors fall in its quadratic zone" in found.summary
    kinds = {type(one) for one in found.evidence}
    assert kinds == {PointEvidence, SettingEvidence}
    write_errors(tmp_path, lambda epoch: 24.0)
    found = the_one(tmp_path)
    assert (found.severity, found.rules) == (Severity.WARNING, ("S2.04", "S2.01"))
    assert "val/pixel_error stayed at 24 px for 38 epochs" in found.summary
    assert any(isinstance(one, CurveEvidence) for one in found.evidence)


@pytest.mark.parametrize(("threshold", "deviation_px"), [(0.1, 20), (0.3, 3), (0.3, 150)])
def test_a_threshold_near_the_goal_and_errors_outside_its_zone_are_no_alarm(
    tmp_path: Path, threshold: float, deviation_px: float
) -> None:
    write(tmp_path, objects() + noise(deviation_px))
    write_settings(tmp_path, f'{{"loss": {{"funnel_threshold": {threshold}}}}}')
    assert found_in(tmp_path) == []


def test_an_error_that_stays_is_told_since_it_stays(tmp_path: Path) -> None:
    write_errors(tmp_path, lambda epoch: max(14.8, 120.0 - 10 * epoch))
    found = the_one(tmp_path)
    assert (found.id, found.title) == (error_stuck.ABOUT.id, "Pixel error is stuck at 14.8 px")
    assert found.since_epoch is not None
    assert 9 <= found.since_epoch <= 12
    assert isinstance(found.evidence[0], CurveEvidence)


@pytest.mark.parametrize("known", [0, 15])
def test_points_too_few_to_judge_the_loss_by_do_not_keep_an_error_that_stays_from_being_told(
    tmp_path: Path, known: int
) -> None:
    few = objects() + noise(20)
    few[known:] = np.nan
    write(tmp_path, few)
    write_settings(tmp_path, '{"loss": {"funnel_threshold": 0.3}}')
    write_errors(tmp_path, lambda epoch: 24.0)
    assert the_one(tmp_path).id == error_stuck.ABOUT.id


@pytest.mark.parametrize(
    "error_px",
    [lambda epoch: 60.0 - epoch, lambda epoch: 8.0, lambda epoch: 14.8 + 10 * (epoch < 35)],
    ids=["falls", "at the goal", "fell just now"],
)
def test_an_error_that_falls_or_is_at_its_goal_is_not_stuck(tmp_path: Path, error_px: Callable[[int], float]) -> None:
    write_errors(tmp_path, error_px)
    assert found_in(tmp_path) == []


def test_what_is_lacking_is_said(tmp_path: Path) -> None:
    few = objects() + 40
    few[15:] = np.nan
    write(tmp_path, few)
    name = "step_0000500.h5"
    assert open_question(tmp_path, misplaced.ABOUT.id).because == f"{name} has 15 pairs of points, and 16 are needed"
    assert open_question(tmp_path, done_signal.ABOUT.id).because == f"{name} holds no predicted done"
    assert "no setting names the threshold" in open_question(tmp_path, lenient_threshold.ABOUT.id).because
    assert open_question(tmp_path, error_stuck.ABOUT.id).because == "no pixel error was logged"


def test_without_a_positive_the_done_signal_is_not_assessable(tmp_path: Path) -> None:
    write(tmp_path, objects() + noise(), pred__done=np.full(SAMPLES, 0.1), gt__done=np.zeros(SAMPLES))
    assert open_question(tmp_path, done_signal.ABOUT.id).because == "no sample of step_0000500.h5 is done"


def test_a_run_without_points_is_not_told_that_they_cannot_be_assessed(tmp_path: Path) -> None:
    write_metrics(tmp_path, [{"step": 1, "train/loss": 1.0}])
    assert not {one.id for one in diagnosed(tmp_path).not_assessable} & CHECKS


def test_slots_whose_dumps_hold_points_are_asked_for_no_done_signal(tmp_path: Path) -> None:
    """Its points are looked at all the same, and what is wrong with them is told."""
    write(tmp_path, objects()[:, ::-1] + noise(), slots__slots=np.zeros((SAMPLES, 3, 4)))
    found = diagnosed(tmp_path)
    assert misplaced.SWAPPED.id in [one.id for one in found.findings]
    assert not {one.id for one in found.not_assessable} & CHECKS

"""The table, marks of lost points, groups, and markers of files, seams and findings."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from inspector.diagnosis.values import CurveEvidence, Finding, Severity, Sureness
from inspector.display.curves.markers import MAX_MARKERS, with_evidence, with_findings
from inspector.display.curves.scene import LOST_WORDS, StepMarker
from inspector.display.curves.table import best_is, value_at
from tests.display.curves.making import lines_of, panel_of, scene_of, series


def test_a_row_tells_the_best_by_the_metrics_sense_the_last_and_what_is_no_number():
    scene = scene_of(
        series("val/loss", [3, 1, np.nan, 2, np.inf], steps=[0, 10, 20, 30, 40]), series("val/acc", [0.5, 0.9, 0.7])
    )
    (row,) = panel_of(scene, "Loss").rows
    assert (row.best, row.best_x) == (1, 10)
    assert (row.last, row.last_x) == (2, 30)
    assert (row.count, row.not_finite, row.nan, row.above, row.below) == (5, 2, 1, 1, 0)
    (row,) = panel_of(scene, "Accuracy").rows
    assert (row.best, row.best_x) == (0.9, 1)


def test_a_row_of_a_smoothed_line_tells_what_was_logged():
    (row,) = scene_of(series("loss", [3, 1, 2]), smoothing=0.9).panels[0].rows
    assert (row.best, row.last) == (1, 2)


def test_a_row_of_nothing_but_nan_has_no_best():
    (row,) = scene_of(series("loss", [np.nan, np.nan])).panels[0].rows
    assert math.isnan(row.best)
    assert math.isnan(row.best_x)
    assert row.not_finite == 2


@pytest.mark.parametrize(
    ("tag", "which"), [("val/loss", "least"), ("val/fg_ari", "greatest"), ("val/miou", "greatest"), ("lr", "least")]
)
def test_the_sense_of_a_metric_is_told_by_its_name(tag, which):
    assert best_is(tag) == which


def test_nan_and_the_infinities_are_told_apart():
    line = scene_of(series("x", [1, np.nan, np.inf, -np.inf])).panels[0].lines[0]
    assert [LOST_WORDS[kind] for kind in line.lost_kinds] == ["NaN", "+inf", "−inf"]
    assert line.lost_y.tolist() == [1, 1, 1]


def test_lost_points_between_and_before_good_ones_stand_beside_the_nearest_before_them():
    values = [np.nan, np.nan, 5, np.nan, np.nan, 7, np.nan]
    line = scene_of(series("x", values)).panels[0].lines[0]
    assert line.lost_x.tolist() == [0, 1, 3, 4, 6]
    assert line.lost_y.tolist() == [5, 5, 5, 5, 7]


def test_panels_of_a_group_share_a_range_where_that_is_wanted():
    made = series("grad_norm/a", [1, 2]), series("update_ratio/a", [1e-3, 5]), series("val/acc", [0.1])
    apart, shared = scene_of(*made), scene_of(*made, shared_y=True)
    assert panel_of(apart, "Gradient norm by module").fit_y == (1, 2)
    assert (
        panel_of(shared, "Gradient norm by module").fit_y == panel_of(shared, "Update ratio by module").fit_y == (0, 5)
    )
    assert panel_of(shared, "Accuracy").fit_y == panel_of(apart, "Accuracy").fit_y


def test_panels_of_one_heading_stand_together():
    scene = scene_of(series("sys/gpu/a", [1]), series("zebra", [1]), series("sys/cpu/a", [1]), series("loss", [1]))
    assert [panel.group for panel in scene.panels] == ["Loss", "sys", "sys", "Other"]


def test_symlog_takes_negative_values_and_bounded_panels_stay_linear():
    scene = scene_of(series("signed", [-100, -1, 0, 1, 1000]), series("val/acc", [0.5]), y_scale="symlog")
    assert (panel_of(scene, "signed").y_scale, panel_of(scene, "signed").y_threshold) == ("symlog", 1.0)
    assert panel_of(scene, "signed").fit_y == (-100, 1000)
    assert panel_of(scene, "Accuracy").y_scale == "linear"


def test_attempts_have_a_seam_each_and_what_was_replaced_is_dim():
    steps = [0, 1, 2, 3, 2, 3, 4]
    both = [series(tag, np.arange(7.0), steps=steps, starts=[0, 4]) for tag in ("train/loss", "val/loss")]
    scene = scene_of(*both)
    (seam,) = [marker for marker in scene.markers if marker.kind == "seam"]
    assert (seam.x, seam.label) == (2, "attempt 2 begins at step 2")
    line = lines_of(scene)["train"]
    assert [(part.x.tolist(), part.attempt, part.dim) for part in line.stretches] == [
        ([0, 1], 0, False),
        ([1, 2, 3], 0, True),
        ([2, 3, 4], 1, False),
    ]
    assert sum(part.x.size for part in line.stretches) == 7 + 1


def test_a_run_that_went_on_where_it_stopped_has_a_seam_and_nothing_dim():
    scene = scene_of(series("loss", [4, 3, 2, 1], steps=[0, 1, 2, 3], starts=[0, 2]), smoothing=0.9)
    parts = lines_of(scene)["loss"].stretches
    assert [part.dim for part in parts] == [False, False]
    assert parts[1].shown.y[0] == 2  # each attempt is smoothed from its own start
    assert [marker.x for marker in scene.markers] == [2]


def test_points_without_a_place_do_not_move_the_seam():
    one = series("loss", [9, 4, 3, 2], steps=[0, 1, 2, 1], epochs=[np.nan, 1, 2, 1], starts=[0, 3])
    scene = scene_of(one, x_axis="epoch")
    assert [marker.x for marker in scene.markers if marker.kind == "seam"] == [1]


MARKS = (
    StepMarker(step=10, kind="checkpoint", label="step_10.pt", path="/r/step_10.pt"),
    StepMarker(step=20, kind="dump", label="d.h5", path="/r/d.h5", epoch=2.5),
)


def test_files_stand_at_their_step_or_epoch_and_open_what_they_are():
    loss = series("loss", [3, 2, 1], steps=[0, 10, 30], epochs=[0, 1, 3])
    on_steps = scene_of(loss, marks=MARKS).markers
    assert [(one.x, one.kind, one.opens) for one in on_steps] == [
        (10, "checkpoint", "/r/step_10.pt"),
        (20, "dump", "/r/d.h5"),
    ]
    assert [one.x for one in scene_of(loss, marks=MARKS, x_axis="epoch").markers] == [1, 2.5]
    timed = series("loss", [3, 2], steps=[0, 10], times=[100, 160])
    assert [one.x for one in scene_of(timed, marks=MARKS, x_axis="time").markers] == [60]


def test_an_even_share_of_very_many_files_is_marked():
    marks = tuple(StepMarker(step=i, kind="checkpoint", label="", path=f"/{i}") for i in range(5000))
    found = scene_of(series("loss", np.ones(5000)), marks=marks).markers
    assert len(found) == MAX_MARKERS
    assert (found[0].x, found[-1].x) == (0, 4999)


def finding(since):
    return Finding(
        id="nan",
        rules=(),
        title="Loss is no number",
        summary="",
        severity=Severity.ERROR,
        sureness=Sureness.CERTAIN,
        since_step=since,
    )


def test_findings_stand_where_they_began_and_are_replaced_by_newer_ones():
    scene = scene_of(series("loss", [3, 2, 1], steps=[0, 10, 30], epochs=[0, 1, 3]), x_axis="epoch", marks=MARKS)
    once = with_findings(scene, [finding(10), finding(None)])
    (mark,) = [one for one in once.markers if one.kind == "finding"]
    assert (mark.x, mark.opens, mark.label) == (1, "nan", "Loss is no number")
    assert len(once.markers) == len(scene.markers) + 1
    assert with_findings(once, []).markers == scene.markers


def test_evidence_is_a_stretch_of_the_panel_of_its_curve():
    scene = scene_of(
        series("loss", [3, 2, 1], steps=[0, 10, 30], epochs=[0, 1, 3]),
        series("lr/main", [3, 2, 1], steps=[0, 10, 30], epochs=[0, 1, 3]),
        x_axis="epoch",
    )
    seen = [CurveEvidence(series=tag, first_step=10, last_step=30, text=tag) for tag in ("loss", "loss", "absent")]
    (mark,) = with_evidence(scene, msgspec.structs.replace(finding(10), evidence=tuple(seen))).markers
    (panel,) = [panel.key for panel in scene.panels if any(line.tag == "loss" for line in panel.lines)]
    assert (mark.kind, mark.panel, mark.x, mark.until, mark.severity) == ("evidence", panel, 1, 3, "error")
    assert with_evidence(scene, None) is scene


def test_the_value_at_the_cursor_is_the_nearest_point_of_the_newest_attempt():
    line = lines_of(scene_of(series("loss", [9, 8, 7, 5, 4], steps=[0, 10, 20, 10, 20], starts=[0, 3])))["loss"]
    assert value_at(line, 13) == (10, 5)
    assert value_at(line, 2) == (0, 9)
    assert value_at(line, 99) == (20, 4)
    smooth = lines_of(scene_of(series("loss", [0.0, 8.0]), smoothing=0.5))["loss"]
    assert value_at(smooth, 1, logged=True) == (1, 8)
    assert value_at(smooth, 1)[1] == pytest.approx(0.5 * 8 / 0.75)
    assert math.isnan(value_at(lines_of(scene_of(series("loss", [])))["loss"], 1)[0])

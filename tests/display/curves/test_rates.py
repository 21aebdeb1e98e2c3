"""Planned rates beside recorded ones: a line a group, the warm-up, and a sentence where they disagree."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.thresholds import Thresholds
from inspector.display.curves.panels import curves_of
from inspector.display.curves.plan import plans_of
from inspector.display.curves.rates import plan_for
from inspector.display.curves.scene import CurvesAsk, PlanAsk
from inspector.formats.facts import CheckpointFacts
from inspector.formats.run_folder import RunRecord
from inspector.formats.series import Series
from inspector.runs.values import FileEntry, Moment, Placed, Run, SettingsSheet

COSINE = PlanAsk(
    source="last.pt",
    class_name="CosineAnnealingLR",
    state={"T_max": 100, "eta_min": 0.0, "last_epoch": 40, "base_lrs": [0.1]},
    base_lr=0.1,
    per="step",
)


def rate(values, tag="lr/main", steps=None) -> Series:
    values = np.asarray(values, np.float64)
    steps = np.arange(1.0, len(values) + 1) if steps is None else np.asarray(steps, np.float64)
    return Series(tag=tag, steps=steps, values=values)


def scene_of(*all_series, plans=(COSINE,), **changes):
    return curves_of([("m.jsonl", one) for one in all_series], CurvesAsk(paths=(), plans=plans, **changes), QUIET)


def cosine(steps) -> np.ndarray:
    return np.array([0.05 * (1 + math.cos(math.pi * step / 100)) for step in steps])


def markers(scene, kind):
    return [marker for marker in scene.markers if marker.kind == kind]


def test_a_rate_that_follows_its_plan_is_not_marked_whichever_side_of_the_step_it_is_logged():
    steps = np.arange(1, 61)
    for shift in (-1, 0):
        assert not markers(scene_of(rate(cosine(steps + shift))), "finding")


def test_a_rate_that_was_written_over_is_marked_with_a_sentence_and_where():
    (marker,) = markers(scene_of(rate([0.1] * 60)), "finding")
    assert (marker.panel, marker.opens) == ("lr", "overwritten-rate")
    assert marker.x <= 5
    assert marker.until == 60
    planned = cosine([59])[0]
    said, _, where = marker.label.partition(": ")
    assert said.startswith("0.1 recorded, 0.0")
    assert said.endswith(" planned at step 60")
    assert float(said.split()[2]) == pytest.approx(planned, rel=1e-3)
    assert where.startswith("lr/main not as CosineAnnealingLR plans at ")
    assert where.endswith(" of 60 records")


def test_how_far_a_rate_may_lie_from_its_plan_is_by_the_runs_own_thresholds():
    apart = Thresholds(rate_deviation=2.0)  # 0.1 where 0.036 is planned is 1.8 times of it away
    assert not markers(scene_of(rate([0.1] * 60), thresholds=apart), "finding")


def test_rates_that_leave_their_plan_together_have_one_sentence():
    (marker,) = markers(scene_of(rate([0.1] * 60, "lr/a"), rate([0.1] * 60, "lr/b")), "finding")
    assert "lr/a and 1 more" in marker.label


def test_a_log_that_rounds_is_no_disagreement():
    steps = np.arange(0, 60)
    assert not markers(scene_of(rate(np.round(cosine(steps), 2))), "finding")


def test_few_odd_records_are_no_disagreement():
    values = cosine(np.arange(60))
    values[[10, 30]] = 0.0
    assert not markers(scene_of(rate(values)), "finding")


SETTINGS = {
    "optim.lr": 1e-3,
    "optim.groups.encoder.lr_mult": 0.1,
    "optim.groups.decoder.lr_mult": 1.0,
    "schedule.family": "constant",
    "schedule.epochs": 10,
    "schedule.warmup_epochs": 2.0,
}


def run_of(settings) -> Run:
    record = RunRecord(id="r", name="r", recipe="of another version", seed=0, host="h", started=0.0)
    moments = (Moment(0, 0.0), Moment(100, 10.0))
    return Run(
        key="r", name="r", root="/r", paths=(), record=record, moments=moments, settings=SettingsSheet(values=settings)
    )


def test_settings_plan_a_line_for_every_group_with_a_rate_of_its_own_and_shade_the_warmup():
    plans = plans_of(run_of(SETTINGS))
    assert [(plan.group_name, plan.base_lr) for plan in plans] == [("encoder", 1e-4), ("decoder", 1e-3)]
    right = np.minimum(np.arange(1, 101) / 20, 1.0)
    scene = scene_of(rate(right * 1e-4, "lr/encoder"), rate([1e-3] * 100, "lr/decoder"), plans=plans)
    lines = scene.panels[0].lines
    assert [line.label for line in lines[:2]] == ["planned encoder (settings)", "planned decoder (settings)"]
    assert [line.variant for line in lines[:2]] == [0, 1]
    assert lines[0].stretches[0].shown.y.max() == pytest.approx(1e-4)
    (warm,) = markers(scene, "warm-up")
    assert (warm.panel, warm.x) == ("lr", 1.0)
    assert warm.until == pytest.approx(20, abs=1)
    (off,) = markers(scene, "finding")
    assert "lr/decoder not as the settings plan" in off.label


def test_groups_with_one_rate_have_one_plan():
    same = {**SETTINGS, "optim.groups.encoder.lr_mult": 1.0}
    (plan,) = plans_of(run_of(same))
    assert (plan.group_name, plan.base_lr) == ("", 1e-3)


def test_a_checkpoint_with_two_base_rates_plans_two_groups_by_their_names():
    objects = {
        "scheduler.T_max": 100,
        "scheduler.eta_min": 0.0,
        "scheduler.base_lrs.0": 0.1,
        "scheduler.base_lrs.1": 0.01,
        "scheduler.last_epoch": 40,
        "optimizer.param_groups.0.lr": 0.1,
        "optimizer.param_groups.0.name": "backbone",
        "optimizer.param_groups.1.lr": 0.01,
    }
    entry = FileEntry(
        path="/r/a.pt",
        name="a.pt",
        facts=CheckpointFacts(container="torch-zip", bytes=1, objects=objects),
        bytes=1,
        modified_s=1.0,
        step=40,
        placed=Placed.STATED,
    )
    plans = plans_of(Run(key="r", name="r", root="/r", paths=(), files=(entry,)))
    assert [(plan.group_name, plan.base_lr, plan.index) for plan in plans] == [("backbone", 0.1, 0), ("1", 0.01, 1)]


@pytest.mark.parametrize(
    ("tag", "tags", "group"),
    [
        ("lr/encoder", 2, "encoder"),
        ("lr-decoder", 2, "decoder"),
        ("lr/1", 2, "decoder"),
        ("lr/1", 3, None),
        ("lr", 1, None),
    ],
)
def test_a_recorded_rate_is_held_against_the_plan_of_its_own_group(tag, tags, group):
    plan = plan_for(tag, tags, plans_of(run_of(SETTINGS)))
    assert (plan.group_name if plan else None) == group


def test_on_an_axis_of_time_there_is_no_future_and_no_plan():
    timed = Series(tag="lr", steps=np.arange(1.0, 61), values=np.full(60, 0.1), times=np.arange(60.0))
    scene = scene_of(timed, x_axis="time")
    assert [line.dashed for line in scene.panels[0].lines] == [False]
    assert len(markers(scene, "finding")) == 1


def test_a_cycle_is_no_warmup():
    cyclic = PlanAsk(
        source="a.pt",
        class_name="CosineAnnealingWarmRestarts",
        state={"T_0": 10, "T_i": 10, "T_mult": 1, "T_cur": 3, "eta_min": 0.0, "last_epoch": 3, "base_lrs": [0.1]},
        base_lr=0.1,
        per="step",
    )
    assert not markers(scene_of(rate([0.1] * 5), plans=(cyclic,)), "warm-up")


def test_a_warmup_that_compounds_is_marked_from_its_first_record():
    """Three epochs of `get_last_lr() * (epoch + 1) / 3` written back: 3!/3^3 of the plan is left for good."""
    per_epoch = 10
    plan = msgspec.structs.replace(COSINE, per="epoch", steps_per_epoch=float(per_epoch))
    factors = [1 / 3, 2 / 9, *[2 / 9] * 18]
    planned = [0.05 * (1 + math.cos(math.pi * epoch / 100)) for epoch in range(20)]
    recorded = np.repeat([factor * rate for factor, rate in zip(factors, planned, strict=True)], per_epoch)
    scene = scene_of(rate(recorded), plans=(plan,))
    (marker,) = markers(scene, "finding")
    assert (marker.x, marker.until) == (1, 200)
    assert "0.02222 recorded, 0.1 planned" in marker.label or "0.02222 recorded, 0.09998 planned" in marker.label
    (line,) = [line for line in scene.panels[0].lines if line.dashed]
    assert (line.stretches[0].x[0], line.stretches[0].shown.y[0]) == (0, pytest.approx(0.1)), "the plan begins before"

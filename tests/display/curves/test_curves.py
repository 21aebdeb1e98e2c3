"""Curves: grouping, axes, lines, plans and the merged scene; no file is opened."""

from __future__ import annotations

import math

import numpy as np
import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.curves.grouping import place_of, split_phase
from inspector.display.curves.judge import MAX_MOMENTS, OFFER, ask, batch_size, judge
from inspector.display.curves.lines import lost_points
from inspector.display.curves.panels import curves_of
from inspector.display.curves.plan import planned_curve, plans_of
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.display.offer import Fit
from inspector.display.tokens import TOKENS, series_colour
from inspector.formats.facts import CheckpointFacts, ConsoleFacts, MetricsFacts, SeriesFacts
from inspector.formats.messages import decode, encode
from inspector.formats.series import Series
from inspector.runs.values import FileEntry, Moment, Placed, Run, SettingsSheet
from inspector.session.values import RunState, ViewState


def series(tag, values, steps=None, **more) -> Series:
    values = np.asarray(values, np.float64)
    steps = np.arange(len(values), dtype=np.float64) if steps is None else np.asarray(steps, np.float64)
    more = {
        key: np.asarray(value, np.float64) if key not in ("stepless", "starts") else value
        for key, value in more.items()
    }
    return Series(tag=tag, steps=steps, values=values, **more)


def scene_of(*all_series: Series, **changes) -> CurvesScene:
    wish = CurvesAsk(paths=("/run/metrics.jsonl",), **{"smoothing": 0.0, **changes})
    return curves_of([("metrics.jsonl", one) for one in all_series], wish, QUIET)


def lines(scene: CurvesScene):
    return {line.label: line for panel in scene.panels for line in panel.lines}


@pytest.mark.parametrize(
    ("tag", "panel", "label"),
    [
        ("lr/main", "Learning rate", "main"),
        ("lr", "Learning rate", "lr"),
        ("learning_rate", "Learning rate", "learning_rate"),
        ("optim/lr", "Learning rate", "optim"),
        ("train/loss", "Loss", "train"),
        ("val_loss", "Loss", "val"),
        ("validation/loss", "Loss", "val"),
        ("Loss", "Loss", "Loss"),
        ("loss/train", "Loss", "train"),
        ("train_loss_epoch", "Loss", "train"),
        ("train/loss_recon", "Loss terms", "train loss_recon"),
        ("val/fg_ari", "ARI", "val fg_ari"),
        ("baseline/fg_ari_blocks", "ARI", "fg_ari_blocks"),
        ("baseline/ari_blocks", "baseline", "ari_blocks"),
        ("val/acc", "Accuracy", "val"),
        ("Acc", "Accuracy", "Acc"),
        ("grad_norm/encoder", "Gradient norm by module", "encoder"),
        ("update_ratio/decoder.0", "Update ratio by module", "decoder.0"),
        ("sparsity/encoder.conv1", "Sparsity by layer", "encoder.conv1"),
        ("val/miou", "miou", "val"),
        ("system/gpu.0.memory", "system", "gpu.0.memory"),
        ("tokens", "tokens", "tokens"),
        ("", "", ""),
    ],
)
def test_a_tag_leads_to_its_panel_and_label(tag, panel, label):
    where = place_of(tag)
    assert (where.title, where.label) == (panel, label)


def test_a_word_that_only_begins_like_a_phase_is_not_one():
    assert split_phase("trainable/params") == ("", "trainable/params")
    assert split_phase("value/x") == ("", "value/x")


def test_panels_stand_in_a_fixed_order_with_every_series_in_one():
    scene = scene_of(
        series("zebra", [1, 2]),
        series("grad_norm/a", [1, 2]),
        series("val/loss", [1, 2]),
        series("train/loss", [1, 2]),
        series("lr/main", [1, 2]),
    )
    assert [panel.title for panel in scene.panels] == ["Learning rate", "Loss", "Gradient norm by module", "zebra"]
    assert sum(len(panel.lines) for panel in scene.panels) == 5


def test_train_and_validation_keep_their_colours_whichever_comes_first():
    scene = scene_of(series("val/loss", [1]), series("train/loss", [1]))
    assert {line.label: line.ink for line in scene.panels[0].lines} == {"val": 1, "train": 0}


def test_no_two_lines_of_a_panel_share_label_or_colour():
    scene = curves_of(
        [
            ("a.jsonl", series("train/loss", [1, 2])),
            ("b.csv", series("train/loss", [3, 4])),
            ("b.csv", series("val/loss", [3, 4])),
        ],
        CurvesAsk(paths=()),
        QUIET,
    )
    assert len({line.label for line in scene.panels[0].lines}) == 3
    assert len({line.ink for line in scene.panels[0].lines}) == 3


def test_the_filter_hides_by_expression_and_colours_stay():
    everything = scene_of(series("grad_norm/a", [1]), series("grad_norm/b", [1]), series("val/loss", [1]))
    some = scene_of(
        series("grad_norm/a", [1]), series("grad_norm/b", [1]), series("val/loss", [1]), filter="norm/B, lr"
    )
    assert some.hidden == 2
    assert list(lines(some)) == ["b"]
    assert lines(some)["b"].ink == lines(everything)["b"].ink


def test_a_filter_that_is_no_expression_is_searched_as_text_and_said():
    scene = scene_of(series("a(b", [1]), series("c", [1]), filter="/(/")
    assert list(lines(scene)) == ["a(b"]
    assert scene.filter_error


def test_smoothing_is_tensorboards_and_the_logged_values_stay_behind():
    """Worked by hand: 1, then (0.5·1 + 0.5·3)/0.75 weights of a debiased average with decay 0.5."""
    line = scene_of(series("x", [1.0, 3.0]), smoothing=0.5).panels[0].lines[0]
    assert line.stretches[0].shown.y.tolist() == pytest.approx([1.0, (0.25 * 1 + 0.5 * 3) / 0.75])
    assert line.stretches[0].logged.y.tolist() == [1.0, 3.0]


def test_a_learning_rate_is_never_smoothed():
    line = scene_of(series("lr/main", [1.0, 3.0]), smoothing=0.9).panels[0].lines[0]
    assert line.label == "recorded"
    assert line.stretches[0].shown.y.tolist() == [1.0, 3.0]
    assert line.stretches[0].logged is None


def test_a_restart_begins_a_new_stretch():
    one = series("x", [5, 4, 3, 3.5, 2], steps=[0, 1, 2, 1, 2], starts=np.array([0, 3]))
    stretches = scene_of(one, smoothing=0.5).panels[0].lines[0].stretches
    assert [stretch.x.tolist() for stretch in stretches] == [[0], [0, 1, 2], [1, 2]]
    assert [(stretch.attempt, stretch.dim) for stretch in stretches] == [(0, False), (0, True), (1, False)]
    assert stretches[2].shown.y[0] == 3.5


def test_values_that_are_not_finite_are_gaps_with_marks_beside_the_last_good_one():
    values = [np.nan, 2.0, np.inf, 4.0, -np.inf]
    line = scene_of(series("x", values)).panels[0].lines[0]
    assert np.isnan(line.stretches[0].shown.y[[0, 2, 4]]).all()
    assert line.lost_x.tolist() == [0, 2, 4]
    assert line.lost_y.tolist() == [2.0, 2.0, 4.0]


def test_a_curve_of_nothing_but_nan_is_still_shown_as_lost():
    scene = scene_of(series("x", [np.nan] * 2000))
    line = scene.panels[0].lines[0]
    assert line.label == "x (never finite)"
    assert line.lost_x.size == 500
    assert np.isnan(line.lost_y).all()
    assert all(math.isnan(end) for end in scene.panels[0].fit_y)
    assert lost_points(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))[0].size == 0


def test_epochs_of_the_records_are_used_and_missing_ones_come_from_the_other_logs():
    with_epochs = series("train/loss", [3, 2, 1], steps=[0, 10, 20], epochs=[0, 1, 2])
    without = series("val/loss", [3, 2], steps=[5, 40])
    scene = scene_of(with_epochs, without, x_axis="epoch")
    assert scene.x_axis == "epoch"
    assert lines(scene)["train"].stretches[0].x.tolist() == [0, 1, 2]
    assert lines(scene)["val"].stretches[0].x.tolist() == [0.5]


def test_epochs_come_from_the_runs_table_where_no_log_has_them():
    scene = scene_of(series("loss", [1, 2]), x_axis="epoch", moments=(Moment(0, 0.0), Moment(1, 0.5)))
    assert lines(scene)["loss"].stretches[0].x.tolist() == [0.0, 0.5]


def test_steps_within_a_counted_epoch_are_spread_over_it():
    """Otherwise every epoch is a vertical bar of points."""
    steps = np.arange(40)
    scene = scene_of(series("loss", steps, steps=steps, epochs=steps // 10), x_axis="epoch")
    assert lines(scene)["loss"].stretches[0].x.tolist() == pytest.approx((steps / 10).tolist())


def test_without_epochs_steps_are_shown_and_said():
    scene = scene_of(series("loss", [1, 2]), x_axis="epoch")
    assert scene.x_axis == "step"
    assert any("epoch" in note for note in scene.notes)


def test_time_counts_seconds_since_the_first_record():
    scene = scene_of(series("a", [1, 2], times=[1000.0, 1010.0]), series("b", [1], times=[990.0]), x_axis="time")
    assert lines(scene)["a"].stretches[0].x.tolist() == [10.0, 20.0]


def test_a_series_that_nothing_places_is_counted_in_a_note():
    timed = series("a", [1, 2], times=[0.0, 1.0])
    scene = scene_of(timed, series("b", [1], steps=[99], stepless=True), x_axis="time")
    assert list(lines(scene)) == ["a"]
    assert "1 series has no time and is left out" in scene.notes
    scene = scene_of(timed, series("b", [1], steps=[99], stepless=True), x_axis="wall")
    assert "1 series has no time and is left out" in scene.notes


def test_the_cursor_table_leads_from_steps_to_epochs_and_back():
    scene = scene_of(series("loss", [1, 2, 3], steps=[0, 10, 30], epochs=[0, 1, 2]), x_axis="epoch")
    assert np.interp(20, scene.cursor_steps, scene.cursor_x) == 1.5
    assert np.interp(1.5, scene.cursor_x, scene.cursor_steps) == 20
    assert scene_of(series("loss", [1])).cursor_steps.size == 0


def test_ranges_fit_what_was_logged_and_outliers_can_be_left_out():
    values = [*np.linspace(1, 2, 500), 1e6]
    assert scene_of(series("x", values)).panels[0].fit_y[1] == 1e6
    low, high = scene_of(series("x", values), ignore_outliers=True).panels[0].fit_y
    assert 0 <= low <= 1.1
    assert 1.9 <= high <= 2.0


def test_zero_is_on_every_linear_axis_where_it_is_wanted_on_one():
    curves = (
        series("high", [90, 100]),
        series("below", [-100, -90]),
        series("around", [-1, 2]),
        series("none", [np.nan]),
    )
    tight, wide = (scene_of(*curves, from_zero=wanted).panels for wanted in (False, True))
    assert [panel.fit_y for panel in tight][:3] == [(90, 100), (-100, -90), (-1, 2)]
    assert [panel.fit_y for panel in wide][:3] == [(0, 100), (-100, 0), (-1, 2)]
    assert np.isnan(wide[3].fit_y).all() == np.isnan(tight[3].fit_y).all()
    assert scene_of(series("high", [90, 100]), from_zero=True, y_scale="log").panels[0].fit_y == (90, 100)


def test_log_axes_are_given_to_positive_panels_only():
    scene = scene_of(
        series("train/loss", [1e-3, 1]),
        series("val/acc", [0.1, 0.9]),
        series("signed", [-1, 1]),
        series("lr/main", [0.0, 1e-4]),
        y_scale="log",
    )
    assert {panel.title: panel.y_scale == "log" for panel in scene.panels} == {
        "Learning rate": True,
        "Loss": True,
        "Accuracy": False,
        "signed": False,
    }
    assert scene.panels[0].fit_y == (1e-4, 1e-4)


@pytest.mark.parametrize("values", [[], [1.0], [np.nan], [np.inf, -np.inf], [3.0] * 20, np.arange(20.0)[::2]], ids=str)
@pytest.mark.parametrize("smoothing", [0.0, 0.99])
def test_empty_single_undefined_constant_and_strided_series_give_a_scene(values, smoothing):
    scene = scene_of(series("x", values), smoothing=smoothing, y_scale="log")
    assert len(scene.panels) == 1


def test_work_stops_when_asked_to():
    with pytest.raises(WorkCancelled):
        curves_of([("a", series("x", [1]))], CurvesAsk(paths=()), Pulse(cancelled=lambda: True))


def test_a_scene_travels_and_comes_back_equal():
    scene = scene_of(series("train/loss", np.arange(100.0)), series("lr", [1, 2]), smoothing=0.5)
    body, arrays = encode(scene)
    back = decode(body, CurvesScene, arrays)
    assert back.panels[1].lines[0].stretches[0].shown.y.tolist() == (
        scene.panels[1].lines[0].stretches[0].shown.y.tolist()
    )
    assert back.panels[0].fit_y == scene.panels[0].fit_y


def log_entry(name="metrics.jsonl", **more) -> FileEntry:
    facts = MetricsFacts(container="jsonl", bytes=1)
    return FileEntry(path=f"/run/{name}", name=name, facts=facts, bytes=1, modified_s=5.0, **more)


def run_with(files=(), **more) -> Run:
    return Run(key="/run", name="run", root="/run", paths=("/run",), files=tuple(files), **more)


FACTS = SeriesFacts(tag="loss", count=2, first_step=0, last_step=1, last_value=0.5)
STATE = RunState(key="/run", paths=("/run",))


def test_a_run_with_series_is_made_for_curves_and_one_without_says_why_not():
    assert judge(run_with([log_entry()], series=(FACTS,))).fit is Fit.MADE_FOR
    no = judge(run_with([log_entry()]))
    assert (no.fit, no.because) == (Fit.NO, "the logs hold no numbers over time")
    assert judge(run_with()).because == "no log among 0 files"


def test_the_ask_holds_what_the_controls_say_and_changes_when_a_log_does():
    run = run_with([log_entry()], series=(FACTS,), moments=tuple(Moment(i) for i in range(10_000)))
    wish = ask(run, STATE, ViewState(x_axis="epoch", smoothing=0.3, series_filter="lr", y_scale="log"))
    assert (wish.paths, wish.x_axis, wish.smoothing, wish.filter) == (("/run/metrics.jsonl",), "epoch", 0.3, "lr")
    assert wish.stamp == 5.0
    assert len(wish.moments) <= MAX_MOMENTS + 1
    assert wish.moments[-1].step == 9999
    assert ask(run_with([log_entry()]), STATE, ViewState()) is None


def test_the_ask_holds_the_files_that_stand_at_a_step_and_what_the_run_trains():
    files = [log_entry(), checkpoint_entry({}, step=40, epoch=4.0), checkpoint_entry({})]
    settings = SettingsSheet(values={"model.arch": "arc_solver", "batch_size": 8, "gradient_accumulation_steps": 4})
    wish = ask(run_with(files, series=(FACTS,), settings=settings), STATE, ViewState())
    assert [(mark.step, mark.kind, mark.epoch, mark.path) for mark in wish.marks] == [
        (40, "checkpoint", 4.0, "/run/last.ckpt")
    ]
    assert wish.batch_size == 32
    assert wish.recipe == "arc_solver run"
    assert ask(run_with([log_entry()], series=(FACTS,)), STATE, ViewState()).batch_size is None


@pytest.mark.parametrize(
    ("settings", "samples"),
    [
        ({"data.batch_size": 32}, 32),
        ({"train_batch_size": 256, "batch_size": 32}, 256),
        ({"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2, "world_size": 8}, 64),
        ({"batch_size": -1}, None),
        ({"batch_size": "many"}, None),
        ({}, None),
    ],
)
def test_the_samples_of_a_step_are_told_by_whatever_settings_there_are(settings, samples):
    assert batch_size(run_with([], settings=SettingsSheet(values=settings))) == samples


def test_the_ask_does_not_depend_on_the_cursor():
    """Moving the cursor must not read the logs again."""
    run = run_with([log_entry()], series=(FACTS,))
    moved = RunState(key="/run", paths=("/run",), cursor_step=3)
    assert ask(run, STATE, ViewState()) == ask(run, moved, ViewState())


def test_console_text_is_read_where_nothing_else_is():
    console = ConsoleFacts(bytes=1, lines=3)
    entry = FileEntry(path="/run/a.log", name="a.log", facts=console, bytes=1, modified_s=1.0)
    assert ask(run_with([entry], series=(FACTS,)), STATE, ViewState()).paths == ("/run/a.log",)


def checkpoint_entry(objects, step=None, epoch=None) -> FileEntry:
    facts = CheckpointFacts(container="torch-zip", bytes=1, objects=objects)
    return FileEntry(
        path="/run/last.ckpt",
        name="last.ckpt",
        facts=facts,
        bytes=1,
        modified_s=1.0,
        step=step,
        epoch=epoch,
        placed=Placed.STATED,
    )


COSINE = {
    "scheduler.T_max": 100,
    "scheduler.eta_min": 0.0,
    "scheduler.base_lrs.0": 0.1,
    "scheduler.last_epoch": 40,
    "optimizer.param_groups.0.lr": 0.1,
}


def test_a_checkpoints_scheduler_gives_the_plan_that_torch_would_follow():
    """Against torch itself, constructed in a child so that this process stays free of it."""
    import json

    from tests.with_torch import run_with_torch

    code = (
        "import json, torch, warnings; warnings.simplefilter('ignore');"
        "p = torch.nn.Parameter(torch.zeros(1)); o = torch.optim.SGD([p], lr=0.1);"
        "s = torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=100); r = [];\n"
        "for _ in range(101): r.append(o.param_groups[0]['lr']); o.step(); s.step()\n"
        "print(json.dumps(r))"
    )
    theirs = json.loads(run_with_torch(code))
    run = run_with([checkpoint_entry(COSINE, step=4000, epoch=40.0)], moments=(Moment(0, 0.0), Moment(4000, 40.0)))
    steps, rates = planned_curve(plans_of(run)[0], 4000)
    assert steps[-1] == 100 * 100
    ours = np.interp(np.arange(101) * 100, steps, rates)
    assert np.abs(ours - theirs).max() < 1e-12


def test_a_scheduler_that_counts_steps_is_recognised_by_the_checkpoints_step():
    run = run_with([checkpoint_entry(COSINE, step=40, epoch=2.0)])
    assert plans_of(run)[0].per == "step"
    neither = run_with([checkpoint_entry(COSINE, step=4000, epoch=2.0)])
    assert plans_of(neither) == ()


def test_a_damaged_scheduler_state_plans_nothing():
    strange = {**COSINE, "scheduler.T_max": "many"}
    (plan,) = plans_of(run_with([checkpoint_entry(strange, step=40)]))
    assert planned_curve(plan, 100)[0].size == 0


def test_the_plan_is_a_dashed_line_beside_the_recorded_one():
    plans = plans_of(run_with([checkpoint_entry(COSINE, step=40)]))
    scene = scene_of(series("lr/main", [0.1, 0.1]), plans=plans)
    planned, recorded = scene.panels[0].lines
    assert (recorded.dashed, planned.dashed, planned.label) == (False, True, "planned (scheduler state)")
    assert planned.stretches[0].shown.y[0] == pytest.approx(0.1)
    assert scene.fit_x == (0.0, 3.0)
    assert scene.last_x == 1.0


def test_a_resumed_run_shows_the_plan_from_where_it_was_taken_up():
    plans = plans_of(run_with([checkpoint_entry(COSINE, step=40)]))
    scene = scene_of(series("lr/main", [0.05, 0.04], steps=[50, 60]), plans=plans)
    assert scene.panels[0].lines[0].stretches[0].x[0] == 50
    assert scene.panels[0].fit_y[1] <= 0.051


def test_no_rate_of_a_group_has_the_colour_of_the_plan():
    scene = scene_of(*(series(f"lr/{name}", [1, 2]) for name in "abcd"))
    colours = {series_colour(TOKENS["dark"], line.ink) for line in scene.panels[0].lines}
    assert len(colours) == 4
    assert TOKENS["dark"].good not in colours


def test_the_offer_names_a_module_that_prepares():
    assert OFFER.prepare == "inspector.display.curves.prepare"


def test_curves_of_one_table_share_their_steps_also_in_a_message():
    steps = np.arange(5000.0)
    scene = scene_of(*(series(f"grad_norm/{name}", steps + place, steps=steps) for place, name in enumerate("abc")))
    body, arrays = encode(scene)
    assert sum(array.size == 5000 for array in arrays) == 1 + 3
    back = decode(body, CurvesScene, arrays)
    assert back.panels[0].lines[2].stretches[0].x.tolist() == steps.tolist()

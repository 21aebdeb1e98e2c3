"""Several runs in one scene: colours by run, a parent before its child, seeds as one mean."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.curves.merge import RunLink, merge
from inspector.display.curves.panels import curves_of
from inspector.display.curves.run_inks import INKS, run_inks
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.display.curves.seeds import seed_group
from inspector.formats.series import Series


def series(tag, values, steps=None, **more) -> Series:
    values = np.asarray(values, np.float64)
    steps = np.arange(len(values), dtype=np.float64) if steps is None else np.asarray(steps, np.float64)
    return Series(tag=tag, steps=steps, values=values, **{k: np.asarray(v, np.float64) for k, v in more.items()})


def scene_of(*all_series: Series, **changes) -> CurvesScene:
    return curves_of([("m.jsonl", one) for one in all_series], CurvesAsk(paths=(), **changes), QUIET)


def loss(scene: CurvesScene):
    return next(panel for panel in scene.panels if panel.key == "loss")


def test_every_run_has_one_colour_and_its_lines_are_told_apart_by_their_variant():
    mine = scene_of(series("train/loss", [3, 2]), series("val/loss", [3, 2]))
    theirs = scene_of(series("val/loss", [9, 8, 7]), series("grad_norm/a", [1]))
    both = merge([mine, theirs], ["one", "two"])
    lines = loss(both).lines
    assert [line.label for line in lines] == ["train · one", "val · one", "val · two"]
    assert [line.run for line in lines] == ["one", "one", "two"]
    assert lines[0].ink == lines[1].ink == both.run_inks[0]
    assert lines[2].ink == both.run_inks[1] != both.run_inks[0]
    assert [line.variant for line in lines] == [0, 1, 1]
    assert [row.line for row in loss(both).rows] == [0, 1, 2]
    assert loss(both).rows[2].best == 7
    assert loss(both).fit_y[1] == 9
    assert both.fit_x == (0.0, 2.0)
    assert both.runs == ("one", "two")


def test_a_colour_stays_whichever_runs_stand_beside_it():
    names = ["a-run", "b-run", "c-run"]
    alone = {name: run_inks([name])[0] for name in names}
    assert run_inks(names) == tuple(reversed(run_inks(names[::-1])))
    apart = [name for name in names if list(alone.values()).count(alone[name]) == 1]
    together = dict(zip(names, run_inks(names), strict=True))
    assert len(set(together.values())) == 3
    assert any(together[name] == alone[name] for name in apart or names)


def test_as_many_runs_as_there_are_colours_have_different_ones_and_more_share_evenly():
    assert set(run_inks([f"run {i}" for i in range(len(INKS))])) == set(INKS)
    many = run_inks([f"run {i}" for i in range(3 * len(INKS))])
    assert {many.count(ink) for ink in INKS} == {3}


def test_two_runs_of_one_name_stay_apart():
    both = merge([scene_of(series("loss", [1])), scene_of(series("loss", [2]))], ["a", "a"])
    assert both.runs == ("a", "a (2)")
    assert both.run_inks[0] != both.run_inks[1]


def test_a_parent_is_drawn_up_to_the_checkpoint_dim_and_in_the_childs_colours():
    child = scene_of(series("train/loss", [5, 4], steps=[31, 32]), series("val/loss", [6], steps=[32]))
    parent = scene_of(series("train/loss", np.arange(100.0)), series("lr", [1, 1]), smoothing=0.5)
    both = merge([child, parent], ["child", "parent"], [RunLink(), RunLink(resumed_at=30)])
    own, _, before = loss(both).lines
    assert (before.label, before.dim, before.ink, own.dim) == ("train · parent", True, own.ink, False)
    assert before.stretches[0].x.tolist() == list(range(31))
    assert before.stretches[0].dim
    assert before.stretches[0].logged.y.tolist() == list(range(31))
    assert before.stretches[0].logged.highs[-1].tolist() == [30]
    assert [(marker.x, marker.kind) for marker in both.markers] == [(30.0, "seam")]
    assert "parent at step 30" in both.markers[0].label
    assert both.fit_x == (0.0, 32.0)


def test_a_parent_on_the_epoch_axis_is_cut_at_the_checkpoints_epoch():
    child = scene_of(series("loss", [5, 4], steps=[31, 32], epochs=[3.1, 3.2]), x_axis="epoch")
    parent = scene_of(series("loss", np.arange(100.0), epochs=np.arange(100) / 10), x_axis="epoch")
    both = merge([child, parent], ["child", "parent"], [RunLink(), RunLink(resumed_at=30)])
    assert loss(both).lines[1].stretches[0].x[-1] == pytest.approx(3.0)


def test_on_an_axis_of_time_a_parent_ends_where_its_child_begins():
    child = scene_of(series("loss", [5, 4], steps=[31, 32], times=[9000, 9010]), x_axis="time")
    parent = scene_of(series("loss", np.arange(100.0), times=np.arange(100.0)), x_axis="time")
    both = merge([child, parent], ["child", "parent"], [RunLink(), RunLink(resumed_at=30)])
    assert loss(both).lines[1].stretches[0].x.tolist() == list(range(-30, 1))
    assert both.markers[0].x == 0
    assert both.fit_x == (-30.0, 10.0)


def test_seeds_become_a_mean_with_a_band_that_says_what_it_is():
    values = np.array([[1.0, 2, 3], [3, 2, 5], [5, 8, 4]])
    scenes = [scene_of(series("loss", row), series("val/acc", [0.5])) for row in values]
    links = [RunLink(seeds="same")] * 3
    names = ["s1", "s2", "s3"]
    apart = merge(scenes, names, links)
    assert len(loss(apart).lines) == 3
    together = merge(scenes, names, links, group_seeds=True)
    (mean,) = loss(together).lines
    (band,) = loss(together).bands
    assert mean.stretches[0].shown.y.tolist() == values.mean(axis=0).tolist()
    assert (band.low.tolist(), band.high.tolist()) == (values.min(axis=0).tolist(), values.max(axis=0).tolist())
    assert band.label == "min to max of 3 seeds"
    assert (band.kind, band.ink) == ("seeds", mean.ink)
    assert mean.label == "loss · mean of 3 seeds"
    assert loss(together).rows[0].best == 3
    deviation = merge(scenes, names, links, group_seeds=True, spread="deviation")
    (band,) = loss(deviation).bands
    assert band.high.tolist() == pytest.approx((values.mean(axis=0) + values.std(axis=0, ddof=1)).tolist())
    assert band.label == "± 1 standard deviation of 3 seeds"


def test_a_run_of_another_group_stays_beside_the_mean():
    scenes = [scene_of(series("loss", [one, one])) for one in (1.0, 3.0, 9.0)]
    links = [RunLink(seeds="same"), RunLink(seeds="same"), RunLink(seeds="other")]
    merged = merge(scenes, ["a", "b", "c"], links, group_seeds=True)
    assert [line.label for line in loss(merged).lines] == ["loss · mean of 2 seeds", "loss · c"]
    assert [row.last for row in loss(merged).rows] == [2, 9]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("a", {"lr": 1, "seed": 0}), ("b", {"lr": 1, "seed": 1}), True),
        (("a", {"lr": 1, "data.seed": 0}), ("b", {"lr": 1, "data.seed": 1}), True),
        (("a", {"lr": 1, "seed": 0, "output_dir": "x"}), ("b", {"lr": 1, "seed": 1, "output_dir": "y"}), True),
        (("a", {"lr": 1, "seed": 0}), ("b", {"lr": 2, "seed": 1}), False),
        (("slots-seed1", {}), ("slots-seed12", {}), True),
        (("slots_s1", {}), ("slots_s2", {}), True),
        (("slots-seed1", {}), ("cnn-seed1", {}), False),
        (("run-1", {}), ("run-2", {}), False),
        (("resnets1", {}), ("resnets2", {}), False),
    ],
)
def test_runs_that_differ_only_in_their_seed_are_one_group(one, other, same):
    first, second = seed_group(*one), seed_group(*other)
    assert (bool(first) and first == second) is same


def test_a_run_on_another_axis_is_left_out_with_a_note():
    mine = scene_of(series("loss", [1, 2], epochs=[0, 1]), x_axis="epoch")
    theirs = scene_of(series("loss", [1, 2]), x_axis="epoch")
    both = merge([mine, theirs], ["a", "b"])
    assert both.runs == ("a",)
    assert "b has no epoch and is not shown" in both.notes

"""Every x axis places points where the files say, and says where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.display.curves.axis import counts_samples
from tests.display.curves.making import lines_of, scene_of, series


def x_of(scene, label):
    return np.concatenate([stretch.x for stretch in lines_of(scene)[label].stretches]).tolist()


def test_samples_are_steps_times_the_batch_size():
    scene = scene_of(series("loss", [3, 2], steps=[10, 20]), x_axis="samples", batch_size=32.0)
    assert (scene.x_axis, scene.x_label) == ("samples", "samples (steps of 32)")
    assert x_of(scene, "loss") == [320, 640]
    assert np.interp(15, scene.cursor_steps, scene.cursor_x) == 480
    assert scene.last_x == 640


def test_a_logged_count_of_samples_is_believed_before_the_batch_size():
    counted = series("train/consumed_samples", [100, 300], steps=[10, 20])
    scene = scene_of(series("loss", [3, 2], steps=[10, 15]), counted, x_axis="samples", batch_size=32.0)
    assert x_of(scene, "loss") == [100, 200]


def test_without_samples_steps_are_shown_and_said():
    scene = scene_of(series("loss", [3, 2]), x_axis="samples")
    assert scene.x_axis == "step"
    assert any("batch size" in note for note in scene.notes)


@pytest.mark.parametrize(
    ("tag", "counts"),
    [
        ("train/consumed_samples", True),
        ("samples_seen", True),
        ("num_examples", True),
        ("images", True),
        ("samples_per_second", False),
        ("train/loss", False),
        ("sample_loss", False),
    ],
)
def test_the_name_of_a_count_of_samples_is_known(tag, counts):
    assert counts_samples(tag) is counts


def test_wall_time_is_seconds_since_1970_and_relative_time_begins_with_the_run():
    one, other = series("a", [1, 2], times=[1000, 1010]), series("b", [1], times=[990])
    assert x_of(scene_of(one, other, x_axis="wall"), "a") == [1000, 1010]
    assert x_of(scene_of(one, other, x_axis="time"), "a") == [10, 20]
    assert any("time" in note for note in scene_of(series("a", [1]), x_axis="wall").notes)


def test_a_metric_is_x_record_by_record_and_interpolated_only_where_steps_differ():
    tokens = series("tokens", [0, 100, 400], steps=[0, 10, 20])
    same, between = series("train/loss", [3, 2, 1], steps=[0, 10, 20]), series("val/loss", [3, 2], steps=[5, 30])
    scene = scene_of(tokens, same, between, x_axis="metric", x_metric="tokens")
    assert (scene.x_axis, scene.x_label) == ("metric", "tokens")
    assert x_of(scene, "train") == [0, 100, 400]
    assert x_of(scene, "val") == [50]
    assert any("interpolated" in note for note in scene.notes)
    exact = scene_of(tokens, same, x_axis="metric", x_metric="tokens")
    assert not any("interpolated" in note for note in exact.notes)


def test_a_metric_that_is_not_logged_is_said():
    scene = scene_of(series("loss", [1]), x_axis="metric", x_metric="nothing")
    assert scene.x_axis == "step"
    assert any("nothing" in note for note in scene.notes)


def test_a_metric_that_goes_to_and_fro_is_drawn_in_its_own_order_and_said():
    generator = np.random.default_rng(0)
    x, y = generator.random(3000), generator.random(3000)
    scene = scene_of(series("x", x), series("y", y), x_axis="metric", x_metric="x")
    line = lines_of(scene)["y"]
    assert len(line.stretches) == 1
    assert line.stretches[0].x.tolist() == np.sort(x).tolist()
    assert line.stretches[0].shown.y.tolist() == y[np.argsort(x)].tolist()
    assert any("order of x" in note for note in scene.notes)


def test_records_repeated_after_a_restart_keep_their_own_value_of_the_metric():
    steps, starts = [0, 1, 2, 1, 2], [0, 3]
    scene = scene_of(
        series("x", [0, 10, 20, 11, 21], steps=steps, starts=starts),
        series("y", [5, 4, 3, 4, 2], steps=steps, starts=starts),
        x_axis="metric",
        x_metric="x",
    )
    assert [stretch.x.tolist() for stretch in lines_of(scene)["y"].stretches] == [[0], [0, 10, 20], [11, 21]]


def test_a_logarithmic_x_axis_begins_at_the_first_x_above_0():
    scene = scene_of(series("loss", [3, 2, 1], steps=[0, 5, 50]), x_scale="log")
    assert scene.panels[0].x_scale == "log"
    assert scene.fit_x == (5, 50)
    none = scene_of(series("loss", [3], steps=[0]), x_scale="log")
    assert none.panels[0].x_scale == "linear"
    assert any("above 0" in note for note in none.notes)


def test_a_symlog_x_axis_tells_its_threshold():
    scene = scene_of(series("loss", np.ones(2000)), x_scale="symlog")
    assert scene.panels[0].x_scale == "symlog"
    assert scene.x_threshold == 100  # a tenth of the steps lie below 200


def test_ten_thousand_series_of_one_logger_make_the_table_once():
    steps = np.arange(50.0)
    many = [series(f"grad_norm/{i}", steps, steps=steps, epochs=steps / 5) for i in range(300)]
    assert scene_of(*many, x_axis="epoch").cursor_steps.size == 50

"""Plots show what loops over the plain values, scikit-learn and figures worked by hand say."""

from __future__ import annotations

import math
import re
import statistics
from pathlib import Path

import h5py
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse
from inspector.display.points.plots import scatter
from inspector.display.points.plots.prepare import PLOTS, prepare
from inspector.display.points.plots.scene import Plot, PlotsAsk, PlotsScene
from inspector.formats.messages import decode, encode
from inspector.runs.loss_threshold import LossThreshold
from tests.display.points.plots.made import HEIGHT, WIDTH, Made, make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("plots") / "points_e003.h5")


@pytest.fixture(scope="module")
def scene(made: Made) -> PlotsScene:
    return made.scene()


def figures(plot: Plot) -> list[float]:
    """The numbers of a summary."""
    return [float(number.replace("−", "-")) for number in re.findall(r"(?<![@\w])[−+]?\d+(?:\.\d+)?", plot.summary)]


def test_every_plot_has_a_key_of_its_own_and_axes_with_room(scene: PlotsScene) -> None:
    assert len({plot.key for plot in scene.plots}) == len(PLOTS) == len(scene.plots)
    for plot in scene.plots:
        assert plot.title
        assert plot.meaning or plot.missing
        for axis in (plot.x, plot.y):
            assert axis.low < axis.high, plot.key
            assert not any(map(math.isinf, (axis.low, axis.high, axis.least, axis.most))), plot.key


def test_errors_are_counted_in_bins_and_told_by_zone(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("error")
    errors = [one.error_px for one in made.objects]
    edges = plot.bars[0].edges
    counts = np.sum([bars.heights for bars in plot.bars], axis=0)
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        last = high == edges[-1]
        assert count == sum(low <= error and (error < high or last) for error in errors)
    deciles = statistics.quantiles(errors, n=10, method="inclusive")
    assert figures(plot) == pytest.approx([statistics.median(errors), deciles[-1], 0.3, 30.0, 15.0], abs=0.05)
    assert "threshold 0.3 = 30 px in x, 15 px in y" in plot.summary
    assert [mark.text for mark in plot.marks] == ["median", "p90", "loss threshold"]
    # 5% of the longer side of 200 pixels are close.
    for bars in plot.bars:
        middles = ((bars.edges[:-1] + bars.edges[1:]) / 2)[bars.heights > 0]
        low, high = {"accent": (0, 10), "warning": (10, 30), "critical": (30, math.inf)}[bars.ink]
        assert all(low <= middle <= high for middle in middles)


def test_a_few_that_are_far_off_share_the_last_bin(tmp_path: Path) -> None:
    dump = make(tmp_path / "d.h5", samples=400, objects=1)
    with h5py.File(dump.path, "r+") as file:
        file["pred/points"][:2] = file["gt/points"][:2] + np.array([5_000, 0])
    plot = dump.scene().plot("error")
    assert plot.x.high < 100
    assert plot.x.most == pytest.approx(5_000, abs=1)
    assert plot.tips is not None
    assert plot.tips.texts[-1].endswith("and more: 2 objects")


def test_the_share_of_correct_points_is_a_loop_s(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("shares")
    errors = [one.error_px for one in made.objects]
    line = plot.lines[0]
    for radius, share in list(zip(line.x.tolist(), line.y.tolist(), strict=True))[::25]:
        assert share == pytest.approx(sum(error <= radius for error in errors) / len(errors))
    shares = [sum(error <= alpha * WIDTH for error in errors) / len(errors) for alpha in (0.05, 0.1)]
    assert plot.summary == f"PCK@0.05 {shares[0]:.0%} · PCK@0.1 {shares[1]:.0%}"


def test_directions_are_predicted_less_true(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("offsets")
    expected = sorted((one.prediction[0] - one.gt[0], one.prediction[1] - one.gt[1]) for one in made.objects)
    drawn = sorted(zip(plot.dots[0].x.tolist(), plot.dots[0].y.tolist(), strict=True))
    inside = [(x, y) for x, y in expected if max(abs(x), abs(y)) <= plot.x.high]
    assert len(drawn) == len(expected)
    np.testing.assert_allclose([dot for dot in drawn if max(map(abs, dot)) < plot.x.high], inside, atol=1e-4)
    assert figures(plot) == pytest.approx([statistics.median(axis) for axis in zip(*expected, strict=True)], abs=0.06)


def test_the_map_has_the_median_of_each_part(made: Made, scene: PlotsScene) -> None:
    cells = scene.plot("map").cells[0]
    assert cells.picture is not None
    rows, columns = cells.picture.shape[:2]
    assert columns == pytest.approx(rows * WIDTH / HEIGHT, abs=1)
    for row in range(rows):
        for column in range(columns):
            errors = [
                one.error_px
                for one in made.objects
                if int((one.gt[1] + 0.5) / HEIGHT * rows) == row and int((one.gt[0] + 0.5) / WIDTH * columns) == column
            ]
            text = cells.texts[row * columns + column]
            if errors:
                noun = "object" if len(errors) == 1 else "objects"
                assert text == f"median {statistics.median(errors):.1f} px of {len(errors)} {noun}"
            else:
                assert text == ""
                assert cells.picture[row, column, 3] == 0


def test_errors_by_step_are_medians_of_the_objects_of_its_samples(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("by_step")
    median = plot.lines[0]
    for step, value in zip(median.x.tolist(), median.y.tolist(), strict=True):
        errors = [one.error_px for one in made.objects if made.steps[one.sample] == step]
        assert value == pytest.approx(statistics.median(errors), abs=1e-4)
    assert median.x.tolist() == sorted(set(made.steps))


def test_the_done_signal_is_scored_as_scikit_learn_does(made: Made, scene: PlotsScene) -> None:
    truth, done = np.array(made.gt_done), np.array(made.done)
    hits = sum(yes and said >= 0.5 for yes, said in zip(made.gt_done, made.done, strict=True))
    assert scene.plot("done").summary == f"{truth.mean():.0%} positive · recall {hits / truth.sum():.2f}"
    precision = scene.plot("precision")
    assert figures(precision)[:2] == pytest.approx([average_precision_score(truth, done), truth.mean()], abs=0.006)
    assert precision.marks[0].at == pytest.approx(truth.mean())
    assert figures(scene.plot("calibration"))[1] == pytest.approx(brier_score_loss(truth, done), abs=0.006)
    stacked = scene.plot("done").bars
    assert sum(bars.heights.sum() for bars in stacked) == len(made.done)
    assert {bars.name: bars.heights.sum() for bars in stacked} == {"not done": (~truth).sum(), "done": truth.sum()}


def test_how_many_are_done_is_told_step_by_step(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("prevalence")
    predicted = plot.lines[0]
    for place, step in enumerate(sorted(set(made.steps))):
        own = [i for i, one in enumerate(made.steps) if one == step]
        assert plot.bars[0].heights[place] == pytest.approx(statistics.mean(made.gt_done[i] for i in own))
        assert predicted.y[place] == pytest.approx(statistics.mean(made.done[i] for i in own))
    share = statistics.mean(made.gt_done)
    floor = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert plot.summary.endswith(f"BCE of a constant {floor:.3f}")


def test_counts_in_parts_of_the_image_are_a_loop_s(made: Made, scene: PlotsScene) -> None:
    def cell(point: tuple[float, float], side: int) -> tuple[int, int]:
        return int((point[0] + 0.5) * side // WIDTH), int((point[1] + 0.5) * side // HEIGHT)

    heights = scene.plot("game").bars[0].heights
    for level in range(4):
        total = 0
        for sample in range(len(made.done)):
            own = [one for one in made.objects if one.sample == sample]
            true = [cell(one.gt, 2**level) for one in own]
            found = [cell(one.prediction, 2**level) for one in own]
            inside = {place for place in (*true, *found) if min(place) >= 0 and max(place) < 2**level}
            total += sum(abs(true.count(place) - found.count(place)) for place in inside)
        assert heights[level] == pytest.approx(total / len(made.done))


def test_the_loss_jumps_and_its_gradient_halves_at_the_threshold(made: Made, scene: PlotsScene) -> None:
    plot = scene.plot("loss")
    near = sum(
        abs(one.prediction[0] - one.gt[0]) / (WIDTH / 2) + abs(one.prediction[1] - one.gt[1]) / (HEIGHT / 2) <= 0.3
        for one in made.objects
    ) / len(made.objects)
    assert plot.summary == f"jumps 0.09 to 0.18 · gradient 0.6 to 0.3 at 30 px · {near:.0%} in its squares"
    huber = made.scene(LossThreshold(value=0.3, form="huber")).plot("loss")
    assert huber.summary.startswith("gradient 0.6 from 30 px on")
    assert made.scene(None).plot("loss").missing


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        (("pred/done",), {"done", "precision", "calibration"}),
        (("gt/done",), {"precision", "calibration", "prevalence"}),
        (("k",), {"by_step"}),
        (
            ("pred/points", "pred/points_offsets"),
            {"error", "shares", "offsets", "map", "by_count", "by_step", "game", "counts"},
        ),
    ],
)
def test_what_there_is_no_data_for_says_so(tmp_path: Path, without: tuple[str, ...], missing: set[str]) -> None:
    whole = {plot.key for plot in make(tmp_path / "a.h5").scene().plots if plot.missing}
    found = {plot.key for plot in make(tmp_path / "b.h5", without=without).scene().plots if plot.missing}
    assert found - whole == missing - whole
    assert missing <= found


def test_single_points_are_not_held_against_counts(tmp_path: Path) -> None:
    scene = make(tmp_path / "d.h5", objects=1).scene()
    assert scene.plot("counts").missing == "every sample has 1 object, and as many predictions"
    assert "more than one point" in scene.plot("game").missing


def test_many_dots_become_cells_and_none_is_lost() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 1, (2, 20_000))
    x[0], y[0] = 4.0, -4.0
    drawn = scatter.scattered(x, y, np.arange(20_000), (-5, 5), (-5, 5))
    alpha = drawn["cells"][0].alpha
    assert alpha is not None
    row, column = (int((value + 5) / 10 * scatter.FINE_CELLS) for value in (-4.0, 4.0))
    assert alpha[row, column] > 60
    assert "dots" in scatter.scattered(x[:100], y[:100], np.arange(100), (-5, 5), (-5, 5))


def test_a_scene_travels_whole(scene: PlotsScene) -> None:
    body, arrays = encode(scene)
    received = decode(body, PlotsScene, arrays)
    for sent, got in zip(scene.plots, received.plots, strict=True):
        assert (got.key, got.x.column, got.marks) == (sent.key, sent.x.column, sent.marks)
        for bars, same in zip(sent.bars, got.bars, strict=True):
            np.testing.assert_array_equal(bars.heights, same.heights)


def test_a_cancel_stops_the_work(made: Made) -> None:
    with pytest.raises(WorkCancelled):
        prepare(PlotsAsk(path=str(made.path)), Pulse(cancelled=lambda: True))

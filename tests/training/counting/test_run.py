"""A whole small run: what is logged, beside which baselines, and what its dump holds."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score

from inspector.artifacts.dumps.dump_file import opened
from inspector.artifacts.dumps.points.all_points import all_points
from inspector.core.pulse import QUIET
from inspector.formats.point_conventions import Frame, Unit
from inspector.training.counting.measures import Answers, done_scores, place_scores
from inspector.training.counting.pictures import Picture
from inspector.training.counting.sequences import counts
from tests.training.runs import TINY_OF, arguments, call, events, records


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """Turns of classification and regression by two optimizers, with averaged weights, in two epochs."""
    path = tmp_path_factory.mktemp("counting") / "run"
    edits = {
        **TINY_OF["counting"],
        "schedule.epochs": 2,
        "loss.alternate_steps": 1,
        "optim.two_optimizers": True,
        "train.norm_every": 1,
    }
    code, _ = call("train", "counting", "-o", path, "--device", "cpu", *arguments(edits))
    assert code == 0
    assert not [event for event in events(path) if event["event"] == "diverged"]
    return path


def test_each_turn_logs_its_own_term_and_rates(run):
    steps = [record for record in records(run) if "train/loss" in record]
    assert [record["phase"] for record in steps] == ["classification", "regression"] * 5
    assert all(("train/loss_done" in record) == (record["phase"] == "classification") for record in steps)
    assert all(("train/loss_coord" in record) == (record["phase"] == "regression") for record in steps)
    assert all(0 <= record["train/done_share"] <= 1 for record in steps)
    groups = {name for record in steps for name in record if name.startswith("lr/")}
    shared = {f"lr/{turn}.backbone" for turn in ("classification", "regression")}
    assert groups >= {*shared, "lr/classification.done_head", "lr/regression.x_head", "lr/regression.y_head"}


def test_every_score_stands_beside_its_trivial_baseline(run):
    last = [record for record in records(run) if "val/loss" in record][-1]
    assert last["val/loss"] == pytest.approx(last["val/loss_coord"] + last["val/loss_done"])
    pairs = {
        "val/pixel_error": "baseline/pixel_error_mean_position",
        "val/done_average_precision": "baseline/done_average_precision_base_rate",
        "val/done_f1": "baseline/done_f1_always_done",
        "val/loss_done": "baseline/loss_done_base_rate",
        "val/count_mae": "baseline/count_mae_mean_count",
    }
    for score, baseline in pairs.items():
        assert np.isfinite(last[score])
        assert np.isfinite(last[baseline])
    rate = last["baseline/done_average_precision_base_rate"]
    assert last["baseline/loss_done_base_rate"] == pytest.approx(-rate * np.log(rate) - (1 - rate) * np.log(1 - rate))


def test_the_dump_holds_points_that_the_points_view_reads_in_original_pixels(run):
    path = run / "dumps/step_0000010.h5"
    with h5py.File(path) as file:
        marked = np.diff(file["gt/marked_offsets"][:])
        np.testing.assert_array_equal(marked, file["gt/sequence_step"][:])
        left = np.diff(file["gt/points_offsets"][:])
        np.testing.assert_array_equal(left, file["gt/done"][:] < 0.5)
        np.testing.assert_array_equal(marked + left <= file["gt/count"][:], True)
        assert np.abs(file["gt/points"][:]).max() <= 1
        true, said = file["gt/points"][:], file["pred/points"][:]
        assert {"backbone.convs.0", "backbone.convs.1", "backbone.convs.2"} <= set(file["activations"])
        assert file["samples/image"].shape == (3, 32, 32, 3)
    read = all_points(opened(path), QUIET)
    for convention in (read.gt_convention, read.prediction_convention):
        assert (convention.unit, convention.frame, convention.is_yx) == (Unit.SIGNED, Frame.RESIZED, False)
    assert read.convention_sure
    np.testing.assert_allclose(read.errors_px, np.linalg.norm((said - true) * 192, axis=1), rtol=1e-4)


def test_scores_of_places_and_of_the_done_signal_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    is_done = random.random(60) < 0.3
    chance = np.clip(is_done * 0.3 + random.random(60) * 0.7, 0, 1)
    target, place = random.uniform(-1, 1, (2, 60, 2))
    sides = np.tile([[256.0, 192.0]], (60, 1))
    answers = Answers(target, place, chance, is_done, sides, np.full(60, 512.0))
    done = done_scores(answers)
    assert done["val/done_average_precision"] == pytest.approx(average_precision_score(is_done, chance))
    assert done["val/done_f1"] == pytest.approx(f1_score(is_done, chance >= 0.5))
    assert done["baseline/done_f1_always_done"] == pytest.approx(f1_score(is_done, np.ones(60)))
    errors = [np.hypot((x - u) * 256, (y - v) * 192) for (x, y), (u, v) in zip(place, target, strict=True)]
    left = np.array(errors)[~is_done]
    found = place_scores(answers)
    assert found["val/pixel_error"] == pytest.approx(left.mean())
    assert found["val/pixel_error_median"] == pytest.approx(np.median(left))
    assert found["val/pixel_error_p90"] == pytest.approx(np.percentile(left, 90))
    assert found["val/pck"] == pytest.approx((left <= 25.6).mean())
    assert found["predictions/spread"] == pytest.approx(place[~is_done].std(axis=0).mean())


def test_where_nothing_is_left_or_predictions_are_not_finite_scores_are_unknown():
    nothing = np.zeros((3, 2))
    all_done = Answers(nothing, nothing, np.full(3, 0.5), np.ones(3, bool), nothing + 1, np.ones(3))
    assert np.isnan(
        [place_scores(all_done)[name] for name in ("val/pixel_error", "val/pck", "predictions/spread")]
    ).all()
    broken = Answers(nothing, nothing * np.nan, np.full(3, np.nan), np.zeros(3, bool), nothing + 1, np.ones(3))
    assert np.isnan(place_scores(broken)["val/pixel_error"])
    assert np.isnan(done_scores(broken)["val/done_average_precision"])


class _Counter(torch.nn.Module):
    """Says done once as many marks as asked are there; it looks at the inputs alone."""

    def __init__(self, until: int) -> None:
        super().__init__()
        self.until = until

    def forward(self, inputs):
        from inspector.training.counting.model import Found

        steps = inputs.counted.sum(1)
        place = torch.stack([steps / 10 - 0.9, steps * 0.0], dim=1)
        return Found(place, place, torch.where(steps >= self.until, 5.0, -5.0))


@pytest.mark.parametrize(("until", "longest", "expected"), [(3, 10, 3), (0, 10, 0), (99, 10, 10)])
def test_counting_goes_on_until_done_or_its_bound(until, longest, expected):
    picture = Picture(np.zeros((16, 16, 3), np.uint8), np.zeros((5, 2)), (16, 16), np.eye(2, 3), "a")
    found = counts(_Counter(until), [picture] * 3, 2, longest, torch.device("cpu"))
    assert found.tolist() == [expected] * 3

"""Points of whole dumps: each sample's own, paired and measured as a loop over its lists does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump
from inspector.artifacts.dumps.points import lists
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.artifacts.dumps.sample_scan import scan_samples
from inspector.core.pulse import QUIET

RNG = np.random.default_rng(11)


def ragged(counts: list[int]) -> tuple[np.ndarray[Any, Any], list[int]]:
    return RNG.random((sum(counts), 2), np.float32) * 50, [0, *np.cumsum(counts).tolist()]


def points_in(path: Path, **datasets: object) -> Points:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name.replace("__", "/")] = values
    return all_points(dump.opened(path), QUIET)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.h5"


def test_every_sample_has_its_own_pairs_worst_first(path: Path) -> None:
    counts = [3, 0, 1, 4]
    truth, offsets = ragged(counts)
    said, _offsets = ragged(counts)
    said[1] = np.nan
    found = points_in(
        path, gt__points=truth, pred__points=said, gt__points_offsets=offsets, pred__points_offsets=offsets
    )
    assert found.samples == 4
    for sample, count in enumerate(counts):
        own = found.sample(sample)
        rows = range(offsets[sample], offsets[sample + 1])
        distances = [float(np.hypot(*(said[row].astype(float) - truth[row].astype(float)))) for row in rows]
        expected = sorted((one for one in distances if one == one), reverse=True)
        assert own.errors_px[: len(expected)].tolist() == pytest.approx(expected)
        assert len(own.errors_px) == count
        assert own.worst_px == pytest.approx(expected[0] if expected else np.nan, nan_ok=True)
        np.testing.assert_array_equal(own.gt, truth[offsets[sample] :][own.numbers].astype(float))
    assert (found.missed.sum(), found.spurious.sum(), len(found.known_errors_px)) == (1, 0, 7)


def test_lists_of_other_lengths_are_paired_by_least_distance(path: Path) -> None:
    truth = np.array([[0, 0], [10, 0], [5, 5]], np.float32)
    said = np.array([[11, 0], [0, 0], [40, 40], [5, 5]], np.float32)
    found = points_in(
        path, gt__points=truth, pred__points=said, gt__points_offsets=[0, 2, 3], pred__points_offsets=[0, 3, 4]
    )
    first = found.sample(0)
    assert first.errors_px.tolist() == pytest.approx([1.0, 0.0, np.nan], nan_ok=True)
    assert first.gt[:2].tolist() == [[10, 0], [0, 0]]
    assert first.prediction.tolist() == [[11, 0], [0, 0], [40, 40]]
    assert (found.spurious.sum(), found.sample(1).worst_px) == (1, 0.0)


@pytest.mark.parametrize("rows", [False, True])
def test_a_dump_of_points_alone_has_as_many_samples_as_they_tell(path: Path, rows: bool) -> None:
    truth, offsets = ragged([2] * 5)
    if rows:
        found = points_in(path, gt_points=truth.reshape(5, 2, 2), pred_points=truth.reshape(5, 2, 2) + 3)
    else:
        both = {"gt__points_offsets": offsets, "pred__points_offsets": offsets}
        found = points_in(path, gt__points=truth, pred__points=truth + 3, **both)
    assert (found.samples, dump.opened(path).facts.samples) == (5, 5)
    np.testing.assert_allclose(found.worst_px, np.hypot(3, 3), rtol=1e-5)
    table = scan_samples(dump.opened(path), "", QUIET)
    column = table.column("err_px")
    assert column is not None
    np.testing.assert_array_equal(column.values, found.worst_px)


def test_offsets_that_lead_nowhere_cost_their_own_samples(path: Path) -> None:
    truth, _offsets = ragged([6])
    found = points_in(path, gt__points=truth, gt__points_offsets=[0, 2, 9, 4, 6])
    assert [len(found.sample(sample).gt) for sample in range(4)] == [2, 0, 0, 2]
    assert len(found.notes) == 2
    assert all("expected offsets within the 6 points of gt/points, found" in note for note in found.notes)


def test_more_points_than_there_is_room_for_are_those_of_the_first_samples(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_POINTS", 7)
    monkeypatch.setattr(lists, "BATCH_POINTS", 2)
    truth, offsets = ragged([3, 3, 3, 1])
    found = points_in(path, gt__points=truth, gt__points_offsets=offsets)
    assert [len(found.sample(sample).gt) for sample in range(4)] == [3, 3, 0, 0]
    np.testing.assert_array_equal(found.gt[np.lexsort((found.numbers, np.repeat([0, 1], 3)))], truth[:6].astype(float))
    assert found.notes == ("gt/points holds more than 7 points; those of the first 2 samples are read",)


@pytest.mark.parametrize(("x", "y"), [("{}_x", "{}_y"), ("{}/x", "{}/y"), ("{}_X_norm", "{}_Y_norm")])
@pytest.mark.parametrize("shape", [(5,), (5, 3)])
def test_x_and_y_of_datasets_of_their_own_are_points(path: Path, x: str, y: str, shape: tuple[int, ...]) -> None:
    halves = {(side, axis): RNG.random(shape, np.float32) * 50 for side in ("gt", "pred") for axis in (x, y)}
    found = points_in(path, **{axis.format(side): values for (side, axis), values in halves.items()})
    kinds = {"gt": found.gt_stored, "pred": found.prediction_stored}
    order = np.lexsort((found.numbers, np.repeat(np.arange(5), np.diff(found.first))))
    for side, values in kinds.items():
        pairs = np.stack([halves[side, x], halves[side, y]], axis=-1).reshape(-1, 2)
        np.testing.assert_array_equal(values[order], pairs.astype(float))
    opened = dump.opened(path)
    assert opened.facts.samples == 5
    dataset = opened.one("pred_points")
    assert dataset is not None
    assert (dataset.shape, dataset.because) == ((*shape, 2), f"its name; y is {y.format('pred')}")
    np.testing.assert_array_equal(opened.read(dataset.path, 1)[..., 1], halves["pred", y][1])


def test_halves_that_do_not_fit_and_those_beside_whole_points_stay_what_they_are(path: Path) -> None:
    points_in(path, gt_x=np.zeros(5), gt_y=np.zeros(4), pred_x=np.zeros(5), pred_y=np.zeros(5), pred_xy=np.ones((5, 2)))
    opened = dump.opened(path)
    assert opened.one("gt_points") is None
    assert opened.one("pred_points").path == "pred_xy"


def test_points_of_the_last_few_radii_are_read_once_and_no_more_are_kept(path: Path) -> None:
    truth = np.array([[10.0, 20.0], [70.0, 40.0]])
    usual = points_in(path, gt__points=truth, pred__points=truth + 1)
    file = dump.opened(path)
    assert all_points(file, QUIET) is usual
    wide = all_points(file, QUIET, 5.0)
    assert (wide.radius_px, wide.missed.tolist()) == (5.0, [0, 0])
    assert all_points(file, QUIET, 1.0).missed.tolist() == [1, 1]
    assert all_points(file, QUIET, 5.0) is wide
    all_points(file, QUIET, 2.0)
    assert all_points(file, QUIET, 5.0) is wide
    assert all_points(file, QUIET) is not usual

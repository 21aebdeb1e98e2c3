"""Numbers of points are there at once, and are those of a loop over the samples."""

from __future__ import annotations

import math
from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps.dump import Dump, opened
from inspector.artifacts.dumps.sample_scan import scan_samples
from inspector.core.pulse import QUIET
from inspector.formats.sample_table import COLUMN_NAMES, SampleTable, sample_column, with_numbers

SAMPLES, OBJECTS, SIDE = 7, 3, 60
_RNG = np.random.default_rng(3)
TRUTH = _RNG.uniform(5, 50, (SAMPLES, OBJECTS, 2)).astype("<f4")
SAID = TRUTH + _RNG.normal(0, 4, TRUTH.shape).astype("<f4")
SAID[2, 1] = np.nan
TRUTH[4], SAID[5] = np.nan, np.nan


@pytest.fixture
def dump(tmp_path: Path) -> Dump:
    path = tmp_path / "points.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": SAMPLES})
        file["samples/image"] = np.zeros((SAMPLES, SIDE, SIDE, 3), np.uint8)
        file["gt/points"], file["pred/points"] = TRUTH, SAID
    return opened(path)


def values(table: SampleTable, name: str) -> np.ndarray:
    column = table.column(name)
    assert column is not None, name
    return column.values


def test_the_numbers_of_the_most_wrong_object_are_those_of_a_loop(dump: Dump) -> None:
    table = scan_samples(dump, "", QUIET)
    for sample in range(SAMPLES):
        found = {
            name: float(values(table, name)[sample]) for name in ("err_px", "dx_px", "dy_px", "gt_x_px", "gt_y_px")
        }
        errors = [math.dist(true, said) for true, said in zip(TRUTH[sample], SAID[sample], strict=True)]
        known = [error for error in errors if not math.isnan(error)]
        if not known:
            assert math.isnan(found["err_px"])
            assert math.isnan(found["dx_px"])
            continue
        worst = errors.index(max(known))
        (true_x, true_y), (said_x, said_y) = TRUTH[sample][worst].tolist(), SAID[sample][worst].tolist()
        expected = {
            "err_px": errors[worst], "dx_px": said_x - true_x, "dy_px": said_y - true_y,
            "gt_x_px": true_x, "gt_y_px": true_y,
        }  # fmt: skip
        assert found == pytest.approx(expected)


def test_counts_are_of_the_points_that_are_there(dump: Dump) -> None:
    table = scan_samples(dump, "", QUIET)
    true, said = (np.isfinite(points[..., 0]) for points in (TRUTH, SAID))
    assert values(table, "count").tolist() == true.sum(axis=1).tolist()
    assert values(table, "count_predicted").tolist() == said.sum(axis=1).tolist()
    assert values(table, "count_error").tolist() == (said.sum(axis=1) - true.sum(axis=1)).tolist()
    assert values(table, "missed").tolist() == (true & ~said).sum(axis=1).tolist()
    assert values(table, "spurious").tolist() == (said & ~true).sum(axis=1).tolist()


def test_a_dump_of_points_and_images_is_whole_at_the_first_look(dump: Dump) -> None:
    table = scan_samples(dump, "", QUIET.within(0))
    assert table.whole
    assert {column.name for column in table.columns} <= set(COLUMN_NAMES)


def test_counts_and_done_are_told_without_points(tmp_path: Path) -> None:
    path = tmp_path / "counts.h5"
    logits = np.array([-2.0, 0.5, 3.0, 0.0], "<f4")
    with h5py.File(path, "w") as file:
        file.attrs.update({"format": "ri-dump", "version": 1, "n_samples": 4})
        file["samples/image"] = np.zeros((4, SIDE, SIDE, 3), np.uint8)
        file["pred/done"], file["gt/done"] = logits[:, None], np.array([[0], [1], [1], [0]], "<f4")
    table = scan_samples(opened(path), "", QUIET.within(0))
    said = [1 / (1 + math.exp(-logit)) for logit in logits.tolist()]
    assert table.whole
    assert values(table, "done").tolist() == pytest.approx(said)
    assert values(table, "done_error").tolist() == pytest.approx([said[0], 1 - said[1], 1 - said[2], said[3]])
    assert any("logits" in note for note in table.notes)


def test_numbers_are_listed_in_their_order_and_replaced_by_name() -> None:
    first = SampleTable(samples=2, columns=(sample_column("reconstruction_mse", np.zeros(2)),))
    more = with_numbers(first, {"err_change_px": np.ones(2), "err_px": np.ones(2)})
    again = with_numbers(more, {"err_px": np.full(2, 3.0)})
    assert [column.name for column in again.columns] == ["err_px", "err_change_px", "reconstruction_mse"]
    assert values(again, "err_px").tolist() == [3, 3]

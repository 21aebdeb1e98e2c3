"""A sample in words, with numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from inspector.core.pulse import QUIET
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk, PointsScene

SIDE = 384


def write(path: Path, gt: object, prediction: object, **others: object) -> Path:
    """Two samples of one object each; coordinates as the file keeps them."""
    with h5py.File(path, "w") as file:
        file.attrs.update(format="ri-dump", version=1, run_id="r", step=1, n_samples=2, complete=True)
        file["samples/image"] = np.zeros((2, SIDE, SIDE, 3), np.uint8)
        file["samples/image"].attrs["layout"] = "NHWC"
        for name, points in (("gt", gt), ("pred", prediction)):
            file[f"{name}/points"] = np.array(points, np.float64)
            file[f"{name}/points_offsets"] = np.arange(3)
        for name, values in others.items():
            file[name.replace("__", "/")] = np.array(values)
    return path


def scene(path: Path, sample: int = 0) -> PointsScene:
    return prepare(PointsAsk(path=str(path), place="d.h5", sample=sample), QUIET)


def lines(path: Path, sample: int = 0) -> dict[str, str]:
    return {line.name: line.text for line in scene(path, sample).lines}


def test_shares_stand_beside_the_pixels_they_mean(tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.h5",
        [[0.31, -0.42], [0, 0]],
        [[0.74, -0.10], [0, 0]],
        pred__done=[0.15, 0.5],
        gt__done=[0.0, 1.0],
        gt__count=[21, 3],
        gt__sequence_step=[7, 2],
    )
    # (0.31 + 1) / 2 * 384 - 0.5 = 251.0; (1 - 0.42) / 2 * 384 - 0.5 = 110.9
    # (0.74 + 1) / 2 * 384 - 0.5 = 333.6; (1 - 0.10) / 2 * 384 - 0.5 = 172.3; 82.6 and 61.4 apart: 102.9
    assert lines(path) == {
        "gt": "(0.31, -0.42) → 251, 111 px",
        "pred": "(0.74, -0.10) → 334, 172 px",
        "err": "103 px  L1 0.75",
        "done": "0.15 (gt 0)  k = 7 of 21",
    }
    assert lines(path, 1)["done"] == "0.50 (gt 1)  k = 2 of 3"


def test_pixels_stand_once(tmp_path: Path) -> None:
    path = write(tmp_path / "d.h5", [[100, 200], [5, 5]], [[103, 204], [6, 5]])
    assert lines(path) == {"gt": "100, 200 px", "pred": "103, 204 px", "err": "5.0 px  L1 7.00"}


def test_a_sample_has_the_name_that_its_dump_gives(tmp_path: Path) -> None:
    points = [[100, 200], [5, 5]], [[103, 204], [6, 5]]
    names = np.array([b"4.jpg", b"a_folder_of_many_letters/and_the_name_of_an_image.jpg"])
    path = write(tmp_path / "d.h5", *points, samples__key=names)
    assert lines(path)["name"] == "4.jpg"
    assert lines(path, 1)["name"] == "…ters/and_the_name_of_an_image.jpg"
    assert len(lines(path, 1)["name"]) == 34


def test_what_is_not_known_is_a_dash(tmp_path: Path) -> None:
    path = write(tmp_path / "d.h5", [[100, 200], [5, 5]], [[np.nan, np.nan], [6, 5]])
    assert lines(path) == {"gt": "100, 200 px", "pred": "–", "err": "–"}

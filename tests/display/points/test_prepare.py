"""Errors of points are worked by hand, in pixels of the original image."""

from __future__ import annotations

import itertools
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest

from inspector.core.errors import FileError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.gallery import samples
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.points import judge
from inspector.display.points.overlay import error_label
from inspector.display.points.prepare import prepare
from inspector.display.points.scene import PointsAsk, PointsScene
from inspector.formats.messages import decode, encode
from tests.display import dumps


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dumps.write(tmp_path_factory.mktemp("points") / "d.h5")


def ask(path: Path, **changes: object) -> PointsAsk:
    return msgspec.structs.replace(PointsAsk(path=str(path), place="d.h5", sample=0), **changes)


def errors_by_hand(path: Path) -> list[list[float]]:
    with dumps.oracle(path) as file:
        gt, prediction = file["gt/points"][()].tolist(), file["pred/points"][()].tolist()
        offsets = file["gt/points_offsets"][()].tolist()
    every = [((a - c) ** 2 + (b - d) ** 2) ** 0.5 for (a, b), (c, d) in zip(gt, prediction, strict=True)]
    return [every[start:stop] for start, stop in itertools.pairwise(offsets)]


def test_each_sample_has_its_largest_error_alone_and_in_the_table(path: Path) -> None:
    worst = [max(errors) for errors in errors_by_hand(path)]
    assert [prepare(ask(path, sample=sample), QUIET).tile.error_px for sample in range(6)] == pytest.approx(worst)
    column = samples.prepare(SamplesAsk(path=str(path)), QUIET).table.column("err_px")
    assert column is not None
    assert column.values.tolist() == pytest.approx(worst)


def test_objects_come_worst_first_with_rounded_labels(path: Path) -> None:
    expected = sorted(errors_by_hand(path)[4], reverse=True)
    tile = prepare(ask(path, sample=4), QUIET).tile
    assert [pair.label for pair in tile.pairs] == [f"err={round(error)}px" for error in expected]


def test_points_are_shares_of_the_image_from_the_edge_of_the_first_pixel(path: Path) -> None:
    with dumps.oracle(path) as file:
        points = {tuple(((np.array(point) + 0.5) / dumps.SIZE).round(5)) for point in file["gt/points"][:3].tolist()}
    tile = prepare(ask(path), QUIET).tile
    assert {(round(pair.gt[0], 5), round(pair.gt[1], 5)) for pair in tile.pairs if pair.gt} == points


def test_errors_are_in_pixels_of_the_original_image(tmp_path: Path, path: Path) -> None:
    larger = dumps.replaced("samples/original_hw", np.tile(np.array([64, 128], np.int32), (6, 1)))
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[larger])), QUIET)
    with dumps.oracle(path) as file:
        offset = (file["pred/points"][:3] - file["gt/points"][:3]).astype(np.float64) * [4, 2]
    assert scene.tile.error_px == pytest.approx(np.sqrt((offset**2).sum(1)).max())
    assert scene.about == "d.h5 · in pixels of the original image"


def test_an_affine_is_inverted_before_errors_are_measured(tmp_path: Path) -> None:
    # Letterboxed: half the size, moved 3 right and 5 down.
    affine = np.tile(np.array([[0.5, 0, 3], [0, 0.5, 5]]), (6, 1, 1))
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("samples/affine", affine)])
    scene = prepare(ask(path, sample=1), QUIET)
    expected = sorted((2 * error for error in errors_by_hand(path)[1]), reverse=True)
    assert [row.error for row in scene.details] == [f"{error:.1f}" for error in expected]
    with dumps.oracle(path) as file:
        first = {f"{(x - 3) * 2:.0f}, {(y - 5) * 2:.0f}" for x, y in file["gt/points"][3:6].tolist()}
    assert {row.gt for row in scene.details} == first


def test_an_affine_that_cannot_be_inverted_is_said(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", extra=[dumps.replaced("samples/affine", np.zeros((6, 2, 3)))])
    scene = prepare(ask(path), QUIET)
    assert scene.notes == ("samples/affine cannot be inverted; errors are in pixels of the stored images",)


def test_shares_between_minus_one_and_one_are_brought_to_pixels(tmp_path: Path) -> None:
    gt, prediction = np.array([[-0.5, 0.5]] * 6, np.float32), np.array([[0.5, 0.5]] * 6, np.float32)
    offsets = np.arange(7)
    names = ("gt/points", "pred/points", "gt/points_offsets", "pred/points_offsets")
    painters = [
        dumps.replaced(name, values) for name, values in zip(names, (gt, prediction, offsets, offsets), strict=True)
    ]
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=painters)), QUIET)
    # Half of 32 pixels lie between -0.5 and 0.5.
    assert scene.tile.error_px == pytest.approx(16)
    assert scene.tile.pairs[0].gt == pytest.approx((0.25, 0.75))


def test_a_missing_prediction_has_a_ring_and_no_error(tmp_path: Path) -> None:
    def lose(file: h5py.File) -> None:
        file["pred/points"][0:3] = np.nan

    scene = prepare(ask(dumps.write(tmp_path / "d.h5", extra=[lose])), QUIET)
    tile = scene.tile
    assert tile.sample == 0
    assert np.isnan(tile.error_px)
    assert all(pair.gt is not None and pair.prediction is None and not pair.label for pair in tile.pairs)
    assert [row.error for row in scene.details] == ["–"] * 3


def test_without_images_the_points_lie_on_grey(tmp_path: Path) -> None:
    scene = prepare(ask(dumps.write(tmp_path / "d.h5", without=["samples/image"])), QUIET)
    assert np.unique(scene.tile.picture[..., :3]).tolist() == [48]
    shares = [pair.gt for pair in scene.tile.pairs]
    assert all(share is not None and 0 <= share[0] <= 1 and 0 <= share[1] <= 1 for share in shares)
    assert scene.about == "d.h5 · in pixels of the stored image"


@pytest.mark.parametrize(
    ("error", "label"),
    [(22.6, "err=23px"), (0.2, "err=0px"), (4e12, "err=4e+12px"), (float("inf"), ""), (float("nan"), "")],
)
def test_the_label_is_rounded_to_whole_pixels(error: float, label: str) -> None:
    assert error_label(error) == label


def test_a_scene_travels_whole(path: Path) -> None:
    scene = prepare(ask(path), QUIET)
    body, arrays = encode(scene)
    received = decode(body, PointsScene, arrays)
    assert (received.lines, received.details) == (scene.lines, scene.details)
    assert received.tile.pairs == scene.tile.pairs
    assert np.array_equal(received.tile.picture, scene.tile.picture)


def test_a_dump_without_points_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5", without=["gt/points", "pred/points"])
    with pytest.raises(FileError, match=r"d\.h5: expected points in this dump, found none"):
        prepare(ask(path), QUIET)


def test_a_cancel_stops_the_work(path: Path) -> None:
    with pytest.raises(WorkCancelled):
        prepare(ask(path), Pulse(cancelled=lambda: True))


def test_the_picture_of_a_sample_that_was_prepared_ahead_is_not_read_again(path: Path) -> None:
    shown = ask(path, sample=0, following=2)
    ahead = judge.next_ask(shown, None)
    assert ahead is not None
    found = prepare(ahead, QUIET).tile.picture
    assert prepare(msgspec.structs.replace(shown, sample=2, following=1), QUIET).tile.picture is found

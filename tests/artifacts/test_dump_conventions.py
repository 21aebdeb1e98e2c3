"""Points of every convention lie at the same pixels of the original image, and doubt about it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inspector.artifacts.dumps import dump
from inspector.artifacts.dumps.known_corrections import remember
from inspector.artifacts.dumps.points.all_points import Points, all_points
from inspector.core.pulse import QUIET
from inspector.formats.point_conventions import Convention, Frame, Unit
from inspector.formats.role_corrections import FileCorrections, RoleCorrection

HEIGHT, WIDTH = 48, 64
RNG = np.random.default_rng(5)
PLACES = RNG.uniform(0, 1, (30, 2)) * [WIDTH - 1, HEIGHT - 1]
"""True points in pixels of the original image."""


@pytest.fixture(autouse=True)
def _alone() -> object:
    yield
    remember(())


def write(path: Path, **datasets: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            values, attributes = values if isinstance(values, tuple) else (values, {})
            file.create_dataset(name.replace("__", "/"), data=values).attrs.update(attributes)
    return path


def read(path: Path, *corrections: RoleCorrection) -> Points:
    remember((FileCorrections(pattern=path.name, corrections=corrections),))
    dump.close_all()
    return all_points(dump.opened(path), QUIET)


def images(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    return np.zeros((len(PLACES), height, width, 3), np.uint8)


def signed(points: np.ndarray, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    return 2 * (points + 0.5) / [width, height] - 1


KEPT = {Unit.PIXELS: PLACES, Unit.SHARES: (PLACES + 0.5) / [WIDTH, HEIGHT], Unit.SIGNED: signed(PLACES)}


@pytest.mark.parametrize("unit", list(Unit))
def test_points_of_every_unit_lie_at_the_same_pixels(tmp_path: Path, unit: Unit) -> None:
    values = KEPT[unit]
    found = read(write(tmp_path / "d.h5", image=images(), gt_xy=values, pred_xy=values))
    np.testing.assert_allclose(found.gt_original, PLACES, atol=1e-9)
    np.testing.assert_allclose(found.gt, PLACES, atol=1e-9)
    np.testing.assert_array_equal(found.gt_stored, values)
    assert found.convention_sure
    assert found.gt_convention.unit == unit
    unit_text = {Unit.PIXELS: "pixels of the", Unit.SHARES: "0 to 1 over the", Unit.SIGNED: "−1 to 1 over the"}[unit]
    assert found.convention_text.startswith(f"Truth and predictions: {unit_text} original image, x first (values")


def test_points_of_stretched_pictures_are_told_in_the_original_image(tmp_path: Path) -> None:
    original = np.tile([HEIGHT * 2, WIDTH * 3], (len(PLACES), 1))
    path = write(tmp_path / "d.h5", image=images(), samples__original_hw=original, gt_xy=PLACES, pred_xy=signed(PLACES))
    found = read(path)
    expected = (PLACES + 0.5) * [3, 2] - 0.5
    # Every point lies within the smaller picture, and is far likelier of it than of the larger one.
    assert found.gt_convention == Convention(frame=Frame.RESIZED)
    np.testing.assert_allclose(found.gt_original, expected, atol=1e-9)
    np.testing.assert_allclose(found.prediction_original, expected, atol=1e-9)
    np.testing.assert_allclose(found.gt, PLACES, atol=1e-9)
    assert found.prediction_convention.unit is Unit.SIGNED
    assert not found.convention_sure
    assert "Predictions: −1 to 1" in found.convention_text
    assert found.original_sizes[0].tolist() == [HEIGHT * 2, WIDTH * 3]
    assert found.space == "pixels of the original image"


def test_a_letterbox_of_a_size_that_is_given_by_hand_is_undone(tmp_path: Path) -> None:
    # 64 x 48 fits twice into 128 x 128, with 16 free above and below.
    boxed = (PLACES + 0.5) * 2 + [0, 16] - 0.5
    path = write(tmp_path / "d.h5", image=images(), gt_xy=PLACES, pred_xy=signed(boxed, 128, 128))
    letterbox = Convention(unit=Unit.SIGNED, frame=Frame.LETTERBOXED, given_hw=(128, 128))
    found = read(path, RoleCorrection(dataset="pred_xy", convention=letterbox))
    np.testing.assert_allclose(found.errors_px, 0, atol=1e-9)
    np.testing.assert_allclose(found.prediction, PLACES, atol=1e-9)
    assert found.convention_sure
    text = "Predictions: −1 to 1 over the letterboxed image of 128 × 128 px, x first (chosen by hand)"
    assert text in found.convention_text


def test_a_network_input_of_unknown_size_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "d.h5", image=images(), gt_xy=PLACES, pred_xy=PLACES)
    found = read(path, RoleCorrection(dataset="pred_xy", convention=Convention(frame=Frame.RESIZED)))
    np.testing.assert_allclose(found.errors_px, 0, atol=1e-9)
    assert found.notes == (
        "What size the network was given is not known; points of it are shown as those of the image",
    )


def test_a_letterboxed_picture_is_drawn_on_in_its_own_pixels(tmp_path: Path) -> None:
    boxed = (PLACES + 0.5) * 2 + [0, 16] - 0.5
    original = np.tile([HEIGHT, WIDTH], (len(PLACES), 1))
    path = write(tmp_path / "d.h5", image=images(128, 128), samples__original_hw=original, gt_xy=PLACES, pred_xy=boxed)
    letterbox = RoleCorrection(dataset="pred_xy", convention=Convention(frame=Frame.LETTERBOXED))
    said = RoleCorrection(dataset="gt_xy", convention=Convention())
    found = read(path, letterbox, said)
    np.testing.assert_allclose(found.errors_px, 0, atol=1e-9)
    np.testing.assert_allclose(found.gt, boxed, atol=1e-9)


def test_rows_before_columns_are_turned_by_name_by_values_and_by_hand(tmp_path: Path) -> None:
    turned = PLACES[:, ::-1]
    named = read(write(tmp_path / "a.h5", image=images(), gt_yx=turned, pred_yx=turned))
    told = read(write(tmp_path / "b.h5", image=images(), gt_points=turned, pred_points=turned))
    shares = (PLACES + 0.5) / [WIDTH, HEIGHT]
    path = write(tmp_path / "c.h5", image=images(), gt_points=shares[:, ::-1], pred_points=shares)
    by_hand = read(path, RoleCorrection(dataset="gt_points", convention=Convention(unit=Unit.SHARES, is_yx=True)))
    for found in (named, told, by_hand):
        np.testing.assert_allclose(found.gt_original, PLACES, atol=1e-9)
        np.testing.assert_allclose(found.errors_px, 0, atol=1e-9)


def test_swapped_axes_of_predictions_alone_stay_a_mistake(tmp_path: Path) -> None:
    found = read(write(tmp_path / "d.h5", image=images(), gt_points=PLACES, pred_points=PLACES[:, ::-1]))
    assert found.gt_convention == found.prediction_convention == Convention()
    assert np.median(found.errors_px) > 5


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [({"units": "px"}, Unit.PIXELS), ({"range": "[-1, 1]"}, Unit.SIGNED), ({"normalized": True}, Unit.SHARES)],
)
def test_what_a_file_says_of_its_points_holds(tmp_path: Path, attributes: dict[str, Any], unit: Unit) -> None:
    few = np.full((2, 2), 0.25)
    path = write(tmp_path / "d.h5", image=images()[:2], gt_points=(few, attributes), pred_points=(few, attributes))
    assert read(path).gt_convention.unit is unit


def test_few_points_within_one_are_a_guess(tmp_path: Path) -> None:
    few = np.full((2, 2), 0.25)
    found = read(write(tmp_path / "d.h5", image=images()[:2], gt_points=few, pred_points=few))
    assert not found.convention_sure
    assert found.convention_text.endswith(", a guess)")


def test_shares_of_images_without_a_size_are_shown_as_if_they_had_one(tmp_path: Path) -> None:
    shares = (PLACES + 0.5) / [WIDTH, HEIGHT]
    found = read(write(tmp_path / "d.h5", gt_points=shares, pred_points=shares))
    np.testing.assert_allclose(found.gt_original, shares * 1000 - 0.5)
    assert any("whose size is not known" in note for note in found.notes)
    assert found.space == "pixels of images assumed to have 1,000 × 1,000 px"
    assert found.convention_sure
    size = Convention(unit=Unit.SHARES, given_hw=(HEIGHT, WIDTH))
    known = read(
        tmp_path / "d.h5", *(RoleCorrection(dataset=f"{side}_points", convention=size) for side in ("gt", "pred"))
    )
    np.testing.assert_allclose(known.gt_original, PLACES, atol=1e-9)
    assert (known.notes, known.space) == ((), "pixels of images of 64 × 48 px")


def test_sizes_of_some_samples_alone_are_used_for_those(tmp_path: Path) -> None:
    sizes = np.tile([float(HEIGHT), WIDTH], (len(PLACES), 1))
    sizes[3] = np.nan
    found = read(write(tmp_path / "d.h5", samples__size=sizes, gt_points=signed(PLACES), pred_points=signed(PLACES)))
    lost = np.arange(len(PLACES)) == 3
    kept = np.flatnonzero(~lost)
    np.testing.assert_allclose(found.worst_px[kept], 0, atol=1e-9)
    assert np.isnan(found.worst_px[3])
    assert any("size of 1 of 30 images is not known" in note for note in found.notes)


def test_a_convention_of_no_points_is_left_out_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "d.h5", image=images(), gt_points=PLACES, pred_points=PLACES)
    read(path, RoleCorrection(dataset="image", convention=Convention()))
    assert "image holds no points" in dump.opened(path).facts.notes[0]

"""Thumbnails and numbers as a reader prepares them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.features import thumbs as features
from inspector.display.features.thumb_ask import FeatureThumbsAsk
from inspector.display.gallery import samples
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.gallery.thumbs import one_raster
from inspector.display.points import thumbs as points
from inspector.display.points.scene import PointThumbsAsk
from inspector.display.slots import thumbs as slots
from inspector.display.slots.thumb_ask import SlotThumbsAsk
from tests.display import dumps


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(dumps.write(tmp_path_factory.mktemp("gallery") / "d.h5"))


def test_an_image_alone_is_the_image_itself(dump: str) -> None:
    ask = SlotThumbsAsk(path=dump, samples=(4, 1), style="image")
    scene = slots.prepare(ask, QUIET)
    with h5py.File(dump, locking=False) as file:
        images = file["samples/image"][...]
    assert scene.samples == (4, 1)
    for picture, sample in zip(scene.pictures, scene.samples, strict=True):
        np.testing.assert_array_equal(picture[..., 2::-1], images[sample])
        assert (picture[..., 3] == 255).all()


def test_masks_tint_and_a_sample_that_is_not_there_is_left_out(dump: str) -> None:
    plain = slots.prepare(SlotThumbsAsk(path=dump, samples=(2,), style="image"), QUIET)
    tinted = slots.prepare(SlotThumbsAsk(path=dump, samples=(2, 99, -1)), QUIET)
    assert tinted.samples == (2,)
    assert tinted.look != plain.look
    assert (tinted.pictures[0] != plain.pictures[0]).any()


def test_points_come_as_shares_the_worst_first(dump: str) -> None:
    scene = points.prepare(PointThumbsAsk(path=dump, samples=(0, 3)), QUIET)
    errors = samples.prepare(SamplesAsk(path=dump), QUIET).table.column("err_px")
    assert errors is not None
    for place, sample in enumerate(scene.samples):
        rows = scene.points[scene.first_point[place] : scene.first_point[place + 1]]
        assert len(rows) == 3
        gaps_px = np.hypot(*((rows[:, :2] - rows[:, 2:4]) * dumps.SIZE).T)
        assert (np.diff(gaps_px) <= 1e-4).all()
        assert gaps_px[0] == pytest.approx(errors.values[sample], rel=1e-4)


def test_features_are_laid_over_the_image(dump: str) -> None:
    scene = features.prepare(FeatureThumbsAsk(path=dump, samples=(0, 5)), QUIET)
    assert scene.pictures.shape[0] == 2
    assert scene.problems == {}


def test_what_cannot_be_read_is_transparent_and_told(dump: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.h5"
    broken.write_bytes(Path(dump).read_bytes())
    with h5py.File(broken, "r+") as file:
        file["slots/masks"].id.write_direct_chunk((3, 0, 0, 0), b"no gzip at all")
    scene = slots.prepare(SlotThumbsAsk(path=str(broken), samples=(2, 3)), QUIET)
    assert list(scene.problems) == [3]
    assert scene.pictures[1].max() == 0
    assert scene.pictures[0].max() == 255


def test_pictures_of_other_proportions_lie_in_the_middle() -> None:
    wide, high = np.full((2, 6, 4), 255, np.uint8), np.full((4, 2, 4), 9, np.uint8)
    raster = one_raster([wide, high])
    assert raster.shape == (2, 4, 6, 4)
    assert (raster[0, :, 0, 3] == [0, 255, 255, 0]).all()
    assert (raster[1, 0, :, 3] == [0, 0, 9, 9, 0, 0]).all()
    assert (raster[0, 1, 0, :3] == 255).all()
    assert (raster[1, 0, 2, :3] == 0).all(), "9 of 255 opaque: 9 * 9 / 255 rounds to 0"
    red = np.array([[[200, 100, 50, 128]]], np.uint8)
    assert one_raster([red])[0, 0, 0].tolist() == [25, 50, 100, 128]
    assert one_raster([]).shape == (0, 1, 1, 4)


def test_numbers_are_those_of_the_whole_dump(dump: str) -> None:
    scene = samples.prepare(SamplesAsk(path=dump), QUIET)
    assert scene.table.whole
    assert scene.aspect == 1.0
    names = {column.name for column in scene.table.columns}
    assert {"fg_ari", "ari", "active_slots", "mask_entropy", "slot_cosine"} <= names
    assert all(column.values.shape == (dumps.SAMPLES,) for column in scene.table.columns)


def test_a_cancel_is_seen_between_two_thumbnails(dump: str) -> None:
    beats = iter([False, False, False, True])
    with pytest.raises(WorkCancelled):
        slots.prepare(SlotThumbsAsk(path=dump, samples=(0, 1, 2, 3, 4)), Pulse(cancelled=lambda: next(beats)))

"""Generated images and their marks: what is asked for lies where it is said to, and draws need no state."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from inspector.formats.recipes.counting import Data
from inspector.training.counting.blobs import SIDE_PX, Blobs, blobs
from inspector.training.counting.marks import marked
from inspector.training.counting.pictures import fitting, signed
from inspector.training.counting.samples import asked, drawn_step, validation_step

DATA = Data()
CPU = torch.device("cpu")


def test_an_image_is_the_same_every_time_in_any_order_and_kept_or_not(monkeypatch):
    first = [blobs(DATA, "train", index).image for index in range(4)]
    second = [Blobs(DATA, "train", 4).picture(index).image for index in (3, 2, 1, 0)][::-1]
    np.testing.assert_array_equal(first, second)
    monkeypatch.setattr(Blobs, "_KEPT_BYTES", 0)
    np.testing.assert_array_equal(first, [Blobs(DATA, "train", 4).picture(index).image for index in range(4)])
    digests = {
        hashlib.sha256(blobs(data, split, 0).image.tobytes()).hexdigest()
        for data, split in ((DATA, "train"), (DATA, "val"), (Data(seed=1), "train"))
    }
    assert len(digests) == 3


def test_every_object_is_seen_at_its_place_in_reading_order():
    counts = set()
    for index in range(60):
        picture = blobs(DATA, "val", index)
        counts.add(len(picture.places))
        rows = picture.places[:, 1]
        assert (np.diff(rows) > 0).all()
        pixels = np.rint((picture.places + 1) / 2 * DATA.image_size - 0.5).astype(int)
        background = np.median(picture.image.reshape(-1, 3), axis=0)
        seen = picture.image[pixels[:, 1], pixels[:, 0]].astype(int)
        assert (np.abs(seen - background).max(axis=1) > 40).all()
    assert min(counts) >= 1
    assert max(counts) <= 20
    assert len(counts) > 12


@pytest.mark.parametrize("objects", [0, 60])
def test_an_empty_image_and_a_crowded_one_can_be_made(objects):
    picture = blobs(Data(min_objects=objects, max_objects=max(objects, 1), seed=3), "train", 1)
    assert len(picture.places) in (0, 1) if not objects else len(picture.places) == 60
    assert (np.abs(picture.places) < 1).all()


def test_a_place_in_the_image_is_one_in_its_original_and_errors_are_told_in_its_pixels():
    picture = blobs(DATA, "train", 5)
    assert picture.original_hw == (SIDE_PX, SIDE_PX)
    np.testing.assert_allclose(picture.half_px, [192.0, 192.0])
    # the middle of the first pixel of 384 lies at a quarter of the first of 96, which reaches from -0.5 to 0.5
    np.testing.assert_allclose(picture.affine @ [0.0, 0.0, 1.0], [-0.375, -0.375])
    np.testing.assert_allclose(picture.affine @ [383.0, 383.0, 1.0], [95.375, 95.375])


def test_an_image_that_is_not_square_is_letterboxed_or_stretched():
    letterboxed, stretched = (fitting((384, 768), 96, letterbox=one) for one in (True, False))
    corners = np.array([[-0.5, -0.5], [767.5, 383.5]])
    np.testing.assert_allclose(signed(corners, letterboxed, 96), [[-1, -0.5], [1, 0.5]])
    np.testing.assert_allclose(signed(corners, stretched, 96), [[-1, -1], [1, 1]])


def test_marks_cover_what_was_counted_and_nothing_else():
    picture = blobs(DATA, "train", 7)
    counted = picture.places[:3]
    painted, covered = marked(picture.image, counted, 4)
    down, right = np.mgrid[:96, :96]
    centres = (counted + 1) / 2 * 96 - 0.5
    nearest = np.min([np.hypot(right - x, down - y) for x, y in centres], axis=0)
    assert (covered[nearest < 3.5] == 255).all()
    assert (covered[nearest > 5.5] == 0).all()
    np.testing.assert_array_equal(painted[nearest > 7.5], picture.image[nearest > 7.5])
    assert (painted[covered > 0] != picture.image[covered > 0]).any(axis=1).mean() > 0.9


def test_a_number_is_written_on_its_mark():
    image = np.zeros((32, 32, 3), np.uint8)
    places = np.array([[-0.5, 0.0]] * 11 + [[0.5, 0.0]])
    painted, _ = marked(image, places, 4)
    white = (painted == 255).all(axis=2)
    twelve = white[:, 16:]
    rows, columns = np.nonzero(twelve)
    assert rows.max() - rows.min() + 1 == 5
    assert columns.max() - columns.min() + 1 == 7
    written = twelve[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    as_read = ["".join(".#"[pixel] for pixel in row) for row in written.astype(int)]
    assert as_read == [".#..###", "##....#", ".#..###", ".#..#..", "###.###"]


def test_marks_outside_the_image_and_nowhere_are_no_error():
    image = np.zeros((16, 16, 3), np.uint8)
    painted, covered = marked(image, np.array([[5.0, 0.0], [np.nan, 0.0], [1.0, -1.0]]), 2)
    assert painted.shape == image.shape
    assert 0 < (covered > 0).sum() < 14
    assert not image.any()


def test_how_many_are_marked_is_drawn_anew_each_epoch_and_never_from_a_state():
    first = [drawn_step(DATA, 0, epoch, 3, 12) for epoch in range(40)]
    assert first == [drawn_step(DATA, 0, epoch, 3, 12) for epoch in range(40)]
    assert len(set(first)) > 5
    assert first != [drawn_step(DATA, 1, epoch, 3, 12) for epoch in range(40)]
    assert [validation_step(DATA, index, 12) for index in range(9)] == [
        validation_step(DATA, index, 12) for index in range(9)
    ]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.5), (0.1, 0.1), (None, 1 / 22), (1.0, 1.0), (0.0, 0.0)])
def test_done_is_as_frequent_as_asked_or_one_in_n_plus_one(share, expected):
    data = Data(done_positive_fraction=share)
    steps = np.array([drawn_step(data, 5, 0, index, 21) for index in range(3000)])
    is_done = steps == 21
    # four standard errors
    assert abs(is_done.mean() - expected) <= 4 * (expected * (1 - expected) / 3000) ** 0.5
    if share != 1.0:
        others = np.bincount(steps[~is_done], minlength=21)
        assert others.min() > 0.5 * others.mean()
    assert drawn_step(data, 5, 0, 0, 0) == 0


def test_the_next_object_is_asked_for_and_done_where_none_is_left():
    pictures = [blobs(DATA, "train", index) for index in range(3)]
    steps = [0, 2, len(pictures[2].places)]
    samples = asked(pictures, steps, 4, CPU)
    assert samples.inputs.pictures.shape == (3, 4, 96, 96)
    assert samples.inputs.counted.sum(1).tolist() == steps
    np.testing.assert_allclose(samples.inputs.places[1, :2], pictures[1].places[:2], rtol=1e-6)
    np.testing.assert_allclose(samples.target[:2], [pictures[0].places[0], pictures[1].places[2]], rtol=1e-6)
    assert samples.done.tolist() == [0.0, 0.0, 1.0]
    marks = samples.inputs.pictures[:, 3]
    assert marks[0].max() == -1
    assert marks[1].max() == 1
    np.testing.assert_allclose(
        samples.inputs.pictures[0, :3].permute(1, 2, 0), pictures[0].image / 127.5 - 1, atol=1e-6
    )

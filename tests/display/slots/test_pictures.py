"""The composite mixes colours as asked, worked by hand on a few pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inspector.display.slot_colours import slot_colour
from inspector.display.slots import pictures
from inspector.display.slots.pictures import Drawing
from inspector.display.slots.scene import MaskScale, MaskStyle
from inspector.display.tokens import rgb

GREY = np.full((2, 2, 3), 0.5)
MASKS = np.array([[[1.0, 0.5], [0.0, 0.25]], [[0.0, 0.5], [1.0, 0.75]]], np.float32)
FIRST, SECOND = (np.array(rgb(slot_colour(slot))) / 255 for slot in (0, 1))


def shown(style: MaskStyle, opacity: float = 0.6, **how: Any) -> np.ndarray:
    return pictures.composite(GREY, MASKS, Drawing(style, opacity, **how))[..., :3]


def test_the_plain_image_stays_as_it_is() -> None:
    assert np.all(shown("image") == 128)


def test_masks_tint_by_weight() -> None:
    expected = 0.4 * 0.5 + 0.6 * (0.25 * FIRST + 0.75 * SECOND)
    np.testing.assert_allclose(shown("masks")[1, 1], expected * 255, atol=0.51)


def test_solo_leaves_the_other_slots_uncoloured() -> None:
    expected = 0.5 * (1 - 0.6 * 0.25) + 0.6 * 0.25 * FIRST
    np.testing.assert_allclose(shown("masks", solo=0)[1, 1], expected * 255, atol=0.51)
    assert np.all(shown("argmax", solo=0)[1] == 128)


def test_argmax_tints_by_the_winner_alone() -> None:
    np.testing.assert_allclose(shown("argmax")[1, 1], (0.4 * 0.5 + 0.6 * SECOND) * 255, atol=0.51)


def test_a_hidden_slot_is_not_drawn_unless_it_is_shown_alone() -> None:
    np.testing.assert_array_equal(shown("masks", hidden=(1,)), shown("masks", solo=0))
    np.testing.assert_array_equal(shown("masks", hidden=(0,), solo=0), shown("masks", solo=0))


def test_a_threshold_leaves_pixels_without_a_clear_winner_alone() -> None:
    picture = shown("threshold", threshold=0.75)
    assert picture[0, 1].tolist() == [128, 128, 128]
    np.testing.assert_allclose(picture[1, 1], (0.4 * 0.5 + 0.6 * SECOND) * 255, atol=0.51)
    np.testing.assert_array_equal(shown("threshold", threshold=0.76)[1, 1], [128, 128, 128])


def test_a_slot_that_is_another_one_elsewhere_has_its_colour() -> None:
    np.testing.assert_allclose(shown("argmax", identities=(1, 0))[1, 1], (0.4 * 0.5 + 0.6 * FIRST) * 255, atol=0.51)


CHECKERBOARD = np.array([[[1, 0], [0, 1]]], np.float32)


def test_nearest_keeps_the_cells_of_a_checkerboard_where_they_are() -> None:
    cells = np.kron(CHECKERBOARD[0], np.ones((3, 3), np.float32))
    np.testing.assert_array_equal(pictures.enlarged(CHECKERBOARD, 6, 6, "nearest")[0], cells)


def test_smooth_enlarging_shifts_a_checkerboard_by_no_half_pixel() -> None:
    # Pixel centres at eighths of the width lie at -0.25, 0.25, 0.75 and 1.25 cells; the ends are held.
    along = np.array([1, 0.75, 0.25, 0])
    expected = along[:, None] * along + (1 - along)[:, None] * (1 - along)
    large = pictures.enlarged(CHECKERBOARD, 4, 4, "smooth")[0]
    np.testing.assert_allclose(large, expected, atol=1e-6)
    np.testing.assert_allclose(large, large[::-1, ::-1], atol=1e-6)


@pytest.mark.parametrize(("scale", "full"), [("recorded", [1, 1]), ("slot", [1, 0.5]), ("shared", [1, 1])])
def test_full_brightness_is_what_it_is_called(scale: MaskScale, full: list[float]) -> None:
    masks = np.array([[[1.0, 0.0]], [[0.5, np.nan]]], np.float32)
    assert pictures.full_brightness(masks, scale).ravel().tolist() == full
    dim = masks / 4
    expected = {"recorded": [1, 1], "slot": [0.25, 0.125], "shared": [0.25, 0.25]}[scale]
    assert pictures.full_brightness(dim, scale).ravel().tolist() == expected
    assert pictures.full_brightness(np.zeros((2, 1, 1), np.float32), scale).ravel().tolist() == [1, 1]


def test_masks_that_sum_to_one_over_positions_are_brightened_without_being_asked() -> None:
    over_slots = np.full((2, 3, 4), 0.5, np.float32)
    assert pictures.met_scale(over_slots, "auto") == "recorded"
    over_positions = np.full((2, 3, 4), 1 / 12, np.float32)
    over_positions[0, 0, :2] = 0, 1 / 6
    assert pictures.met_scale(over_positions, "auto") == "shared"
    np.testing.assert_allclose(pictures.full_brightness(over_positions, "auto"), 1 / 6)
    assert pictures.met_scale(over_positions, "recorded") == "recorded"
    assert pictures.met_scale(np.full((2, 3, 4), np.nan, np.float32), "auto") == "recorded"


def test_contours_take_the_colour_of_their_own_side() -> None:
    masks = np.zeros((2, 9, 12), np.float32)
    masks[0, :, :6], masks[1, :, 6:] = 1, 1
    picture = pictures.composite(np.full((9, 12, 3), 0.5), masks, Drawing("contours"))[4, :, :3]
    grey = [128, 128, 128]
    assert (
        picture.tolist() == [grey] * 4 + [list(rgb(slot_colour(0)))] * 2 + [list(rgb(slot_colour(1)))] * 2 + [grey] * 4
    )


def test_above_eight_slots_masks_have_contours_and_numbers() -> None:
    masks = np.zeros((9, 6, 6), np.float32)
    masks[0, :, :3], masks[8, :, 3:] = 1, 1
    picture = pictures.composite(np.full((6, 6, 3), 0.5), masks, Drawing("masks", 0.0))
    assert picture[3, 2, :3].tolist() == list(rgb(slot_colour(0)))
    assert pictures.needs_numbers("masks", 9)
    assert not pictures.needs_numbers("masks", 8)


def test_a_tile_is_dim_where_its_mask_is_low() -> None:
    picture = pictures.tile(GREY, MASKS[0])
    assert picture[0, 0, 0] == 128
    assert picture[1, 0, 0] == round(127.5 * pictures.TILE_FLOOR)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_not_finite_has_no_colour(bad: float) -> None:
    masks = MASKS.copy()
    masks[:, 0, 0] = bad
    assert np.all(pictures.composite(GREY, masks, Drawing("masks", 1.0))[0, 0] == [128, 128, 128, 255])


def test_masks_that_sum_above_one_do_not_overflow() -> None:
    heavy = np.full((3, 2, 2), 5, np.float32)
    mean = sum(np.array(rgb(slot_colour(slot))) for slot in range(3)) / 3
    np.testing.assert_allclose(pictures.composite(GREY, heavy, Drawing("masks", 1.0))[0, 0, :3], mean, atol=0.51)


def test_the_innermost_point_of_a_square_is_its_middle() -> None:
    region = np.zeros((20, 40), bool)
    region[4:13, 10:19] = True
    assert pictures.innermost(region) == (14.5 / 40, 8.5 / 20)


def test_a_ring_is_labelled_on_the_ring_and_nothing_nowhere() -> None:
    rows, columns = np.mgrid[:40, :40]
    radius = np.hypot(rows - 20, columns - 20)
    ring = (radius > 10) & (radius < 18)
    point = pictures.innermost(ring)
    assert point is not None
    assert ring[int(point[1] * 40), int(point[0] * 40)]
    assert pictures.innermost(np.zeros((3, 3), bool)) is None


def test_regions_of_one_map_are_as_deep_as_each_by_itself() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (9, 13)).repeat(4, 0).repeat(3, 1) - 1
    depth = pictures.depths(labels)
    rows, columns = np.mgrid[-1:37, -1:40]
    framed = np.pad(labels, 1, constant_values=-2)
    for row, column in ((0, 0), (5, 7), (17, 20), (35, 38), (20, 2)):
        others = framed != labels[row, column]
        assert depth[row, column] == (np.abs(rows - row) + np.abs(columns - column))[others].min()
    for label in (-1, 0, 1):
        assert pictures.innermost(labels == label, depth) == pictures.innermost(labels == label)

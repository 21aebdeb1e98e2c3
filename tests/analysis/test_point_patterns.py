"""Planted mistakes of point predictions are each named, with the numbers that were planted; healthy ones are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from inspector.analysis.point_patterns import (
    AtBorder,
    Collapsed,
    ConstantOffset,
    DoneAlwaysLow,
    DoneRare,
    SwappedAxes,
    WrongScale,
    at_border,
    done_patterns,
    point_pattern,
    undone,
)

POINTS = 300
SIZES = np.tile([[384.0, 512.0], [384.0, 384.0], [384.0, 600.0]], (POINTS // 3, 1))
"""Heights and widths: images are not square, and differ."""
SEEDS = range(5)


def objects(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.03, 0.97, (POINTS, 2)) * SIZES[:, ::-1]


def noise(seed: int, deviation_px: float = 6.0) -> np.ndarray:
    return np.random.default_rng(seed + 100).normal(0, deviation_px, (POINTS, 2))


def signed(points: np.ndarray) -> np.ndarray:
    return (points + 0.5) / SIZES[:, ::-1] * 2 - 1


def pixels(places: np.ndarray) -> np.ndarray:
    return (places + 1) / 2 * SIZES[:, ::-1] - 0.5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("deviation_px", [0.3, 6.0, 40.0])
def test_a_healthy_set_gets_no_name(seed: int, deviation_px: float) -> None:
    truth = objects(seed)
    assert point_pattern(truth, truth + noise(seed, deviation_px), SIZES) is None
    assert point_pattern(truth, truth, SIZES) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_predictions_that_know_little_and_stay_near_the_middle_get_no_name(seed: int) -> None:
    truth = objects(seed)
    generator = np.random.default_rng(seed)
    guessed = pixels(0.4 * signed(truth) + generator.normal(0, 0.25, truth.shape))
    assert point_pattern(truth, guessed, SIZES) is None
    assert point_pattern(truth, objects(seed + 50), SIZES) is None


@pytest.mark.parametrize("seed", [15, 18, 19])
def test_predictions_that_are_scattered_far_beyond_the_image_are_no_wrong_scale(seed: int) -> None:
    """These seeds' far points happen to lie on a slope; divided by it they are as wrong as the middle of the image."""
    generator, sizes = np.random.default_rng(seed), np.full((60, 2), 384.0)
    truth, near = generator.uniform(20, 364, (60, 2)), generator.random((60, 1)) < 0.4
    beyond = 192 + generator.uniform(220, 420, (60, 2)) * generator.choice([-1, 1], (60, 2))
    found = np.where(near, truth + generator.normal(0, 5, (60, 2)), beyond)
    assert point_pattern(truth, found, sizes) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_swapped_axes_are_named(seed: int) -> None:
    truth = objects(seed)
    pattern = point_pattern(truth, pixels(signed(truth)[:, ::-1]) + noise(seed), SIZES)
    assert isinstance(pattern, SwappedAxes)
    assert not pattern.in_pixels
    assert pattern.remaining_px < 12 < pattern.error_px


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_and_columns_in_pixels_are_swapped_axes(seed: int) -> None:
    truth = objects(seed)
    pattern = point_pattern(truth, truth[:, ::-1] + noise(seed), SIZES)
    assert isinstance(pattern, SwappedAxes)
    assert pattern.in_pixels


@pytest.mark.parametrize("seed", SEEDS)
def test_a_constant_offset_is_named(seed: int) -> None:
    truth = objects(seed)
    pattern = point_pattern(truth, truth + np.array([30, -12]) + noise(seed), SIZES)
    assert isinstance(pattern, ConstantOffset)
    assert (pattern.x_px, pattern.y_px) == pytest.approx((30, -12), abs=2)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("scale", "anchor"), [(224 / 384, -1), (1.7, -1), (0.5, 0), (1.4, 0), (0.5, 1), (2.0, 1)])
def test_a_wrong_scale_is_named(seed: int, scale: float, anchor: int) -> None:
    truth = objects(seed)
    moved = pixels((signed(truth) - anchor) * scale + anchor)
    pattern = point_pattern(truth, moved + noise(seed), SIZES)
    assert isinstance(pattern, WrongScale)
    assert (pattern.x, pattern.y) == pytest.approx((scale, scale), rel=0.05)
    assert pattern.anchor == anchor


def test_shares_that_are_taken_for_signed_coordinates_are_a_scale_from_the_lower_right_corner() -> None:
    truth = objects(0)
    shares = (signed(truth) + 1) / 2
    pattern = point_pattern(truth, pixels(shares), SIZES)
    assert isinstance(pattern, WrongScale)
    assert (pattern.x, pattern.y, pattern.anchor) == pytest.approx((0.5, 0.5, 1))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("place", "is_corner"), [((-1, -1), True), ((1, -1), True), ((0.2, 0.1), False)])
def test_a_collapse_to_one_place_is_named(seed: int, place: tuple[float, float], is_corner: bool) -> None:
    generator = np.random.default_rng(seed)
    predicted = pixels(np.array(place) + generator.normal(0, 0.005, (POINTS, 2)))
    pattern = point_pattern(objects(seed), predicted, SIZES)
    assert isinstance(pattern, Collapsed)
    assert (pattern.x, pattern.y) == pytest.approx(place, abs=0.01)
    assert pattern.is_corner == is_corner


def test_the_same_pixel_in_images_of_several_sizes_is_one_place_too() -> None:
    predicted = np.array([320.0, 100.0]) + noise(0, 1.0)
    assert np.ptp(signed(predicted), axis=0).max() > 0.5
    pattern = point_pattern(objects(0), predicted, SIZES)
    assert isinstance(pattern, Collapsed)
    assert pattern.spread == pytest.approx(1.0 / 192, rel=0.1)  # a pixel of half the height


@pytest.mark.parametrize("seed", SEEDS)
def test_saturation_at_the_border_is_named(seed: int) -> None:
    truth = objects(seed)
    pattern = point_pattern(truth, pixels(np.tanh(8 * signed(truth))), SIZES)
    assert isinstance(pattern, AtBorder)
    assert pattern.share == pytest.approx((np.abs(np.tanh(8 * signed(truth))) >= 0.99).mean())


def test_a_clamp_at_twice_the_range_is_named() -> None:
    truth = objects(0)
    assert isinstance(point_pattern(truth, pixels(np.clip(6 * signed(truth), -2, 2)), SIZES), AtBorder)


def test_objects_at_the_border_are_no_saturation() -> None:
    truth = pixels(np.sign(signed(objects(0))))
    assert point_pattern(truth, truth + noise(0, 1.0), SIZES) is None


def test_of_few_points_and_missing_ones_nothing_is_said() -> None:
    truth = objects(0)
    few = truth.copy()
    few[15:] = np.nan
    assert point_pattern(few, truth + 40, SIZES) is None
    assert point_pattern(np.empty((0, 2)), np.empty((0, 2)), np.empty((0, 2))) is None


def test_a_done_signal_that_never_fires_and_a_rare_one_are_named() -> None:
    answers = np.zeros(500)
    answers[:15] = 1
    low, rare = done_patterns(np.full(500, 0.03), answers)
    assert low == DoneAlwaysLow(0.03, 15)
    assert rare == DoneRare(0.03, 15, 500)


@pytest.mark.parametrize(
    "planted",
    [lambda answers: np.where(answers > 0, 0.9, 0.1), lambda answers: np.random.default_rng(0).random(len(answers))],
)
def test_a_done_signal_that_fires_gets_no_name(planted: Callable[[np.ndarray], np.ndarray]) -> None:
    answers = np.tile([0.0, 1.0, 0.0], 100)
    assert done_patterns(planted(answers), answers) == ()
    assert done_patterns(planted(np.zeros(100)), np.zeros(100)) == ()


PLANTED: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda truth: pixels(signed(truth)[:, ::-1]),
    lambda truth: truth[:, ::-1],
    lambda truth: truth + np.array([30, -12]),
    lambda truth: (truth + 0.5) * (0.6, 0.7) - 0.5,
    lambda truth: pixels(1.4 * signed(truth)),
    lambda truth: pixels((signed(truth) + 1) / 2),
)


@pytest.mark.parametrize("plant", PLANTED)
def test_a_mistake_that_is_undone_leaves_the_points_where_they_were(plant: Callable[[np.ndarray], np.ndarray]) -> None:
    truth = objects(0)
    pattern = point_pattern(truth, plant(truth), SIZES)
    assert isinstance(pattern, SwappedAxes | ConstantOffset | WrongScale)
    np.testing.assert_allclose(undone(pattern, plant(truth), SIZES), truth, atol=1e-6)
    assert pattern.remaining_px == pytest.approx(0, abs=1e-6)


def test_pixels_that_are_clamped_to_a_small_image_lie_at_its_border() -> None:
    sizes = np.full((200, 2), 32.0)
    truth = np.random.default_rng(0).uniform(2, 29, (200, 2))
    predicted = np.clip(3 * (truth - 15.5) + 15.5, 0, 31)
    pattern = point_pattern(truth, predicted, sizes)
    assert isinstance(pattern, AtBorder)
    clamped = (predicted == 0) | (predicted == 31)
    assert pattern.share == pytest.approx(clamped.mean())
    assert at_border(predicted, sizes).tolist() == clamped.any(axis=1).tolist()

"""Points of every convention come back to the same pixels, and their values tell which convention it is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from inspector.analysis.convention_guess import Places, guessed_conventions
from inspector.analysis.point_conventions import from_given_px, in_given_px, in_original_px
from inspector.core.arrays import AnyArray
from inspector.formats.point_conventions import Convention, Frame, GuessedConvention, Unit

ORIGINAL_HW = np.array([480.0, 640.0])
GIVEN_HW = np.array([224.0, 224.0])
EVERY = [
    Convention(unit=unit, frame=frame, is_yx=is_yx) for unit, frame, is_yx in itertools.product(Unit, Frame, (0, 1))
]


def kept(points: list[tuple[float, float]], convention: Convention) -> np.ndarray:
    """Points of the original image as a file of a convention keeps them, one by one."""
    height, width = ORIGINAL_HW
    found = []
    for x, y in points:
        match convention.frame:
            case Frame.ORIGINAL:
                rows, columns = height, width
                u, v = x + 0.5, y + 0.5
            case Frame.RESIZED:
                rows, columns = GIVEN_HW
                u, v = (x + 0.5) * columns / width, (y + 0.5) * rows / height
            case Frame.LETTERBOXED:
                rows, columns = GIVEN_HW
                scale = 224 / 640
                u, v = (x + 0.5) * scale, (y + 0.5) * scale + (224 - 480 * scale) / 2
        match convention.unit:
            case Unit.PIXELS:
                place = (u - 0.5, v - 0.5)
            case Unit.SHARES:
                place = (u / columns, v / rows)
            case Unit.SIGNED:
                place = (2 * u / columns - 1, 2 * v / rows - 1)
        found.append(place[::-1] if convention.is_yx else place)
    return np.array(found)


NOTHING = Places(np.empty((0, 2)), ORIGINAL_HW)


def guessed_convention(places: AnyArray, original_hw: AnyArray, given_hw: AnyArray | None = None) -> GuessedConvention:
    return guessed_conventions(Places(places, original_hw, given_hw), NOTHING)[0]


def guessed_pair(truth: AnyArray, predicted: AnyArray) -> tuple[GuessedConvention, GuessedConvention]:
    return guessed_conventions(Places(truth, ORIGINAL_HW, GIVEN_HW), Places(predicted, ORIGINAL_HW, GIVEN_HW))


def spread(count: int = 60) -> list[tuple[float, float]]:
    places = np.random.default_rng(1).uniform(0, 1, (count, 2)) * ORIGINAL_HW[::-1] - 0.5
    return [(float(x), float(y)) for x, y in places]


@pytest.mark.parametrize("convention", EVERY)
def test_points_of_every_convention_come_back(convention: Convention) -> None:
    points = spread()
    found = in_original_px(kept(points, convention), convention, ORIGINAL_HW, GIVEN_HW)
    np.testing.assert_allclose(found, points, atol=1e-9)


@pytest.mark.parametrize("convention", [one for one in EVERY if one.frame is not Frame.LETTERBOXED])
def test_the_values_tell_the_convention(convention: Convention) -> None:
    found = guessed_convention(kept(spread(), convention), ORIGINAL_HW, GIVEN_HW)
    assert found.sure
    assert found.convention.unit == convention.unit
    if convention.unit is Unit.PIXELS:
        assert found.convention.frame == convention.frame
    if convention.unit is Unit.PIXELS and convention.frame is Frame.ORIGINAL:
        assert found.sure_of_order
        assert found.convention.is_yx == convention.is_yx
    else:
        assert not found.sure_of_order


def test_a_few_predictions_outside_their_image_change_nothing() -> None:
    places = kept(spread(), Convention(unit=Unit.SIGNED))
    places[:2] *= 1.9
    found = guessed_convention(places, ORIGINAL_HW)
    assert (found.convention.unit, found.sure) == (Unit.SIGNED, True)


def test_few_points_leave_doubt_and_none_leave_all() -> None:
    one = guessed_convention(np.array([[100.0, 100.0]]), ORIGINAL_HW, GIVEN_HW)
    assert one.convention.unit is Unit.PIXELS
    assert not one.sure
    nothing = guessed_convention(np.full((3, 2), np.nan), ORIGINAL_HW)
    assert not nothing.sure
    assert "no points" in nothing.because


def test_pixels_are_told_without_the_size_of_the_image() -> None:
    found = guessed_convention(kept(spread(), Convention()), np.full(2, np.nan))
    assert (found.convention.unit, found.sure) == (Unit.PIXELS, True)


@pytest.mark.parametrize("frame", [Frame.RESIZED, Frame.LETTERBOXED])
def test_what_the_network_was_given_and_the_original_image_lead_into_each_other(frame: Frame) -> None:
    there = in_given_px(spread(), frame, ORIGINAL_HW, GIVEN_HW)
    np.testing.assert_allclose(there, kept(spread(), Convention(frame=frame)), atol=1e-9)
    np.testing.assert_allclose(from_given_px(there, frame, ORIGINAL_HW, GIVEN_HW), spread(), atol=1e-9)


@pytest.mark.parametrize("unit", list(Unit))
def test_truth_and_predictions_are_read_alike_where_they_can_be(unit: Unit) -> None:
    truth = kept(spread(), Convention(unit=unit))
    noise = np.random.default_rng(2).normal(0, 0.05, truth.shape) * np.abs(truth).max()
    for predicted in (truth + noise, truth[:, ::-1], np.full_like(truth, truth[0, 0])):
        first, second = guessed_pair(truth, predicted)
        assert first.convention == second.convention == Convention(unit=unit)
        assert first.sure
        assert second.sure


@pytest.mark.parametrize(
    ("true_unit", "said_unit"), [(Unit.PIXELS, Unit.SIGNED), (Unit.PIXELS, Unit.SHARES), (Unit.SIGNED, Unit.PIXELS)]
)
def test_predictions_of_another_unit_are_read_in_it_and_not_surely(true_unit: Unit, said_unit: Unit) -> None:
    truth, predicted = (kept(spread(), Convention(unit=unit)) for unit in (true_unit, said_unit))
    first, second = guessed_pair(truth, predicted)
    assert (first.convention.unit, second.convention.unit) == (true_unit, said_unit)
    assert first.sure
    assert not second.sure


def test_predictions_far_outside_are_wrong_and_of_no_other_convention() -> None:
    truth = kept(spread(), Convention(unit=Unit.SIGNED))
    first, second = guessed_pair(truth, truth * 40)
    assert first.convention == second.convention == Convention(unit=Unit.SIGNED)
    assert first.sure


def test_truth_that_lies_in_one_quarter_is_told_by_the_predictions() -> None:
    truth = np.abs(kept(spread(), Convention(unit=Unit.SIGNED)))
    first, second = guessed_pair(truth, kept(spread(), Convention(unit=Unit.SIGNED)))
    assert first.convention.unit is second.convention.unit is Unit.SIGNED


def test_what_a_name_says_of_the_unit_and_order_holds() -> None:
    small = kept(spread(), Convention(unit=Unit.SHARES))
    said = Places(small, ORIGINAL_HW, units=(Unit.PIXELS,), is_yx=True)
    found, _nothing = guessed_conventions(said, NOTHING._replace(units=(Unit.PIXELS,)))
    assert found.convention == Convention(unit=Unit.PIXELS, is_yx=True)
    assert found.sure_of_order


def test_predictions_in_one_place_are_read_as_the_truth_is_and_asked_where_they_could_be_of_another_unit() -> None:
    first, second = guessed_pair(kept(spread(), Convention()), np.full((60, 2), 0.5))
    assert first.convention == second.convention == Convention()
    assert not second.sure


def test_truth_that_leaves_its_image_is_of_another_unit() -> None:
    near_one_corner = kept(spread(), Convention(unit=Unit.SIGNED)) * 0.5 + 0.4
    first, second = guessed_pair(near_one_corner, near_one_corner + 0.02)
    assert first.convention == second.convention == Convention(unit=Unit.SIGNED)

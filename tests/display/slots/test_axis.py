"""What is said of a sample's masks: their range, and the axis over which they sum to one."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.core.notes import Notes
from inspector.display.slots.axis import about_text, axis_of, range_text, sums_text

OVER_SLOTS = np.array([[[0.25, 1.0], [0.5, 0.0]], [[0.75, 0.0], [0.5, 1.0]]], np.float32)
OVER_POSITIONS = np.array([[[0.7, 0.1], [0.1, 0.1]], [[0.6, 0.2], [0.1, 0.1]]], np.float32)


def said(masks: np.ndarray, *, one_head: bool = False) -> tuple[str, tuple[str, ...]]:
    notes = Notes()
    return sums_text(axis_of(masks, "<f4"), masks, notes, one_head=one_head), notes.texts()


def test_slots_that_compete_are_said_to() -> None:
    assert said(OVER_SLOTS) == ("sum to 1 over slots, off by 0 at most", ())


def test_a_softmax_over_positions_is_noted() -> None:
    text, notes = said(OVER_POSITIONS)
    # The first position sums to 1.3 over slots, the last to 0.2.
    assert text == "sum to 1 over positions, not slots (a pixel is off by up to 0.8)"
    assert notes == ("Each slot sums to 1 over positions instead of slots, so the slots do not compete for pixels",)


def test_masks_that_sum_to_one_over_nothing_are_noted_with_their_sums() -> None:
    text, notes = said(OVER_SLOTS * 3)
    assert text == "sum to 1 over neither slots nor positions"
    assert notes == ("These masks sum to 1 neither over slots nor over positions: over slots, a pixel sums to 3 to 3",)


def test_one_head_of_several_is_no_fault() -> None:
    assert said(OVER_SLOTS / 4, one_head=True) == ("heads and slots sum to 1 together", ())


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_has_no_range(bad: float) -> None:
    assert range_text(np.full((2, 1, 1), bad, np.float32)) == "nothing finite"
    assert said(np.full((2, 1, 1), bad, np.float32))[0] == "sum to 1 over neither slots nor positions"


def test_masks_sum_to_one_over_slots_where_they_are_finite() -> None:
    masks = np.full((2, 2, 3), 0.5, np.float32)
    masks[0, 1, 1], masks[1, 0, 0] = np.nan, np.inf
    assert said(masks)[0].startswith("sum to 1 over slots")


def test_the_range_is_that_of_the_recorded_values() -> None:
    masks = OVER_SLOTS * np.float32(0.5)
    about = about_text(masks, "encoder attention", "slot", "sum to 1 over slots")
    assert about == (
        "encoder attention, 2 × 2 · sum to 1 over slots · recorded 0 to 0.5 · each slot drawn up to its own largest"
    )

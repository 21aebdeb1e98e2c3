"""One or two slots in use are too few where an image holds more, late in a run."""

from __future__ import annotations

from pathlib import Path

from inspector.diagnosis.slots.active_slots import ABOUT
from inspector.diagnosis.values import Severity
from tests.diagnosis.folders import finding, open_question, write_curves, write_own

EVALUATIONS = range(125, 3001, 125)


def test_one_slot_for_three_objects_is_an_error_and_the_axis_is_mended_first(tmp_path: Path) -> None:
    """Two to three objects and the ground are 3.5 on average, of which three quarters are 2.6."""
    write_own(tmp_path, model__attention_axis="positions")
    write_curves(tmp_path, EVALUATIONS, slots__active=lambda step: 3.0 if step < 1000 else 1.2)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.ERROR
    assert found.summary == "1.2 slots are in use on an image, where 3.5 objects and the ground are on an image"
    assert found.since_step == 1000
    assert found.cures[0].edits[0].path == "model.attention_axis"


def test_as_many_slots_as_objects_are_enough(tmp_path: Path) -> None:
    write_own(tmp_path)
    write_curves(tmp_path, EVALUATIONS, slots__active=lambda step: 3.4)
    assert finding(tmp_path, ABOUT.id) is None


def test_two_slots_are_enough_where_images_hold_two_colours(tmp_path: Path) -> None:
    records = {"slots__active": lambda step: 1.9, "baseline__slots_active_colours": lambda step: 2.1}
    write_curves(tmp_path, EVALUATIONS, **records)
    assert finding(tmp_path, ABOUT.id) is None


def test_few_slots_are_normal_until_long_after_the_warmup(tmp_path: Path) -> None:
    write_curves(tmp_path, [100, 200, 300], slots__active=lambda step: 1.0)
    assert "may be normal until step 1,000" in open_question(tmp_path, ABOUT.id).because

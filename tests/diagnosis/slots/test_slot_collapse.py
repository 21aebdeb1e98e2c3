"""Slots that had parted and are alike again have collapsed; slots that never parted have not."""

from __future__ import annotations

from pathlib import Path

from inspector.diagnosis.slots.slot_collapse import ABOUT
from inspector.diagnosis.values import CurveEvidence, Severity, Sureness
from tests.diagnosis.folders import cured_paths, finding, open_question, write_curves, write_own

EVALUATIONS = range(125, 3001, 125)


def test_slots_alike_after_they_had_parted_are_an_error(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=1e-3, optim__clip_norm=None)
    write_curves(
        tmp_path,
        EVALUATIONS,
        slots__cosine=lambda step: 0.99 - 0.6 * min(step, 1500) / 1500 if step <= 2000 else 0.97,
        slots__mask_entropy=lambda step: 0.6 if 1000 < step <= 2125 else 0.999,
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.ERROR, Sureness.CERTAIN)
    assert (found.since_step, found.since_epoch) == (2125, 17)
    assert "slots/cosine was 0.39 at epoch 12 and is 0.97 now" in found.summary
    assert {one.series for one in found.evidence if isinstance(one, CurveEvidence)} == {
        "slots/cosine",
        "slots/mask_entropy",
    }
    assert found.cures[0].edits[0].new == 2.5e-4
    assert "loss.diversity_clamp" not in cured_paths(found)  # it is so already
    assert "loss.diversity_weight" in cured_paths(found)


def test_slots_that_never_parted_and_slots_that_end_apart_have_not_collapsed(tmp_path: Path) -> None:
    """0.99 from the start is a plateau; 0.70 to 0.81 on the way down is what good runs pass through."""
    write_curves(tmp_path, EVALUATIONS, slots__cosine=lambda step: 0.99, slots__mask_entropy=lambda step: 0.999)
    assert finding(tmp_path, ABOUT.id) is None
    write_curves(tmp_path, EVALUATIONS, slots__cosine=lambda step: 0.99 - 0.6 * step / 3000)
    assert finding(tmp_path, ABOUT.id) is None


def test_one_value_is_not_enough(tmp_path: Path) -> None:
    write_curves(tmp_path, [125], slots__cosine=lambda step: 0.99)
    assert open_question(tmp_path, ABOUT.id).because == "1 values of slots/cosine; 3 are needed"

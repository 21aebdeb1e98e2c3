"""Slots that stay alike are told late, by uniform masks first; the early plateau of a healthy run is not it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inspector.diagnosis.blocks import BLOCKS_TEXT
from inspector.diagnosis.slots.slots_not_separating import ABOUT
from inspector.diagnosis.values import CurveEvidence, SettingEvidence, Severity, SlotEvidence, Sureness
from tests.diagnosis.folders import finding, open_question, write_curves, write_dump, write_own

WARMUP = 250
"""Steps of the small recipe's warm-up: two epochs of 125."""

EVALUATIONS = range(125, 3001, 125)


def _dump(folder: Path, step: int, *, uniform: bool, seed: int = 0) -> Path:
    """Six scenes of two 8 × 8 px squares, four slots."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((6, 32, 32), np.uint8)
    for sample, (row, column) in enumerate(rng.integers(0, 24, (6, 2))):
        truth[sample, row : row + 8, column // 2 : column // 2 + 8] = 1
        truth[sample, row : row + 8, 16 + column // 3 : 24 + column // 3] = 2
    masks = np.full((6, 4, 32, 32), 0.25)
    slots = np.ones((6, 4, 8)) + rng.normal(0, 0.01 if uniform else 10.0, (6, 4, 8))
    if not uniform:
        masks[:] = 0.001
        for label in range(3):
            masks[:, label] = np.where(truth == label, 0.997, 0.001)
    path = folder / "dumps" / f"step_{step:07d}.h5"
    write_dump(
        path,
        step,
        {"slots/masks": masks.astype(np.float16), "slots/slots": slots.astype(np.float32), "gt/masks": truth},
        gt__masks={"background_index": 0},
    )
    return path


def test_uniform_masks_and_equal_slots_long_after_the_warmup_are_an_error(tmp_path: Path) -> None:
    """The figures of the run that stayed stuck: entropy 0.995 to 1.0, cosine 0.995, FG-ARI 0.25."""
    write_own(tmp_path)
    write_curves(
        tmp_path,
        EVALUATIONS,
        slots__mask_entropy=lambda step: 0.997,
        slots__cosine=lambda step: 0.995,
        val__fg_ari=lambda step: 0.25,
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.ERROR, Sureness.CERTAIN)
    assert found.rules == ("X.A2", "S0.11c")
    assert found.since_step == 1375
    assert found.since_epoch == 11
    assert "0.997 of a uniform mask's at step 3,000, 2,750 steps after the warm-up" in found.summary
    assert "cosine of 0.99" in found.summary or "cosine of 0.995" in found.summary
    assert found.baseline == f"FG-ARI 0.25: {BLOCKS_TEXT}"
    assert [one.series for one in found.evidence if isinstance(one, CurveEvidence)] == [
        "slots/mask_entropy",
        "slots/cosine",
        "val/fg_ari",
    ]


def test_a_cosine_less_the_common_mean_is_no_measure_of_equal_slots(tmp_path: Path) -> None:
    write_own(tmp_path)
    write_curves(
        tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 0.997, slots__cosine_centred=lambda step: 0.995
    )
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert (found.severity, found.rules) == (Severity.WARNING, ("X.A2",))


def test_slots_that_have_not_met_the_step_gate_of_cosines_are_a_warning(tmp_path: Path) -> None:
    write_own(tmp_path)
    steps = range(125, WARMUP + 2001, 125)
    write_curves(tmp_path, steps, slots__mask_entropy=lambda step: 1.0, slots__cosine=lambda step: 0.99)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert found.rules == ("X.A2",)


@pytest.mark.parametrize(("last", "told"), [(WARMUP + 1000, False), (WARMUP + 1125, True)])
def test_the_plateau_is_normal_until_a_thousand_steps_after_the_warmup(tmp_path: Path, last: int, told: bool) -> None:
    write_own(tmp_path)
    write_curves(tmp_path, range(125, last + 1, 125), slots__mask_entropy=lambda step: 1.0)
    if told:
        assert finding(tmp_path, ABOUT.id) is not None
    else:
        because = open_question(tmp_path, ABOUT.id).because
        assert because.startswith(f"masks are still uniform at step {last:,}, which is normal until step 1,250")


def test_runs_that_broke_out_are_healthy_although_their_slots_are_alike_for_long(tmp_path: Path) -> None:
    """Seed 0 of the reference: entropy 1.0, .57, .54, .69, .83, .84 with cosines from .991 down to .325."""
    write_own(tmp_path)
    entropy = {477: 1.0, 791: 0.57, 1156: 0.54, 1524: 0.69, 2859: 0.83, 3946: 0.84}
    cosine = {477: 0.991, 791: 0.704, 1156: 0.508, 1524: 0.438, 2859: 0.357, 3946: 0.325}
    write_curves(tmp_path, entropy, slots__mask_entropy=entropy.__getitem__, slots__cosine=cosine.__getitem__)
    assert finding(tmp_path, ABOUT.id) is None


def test_since_begins_anew_after_masks_had_changed(tmp_path: Path) -> None:
    write_own(tmp_path)
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 0.95 if step <= 2000 else 0.99)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.since_step == 2125


def test_slots_that_had_parted_are_not_said_never_to_part(tmp_path: Path) -> None:
    """Entropy 0.7 is that of slots that part; uniform masks after it are a collapse, which is another finding."""
    write_own(tmp_path)
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 0.7 if step <= 2000 else 0.99)
    assert finding(tmp_path, ABOUT.id) is None


def test_a_dump_alone_tells_too(tmp_path: Path) -> None:
    write_own(tmp_path)
    path = _dump(tmp_path, 2500, uniform=True)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.ERROR
    assert found.sureness is Sureness.LIKELY
    first = found.evidence[0]
    assert isinstance(first, SlotEvidence)
    assert (first.dump, first.slots) == (str(path), (0, 1, 2, 3))
    assert "Mask entropy is 1.000" in found.summary
    assert "less their common mean" in found.summary


def test_the_baseline_is_measured_on_the_samples_of_the_dump(tmp_path: Path) -> None:
    """2 × 2 blocks score 1 where each square lies in its own block, and 0 where both lie in one."""
    write_own(tmp_path)
    truth = np.zeros((2, 32, 32), np.uint8)
    truth[0, 2:10, 2:10], truth[0, 20:30, 20:30] = 1, 2
    truth[1, 2:6, 2:6], truth[1, 8:12, 8:12] = 1, 2
    masks = np.full((2, 4, 32, 32), 0.25, np.float32)
    write_dump(tmp_path / "d.h5", 2500, {"slots/masks": masks, "gt/masks": truth}, gt__masks={"background_index": 0})
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert "score 0.50 on the samples of the dump" in found.baseline


def test_scenes_of_one_object_score_nothing(tmp_path: Path) -> None:
    """One segment that covers all would score 1 there."""
    write_own(tmp_path)
    truth = np.zeros((2, 32, 32), np.uint8)
    truth[:, 2:10, 2:10] = 1
    masks = np.full((2, 4, 32, 32), 0.25, np.float32)
    write_dump(tmp_path / "d.h5", 2500, {"slots/masks": masks, "gt/masks": truth}, gt__masks={"background_index": 0})
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert "FG-ARI is" not in found.summary
    assert found.sureness is Sureness.LIKELY


def test_a_dump_with_parted_slots_is_healthy(tmp_path: Path) -> None:
    write_own(tmp_path)
    _dump(tmp_path, 2500, uniform=False)
    assert finding(tmp_path, ABOUT.id) is None


def test_the_newest_dump_stands_beside_the_curves(tmp_path: Path) -> None:
    write_own(tmp_path)
    _dump(tmp_path, 1250, uniform=True)
    newest = _dump(tmp_path, 2500, uniform=True, seed=1)
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 1.0, slots__cosine=lambda step: 1.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert isinstance(found.evidence[0], SlotEvidence)
    assert found.evidence[0].dump == str(newest)
    assert found.sureness is Sureness.CERTAIN


def test_a_dump_that_cannot_be_read_does_not_hide_what_the_curves_show(tmp_path: Path) -> None:
    write_own(tmp_path)
    path = _dump(tmp_path, 2500, uniform=True)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(bytes(data))
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 1.0)
    assert finding(tmp_path, ABOUT.id) is not None


@pytest.mark.parametrize(("preset", "cosine", "told"), [("same_slots", 1.0, True), ("same_slots", 0.99, False),
                                                        ("fixed", 1.0, False)])  # fmt: skip
def test_slots_that_began_alike_and_still_are_need_no_thousand_steps(
    tmp_path: Path, preset: str, cosine: float, told: bool
) -> None:
    write_own(tmp_path, preset)
    steps = range(125, WARMUP + 251, 125)
    write_curves(tmp_path, steps, slots__mask_entropy=lambda step: 1.0, slots__cosine=lambda step: cosine)
    if told:
        found = finding(tmp_path, ABOUT.id)
        assert found is not None
        assert found.severity is Severity.WARNING
        assert "step 500, 250 steps after the warm-up" in found.summary
    else:
        assert "which is normal until step 1,250" in open_question(tmp_path, ABOUT.id).because


def test_cures_reward_difference_and_start_apart_before_other_seeds(tmp_path: Path) -> None:
    write_own(tmp_path, "same_slots")
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 1.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    edits = [{edit.path: edit.new for edit in cure.edits} for cure in found.cures]
    assert edits == [
        {"loss.diversity_weight": 0.01},
        {"model.slot_noise": 1.0},
        {"train.seed": 1},
        {"optim.lr": 2.5e-4},
    ]
    assert any(isinstance(one, SettingEvidence) and one.path == "model.slot_noise" for one in found.evidence)


def test_a_diversity_loss_that_is_there_already_is_not_proposed_again(tmp_path: Path) -> None:
    write_own(tmp_path, loss__diversity_weight=0.01)
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 1.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert [edit.path for cure in found.cures for edit in cure.edits] == ["train.seed", "optim.lr"]


def test_a_diversity_loss_that_may_fall_below_zero_is_clamped_with_it(tmp_path: Path) -> None:
    write_own(tmp_path, loss__diversity_clamp=False)
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 1.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert {edit.path: edit.new for edit in found.cures[0].edits} == {
        "loss.diversity_weight": 0.01,
        "loss.diversity_clamp": True,
    }


def test_a_score_above_the_blocks_makes_it_only_possible(tmp_path: Path) -> None:
    write_own(tmp_path)
    write_curves(
        tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: 0.99, slots__cosine=lambda step: 0.9,
        val__fg_ari=lambda step: 0.8,
    )  # fmt: skip
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.sureness is Sureness.POSSIBLE


def test_the_warmup_of_a_foreign_run_is_read_off_its_rate(tmp_path: Path) -> None:
    write_curves(
        tmp_path, range(100, 2401, 100), val_mask_entropy=lambda step: 1.0, lr=lambda step: min(step / 1500, 1.0) * 1e-3
    )  # fmt: skip
    assert "normal until step 2,500" in open_question(tmp_path, ABOUT.id).because


def test_without_any_warmup_it_is_only_possible(tmp_path: Path) -> None:
    write_curves(tmp_path, range(100, 2401, 100), val_mask_entropy=lambda step: 1.0)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.sureness is Sureness.POSSIBLE
    assert "warm-up of this run is not known" in found.false_alarm


@pytest.mark.parametrize(("even", "weighted"), [(True, False), (True, True), (False, True)])
def test_a_dump_with_attention_alone_is_judged_by_that(tmp_path: Path, even: bool, weighted: bool) -> None:
    """Attention that is even over four slots, as it competes or divided by each slot's sum over positions."""
    attention = np.full((6, 4, 16, 16), 0.25)
    if not even:
        attention[:] = 0.01
        for slot in range(4):
            attention[:, slot, 4 * slot : 4 * slot + 4] = 0.97
    if weighted:
        attention /= attention.sum(axis=(2, 3), keepdims=True)
    write_own(tmp_path)
    path = tmp_path / "dumps" / "step_0003000.h5"
    write_dump(path, 3000, {"slots/attn": attention.astype(np.float32)}, slots__attn={"layout": "NKHW"})
    found = finding(tmp_path, ABOUT.id)
    assert (found is not None) is even
    if found is not None:
        assert found.sureness is Sureness.POSSIBLE
        assert found.summary.startswith("Attention entropy is 1.000 of a uniform mask's at step 3,000")
        assert "no masks of a decoder" in found.false_alarm
        (seen,) = [one for one in found.evidence if isinstance(one, SlotEvidence)]
        assert (seen.dump, seen.masks) == (str(path), "slots/attn")


def test_a_cosine_alone_does_not_tell(tmp_path: Path) -> None:
    write_curves(tmp_path, EVALUATIONS, val_slot_similarity=lambda step: 0.99)
    because = open_question(tmp_path, ABOUT.id).because
    assert because == "no dump with masks or attention of slots and a known step, and no mask entropy was logged"


def test_undefined_entropies_are_no_entropies(tmp_path: Path) -> None:
    write_curves(tmp_path, EVALUATIONS, slots__mask_entropy=lambda step: math.nan)
    assert "no mask entropy" in open_question(tmp_path, ABOUT.id).because

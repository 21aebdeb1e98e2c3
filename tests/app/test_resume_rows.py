"""What becomes of a setting on resume, without a window."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.app.plan import LeftOut, Plan, TrialStep
from inspector.app.rate_check import Difference, ExpectedRates, expected_rates, first_difference
from inspector.app.resume_rows import Asked, SheetRow, effective_values, is_of_the_rate, rows_of
from inspector.app.trial_texts import gradients_text, left_out_lines
from inspector.display.preview.scene import PreviewScene
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of
from inspector.session.values import StagedEdit

SLOTS = RECIPES["slots"].settings
BEFORE = values_of(SLOTS())


def asked(mode: str = "edits", rate: Any = "rescale") -> Asked:
    return Asked(mode=mode, rate=rate, epoch=12.5)


def edit(path: str, new: Any) -> StagedEdit:
    return StagedEdit(path=path, old=BEFORE[path], new=new)


def row(edits: tuple[StagedEdit, ...], path: str, how: Asked) -> SheetRow:
    return next(one for one in rows_of(fields_of(SLOTS), BEFORE, edits, how) if one.path == path)


@pytest.mark.parametrize(
    ("path", "new", "mode", "tag", "blocks"),
    [
        ("optim.weight_decay", 0.5, "edits", "takes effect", False),
        ("optim.name", "adamw", "edits", "needs new optimizer", False),
        ("data.batch_size", 7, "edits", "changes data order", False),
        ("loss.diversity_weight", 0.5, "edits", "loss not comparable", False),
        ("encoder.activation", "gelu", "edits", "changes what the weights compute", False),
        ("model.slot_size", 48, "edits", "changes shapes", True),
        ("model.slot_size", 48, "weights", "changes shapes", False),
        ("optim.weight_decay", 0.5, "exact", "left out", False),
    ],
)
def test_each_kind_of_edit_has_its_tag(path: str, new: Any, mode: str, tag: str, *, blocks: bool) -> None:
    found = row((edit(path, new),), path, asked(mode))
    assert (found.tag, found.blocks) == (tag, blocks)
    assert found.effective == (BEFORE[path] if mode == "exact" else new)


def test_a_restart_and_a_pin_change_the_schedule_beside_the_edited_rate() -> None:
    edits = (edit("optim.lr", 1e-4),)
    restarted = effective_values(BEFORE, edits, asked(rate="restart"))
    assert (restarted["optim.lr"], restarted["schedule.origin_epoch"]) == (1e-4, 12.5)
    pinned = row(edits, "schedule.family", asked(rate="pin"))
    assert (pinned.effective, pinned.is_staged, pinned.note) == ("constant", False, "constant from here")
    assert effective_values(BEFORE, edits, asked("exact", "restart")) == BEFORE


def test_the_meaning_of_a_rate_is_asked_for_rates_and_schedules_alone() -> None:
    asking = {path for path in BEFORE if is_of_the_rate(path)}
    assert {"optim.lr", "schedule.epochs", "schedule.warmup", "optim.groups.encoder.lr_mult"} <= asking
    assert not asking & {"optim.weight_decay", "data.batch_size", "train.seed"}


def test_rates_are_compared_group_by_group_to_a_billionth() -> None:
    scene = PreviewScene(
        lines=(), resume_step=10, first=(1e-3, 9e-4), first_of={"head": (1e-4, 9e-4 * 0.1)}, last_epoch=2
    )
    expected = expected_rates(scene, None)
    head = {11: 1e-4, 12: 9e-4 * 0.1}
    assert expected == ExpectedRates(base={11: 1e-3, 12: 9e-4}, by_module={"head": head})
    right = {"encoder": ((11, 1e-3), (12, 9e-4 * (1 + 1e-10))), "slow.head": ((11, 1e-4), (13, 5.0))}
    assert first_difference(expected, right) == (None, 3), "of step 13 nothing was said"
    wrong = {"encoder": ((11, 1e-3),), "slow.head": ((12, 9e-5 * (1 + 1e-8)),)}
    assert first_difference(expected, wrong)[0] == Difference("slow.head", 12, 9e-4 * 0.1, 9e-5 * (1 + 1e-8))


def test_an_assumed_rate_is_not_compared() -> None:
    scene = PreviewScene(lines=(), resume_step=10, first=(1e-3, 9e-4), last_epoch=2, assumed_from=12)
    plan = Plan(steps=(11, 12, 13), rates={"head": (1e-3, 9e-4, 8e-4)})
    assert first_difference(expected_rates(scene, plan), {"head": ((11, 1e-3), (12, 5.0), (13, 5.0))}) == (None, 1)


def test_gradients_that_are_none_zero_vanishing_or_exploding_are_named() -> None:
    norms = {"grad_norm/a": 0.5, "grad_norm/b": float("nan"), "grad_norm/c": 0.0, "grad_norm/d": 2e-9,
             "grad_norm/e": 3e4, "grad_norm/total": 9.0}  # fmt: skip
    step = TrialStep(loss_before=1, loss_after=1, gradient_norms=norms)
    assert gradients_text(step) == "Gradients: 1 module fine, b none, c zero, d 2e-9 (vanishing), e 3e4 (exploding)"
    assert gradients_text(TrialStep(loss_before=1, loss_after=1)) == ""


def test_tensors_that_do_not_load_are_named_with_both_shapes() -> None:
    tensors = [LeftOut(name="head.weight", saved=(8, 64), own=(8, 48)), LeftOut(name="new", own=(3,)),
               LeftOut(name="old", saved=()), *(LeftOut(name=str(at), saved=(1,)) for at in range(9))]  # fmt: skip
    lines = left_out_lines(tensors)
    assert lines[:3] == (
        "head.weight: 8 × 64 in the checkpoint, 8 × 48 in the model",
        "new: not in the checkpoint",
        "old: not in the model",
    )
    assert lines[-1] == "and 6 more"

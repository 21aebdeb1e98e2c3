"""Figures that a file beside a run sets anew decide there: each case is told in one way by default, otherwise by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.check import Answer
from inspector.diagnosis.gradients import exploding_gradient
from inspector.diagnosis.losses import done_loss_stuck, loss_diverging, loss_noisy, loss_stalled, still_improving
from inspector.diagnosis.material import material_of
from inspector.diagnosis.plan import settings_look
from inspector.diagnosis.rates import rate_spike
from inspector.diagnosis.scores import behind_course, score_collapsed
from inspector.diagnosis.seams import loss_jump
from inspector.diagnosis.slots import masks_below_baseline, one_slot
from inspector.diagnosis.values import Finding, NotAssessable, Severity, Sureness
from inspector.runs.scan import scan
from tests.diagnosis.folders import STEPS_PER_EPOCH, write_dump, write_own

Curve = Callable[[int], float]


class Case(NamedTuple):
    """A run of so many epochs (or records without epochs), a check, a threshold, and the answer by default and by it.

    `settings` are those of an own run, none for another's; `file` is what stands beside the log.
    """

    check: ModuleType
    own: Mapping[str, float]
    before: object
    after: object
    curves: Mapping[str, Curve]
    epochs: range = range(1, 13)
    settings: Mapping[str, Any] | None = None
    has_epochs: bool = True
    file: tuple[str, str] | None = None


def _told(answer: Answer, of: object) -> object:
    """What an answer says in the terms of what is expected: a rate, a severity or sureness, else what it is."""
    if isinstance(answer, Finding):
        match of:
            case float():
                return next(edit.new for cure in answer.cures for edit in cure.edits if edit.path == "optim.lr")
            case Severity():
                return answer.severity
            case Sureness():
                return answer.sureness
            case _:
                return Finding
    return None if answer is None else type(answer)


def _valley(epoch: int) -> float:
    """1.1 at first, 0.1 in epoch 6, 0.7 in epoch 12: 0.6 of the fall of 1 is lost, and seven times the least."""
    return 0.1 + (0.2 * (6 - epoch) if epoch < 6 else 0.1 * (epoch - 6))


def _spiked(before: float, after: float, rising: float = 1.0) -> Curve:
    """1e-3, at once ten times as much in epoch 20, and `after` from the next on."""
    levels = {18: rising * 1e-3, 19: rising * 1e-3, 20: 1e-2}
    return lambda epoch: before if epoch < 3 else levels.get(epoch, 1e-3 if epoch < 20 else after)


_LEAP: Curve = lambda epoch: 1.0 if epoch < 20 else 2.0  # noqa: E731 - as short as it is read
_LEVEL: Curve = lambda _epoch: 1.0  # noqa: E731 - as short as it is read
_BACK: Curve = lambda epoch: 1.0 if epoch < 20 else 2.0 if epoch < 25 else 1.2  # noqa: E731 - as short as it is read
_LONG = range(1, 41)
_RATE = {"optim.lr": 6e-3}

CASES = [
    Case(loss_stalled, {"stalled_averaged": 1}, Finding, None,
         {"train/loss": lambda epoch: 0.9 if epoch == 15 else 1.0}, range(1, 31)),
    Case(loss_noisy, {"noisy_fewest": 9}, Finding, NotAssessable,
         {"train/loss": lambda epoch: 1.0 + epoch % 2}, range(1, 9)),
    Case(loss_noisy, {"noisy_cut": 4.0}, 2e-3, 1.5e-3, {"train/loss": lambda epoch: 1.0 + epoch % 2}, settings=_RATE),
    Case(still_improving, {"improving_evaluations": 13}, Finding, NotAssessable,
         {"val/loss": lambda epoch: 2.0 - epoch / 10}, settings={"schedule.epochs": 12}),
    Case(done_loss_stuck, {"done_loss_values": 6}, Finding, NotAssessable,
         {"val/loss_done": lambda _epoch: 0.5}, range(0, 13, 3)),
    Case(score_collapsed, {"unnamed_rise": 3.0}, Finding, None,
         {"value": lambda epoch: {11: 0.1, 12: 0.25}.get(epoch, 0.6 if epoch < 10 else 0.1)}),
    Case(behind_course, {"behind_epoch": 5.0}, NotAssessable, Finding,
         {"train/loss": lambda _epoch: 1.5}, range(1, 16), file=("config.json", '{"model": "arc_solver"}')),
    Case(loss_diverging, {"diverged_lost": 0.7}, Severity.ERROR, Severity.WARNING, {"train/loss": _valley}),
    Case(loss_diverging, {"diverged_cut": 4.0}, 2e-3, 1.5e-3, {"train/loss": _valley}, settings=_RATE),
    Case(loss_diverging, {"diverged_small_cut": 4.0}, 4e-5, 2e-5, {"train/loss": _valley}, settings={"optim.lr": 8e-5}),
    Case(rate_spike, {"spike_still": 1.5}, None, Finding,
         {"lr": _spiked(1e-3, 1e-2, rising=1.3), "train/loss": _LEAP}, _LONG),
    Case(rate_spike, {"spike_near": 1.2}, Finding, None,
         {"lr": _spiked(1e-2, 1.4e-3), "train/loss": _LEAP}, _LONG),
    Case(rate_spike, {"spike_over": 1.3}, Severity.ERROR, Severity.WARNING,
         {"lr": _spiked(1e-3, 1e-2), "train/loss": _BACK}, _LONG),
    Case(exploding_gradient, {"exploded_cut": 4.0}, 3e-3, 1.5e-3,
         {"grad_norm/total": lambda epoch: 1e4 if epoch in (7, 8) else 1.0}, settings=_RATE),
    Case(settings_look, {"plan_losses": 12}, Finding, None,
         {"train/loss": _LEVEL}, settings={"optim.clip_norm": None}, has_epochs=False),
    Case(loss_jump, {"seam_rate_rise": 1.5}, Sureness.POSSIBLE, Sureness.LIKELY,
         {"train/loss": lambda epoch: 1.0 if epoch < 20 else 1.5, "lr": lambda epoch: 1e-3 if epoch < 20 else 1.2e-3},
         _LONG),
]  # fmt: skip


def _write(folder: Path, case: Case) -> None:
    if case.settings is not None:
        write_own(folder, **{path.replace(".", "__"): value for path, value in case.settings.items()})
    if case.file is not None:
        (folder / case.file[0]).write_text(case.file[1])
    steps = {epoch: epoch * STEPS_PER_EPOCH for epoch in case.epochs}
    if case.check is loss_jump:  # epoch 20 begins anew three epochs back
        steps |= {epoch: (epoch - 3) * STEPS_PER_EPOCH for epoch in case.epochs if epoch >= 20}
    rows = []
    for epoch, step in steps.items():
        placed = {"step": step, **({"epoch": step / STEPS_PER_EPOCH} if case.has_epochs else {})}
        rows.append({**placed, **{tag: value(epoch) for tag, value in case.curves.items()}})
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def _answer(folder: Path, check: ModuleType) -> Answer:
    answer: Answer = check.check(material_of(scan((folder,), QUIET), QUIET), QUIET)
    return answer


@pytest.mark.parametrize("case", CASES, ids=lambda case: next(iter(case.own)))
def test_a_figure_set_anew_decides(tmp_path: Path, case: Case) -> None:
    _write(tmp_path, case)
    assert _told(_answer(tmp_path, case.check), case.before) == case.before
    (tmp_path / "thresholds.toml").write_text("".join(f"{name} = {value}\n" for name, value in case.own.items()))
    assert _told(_answer(tmp_path, case.check), case.after) == case.after


def test_of_how_many_scenes_and_how_much_of_one_masks_are_judged_is_set_anew(tmp_path: Path) -> None:
    """Two of four slots win 15 and 1 rows of 16: 0.94 of each of seven images, whose objects lie in the corners."""
    winners = np.zeros((7, 16, 16), int)
    winners[:, 15] = 1
    truth = np.zeros((7, 16, 16), np.int32)
    truth[:, :6, :6], truth[:, 10:, 10:] = 1, 2
    masks = np.moveaxis(np.eye(4, dtype=np.float32)[winners], -1, 1)
    write_dump(tmp_path / "step_0005000.h5", 5000, {"pred/masks": masks, "gt/masks": truth})
    assert _answer(tmp_path, one_slot) is None
    lacking = _answer(tmp_path, masks_below_baseline)
    assert isinstance(lacking, NotAssessable)
    assert lacking.because.endswith("; 8 are needed")
    (tmp_path / "thresholds.toml").write_text("takes_all = 0.9\nbaseline_samples = 7\n")
    one = _answer(tmp_path, one_slot)
    assert isinstance(one, Finding)
    assert one.summary.startswith("One slot wins more than 90.0% of the content on 100.0% of 7 images")
    assert isinstance(_answer(tmp_path, masks_below_baseline), Finding)

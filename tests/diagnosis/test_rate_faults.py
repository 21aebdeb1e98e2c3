"""Both faults of a warm-up, recognised from one checkpoint each; none claimed where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.material import material_of
from inspector.diagnosis.rates.checkpoint_rates import HeldRate, held_rates
from inspector.diagnosis.rates.rate_abouts import ABOUTS
from inspector.diagnosis.rates.rate_checkpoints import checkpoint_marks
from inspector.diagnosis.rates.rate_marks import Kind
from inspector.runs.scan import scan
from tests.diagnosis.folders import finding

torch = pytest.importorskip("torch")
from tests.diagnosis import rates_by_torch as by_torch  # noqa: E402 - needs torch

schedulers = torch.optim.lr_scheduler
POSITIONS = (7, 12, 33, 50, 75)
WARMUP = 4

RECURSIVE: dict[str, Callable[[Any], Any]] = {
    "cosine": by_torch.cosine,
    "cosine with a floor": lambda one: schedulers.CosineAnnealingLR(one, T_max=100, eta_min=2e-5),
    "steps": lambda one: schedulers.StepLR(one, step_size=6, gamma=0.5),
    "milestones": lambda one: schedulers.MultiStepLR(one, milestones=[5, 40], gamma=0.3),
    "exponential": lambda one: schedulers.ExponentialLR(one, gamma=0.95),
    "polynomial": lambda one: schedulers.PolynomialLR(one, total_iters=100, power=2.0),
    "linear": lambda one: schedulers.LinearLR(one, start_factor=1.0, end_factor=0.1, total_iters=90),
    "in sequence": lambda one: schedulers.SequentialLR(
        one, [schedulers.ConstantLR(one, 1.0, total_iters=1), schedulers.CosineAnnealingLR(one, 100)], [1]
    ),
    "chained": lambda one: schedulers.ChainedScheduler(
        [schedulers.ExponentialLR(one, 0.97), schedulers.StepLR(one, 30, 0.5)]
    ),
}
"""Schedulers that go on from the rate that stands in the group."""

CLOSED: dict[str, Callable[[Any], Any]] = {
    "restarts": lambda one: schedulers.CosineAnnealingWarmRestarts(one, T_0=20, T_mult=2),
    "one cycle": lambda one: schedulers.OneCycleLR(one, max_lr=1e-3, total_steps=100),
    "cyclic": lambda one: schedulers.CyclicLR(one, base_lr=1e-5, max_lr=1e-4, step_size_up=9, cycle_momentum=False),
    "warm-up in sequence": lambda one: schedulers.SequentialLR(
        one, [schedulers.LinearLR(one, 0.1, total_iters=5), schedulers.CosineAnnealingLR(one, 95)], [5]
    ),
    "sequence in a chain": lambda one: schedulers.ChainedScheduler(
        [
            schedulers.SequentialLR(
                one, [schedulers.LinearLR(one, 0.1, total_iters=5), schedulers.CosineAnnealingLR(one, 95)], [5]
            ),
            schedulers.ExponentialLR(one, 0.99),
        ]
    ),
    "chain in sequence": lambda one: schedulers.SequentialLR(
        one,
        [
            schedulers.ChainedScheduler([schedulers.LinearLR(one, 0.1), schedulers.ExponentialLR(one, 0.99)]),
            schedulers.CosineAnnealingLR(one, 90, eta_min=1e-6),
        ],
        [10],
    ),
    "sequence in sequence": lambda one: schedulers.SequentialLR(
        one,
        [
            schedulers.SequentialLR(one, [schedulers.LinearLR(one, 0.1), schedulers.CosineAnnealingLR(one, 30)], [5]),
            schedulers.ExponentialLR(one, 0.95),
        ],
        [30],
    ),
}
"""Schedulers that a second writer leaves no trace in, or that warm up by themselves."""


def _held(folder: Path, make: Callable[[Any], Any], write: by_torch.Writer = by_torch.nobody) -> list[HeldRate]:
    by_torch.run(folder, make, write, save_at=POSITIONS, bases=(by_torch.BASE, 3 * by_torch.BASE))
    held = held_rates(material_of(scan((folder,), QUIET), QUIET))
    assert len(held) == 2 * len(POSITIONS)
    return held


@pytest.mark.parametrize("name", RECURSIVE)
def test_an_overwriting_warmup_is_recognised_from_any_single_checkpoint(tmp_path: Path, name: str) -> None:
    for one in _held(tmp_path, RECURSIVE[name], by_torch.overwriting(WARMUP)):
        kinds = {mark.kind for mark in checkpoint_marks([one])}
        assert kinds == {Kind.OVERWRITTEN}, one.t


@pytest.mark.parametrize("name", RECURSIVE)
def test_a_compounding_warmup_is_recognised_from_any_single_checkpoint(tmp_path: Path, name: str) -> None:
    for one in _held(tmp_path, RECURSIVE[name], by_torch.compounding(WARMUP)):
        marks = [mark for mark in checkpoint_marks([one]) if mark.kind is not Kind.WRITTEN]
        assert [mark.kind for mark in marks] == [Kind.COMPOUNDED], one.t
        assert f"a warm-up of {WARMUP} steps" in marks[0].text


@pytest.mark.parametrize("name", [*RECURSIVE, *CLOSED])
def test_a_scheduler_that_is_left_alone_shows_neither_fault(tmp_path: Path, name: str) -> None:
    held = _held(tmp_path, {**RECURSIVE, **CLOSED}[name])
    assert [mark.text for one in held for mark in checkpoint_marks([one])] == []
    assert checkpoint_marks(held) == []


def test_a_scheduler_of_schedulers_that_is_left_alone_follows_torch(tmp_path: Path) -> None:
    """Torch's own steps while it builds them shift a nested sequence; the plan is shifted alike."""
    held = _held(tmp_path, CLOSED["sequence in sequence"])
    assert [one.planned for one in held] == pytest.approx([one.rate for one in held], rel=1e-12)


def test_a_rate_lowered_by_hand_is_neither_fault(tmp_path: Path) -> None:
    def lower(optimizer: Any) -> None:
        for group in optimizer.param_groups:
            group["lr"] *= 0.317

    by_torch.run(tmp_path, by_torch.cosine, save_at=(20,), after=lower, epochs=20)
    held = held_rates(material_of(scan((tmp_path,), QUIET), QUIET))
    assert {mark.kind for mark in checkpoint_marks(held)} <= {Kind.DIFFERENT, Kind.WRITTEN}


def test_a_warm_restart_between_two_epochs_is_where_it_was_put(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1e-2)
    scheduler = schedulers.CosineAnnealingWarmRestarts(optimizer, T_0=3, T_mult=2)
    optimizer.step()
    scheduler.step(4.25)
    content = {"epoch": 4, "model": {"w": weight.detach()}, "optimizer": optimizer.state_dict()}
    torch.save({**content, "scheduler": scheduler.state_dict()}, tmp_path / "epoch_004.pt")
    (held,) = held_rates(material_of(scan((tmp_path,), QUIET), QUIET))
    assert held.planned == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)


@pytest.mark.parametrize(
    ("done", "length", "wrong"),
    [("steps", 10, True), ("epochs", 1000, True), ("epochs", 10, False), ("steps", 1000, False)],
)
def test_a_scheduler_counts_in_the_unit_that_it_is_set_in(tmp_path: Path, done: str, length: int, wrong: bool) -> None:
    """Ten epochs of a hundred steps; saved after the fourth."""
    weight = torch.nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([weight], lr=1e-2)
    scheduler = schedulers.CosineAnnealingLR(optimizer, T_max=length)
    for _ in range(4 if done == "epochs" else 400):
        optimizer.step()
        scheduler.step()
    content = {"epoch": 4, "global_step": 400, "args": {"epochs": 10}, "model": {"w": weight.detach()}}
    both = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    torch.save({**content, **both}, tmp_path / "last.pt")
    found = finding(tmp_path, *(about.id for about in ABOUTS.values()))
    assert (found is not None and found.rules == ("X.LR8",)) is wrong
    if not wrong:
        assert found is None

"""The planned rate of every group from one checkpoint, what is said where nothing determines it, and how the held rate
stands to it."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.diagnosis.checkpoint_values import PlannedCurve
from inspector.diagnosis.rates.planned_curve import MOST_POINTS, planned_curves
from inspector.formats.facts import CheckpointFacts

torch = pytest.importorskip("torch")
L = torch.optim.lr_scheduler


def _saved(
    path: Path,
    make: Callable[[Any], Any] | None,
    done: int,
    total: int,
    *,
    bases: tuple[float, ...] = (1e-3, 1e-2),
    write: Callable[[Any], None] | None = None,
    **beside: Any,
) -> tuple[CheckpointFacts, np.ndarray]:
    """A checkpoint after some steps, and (total + 1, groups) rates of the whole run."""
    weights = [torch.nn.Parameter(torch.zeros(2)) for _ in bases]
    groups = [{"params": [weight], "lr": base} for weight, base in zip(weights, bases, strict=True)]
    optimizer = torch.optim.SGD(groups, lr=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        scheduler = make(optimizer) if make else None
        rates = [[group["lr"] for group in optimizer.param_groups]]
        for step in range(1, total + 1):
            optimizer.step()
            if scheduler is not None:
                scheduler.step(1.0) if isinstance(scheduler, L.ReduceLROnPlateau) else scheduler.step()
            rates.append([group["lr"] for group in optimizer.param_groups])
            if step == done:
                if write is not None:
                    write(optimizer)
                content = {"model": {"w": torch.zeros(2)}, "optimizer": optimizer.state_dict(), **beside}
                if scheduler is not None:
                    content["scheduler"] = scheduler.state_dict()
                torch.save(content, path)
    return opened(path).facts, np.array(rates)


def _first(facts: CheckpointFacts, settings: dict[str, Any] | None = None) -> PlannedCurve:
    return planned_curves(facts, settings or {})[0]


def test_past_and_future_of_every_group_are_torchs_own(tmp_path: Path) -> None:
    facts, rates = _saved(tmp_path / "a.pt", lambda o: L.CosineAnnealingLR(o, 80, 1e-5), 30, 80, epoch=30)
    curves = planned_curves(facts, {})
    assert [one.group for one in curves] == ["0", "1"]
    for index, one in enumerate(curves):
        assert (one.optimizer, one.scheduler, one.unit, one.now) == ("optimizer", "CosineAnnealingLR", "epoch", 30)
        assert one.times.tolist() == list(range(81))
        np.testing.assert_allclose(one.rates, rates[:, index], rtol=1e-12)
        assert one.agrees is True
        assert one.held == rates[30, index]


def test_a_rate_that_was_written_over_is_told_with_the_plan(tmp_path: Path) -> None:
    def write(optimizer: Any) -> None:
        for group in optimizer.param_groups:
            group["lr"] = 5e-4

    facts, _ = _saved(tmp_path / "a.pt", lambda o: L.CosineAnnealingLR(o, 80), 40, 40, write=write)
    one = _first(facts)
    assert one.agrees is True  # the plan after 40 of 80 is the half of 1e-3
    other = planned_curves(facts, {})[1]
    assert other.agrees is False
    assert other.verdict.startswith("the group holds 0.0005 where CosineAnnealingLR plans 0.005 after 40 steps")
    assert "something wrote the rate after it" in other.verdict


def test_a_schedule_as_long_as_its_steps_is_thinned_and_keeps_now_and_the_end(tmp_path: Path) -> None:
    facts, rates = _saved(tmp_path / "a.pt", lambda o: L.CosineAnnealingLR(o, 90_001), 3, 3, global_step=3)
    one = _first(facts)
    assert len(one.times) <= MOST_POINTS
    assert {0.0, 3.0, 90_001.0} <= set(one.times.tolist())
    assert one.rates[int(np.searchsorted(one.times, 3.0))] == rates[3, 0]
    assert one.unit == "step"


@pytest.mark.parametrize(
    ("kind", "factor"),
    [
        ("linear", lambda t: t / 10 if t < 10 else max(0.0, (100 - t) / 90)),
        ("cosine", lambda t: t / 10 if t < 10 else max(0.0, 0.5 * (1 + math.cos(math.pi * 0.5 * 2 * (t - 10) / 90)))),
        ("constant_with_warmup", lambda t: min(1.0, t / 10)),
        ("inverse_sqrt", lambda t: t / 10 if t < 10 else 1 / math.sqrt(t / 10)),
        (
            "cosine_with_restarts",
            lambda t: (
                t / 10
                if t < 10
                else 0.0
                if t >= 100
                else max(0.0, 0.5 * (1 + math.cos(math.pi * ((t - 10) / 90 % 1.0))))
            ),
        ),
    ],
)
def test_a_function_is_drawn_where_the_settings_name_it(
    tmp_path: Path, kind: str, factor: Callable[[int], float]
) -> None:
    """Formulas as Transformers has them, written out here once more."""
    partial = functools.partial(factor)
    facts, rates = _saved(tmp_path / "a.pt", lambda o: L.LambdaLR(o, partial), 37, 100, bases=(1e-3,))
    settings = {"lr_scheduler_type": kind, "warmup_steps": 10, "max_steps": 100}
    one = _first(facts, settings)
    assert one.missing == ""
    assert one.agrees is True
    assert "from the settings" in one.verdict
    np.testing.assert_allclose(one.rates[:101], rates[: len(one.rates), 0], rtol=1e-12, atol=1e-18)
    if kind != "constant_with_warmup":  # which leaves no trace of its length once it is over
        assert _first(facts, {**settings, "warmup_steps": 11}).missing.startswith("the schedule is a function")


def test_a_folder_of_transformers_says_itself_which_function_it_was() -> None:
    """As its three files are listed together; training for 100 steps, -1 being the argument's way to leave it open."""
    rate = 1e-3 * 0.5 * (1 + math.cos(math.pi * (40 - 10) / 90))
    objects = {
        "trainer_state.global_step": 40,
        "trainer_state.max_steps": 100,
        "training_args.max_steps": -1,
        "training_args.lr_scheduler_type": "SchedulerType.COSINE",
        "training_args.warmup_steps": 10,
        "optimizer.param_groups.0.lr": rate,
        "optimizer.param_groups.0.initial_lr": 1e-3,
        "optimizer.param_groups.0.params": [0],
        "scheduler.base_lrs": [1e-3],
        "scheduler.last_epoch": 40,
        "scheduler._last_lr": [rate],
        "scheduler.lr_lambdas": [{}],
    }
    (one,) = planned_curves(CheckpointFacts(container="torch-zip", bytes=1, objects=objects), {})
    assert (one.unit, one.agrees, one.missing) == ("step", True, "")
    assert one.rates[[0, 10, 100]] == pytest.approx([0.0, 1e-3, 0.0], abs=1e-12)


def test_a_multiplied_rate_is_drawn_where_the_settings_name_its_factor(tmp_path: Path) -> None:
    facts, rates = _saved(tmp_path / "a.pt", lambda o: L.MultiplicativeLR(o, lambda _t: 0.95), 20, 25, bases=(1e-3,))
    one = _first(facts, {"train.lr_decay": 0.95})
    assert one.agrees is True
    np.testing.assert_allclose(one.rates, rates[: len(one.rates), 0], rtol=1e-12)
    assert _first(facts).missing.endswith(f"the recorded rate is {one.held:.4g}")


@pytest.mark.parametrize(
    ("make", "missing"),
    [
        (lambda o: L.ReduceLROnPlateau(o), "a metric that is still to come"),
        (lambda o: L.LambdaLR(o, lambda t: 0.9**t), "a function, which torch does not save"),
        (None, "no scheduler for this group"),
    ],
)
def test_what_is_missing_is_said_beside_the_recorded_rate(tmp_path: Path, make: Any, missing: str) -> None:
    facts, _ = _saved(tmp_path / "a.pt", make, 5, 5, bases=(1e-3,))
    one = _first(facts)
    assert missing in one.missing
    assert "the recorded rate is" in one.missing
    assert one.agrees is None
    assert not len(one.rates)
    assert one.held > 0


def test_a_cycle_without_its_optimizer_says_what_it_needs(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    scheduler = L.OneCycleLR(torch.optim.SGD([weight], lr=0.1), 0.1, total_steps=50)
    torch.save({"model": {"w": torch.zeros(2)}, "scheduler": scheduler.state_dict()}, tmp_path / "a.pt")
    one = _first(opened(tmp_path / "a.pt").facts)
    assert "the optimizer's groups" in one.missing


def test_our_own_schedule_is_drawn_from_its_state() -> None:
    sample = Path(__file__).parents[2] / "resources" / "sample_run" / "checkpoints"
    drawn = planned_curves(opened(max(sample.glob("step_*.pt"))).facts, {})
    assert drawn
    for one in drawn:
        assert one.missing == ""
        assert one.agrees is not None
        assert len(one.rates) == len(one.times) > one.now


def test_a_file_without_any_rate_gives_no_curve(tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(2)}, tmp_path / "a.pt")
    assert planned_curves(opened(tmp_path / "a.pt").facts, {}) == ()

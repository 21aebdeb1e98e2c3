"""A rate that is not the planned one: which of the two faults it is, from checkpoints alone and from recorded rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.material import material_of
from inspector.diagnosis.rates.checkpoint_rates import held_rates
from inspector.diagnosis.rates.rate_abouts import ABOUT, ABOUTS
from inspector.diagnosis.rates.rate_marks import Kind, compound_length
from inspector.diagnosis.values import CurveEvidence, SettingEvidence, Severity, Sureness, TensorEvidence
from inspector.runs.scan import scan
from tests.diagnosis.folders import (
    STEPS_PER_EPOCH,
    cosine,
    finding,
    open_question,
    write_curves,
    write_metrics,
    write_own,
)

torch = pytest.importorskip("torch")
from tests.diagnosis import rates_by_torch as by_torch  # noqa: E402 - needs torch

schedulers = torch.optim.lr_scheduler
BASE = by_torch.BASE
IDS = {about.id for about in ABOUTS.values()}


def test_the_overwritten_cosine_leaves_the_figures_of_the_reference(tmp_path: Path) -> None:
    """Base 1e-4 over 100: 9.695458e-5 after 50 epochs and 9.28e-5 after 75, where 5.0e-5 and 1.464e-5 were planned."""
    by_torch.run(tmp_path, by_torch.cosine, by_torch.overwriting(3))
    held = {one.t: one for one in held_rates(material_of(scan((tmp_path,), QUIET), QUIET))}
    assert held[50].rate == pytest.approx(9.695458e-5, rel=1e-6)
    assert held[50].planned == pytest.approx(5.0e-5, rel=1e-9)
    assert held[75].rate == pytest.approx(9.28e-5, rel=1e-3)
    assert held[75].planned == pytest.approx(1.464e-5, rel=1e-3)

    found = finding(tmp_path, *IDS)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.title == "Something writes over the scheduled learning rate"
    assert found.rules == ("X.LR3", "S3.02")
    assert "epoch_075.pt holds 9.285e-5 where CosineAnnealingLR plans 1.464e-5 at its step 75" in found.summary
    assert "exactly one step of its recursion from the base rate" in found.summary
    first = found.evidence[0]
    assert isinstance(first, TensorEvidence)
    assert first.name == "optimizer.param_groups.0.lr"
    assert found.cures == ()


FAMILIES: dict[str, Callable[[Any], Any]] = {
    "cosine": by_torch.cosine,
    "cosine with a floor": lambda optimizer: schedulers.CosineAnnealingLR(optimizer, T_max=100, eta_min=1e-6),
    "steps": lambda optimizer: schedulers.StepLR(optimizer, step_size=20, gamma=0.5),
    "milestones": lambda optimizer: schedulers.MultiStepLR(optimizer, milestones=[0, 10, 40], gamma=0.3),
    "exponential": lambda optimizer: schedulers.ExponentialLR(optimizer, gamma=0.95),
    "polynomial": lambda optimizer: schedulers.PolynomialLR(optimizer, total_iters=100, power=2.0),
    "linear": lambda optimizer: schedulers.LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=90),
}
"""Recursive schedulers, whose trace is exact."""

CLOSED: dict[str, Callable[[Any], Any]] = {
    "lambda": lambda optimizer: schedulers.LambdaLR(optimizer, lambda epoch: 0.95**epoch),
    "restarts": lambda optimizer: schedulers.CosineAnnealingWarmRestarts(optimizer, T_0=20),
    "one cycle": lambda optimizer: schedulers.OneCycleLR(optimizer, max_lr=1e-3, total_steps=100),
    "cyclic": lambda optimizer: schedulers.CyclicLR(optimizer, base_lr=1e-5, max_lr=1e-4, cycle_momentum=False),
    "in sequence": lambda optimizer: schedulers.SequentialLR(
        optimizer,
        [schedulers.LinearLR(optimizer, 0.1, total_iters=5), schedulers.CosineAnnealingLR(optimizer, 95)],
        [5],
    ),
    "chained": lambda optimizer: schedulers.ChainedScheduler(
        [schedulers.ConstantLR(optimizer, 0.5, total_iters=4), schedulers.ExponentialLR(optimizer, 0.97)]
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_recursive_scheduler_shows_that_it_was_overwritten(tmp_path: Path, name: str) -> None:
    by_torch.run(tmp_path, FAMILIES[name], by_torch.overwriting(3))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert found.severity is Severity.CRITICAL
    assert "X.LR3" in found.rules
    assert found.title == "Something writes over the scheduled learning rate"


@pytest.mark.parametrize("name", [*FAMILIES, *CLOSED])
def test_a_scheduler_that_is_left_alone_is_healthy(tmp_path: Path, name: str) -> None:
    make = {**FAMILIES, **CLOSED}[name]
    by_torch.run(tmp_path, make, save_at=(1, 2, 5, 25, 50, 75), bases=(BASE, 3 * BASE))
    if name == "lambda":
        assert "keeps no formula" in open_question(tmp_path, ABOUT.id).because
    else:
        assert finding(tmp_path, *IDS) is None


def test_a_cosine_that_goes_on_past_its_length_is_told_so_and_accuses_nobody(tmp_path: Path) -> None:
    by_torch.run(tmp_path, lambda optimizer: schedulers.CosineAnnealingLR(optimizer, T_max=40))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert (found.rules, found.severity) == (("X.LR9",), Severity.WARNING)
    assert found.title == "The cosine went on beyond its length"
    assert "40 steps long and has taken 75" in found.summary


@pytest.mark.parametrize(
    ("warmup", "share"), [(2, "0.5 of it"), (3, "0.2222 of it"), (4, "0.09375 of it"), (5, "0.0384 of it")]
)
def test_compounding_is_told_apart_by_its_steady_share(tmp_path: Path, warmup: int, share: str) -> None:
    """W!/W^W by hand: 1/2, 2/9, 3/32, 24/625."""
    by_torch.run(tmp_path, by_torch.cosine, by_torch.compounding(warmup))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert found.severity is Severity.CRITICAL
    assert found.title == "The warm-up compounds into the learning rate"
    assert "X.LR4" in found.rules
    assert "X.LR3" not in found.rules
    assert share in found.summary
    assert f"a warm-up of {warmup} steps" in found.summary
    assert "A rate that was lowered once by hand" in found.false_alarm


def test_the_public_third_version_is_below_its_floor_and_rises(tmp_path: Path) -> None:
    """5e-5 over 50 epochs with a floor of 5e-6 and 5 warm-up epochs really ran 1e-5, 4e-6, 2.4e-6, 1.93e-6, then up."""

    def make(optimizer: Any) -> Any:
        return schedulers.CosineAnnealingLR(optimizer, T_max=50, eta_min=5e-6)

    used = by_torch.run(tmp_path, make, by_torch.compounding(5), epochs=40, save_at=(10, 20, 30), bases=(5e-5,))
    assert used[:4] == pytest.approx([1e-5, 4e-6, 2.4e-6, 1.93e-6], rel=0.01)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert "X.LR5" in found.rules
    assert found.title == "The warm-up compounds into the learning rate"


def test_a_rate_that_was_lowered_once_by_hand_is_no_certain_fault(tmp_path: Path) -> None:
    def lowered(optimizer: Any, _scheduler: Any, epoch: int) -> None:
        if epoch == 5:
            for group in optimizer.param_groups:
                group["lr"] *= 0.7

    by_torch.run(tmp_path, by_torch.cosine, lowered)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert found.sureness is Sureness.POSSIBLE
    assert "warm-up of" not in found.summary


def test_a_single_checkpoint_that_differs_without_a_trace_is_only_a_warning(tmp_path: Path) -> None:
    def lowered(optimizer: Any, _scheduler: Any, epoch: int) -> None:
        if epoch == 5:
            optimizer.param_groups[0]["lr"] *= 0.7

    by_torch.run(tmp_path, by_torch.cosine, lowered, save_at=(50,))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.POSSIBLE)
    assert found.title == "Learning rate is not the planned one"


def test_the_first_three_steps_are_too_near_the_base_to_tell(tmp_path: Path) -> None:
    """Rule X.LR3: up to its third step the trace differs from the closed form by less than 1e-3."""
    by_torch.run(tmp_path, by_torch.cosine, by_torch.overwriting(1), epochs=3, save_at=(1, 2))
    assert finding(tmp_path, *IDS) is None


def test_a_rate_written_after_the_scheduler_is_told(tmp_path: Path) -> None:
    def write(optimizer: Any) -> None:
        optimizer.param_groups[0]["lr"] = 7e-5

    by_torch.run(tmp_path, CLOSED["lambda"], epochs=10, save_at=(10,), after=write)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert found.rules == ("X.LR6",)
    assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.POSSIBLE)
    assert "holds 7e-5, its scheduler last set 5.987e-5" in found.summary


def test_a_rate_written_after_that_happens_to_be_that_of_an_overwritten_one_accuses_no_warmup(tmp_path: Path) -> None:
    """The scheduler's last step gave 5e-5 as planned: it had gone on from its own rate."""

    def write(optimizer: Any) -> None:
        optimizer.param_groups[0]["lr"] = 9.695458e-5

    by_torch.run(tmp_path, by_torch.cosine, epochs=50, save_at=(50,), after=write)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert "X.LR6" in found.rules
    assert found.severity is Severity.WARNING


def test_groups_that_were_given_one_rate_are_told(tmp_path: Path) -> None:
    def write(optimizer: Any, _scheduler: Any, _epoch: int) -> None:
        for group in optimizer.param_groups:
            group["lr"] = BASE

    by_torch.run(tmp_path, by_torch.cosine, write, bases=(BASE, 5 * BASE))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert "X.LR7" in found.rules


def test_groups_that_meet_at_the_end_of_the_plan_are_healthy(tmp_path: Path) -> None:
    by_torch.run(tmp_path, by_torch.cosine, epochs=100, save_at=(99, 100), bases=(BASE, 5 * BASE))
    assert finding(tmp_path, *IDS) is None


def test_an_overwritten_cosine_shows_even_where_no_scheduler_was_saved(tmp_path: Path) -> None:
    """The optimizer's groups keep their first rate; the length is fitted."""
    by_torch.run(tmp_path, by_torch.cosine, by_torch.overwriting(3), with_scheduler=False)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert "one step of a cosine over 100 epochs from its base 0.0001" in found.summary
    assert found.sureness is Sureness.CERTAIN


def test_a_healthy_cosine_whose_scheduler_was_not_saved_is_not_accused(tmp_path: Path) -> None:
    by_torch.run(tmp_path, by_torch.cosine, with_scheduler=False)
    assert "no checkpoint holds a scheduler's state" in open_question(tmp_path, ABOUT.id).because


def test_schedulers_find_their_optimizers_by_order(tmp_path: Path) -> None:
    def saved(rate: float, total: int) -> tuple[dict[str, Any], dict[str, Any]]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
        scheduler = schedulers.CosineAnnealingLR(optimizer, total)
        for _ in range(10):
            optimizer.step()
            scheduler.step()
        return optimizer.state_dict(), scheduler.state_dict()

    first, second = saved(1e-3, 20), saved(1e-4, 40)
    content = {"epoch": 10, "optimizer_states": [first[0], second[0]], "lr_schedulers": [first[1], second[1]]}
    torch.save(content, tmp_path / "last.ckpt")
    held = held_rates(material_of(scan((tmp_path,), QUIET), QUIET))
    assert [one.path for one in held] == [
        "optimizer_states.0.param_groups.0.lr",
        "optimizer_states.1.param_groups.0.lr",
    ]
    assert finding(tmp_path, *IDS) is None


# Recorded rates


def _warmed(step: int, warmup: int = 250) -> float:
    return min(step / warmup, 1.0)


def test_a_flat_recorded_rate_is_held_against_the_settings(tmp_path: Path) -> None:
    write_own(tmp_path, "overwriting_warmup")
    write_curves(tmp_path, range(5, 2501, 5), lr__encoder=lambda step: 1e-3 * _warmed(step))
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.CRITICAL, Sureness.CERTAIN)
    assert found.rules == ("X.LR1", "S3.02")
    assert found.since_step == 250
    assert found.since_epoch == 2
    assert "lr/encoder stays at 0.001 from step 250 to 2,500, where the settings plan a fall from" in found.summary
    first, last = found.evidence[0], found.evidence[-1]
    assert isinstance(first, CurveEvidence)
    assert (first.series, first.first_step, first.last_step) == ("lr/encoder", 250, 2500)
    assert last == SettingEvidence(
        path="schedule.warmup", value="overwrite", text="The warm-up is set to write over the scheduler"
    )
    assert [(edit.path, edit.new) for cure in found.cures for edit in cure.edits] == [("schedule.warmup", "multiply")]


def test_a_rate_that_follows_its_plan_is_healthy(tmp_path: Path) -> None:
    """Warm-up times cosine over 40 epochs of 125 steps, by its definition; a step uses what came before it."""
    write_own(tmp_path)
    write_curves(
        tmp_path, range(5, 5001, 5), lr__encoder=lambda step: cosine(step - 1, base=1e-3, total=5000) * _warmed(step)
    )
    assert finding(tmp_path, *IDS) is None


def test_a_constant_rate_that_was_planned_so_is_healthy(tmp_path: Path) -> None:
    write_own(tmp_path, schedule__family="constant")
    write_curves(tmp_path, range(5, 2501, 5), lr__encoder=lambda step: 1e-3 * _warmed(step))
    assert finding(tmp_path, *IDS) is None


def test_a_group_with_its_own_factor_is_healthy(tmp_path: Path) -> None:
    write_own(tmp_path, optim__groups__encoder__lr_mult=0.1)
    write_curves(
        tmp_path, range(5, 5001, 5), lr__encoder=lambda step: cosine(step - 1, base=1e-4, total=5000) * _warmed(step)
    )
    assert finding(tmp_path, *IDS) is None


@pytest.mark.parametrize(("epochs", "told"), [(4.5, False), (5.5, True)])
def test_a_flat_rate_counts_after_three_epochs(tmp_path: Path, epochs: float, told: bool) -> None:
    """The warm-up takes two of them."""
    write_own(tmp_path, "overwriting_warmup")
    write_curves(tmp_path, range(5, int(epochs * STEPS_PER_EPOCH), 5), lr__slots=lambda step: 1e-3 * _warmed(step))
    assert (finding(tmp_path, *IDS) is not None) == told


@pytest.mark.parametrize(("way", "told"), [("overwriting", True), ("stepped each epoch", False)])
def test_in_a_short_schedule_a_flat_half_counts_and_an_epoch_does_not(tmp_path: Path, way: str, told: bool) -> None:
    """Two epochs of four, after two of warm-up; a plan that is stepped each epoch stands still for one."""
    write_own(tmp_path, *(["overwriting_warmup"] if told else []), schedule__epochs=4)

    def rate(step: int) -> float:
        falls = 1.0 if told else cosine((step - 1) // STEPS_PER_EPOCH, base=1.0, total=4)
        return 1e-3 * _warmed(step) * falls

    write_curves(tmp_path, range(5, 501, 5), lr__slots=rate)
    assert (finding(tmp_path, ABOUTS[Kind.OVERWRITTEN].id) is not None) == told


def test_a_log_of_few_digits_only_looks_flat(tmp_path: Path) -> None:
    """`LR=0.00100` until half of the last digit is lost."""
    write_own(tmp_path, schedule__warmup_epochs=0.0, schedule__epochs=400)
    write_curves(
        tmp_path, range(5, 5001, 5), lr__encoder=lambda step: round(cosine(step - 1, base=1e-3, total=50_000), 4)
    )  # fmt: skip
    assert finding(tmp_path, *IDS) is None


def test_a_flat_recorded_rate_is_held_against_a_schedulers_state(tmp_path: Path) -> None:
    """A foreign run: the rate as used, one value an epoch, beside a checkpoint of the overwritten cosine."""
    used = by_torch.run(tmp_path, by_torch.cosine, by_torch.overwriting(3))
    records = [{"step": 10 * (epoch + 1), "epoch": epoch + 1, "lr": rate} for epoch, rate in enumerate(used)]
    write_metrics(tmp_path, records)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert found.rules == ("X.LR1", "X.LR3", "S3.02")
    assert "where CosineAnnealingLR in epoch_075.pt plans a fall from" in found.summary


def test_a_recorded_rate_shows_compounding_too(tmp_path: Path) -> None:
    used = by_torch.run(tmp_path, by_torch.cosine, by_torch.compounding(3), save_at=(80,))
    records = [{"step": 10 * (epoch + 1), "epoch": epoch + 1, "lr": rate} for epoch, rate in enumerate(used)]
    write_metrics(tmp_path, records)
    found = finding(tmp_path, *IDS)
    assert found is not None
    assert "X.LR4" in found.rules
    assert found.title == "The warm-up compounds into the learning rate"


def test_a_recorded_rate_of_a_healthy_scheduler_is_healthy(tmp_path: Path) -> None:
    used = by_torch.run(tmp_path, by_torch.cosine)
    records = [{"step": 10 * (epoch + 1), "epoch": epoch + 1, "lr": rate} for epoch, rate in enumerate(used)]
    write_metrics(tmp_path, records)
    assert finding(tmp_path, *IDS) is None


@pytest.mark.parametrize(("epochs", "told"), [(2, False), (5, True)])
def test_a_dip_of_one_value_an_epoch_is_the_scheduler_between_two_writes(
    tmp_path: Path, epochs: int, told: bool
) -> None:
    """The rate logged right after the scheduler's step differs, the next is written over again."""

    def rate(step: int) -> float:
        return 9e-4 if step % STEPS_PER_EPOCH == 1 and step > 1 else 1e-3

    write_curves(tmp_path, range(1, epochs * STEPS_PER_EPOCH + 10), lr=rate)
    if told:
        found = finding(tmp_path, *IDS)
        assert found is not None
        assert found.rules == ("X.LR2", "S3.02")
        assert found.severity is Severity.CRITICAL
    else:
        assert open_question(tmp_path, ABOUT.id)


def test_a_rate_without_a_plan_is_not_assessable(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 100), lr=lambda step: 1e-3)
    because = open_question(tmp_path, ABOUT.id).because
    assert because == "neither settings nor a scheduler's state in a checkpoint say what rate was planned"


def test_without_rates_it_says_so(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 10), loss=lambda step: 1.0)
    because = open_question(tmp_path, ABOUT.id).because
    assert because == "no learning rate was logged and no checkpoint holds a scheduler's state"


@pytest.mark.parametrize("warmup", range(2, 60))
def test_the_share_of_a_compounded_warmup_gives_its_length(warmup: int) -> None:
    share = math.prod(step / warmup for step in range(1, warmup + 1))
    assert compound_length(share) == warmup
    assert compound_length(share * 1.05) is None

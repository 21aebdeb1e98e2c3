"""Faults of the learning rate, in logs and in checkpoints."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from tests.diagnosis.corpus.draws import Draw, Planted, falling, fault, write_log
from tests.diagnosis.corpus.torch_files import write_checkpoint

_WIDTHS = (3, 2)


def cosine(base: float, step: int, length: int) -> float:
    """The closed form down to 0."""
    return base * (1 + math.cos(math.pi * step / length)) / 2


def _recursion(rate: float, step: int, length: int) -> float:
    """The next rate of torch's cosine from the rate that stands in the group."""
    before = 1 + math.cos(math.pi * (step - 1) / length)
    return rate * (1 + math.cos(math.pi * step / length)) / before if before > 1e-12 else rate


def write_rates(
    folder: Path, epoch: int, rates: list[float], bases: list[float], length: int, *, last: list[float] | None = None,
    count: int | None = None, more: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """A checkpoint with the rates of its groups and a cosine's state after so many steps."""
    groups = [
        {"lr": rate, "initial_lr": base, "weight_decay": 0.0, "momentum": 0.9, "params": [place]}
        for place, (rate, base) in enumerate(zip(rates, bases, strict=True))
    ]
    state = {
        "T_max": length, "eta_min": 0.0, "base_lrs": list(bases), "last_epoch": epoch if count is None else count,
        "_step_count": (epoch if count is None else count) + 1, "_get_lr_called_within_step": False,
        "_last_lr": list(last or rates),
    }  # fmt: skip
    random = np.random.default_rng(epoch)
    model = {f"layer{place}.weight": random.normal(0, 1, _WIDTHS).astype(np.float32) for place in range(len(rates))}
    content = {"epoch": epoch, "model": model, "optimizer": {"state": {}, "param_groups": groups}, "scheduler": state}
    write_checkpoint(folder / f"epoch_{epoch:03d}.pt", {**content, **(more or {})})


def _epochs_to_save(draw: Draw, length: int) -> list[int]:
    """Two or three late ones, where a plan has left its base."""
    return sorted({max(5, int(length * share)) for share in draw.random.uniform(0.3, 0.8, 3)})


def _base(draw: Draw) -> tuple[float, int]:
    return draw.orders(1e-5, 1e-2), draw.whole(30, 150)


def _overwritten_checkpoints(folder: Path, draw: Draw) -> None:
    """Base times warm-up before each epoch, so that one step of the recursion from the base stands in each file."""
    base, length = _base(draw)
    for epoch in _epochs_to_save(draw, length):
        write_rates(folder, epoch, [_recursion(base, epoch, length)], [base], length)


def _compounded_checkpoints(folder: Path, draw: Draw) -> None:
    base, length = _base(draw)
    warmup, rate, wanted = draw.whole(2, 6), base, set(_epochs_to_save(draw, length))
    for epoch in range(max(wanted)):
        if epoch < warmup:
            rate *= (epoch + 1) / warmup
        rate = _recursion(rate, epoch + 1, length)
        if epoch + 1 in wanted:
            write_rates(folder, epoch + 1, [rate], [base], length)


def _log(folder: Path, draw: Draw, way: str, warmup: float) -> None:
    """A run of the slots recipe whose warm-up is wired so, its rate in its record."""
    base, shares = 1e-3, np.empty(draw.epochs)
    left = math.prod((one + 1) / warmup for one in range(int(warmup)))
    for place, age in enumerate(draw.ages):
        risen = min(1.0, age / warmup)
        done = age - 1 / draw.steps_per_epoch  # the rate of an epoch's last step
        planned = (1 + math.cos(math.pi * done / draw.epochs)) / 2
        if way == "overwrite":
            shares[place] = risen
        elif way == "compound":
            shares[place] = planned * (left if age >= warmup else math.prod((i + 1) / warmup for i in range(int(age))))
        else:
            shares[place] = risen * planned
    curves = {"train/loss": draw.noisy(falling(draw, 0.4, 0.05, 4)), "lr/main": base * shares}
    edits = {"schedule.warmup_epochs": warmup, "schedule.warmup": way, "optim.lr": base}
    write_log(folder, draw, curves, recipe="slots", edits=edits)


def _overwritten_log(folder: Path, draw: Draw) -> None:
    _log(folder, draw, "overwrite", float(draw.whole(2, 5)))


def _compounded_log(folder: Path, draw: Draw) -> None:
    _log(folder, draw, "compound", float(draw.whole(2, 6)))


def _written_after(folder: Path, draw: Draw) -> None:
    base, length = _base(draw)
    for epoch in _epochs_to_save(draw, length):
        planned = cosine(base, epoch, length)
        write_rates(folder, epoch, [planned * draw.between(0.2, 0.8)], [base], length, last=[planned])


def _not_planned(folder: Path, draw: Draw) -> None:
    base, length = _base(draw)
    epoch = _epochs_to_save(draw, length)[0]
    rate = cosine(base, epoch, length) * draw.between(0.25, 0.7)
    write_rates(folder, epoch, [rate], [base], length, last=[rate])


def _one_rate(folder: Path, draw: Draw) -> None:
    base, length = _base(draw)
    bases = [base, base * draw.between(2, 10)]
    epoch = max(2, length // 4)
    write_rates(folder, epoch, [cosine(base, epoch, length)] * 2, bases, length, last=[cosine(base, epoch, length)] * 2)


def _unit(folder: Path, draw: Draw) -> None:
    """A cosine of so many epochs that is stepped after every batch."""
    base, epochs = draw.orders(1e-5, 1e-2), draw.whole(10, 60)
    per_epoch = draw.steps_per_epoch
    epoch = draw.whole(2, epochs - 2)
    count = epoch * per_epoch
    rate = cosine(base, count, epochs)
    more = {"global_step": count, "args": {"epochs": epochs}}
    write_rates(folder, epoch, [rate], [base], epochs, count=count, more=more)


def _past_end(folder: Path, draw: Draw) -> None:
    base, length = draw.orders(1e-5, 1e-2), draw.whole(10, 60)
    for epoch in (int(length * draw.between(1.2, 1.5)), int(length * draw.between(1.6, 1.9))):
        write_rates(folder, epoch, [cosine(base, epoch, length)], [base], length)


def scheduled(draw: Draw, form: int) -> np.ndarray:
    """A rate of one of the usual forms over the run, one value an epoch."""
    base, place = draw.orders(1e-5, 3e-3), (draw.ages - 1) / draw.epochs
    cycle = draw.whole(5, 9)
    within = (draw.ages - 1) % cycle / cycle
    early = place < draw.between(0.03, 0.1)
    forms = (
        np.full(draw.epochs, 1.0),
        np.minimum(1.0, draw.ages / draw.whole(1, 5)) * (1 + np.cos(np.pi * place)) / 2,
        np.interp(place, [0.0, draw.between(0.1, 0.4), 1.0], [0.04, 1.0, 1e-4]),
        (1 + np.cos(np.pi * within)) / 2 * draw.between(0.7, 1.0) ** ((draw.ages - 1) // cycle),
        0.1 + 0.9 * (1 - np.abs(2 * within - 1)),
        0.1 ** np.floor(3 * place),
        np.where(early, draw.between(0.1, 0.34), 1.0),
        0.05 + 0.95 * draw.random.random(draw.epochs),  # a quick cycle, seen at any of its places
        (1 + np.cos(np.pi * _doubling(draw.ages, cycle))) / 2,
        1 - within,
        np.interp((2 * place) % 1, [0.0, 0.3, 1.0], [0.04, 1.0, 1e-4]),
    )
    return base * forms[form % len(forms)]


def _doubling(ages: np.ndarray, cycle: int) -> np.ndarray:
    """How much of its cycle has passed at each epoch; each is twice as long as the one before."""
    begun = np.floor(np.log2((ages - 1) / cycle + 1))
    return ((ages - 1) - cycle * (2**begun - 1)) / (cycle * 2**begun)


def _restarted(folder: Path, draw: Draw) -> None:
    """A schedule that is cut off between a quarter and two thirds of its length, and begun again to the run's end."""
    length = int(draw.epochs * draw.between(0.9, 1.3))
    form = draw.whole(0, 2)
    at = length // 3 + draw.whole(6, 8) if form == 2 else max(6, int(length * draw.between(0.25, 0.65)))
    ages = np.concatenate([draw.ages[:at], draw.ages[: draw.epochs - at]])
    warmup = draw.whole(1, 5)
    place = ages / length
    decay = (1 - place, (1 + np.cos(np.pi * place)) / 2, 0.1 ** np.floor(3 * place))[form]
    rate = draw.orders(1e-5, 3e-3) * np.minimum(1.0, ages / (1 if form == 2 else warmup)) * decay
    loss = falling(draw, draw.between(1, 4), draw.between(0.2, 0.6), 3)
    write_log(folder, draw, {"train/loss": draw.noisy(loss), "val/loss": draw.noisy(loss * 1.1), "lr": rate})


def write_schedules(folder: Path, draw: Draw) -> None:
    """Rates as schedules give them; the loss rises a little with each rise of the rate."""
    rate = scheduled(draw, draw.seed)
    loss = falling(draw, draw.between(1, 4), draw.between(0.2, 0.6), 3) * (1 + 0.1 * rate / rate.max())
    write_log(folder, draw, {"train/loss": draw.noisy(loss), "val/loss": draw.noisy(loss * 1.1), "lr": rate})


def _spike(folder: Path, draw: Draw) -> None:
    """The rate is 5 to 1000 times what it was for an epoch or for good; the loss leaps, or is NaN from then on."""
    rate = scheduled(draw, draw.whole(0, 2))
    at = draw.whole(draw.epochs // 2, draw.epochs - 3)
    until = at + 1 if draw.random.random() < 0.5 else draw.epochs
    rate[at:until] = rate.max() * draw.orders(5, 1000)
    loss = falling(draw, draw.between(1, 4), draw.between(0.2, 0.6), 3)
    since = at + draw.whole(0, 1)
    loss[since:] = np.nan if draw.random.random() < 0.5 else loss[0] * draw.between(0.9, 1.5)
    write_log(folder, draw, {"train/loss": draw.noisy(loss), "val/loss": draw.noisy(loss * 1.1), "lr": rate})


OF_RATES = (
    "overwritten-rate", "compounded-rate", "rate-not-planned", "rate-written-after", "groups-one-rate",
    "schedule-unit", "schedule-past-end",
)  # fmt: skip

RATES: tuple[Planted, ...] = (
    fault("overwritten-rate in checkpoints", _overwritten_checkpoints, of=("overwritten-rate",), own_record=True),
    fault("overwritten-rate in a log", _overwritten_log, of=("overwritten-rate",), own_record=True),
    fault("compounded-rate in checkpoints", _compounded_checkpoints, of=("compounded-rate",), own_record=True),
    fault("compounded-rate in a log", _compounded_log, of=("compounded-rate",), own_record=True),
    fault("rate-written-after", _written_after, own_record=True),
    fault("rate-not-planned", _not_planned, own_record=True),
    fault("groups-one-rate", _one_rate, own_record=True),
    fault("schedule-unit", _unit, "schedule-past-end", own_record=True),
    fault("schedule-past-end", _past_end, own_record=True),
    fault("rate-spike", _spike),
    fault("schedule-restarted", _restarted, epochs=(24, 90)),
)

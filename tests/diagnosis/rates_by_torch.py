"""Learning rates that torch's own schedulers give, followed rightly and by the two faulty loops."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.optim import Optimizer, lr_scheduler

Maker = Callable[[Optimizer], Any]
Writer = Callable[[Optimizer, Any, int], None]
"""Takes optimizer, scheduler and the epoch counted from 0, and writes rates before its step."""

BASE, TOTAL = 1e-4, 100


def cosine(optimizer: Optimizer) -> lr_scheduler.CosineAnnealingLR:
    """Over 100 epochs down to 0."""
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=TOTAL)


def nobody(_optimizer: Optimizer, _scheduler: Any, _epoch: int) -> None:
    """No second writer."""


def overwriting(warmup: int) -> Writer:
    """The first fault: base times warm-up, whatever the scheduler set."""

    def write(optimizer: Optimizer, _scheduler: Any, epoch: int) -> None:
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * min((epoch + 1) / warmup, 1.0)

    return write


def compounding(warmup: int) -> Writer:
    """The second fault: the scheduler's last rate times warm-up, handed back to it."""

    def write(optimizer: Optimizer, scheduler: Any, epoch: int) -> None:
        if epoch < warmup:
            for group, last in zip(optimizer.param_groups, scheduler.get_last_lr(), strict=True):
                group["lr"] = last * (epoch + 1) / warmup

    return write


def run(
    folder: Path,
    make: Maker,
    write: Writer = nobody,
    *,
    epochs: int = 80,
    save_at: tuple[int, ...] = (25, 50, 75),
    bases: tuple[float, ...] = (BASE,),
    with_scheduler: bool = True,
    after: Callable[[Optimizer], None] | None = None,
) -> list[float]:
    """Train nothing for some epochs, save checkpoints after some, and give the first group's rate as used in each."""
    weights = [torch.nn.Parameter(torch.zeros(2)) for _ in bases]
    optimizer = torch.optim.SGD([{"params": [one], "lr": base} for one, base in zip(weights, bases, strict=True)], lr=1)
    used = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        scheduler = make(optimizer)
        for epoch in range(epochs):
            write(optimizer, scheduler, epoch)
            used.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
            if epoch + 1 in save_at:
                if after is not None:
                    after(optimizer)
                content = {"epoch": epoch + 1, "model": {"w": torch.zeros(2)}, "optimizer": optimizer.state_dict()}
                if with_scheduler:
                    content["scheduler"] = scheduler.state_dict()
                torch.save(content, folder / f"epoch_{epoch + 1:03d}.pt")
    return used

"""A resumed run beside the one that was not interrupted: bit for bit where that is asked for, else how far apart."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import torch

from tests.long.gpu_place import QUICK, Place, on_cuda, resume, train
from tests.long.harness import Figures
from tests.training.runs import (
    TINY_OF,
    arguments,
    call,
    differences,
    last_content,
    run_record,
    timeless,
    values_by_step,
)

HALF = 7
"""Runs of twenty steps are resumed from here, within the second epoch."""

KEPT = {"train.checkpoint_steps": HALF, "train.keep_checkpoints": 99}

NO_KERNEL = "train.deterministic to false"
"""How a run says that the device has no kernel that repeats for a part of the model."""

REPEATABLE: dict[str, dict[str, Any]] = {"counting": {"model.cross_attention": False}}
"""Edits without which a recipe in its smallest form asks for such a kernel."""


def losses(place: Place) -> Figures:
    """Every recipe, with and without `train.deterministic`."""
    found: Figures = {}
    for recipe in [QUICK] if place.quick else TINY_OF:
        for deterministic in (True, False):
            edits = {"optim.ema_decay": 0.9, "train.deterministic": deterministic}
            row = _pair(place, recipe, edits)
            if "refused" in row:
                row |= _pair(place, recipe, {**edits, **REPEATABLE[recipe]}) | {"with": REPEATABLE[recipe]}
            assert row["bitwise"] or not deterministic, (recipe, row)
            found.setdefault(recipe, {})["deterministic" if deterministic else "as set"] = row
    return found


def precision(place: Place) -> Figures:
    """Mixed precisions, and what they are apart from 32 bits; the scale of the gradients goes on too."""
    found: Figures = {}
    for name in ("16-mixed",) if place.quick else ("bf16-mixed", "16-mixed"):
        short = {"schedule.epochs": 2} if place.quick else {}
        row = _pair(place, "slots", {"train.deterministic": True, "train.precision": name, **short})
        assert row["bitwise"], (name, row)
        assert (row["scaler"] is not None) == (name == "16-mixed"), row
        found[name] = row
    return found


def compiled(place: Place) -> Figures:
    """`torch.compile` as it is by default; the quick form only asks for it."""
    with patch.object(torch, "compile", lambda model: model) if place.quick else nullcontext():
        return _pair(place, QUICK if place.quick else "arc_solver", {"train.compile": True})


def _pair(place: Place, recipe: str, edits: dict[str, Any]) -> Figures:
    """One run, and its second part again from a checkpoint."""
    with TemporaryDirectory() as folder:
        whole, rest = Path(folder) / "whole", Path(folder) / "rest"
        began = time.perf_counter()
        reason = train(place, whole, recipe, {**KEPT, **edits})
        if NO_KERNEL in reason:
            return {"refused": reason}
        assert not reason, reason
        trained = time.perf_counter()
        reason = resume(place, whole, rest, "--from", f"step_{HALF:07d}")
        assert not reason, reason
        seconds = {"train_s": trained - began, "resume_s": time.perf_counter() - trained}
        return {**compared(whole, rest), **seconds}


def compared(whole: Path, rest: Path) -> Figures:
    """How far a run and its second half are apart: everything recorded, and every tensor of the last checkpoint."""
    wanted, found = values_by_step(whole, "train/loss"), values_by_step(rest, "train/loss")
    assert list(found) == [step for step in wanted if step > HALF]
    first, second = last_content(whole), last_content(rest)
    unlike = differences(first, second)
    return {
        "bitwise": not unlike and timeless(whole, HALF) == timeless(rest, HALF),
        "largest_loss_difference": max(abs(wanted[step] - found[step]) for step in found),
        "last_loss": found[max(found)],
        "unlike": unlike[:5],
        "scaler": second["scaler"],
    }


def processes(place: Place) -> Figures:
    """Two processes on a GPU each; on the CPU they meet by gloo, and the quick form has but one."""
    count = 1 if place.quick else 2
    if on_cuda(place) and torch.cuda.device_count() < count:
        return {"skipped": f"nccl takes a GPU for each process, and there is {torch.cuda.device_count()}"}
    device = "auto" if on_cuda(place) else place.device
    with TemporaryDirectory() as folder:
        whole, rest = Path(folder) / "whole", Path(folder) / "rest"
        recipe = QUICK if place.quick else "slots"
        edits = {**TINY_OF.get(recipe, {}), **KEPT, "optim.accumulate": 2, "train.deterministic": True}
        _launched(count, "train", recipe, "-o", whole, "--device", device, *arguments(edits))
        _launched(count, "resume", whole, "--from", f"step_{HALF:07d}", "-o", rest, "--device", device)
        assert run_record(rest).status == "finished"
        others = last_content(rest)["rng"].get("others", ())
        assert len(others) == count - 1
        row = compared(whole, rest)
    assert row["bitwise"], row
    return {"processes": count, **row}


def _launched(count: int, *words: object) -> None:
    if count == 1:
        assert call(*words)[0] == 0
        return
    launch = ("torch.distributed.run", "--standalone", "--nproc-per-node", str(count), "-m", "inspector.training")
    command = [sys.executable, "-m", *launch, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

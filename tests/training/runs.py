"""Small runs that tests train: 16 pixels, few channels, five steps an epoch."""

from __future__ import annotations

import io
import math
import os
import signal
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch

from inspector.formats.metrics import decode_record
from inspector.formats.run_folder import METRICS_FILE, RunRecord
from inspector.training import checkpoint
from inspector.training.__main__ import main
from inspector.training.parents import read_record

STEPS_PER_EPOCH = 5

_SHORT: dict[str, Any] = {
    "data.batch_size": 4,
    "schedule.epochs": 4,
    "schedule.warmup_epochs": 1,
    "train.dump_samples": 3,
    "train.stats_samples": 5,
    "train.dump_every": 2,
    "train.checkpoint_every": 2,
    "train.norm_every": 2,
    "train.ratio_every": 3,
    "train.console_every": 4,
}
"""Of every recipe: twenty steps where it has 17 to 20 training samples."""

TINY: dict[str, Any] = {
    **_SHORT,
    "data.image_size": 16,
    "data.train_scenes": 19,
    "data.val_scenes": 6,
    "encoder.channels": 6,
    "encoder.layers": 2,
    "decoder.channels": 8,
    "decoder.layers": 1,
    "model.slot_size": 8,
    "model.hidden_size": 8,
}

_TINY_COUNTING: dict[str, Any] = {
    **_SHORT,
    "data.image_size": 32,
    "data.train_images": 18,
    "data.val_images": 8,
    "data.max_objects": 5,
    "data.sequence_images": 2,
    "data.longest_sequence": 6,
    "model.channels": 4,
    "model.features": 16,
    "model.hidden": 8,
    "model.dropout": 0.1,
    "model.memory": True,
    "model.foveation": True,
    "model.cross_attention": True,
}

_TINY_ARC_SOLVER: dict[str, Any] = {
    **_SHORT,
    "data.train_puzzles": 9,
    "data.pairs": 2,
    "data.val_puzzles": 7,
    "data.largest": 4,
    "data.grid_size": 6,
    "model.width": 16,
    "model.heads": 2,
    "model.dropout": 0.1,
}

_TINY_ARC_SLOTS: dict[str, Any] = {
    **_SHORT,
    "data.train_grids": 19,
    "data.val_grids": 6,
    "data.grid_size": 5,
    "data.largest": 5,
    "encoder.channels": 6,
    "encoder.layers": 2,
    "encoder.dropout": 0.1,
    "decoder.channels": 8,
    "decoder.layers": 1,
    "model.slots": 3,
    "model.slot_size": 8,
    "model.hidden_size": 8,
    "train.val_every": 1,
}

TINY_OF: dict[str, dict[str, Any]] = {
    "arc_slots": _TINY_ARC_SLOTS,
    "arc_solver": _TINY_ARC_SOLVER,
    "counting": _TINY_COUNTING,
    "slots": TINY,
}
"""Twenty steps of each recipe in a few hundred milliseconds, with dropout and augmentation on where it has them."""


def arguments(edits: dict[str, Any]) -> list[str]:
    return [part for path, value in edits.items() for part in ("--set", f"{path}={value}")]


def call(*words: str) -> tuple[int, str]:
    """Exit code and standard output of a command of the trainer, in this process."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = main([str(word) for word in words])
    return code, out.getvalue()


def trained(path: Path, edits: dict[str, Any] | None = None, *more: str, recipe: str = "slots") -> Path:
    settings = {**TINY_OF[recipe], **(edits or {})}
    code, _ = call("train", recipe, "-o", path, "--device", "cpu", *arguments(settings), *more)
    assert code == 0
    return path


def resumed(parent: Path, path: Path, *more: str) -> Path:
    code, _ = call("resume", parent, "-o", path, "--device", "cpu", *more)
    assert code == 0
    return path


def records(run: Path) -> list[dict[str, Any]]:
    return [decode_record(line) for line in (run / METRICS_FILE).read_bytes().splitlines()]


def values_by_step(run: Path, tag: str) -> dict[int, float]:
    return {record["step"]: record[tag] for record in records(run) if tag in record}


def events(run: Path) -> list[dict[str, Any]]:
    return [record for record in records(run) if "event" in record]


def run_record(run: Path) -> RunRecord:
    return read_record(run)


def last_content(run: Path) -> dict[str, Any]:
    return checkpoint.load(run / "checkpoints" / str(run_record(run).last))


def timeless(run: Path, after_step: int) -> list[dict[str, Any]]:
    """Every logged value after a step, without what a clock or the machine tells and without events."""
    return [
        {key: value for key, value in record.items() if not key.startswith(("time", "memory/"))}
        for record in records(run)
        if record["step"] > after_step and "event" not in record
    ]


def differences(first: Any, second: Any, path: str = "") -> list[str]:
    """Where two trees of tensors and plain values are not bit for bit the same."""
    if isinstance(first, dict) and isinstance(second, dict):
        keys = {str(key): key for key in [*first, *second]}
        return [
            found
            for name, key in keys.items()
            for found in (
                differences(first[key], second[key], f"{path}.{name}")
                if key in first and key in second
                else [f"{path}.{name} on one side"]
            )
        ]
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        if len(first) != len(second):
            return [f"{path} length"]
        return [
            found
            for place, (one, other) in enumerate(zip(first, second, strict=True))
            for found in differences(one, other, f"{path}.{place}")
        ]
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        same = first.dtype == second.dtype and torch.equal(first, second)
        return [] if same else [path]
    if isinstance(first, float) and isinstance(second, float) and math.isnan(first) and math.isnan(second):
        return []
    return [] if type(first) is type(second) and first == second else [path]


def forked(work: Any, told: Path = Path(os.devnull), *, limit_s: int = 60) -> int:
    """A copy of this process that does the work and nothing else; its process id.

    Args:
        told: a file for all that it prints, an exception of the work too.
        limit_s: after which it is ended.
    """
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(limit_s)
        said = os.open(told, os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        code = work()
    except BaseException:  # noqa: BLE001 - told to who reads the file
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(code)

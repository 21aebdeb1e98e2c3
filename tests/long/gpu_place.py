"""Where a part of the check on a GPU runs, and the runs that it makes there."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.training.runs import TINY_OF, arguments, call, run_record


@dataclass(frozen=True)
class Place:
    """Attributes:
    device: by its name.
    quick: few rounds, as in CI.
    """

    device: str
    quick: bool = False


QUICK = "matrix"
"""The recipe of the quick form: two small layers, in `tests.training.matrix`."""


def on_cuda(place: Place) -> bool:
    return place.device.startswith("cuda")


def train(place: Place, folder: Path, recipe: str, edits: dict[str, Any], *more: object) -> str:
    """Train the recipe in its smallest form; why the run failed, or empty."""
    settings = {**TINY_OF.get(recipe, {}), **edits}
    words = ("-o", folder, "--device", place.device, *arguments(settings), *more)
    return _ended(folder, call("train", recipe, *words)[0])


def resume(place: Place, parent: Path, folder: Path, *more: object) -> str:
    """Resume a run; why that failed, or empty."""
    return _ended(folder, call("resume", parent, "-o", folder, "--device", place.device, *more)[0])


def _ended(folder: Path, code: int) -> str:
    record = run_record(folder)
    assert (record.status == "failed") == (code == 3), (code, record)
    assert code in (0, 3), code
    return record.reason if code else ""


def freed(place: Place) -> None:
    """Give back what an ended run may still hold."""
    if on_cuda(place):
        gc.collect()
        torch.cuda.empty_cache()

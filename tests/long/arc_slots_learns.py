"""The slot autoencoder of ARC grids in its small size learns on one CPU thread.

Three seeds of the cure, each with its own curve, judged on the grids' own cells beside answers that look at nothing;
and an epoch on the public tasks where they are at hand.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inspector.formats.metrics import decode_record
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import METRICS_FILE
from inspector.training.arc_slots.task import ArcSlotsTask
from inspector.training.looking import looking
from inspector.training.task import Batch
from tests.conftest import SAMPLES
from tests.long.harness import Check, Figures

SEEDS = 3
PUBLIC = SAMPLES / "datasets/fchollet__ARC-AGI/data/training"
SCORE, BASELINE = "val/accuracy_content", "baseline/accuracy_content_most_frequent"

Found = dict[str, Any]

KEPT = (SCORE, BASELINE, "val/accuracy_coloured", "val/accuracy_padded", "val/fg_ari", "slots/active",
        "slots/mask_entropy", "slots/update_norm", "val/loss", "train/loss")  # fmt: skip


def _by_layer(found: Found, name: str) -> list[float]:
    return [value for tag, value in found.items() if tag.startswith(f"{name}/")]


def round_of(number: int, figures: Figures) -> None:
    """First what untrained layers give, then a seed a round, then the public tasks."""
    if number == 0:
        _untrained(figures)
    elif number <= SEEDS:
        _seed(number - 1, figures)
    elif PUBLIC.is_dir():
        edits = {"data.path": PUBLIC, "data.grid_size": 30, "schedule.epochs": 1, "schedule.warmup_epochs": 0.2}
        figures["public_tasks"] = _told(_trained(edits))


def _untrained(figures: Figures) -> None:
    """The seed's measure falls by the activation's formula alone, with nothing learned."""
    for activation in ("relu", "leaky_relu", "gelu"):
        edits = {"encoder.activation": activation, "data.train_grids": 64, "data.val_grids": 24}
        settings = settings_of("arc_slots", edits=edits)
        torch.manual_seed(0)
        task = ArcSlotsTask(settings, torch.device("cpu"))
        task.model.train()
        for norm in task.model.encoder.bn_layers:
            norm.momentum = None  # the statistics of the one batch that passes
        task.losses(task.model, Batch(np.arange(task.samples), 0, 0), settings)
        with looking(task.model):
            found = task.validate(task.model, settings)
        mean = statistics.mean(_by_layer(found, "sparsity"))
        figures[f"untrained_sparsity_{activation}"] = round(mean, 3)
        assert abs(mean - found["baseline/sparsity_encoder.conv1"]) < 0.1, mean


def _seed(seed: int, figures: Figures) -> None:
    found = _trained({"train.seed": seed, "data.seed": seed}, "fixed")
    figures[f"seed_{seed}"] = {
        **_told(found),
        "accuracy_by_validation": [round(one[SCORE], 3) for one in found],
        "active_slots_by_validation": [round(one["slots/active"], 2) for one in found],
        "dead_channels": max(_by_layer(found[-1], "dead_channels")),
    }
    if seed == SEEDS - 1:
        gains = [figures[f"seed_{one}"][SCORE] - figures[f"seed_{one}"][BASELINE] for one in range(SEEDS)]
        figures["median_gain_over_most_frequent_colour"] = round(statistics.median(gains), 4)
        assert statistics.median(gains) > 0.02, gains


def _told(found: list[Found]) -> Found:
    last = found[-1]
    return {"cpu_s": round(last["cpu_s"]), "steps": last["step"], **{name: round(last[name], 4) for name in KEPT}}


def _trained(edits: dict[str, Any], preset: str = "") -> list[Found]:
    """The validations of a run of the small size, each with the newest loss of training; the last with CPU seconds."""
    folder, before = Path(tempfile.mkdtemp(prefix="arc-slots-learn-")), os.times()
    try:
        edits = {"train.dump_every": 1000, "train.checkpoint_every": 1000, **edits}
        words = [word for path, value in edits.items() for word in ("--set", f"{path}={value}")]
        command = [sys.executable, "-m", "inspector.training", "train", "arc_slots", "-o", str(folder / "run")]
        chosen = ("--preset", preset) if preset else ()
        done = subprocess.run(
            [*command, "--device", "cpu", *chosen, *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        found: list[Found] = []
        newest: Found = {}
        for line in (folder / "run" / METRICS_FILE).read_bytes().splitlines():
            newest |= (record := decode_record(line))
            if SCORE in record:
                found.append(dict(newest))
    finally:
        shutil.rmtree(folder)
    after = os.times()
    found[-1]["cpu_s"] = after.children_user + after.children_system - before.children_user - before.children_system
    return found


CHECK = Check(
    name="arc_slots_learns",
    title="the slot autoencoder of ARC grids in its small size learns on one thread",
    round=round_of,
    target_rounds=2 + SEEDS,
    quick_rounds=1,
)

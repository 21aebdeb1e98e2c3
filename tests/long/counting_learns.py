"""Sequential counting in its small size learns on one CPU thread: three seeds, each with its own curve.

Its cure is judged beside answers that look at nothing: the mean place, the base rate of done, the mean count.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from inspector.formats.metrics import decode_record
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.run_folder import METRICS_FILE
from inspector.training.counting.task import CountingTask
from inspector.training.looking import looking
from tests.long.harness import Check, Figures

SEEDS = 3

ERROR, COUNT, PRECISION = "val/pixel_error", "val/count_mae", "val/done_average_precision"
MEAN_PLACE, MEAN_COUNT = "baseline/pixel_error_mean_position", "baseline/count_mae_mean_count"
BASE_RATE = "baseline/done_average_precision_base_rate"

SMALL = {"data.train_images": 32, "data.val_images": 32, "data.sequence_images": 0}


def round_of(number: int, figures: Figures) -> None:
    """First what an untrained model is worth; then a seed a round, and what they show together."""
    if number == 0:
        _before_training(figures)
        return
    seed, before = number - 1, os.times()
    found = _trained({"train.seed": seed, "data.seed": seed})
    after, last = os.times(), found[-1]
    figures[f"seed_{seed}"] = {
        "cpu_s": round(after.children_user + after.children_system - before.children_user - before.children_system),
        "steps": last["step"],
        "pixel_error_by_validation": [round(one[ERROR], 1) for one in found],
        "pixel_error": round(last[ERROR], 2),
        "pixel_error_median": round(last["val/pixel_error_median"], 2),
        "done_average_precision": round(last[PRECISION], 4),
        "count_mae": round(last[COUNT], 3),
        "baselines": {name: round(last[name], 3) for name in (MEAN_PLACE, BASE_RATE, MEAN_COUNT)},
    }
    if number == SEEDS:
        seeds = [figures[f"seed_{one}"] for one in range(SEEDS)]
        error = statistics.median(one["pixel_error"] for one in seeds)
        count = statistics.median(one["count_mae"] for one in seeds)
        precision = statistics.median(one["done_average_precision"] for one in seeds)
        figures["median_pixel_error"], figures["median_count_mae"] = error, count
        assert precision > last[BASE_RATE] + 0.5, f"median precision {precision}, the base rate {last[BASE_RATE]:.3f}"
        assert error < 0.2 * last[MEAN_PLACE], f"median error {error} px, the mean place {last[MEAN_PLACE]:.1f} px"
        assert count < 0.6 * last[MEAN_COUNT], f"median count error {count}, the mean count {last[MEAN_COUNT]:.2f}"


def _before_training(figures: Figures) -> None:
    settings = settings_of("counting", presets=["fixed"], edits=SMALL)
    torch.manual_seed(0)
    task = CountingTask(settings, torch.device("cpu"))
    with looking(task.model):
        found = task.validate(task.model, settings)
    # knowing nothing, it says one half of done, and one place of all
    assert abs(found["val/loss_done"] - math.log(2)) < 0.1, found
    assert found[ERROR] > 0.7 * found[MEAN_PLACE] > 50, found
    figures["pixel_error_before_training"] = round(found[ERROR], 1)


def _trained(edits: dict[str, Any]) -> list[dict[str, Any]]:
    """The validations of a run of the small size with its cure."""
    folder = Path(tempfile.mkdtemp(prefix="counting-learns-"))
    try:
        edits = {"train.dump_every": 1000, "train.checkpoint_every": 1000, **edits}
        words = [word for path, value in edits.items() for word in ("--set", f"{path}={value}")]
        command = [sys.executable, "-m", "inspector.training", "train", "counting", "-o", str(folder / "run")]
        done = subprocess.run(
            [*command, "--preset", "fixed", "--device", "cpu", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        records = [decode_record(line) for line in (folder / "run" / METRICS_FILE).read_bytes().splitlines()]
        return [record for record in records if ERROR in record]
    finally:
        shutil.rmtree(folder)


CHECK = Check(
    name="counting_learns",
    title="sequential counting in its small size learns on one thread",
    round=round_of,
    target_rounds=1 + SEEDS,
    quick_rounds=1,
)

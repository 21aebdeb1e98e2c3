"""The solver of ARC grids in its small size learns on one CPU thread: three seeds, each with its own curve.

It is asked of puzzles that it has never seen, and judged on content cells beside answers that solve nothing. Where the
public tasks are at hand, a round trains an epoch on all of them.
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
from inspector.training.arc_solver.measures import answers_of, costs, inputs
from inspector.training.arc_solver.model import ArcSolver
from inspector.training.arc_solver.prompts import prompts_of, queries_of
from inspector.training.looking import looking
from tests.conftest import SAMPLES
from tests.long.harness import Check, Figures

SEEDS = 3
PUBLIC = SAMPLES / "datasets/fchollet__ARC-AGI/data/training"

SCORE, EXACT = "val/accuracy_content", "val/exact_match"


def round_of(number: int, figures: Figures) -> None:
    """First the loss before training and one batch by heart, then a seed a round, then the public tasks."""
    if number == 0:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        _before_training(figures)
        torch.set_num_threads(threads)
    elif number <= SEEDS:
        _seed(number - 1, figures)
    elif PUBLIC.is_dir():
        _public(figures)


def _before_training(figures: Figures) -> None:
    settings = settings_of("arc_solver", edits={"data.train_puzzles": 3, "data.val_puzzles": 14, "data.largest": 4})
    queries = queries_of(settings.data)
    torch.manual_seed(0)
    model = ArcSolver(settings.model)
    with looking(model):
        loss = answers_of(model, queries.val, settings, torch.device("cpu")).loss
    assert abs(loss - math.log(10)) < 0.05, loss
    prompts = prompts_of(queries.train[:6], settings.data.demonstrations)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    steps, share = 0, 0.0
    while share < 1 and steps < 400:
        spent, right = costs(model(*inputs(prompts, torch.device("cpu"))), prompts, settings.loss)
        optimizer.zero_grad()
        spent.mean().backward()
        optimizer.step()
        steps, share = steps + 1, float(right.min())
    assert share == 1, "one batch is not learned by heart"
    figures |= {"loss_before_training": round(loss, 4), "steps_to_learn_one_batch_by_heart": steps}


def _seed(seed: int, figures: Figures) -> None:
    before = os.times()
    found = _trained({"train.seed": seed, "data.seed": seed})
    after, last = os.times(), found[-1]
    trivial = {name.removeprefix("baseline/"): value for name, value in last.items() if name.startswith("baseline/")}
    best = max(value for name, value in trivial.items() if name.startswith("accuracy_content_") and "macro" not in name)
    figures[f"seed_{seed}"] = {
        "cpu_s": round(after.children_user + after.children_system - before.children_user - before.children_system),
        "steps": last["step"],
        "loss_by_epoch": [round(one["val/loss"], 3) for one in found],
        "accuracy_by_epoch": [round(one[SCORE], 3) for one in found],
        "best_trivial_accuracy": round(best, 4),
        "accuracy": round(last[SCORE], 4),
        "accuracy_macro": round(last["val/accuracy_content_macro"], 4),
        "exact_match": round(last[EXACT], 4),
        "padded_accuracy": round(last["val/accuracy_padded"], 4),
        "padded_accuracy_of_black": round(trivial["accuracy_padded_all_zeros"], 4),
    }
    if seed == SEEDS - 1:
        gains = [
            figures[f"seed_{one}"]["accuracy"] - figures[f"seed_{one}"]["best_trivial_accuracy"] for one in range(SEEDS)
        ]
        figures["median_gain_over_trivial"] = round(statistics.median(gains), 4)
        assert statistics.median(gains) > 0.1, gains


def _public(figures: Figures) -> None:
    before = os.times()
    edits = {
        "data.path": PUBLIC,
        "data.grid_size": 30,
        "data.demonstrations": 1,
        "schedule.epochs": 1,
        "optim.lr": 5e-4,
    }
    (last,) = _trained({**edits, "schedule.warmup_epochs": 0.2, "data.batch_size": 8})
    after = os.times()
    figures["public_tasks"] = {
        "cpu_s": round(after.children_user + after.children_system - before.children_user - before.children_system),
        "steps": last["step"],
        **{name: round(value, 4) for name, value in last.items() if name.startswith(("val/", "baseline/accuracy"))},
    }
    assert math.isfinite(last["val/loss"])


def _trained(edits: dict[str, Any]) -> list[dict[str, Any]]:
    """The validations of a run of the small size."""
    folder = Path(tempfile.mkdtemp(prefix="arc-learns-"))
    try:
        edits = {"train.dump_every": 1000, "train.checkpoint_every": 1000, **edits}
        words = [word for path, value in edits.items() for word in ("--set", f"{path}={value}")]
        command = [sys.executable, "-m", "inspector.training", "train", "arc_solver", "-o", str(folder / "run")]
        done = subprocess.run([*command, "--device", "cpu", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        records = [decode_record(line) for line in (folder / "run" / METRICS_FILE).read_bytes().splitlines()]
        return [record for record in records if SCORE in record]
    finally:
        shutil.rmtree(folder)


CHECK = Check(
    name="arc_learns",
    title="the solver of ARC grids in its small size learns on one thread",
    round=round_of,
    target_rounds=2 + SEEDS,
    quick_rounds=1,
)

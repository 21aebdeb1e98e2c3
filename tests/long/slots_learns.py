"""Slot attention in its small size learns on one CPU thread: three seeds, each with its own curve, beside baselines.

FG-ARI above that of a fixed grid shows that training works. That objects are discovered is said only where the score
on scenes with several objects of one colour beats clusters of colour there by 0.05, and the grid too.
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

from inspector.core.resources import resource
from inspector.formats.metrics import decode_record
from inspector.formats.run_folder import METRICS_FILE
from tests.long.harness import Check, Figures

SEEDS = 3
EPOCHS = 16
"""2,000 steps, some four minutes of one core."""

DISCOVERY = 0.05

SCORE, BLOCKS = "val/fg_ari", "baseline/fg_ari_blocks"
ALIKE = "val/fg_ari_same_colour"
ALIKE_BLOCKS, ALIKE_COLOUR = "baseline/fg_ari_same_colour_blocks", "baseline/fg_ari_same_colour_colour"


def validations(run: Path) -> list[dict[str, Any]]:
    """Every validation of a run, in order."""
    records = [decode_record(line) for line in (run / METRICS_FILE).read_bytes().splitlines()]
    return [record for record in records if SCORE in record]


def _trained(seed: int) -> list[dict[str, Any]]:
    folder = Path(tempfile.mkdtemp(prefix="slots-learn-"))
    try:
        edits = {"train.seed": seed, "train.dump_every": EPOCHS, "train.checkpoint_every": EPOCHS}
        words = [word for path, value in edits.items() for word in ("--set", f"{path}={value}")]
        command = [sys.executable, "-m", "inspector.training", "train", "slots", "-o", str(folder / "run")]
        done = subprocess.run(
            [*command, "--epochs", str(EPOCHS), "--device", "cpu", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return validations(folder / "run")
    finally:
        shutil.rmtree(folder)


def round_of(number: int, figures: Figures) -> None:
    """First the reading of a curve, with the bundled run; then a seed a round, and what they show together."""
    if number == 0:
        found = validations(resource("sample_run"))
        assert len(found) > 10
        assert all(0 <= one["slots/mask_entropy"] <= 1 for one in found)
        figures["bundled_run_validations"] = len(found)
        return
    seed, before = number - 1, os.times()
    found = _trained(seed)
    after, last = os.times(), found[-1]
    assert last["val/loss"] < found[0]["val/loss"]
    figures[f"seed_{seed}"] = {
        "cpu_s": round(after.children_user + after.children_system - before.children_user - before.children_system),
        "steps": last["step"],
        "fg_ari_by_epoch": [round(one[SCORE], 3) for one in found],
        "mask_entropy_by_epoch": [round(one["slots/mask_entropy"], 3) for one in found],
        "fg_ari": round(last[SCORE], 4),
        "fg_ari_attention": round(last["val/fg_ari_attention"], 4),
        "ari": round(last["val/ari"], 4),
        "fg_ari_same_colour": round(last[ALIKE], 4),
        "slot_cosine": round(last["slots/cosine"], 3),
    }
    figures["baselines"] = {
        name.removeprefix("baseline/"): round(value, 4) for name, value in last.items() if name.startswith("baseline/")
    }
    if number == SEEDS:
        seeds = [figures[f"seed_{one}"] for one in range(SEEDS)]
        median = statistics.median(one["fg_ari"] for one in seeds)
        alike = statistics.median(one["fg_ari_same_colour"] for one in seeds)
        figures["median_fg_ari"] = median
        figures["objects_are_discovered"] = alike > max(last[ALIKE_BLOCKS], last[ALIKE_COLOUR]) + DISCOVERY
        assert median > last[BLOCKS], f"median {median} over {SEEDS} seeds, 2 x 2 blocks {last[BLOCKS]:.3f}"


CHECK = Check(
    name="slots_learns",
    title="slot attention in its small size learns on one thread",
    round=round_of,
    target_rounds=1 + SEEDS,
    quick_rounds=1,
)

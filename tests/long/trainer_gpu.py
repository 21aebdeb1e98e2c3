"""The trainer on CUDA: it runs, resumes where it stopped, and an edited rate takes effect."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.long.harness import Check, Figures
from tests.long.trainer_kills import _TINY

DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""What drivers of CUDA and ROCm make, on Linux and below Windows; torch, which takes seconds, is asked only then."""


def _skip() -> str:
    if sys.platform == "linux" and not any(Path(device).exists() for device in DEVICES):
        return "there is no CUDA device"
    answer = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.cuda.is_available())"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if answer.stdout.strip() == "True" else "there is no CUDA device"


def _run(*arguments: str) -> None:
    command = [sys.executable, "-m", "inspector.training", *arguments, "--device", "cuda:0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _losses(run: Path) -> dict[int, float]:
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {record["step"]: record["train/loss"] for record in records if "train/loss" in record}


def _rates(run: Path) -> dict[int, float]:
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {record["step"]: record["lr/encoder"] for record in records if "lr/encoder" in record}


def round_of(number: int, figures: Figures) -> None:
    """Five epochs at once against three and two, then two with a tenth of the rate."""
    settings = [
        *(one for one in _TINY if not one.startswith("schedule.epochs")),
        "schedule.epochs=5",
        f"train.seed={number}",
    ]
    words = [word for setting in settings for word in ("--set", setting)]
    folder = Path(tempfile.mkdtemp(prefix="gpu-"))
    try:
        whole, part, rest, edited = (folder / name for name in ("whole", "part", "rest", "edited"))
        _run("train", "slots", "-o", str(whole), *words)
        _run("train", "slots", "-o", str(part), "--epochs", "3", *words)
        _run("resume", str(part), "-o", str(rest))
        _run("resume", str(part), "-o", str(edited), "--set", "optim.lr=1e-4")
        wanted, found = _losses(whole), {**_losses(part), **_losses(rest)}
        assert wanted.keys() == found.keys()
        worst = max(abs(wanted[step] - found[step]) for step in wanted)
        assert math.isclose(worst, 0.0, abs_tol=1e-3), worst
        old, new = _rates(rest), _rates(edited)
        assert all(math.isclose(new[step], old[step] / 10, rel_tol=1e-9) for step in new)
        figures["runs"] = figures.get("runs", 0) + 1
        figures["largest_loss_difference"] = max(worst, figures.get("largest_loss_difference", 0.0))
        figures["bit_equal_runs"] = figures.get("bit_equal_runs", 0) + (worst == 0.0)
    finally:
        shutil.rmtree(folder)


CHECK = Check(
    name="trainer_gpu",
    title="train, resume and an edited rate on a CUDA device",
    round=round_of,
    target_rounds=3,
    quick_rounds=1,
    skip=_skip,
)

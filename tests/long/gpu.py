"""The trainer on a GPU; each part in a process of its own, and what one finds wrong does not cost the others.

CI takes the same parts on the CPU, with few rounds (`test_gpu_quick`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.long.harness import Check, Figures

DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""What drivers of CUDA and ROCm make, on Linux and below Windows; torch, which takes seconds, is asked only then."""

DEVICE = "cuda:0"

PARTS = (
    "about", "losses", "precision", "memory", "speed", "compiled", "processes",
    "matrix one group", "matrix two groups", "matrix two optimizers",
)  # fmt: skip
"""In this order, as `tests.long.gpu_parts` has them."""

WRONG = "broken"


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


def round_of(number: int, figures: Figures) -> None:
    """One part; after the last, whatever broke is raised, and the figures of all stand."""
    if number < len(PARTS):
        add(PARTS[number], figures, DEVICE)
    else:
        assert not figures.get(WRONG), figures[WRONG]


def add(name: str, figures: Figures, device: str) -> None:
    """Run a part in a process of its own, and note what it found or how it ended."""
    command = [sys.executable, "-m", "tests.long.gpu_parts", name, device]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    note(name, figures, done.returncode, done.stdout, done.stderr)


def note(name: str, figures: Figures, code: int, out: str, errors: str) -> None:
    """Add what the process of a part printed, or the end of what it said before it failed."""
    if code:
        figures.setdefault(WRONG, {})[name] = errors.strip().splitlines()[-12:]
    else:
        figures[name] = json.loads(out.splitlines()[-1])


CHECK = Check(
    name="gpu",
    title="The trainer on a GPU: resumes, precisions, memory that runs out, speed",
    round=round_of,
    target_rounds=len(PARTS) + 1,
    quick_rounds=1,
    skip=_skip,
)

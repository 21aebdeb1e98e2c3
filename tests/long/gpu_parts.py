"""The parts of the check on a GPU by name; `python -m tests.long.gpu_parts NAME DEVICE` prints what one finds."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from inspector.training import devices
from tests.long.gpu_memory import memory
from tests.long.gpu_place import Place, on_cuda
from tests.long.gpu_resumes import compiled, losses, precision, processes
from tests.long.gpu_speed import speed
from tests.long.harness import Figures
from tests.training.matrix import (
    EDITS,
    FAMILIES,
    Layout,
    child_run,
    edits_of,
    is_whole,
    matrix_recipe,
    parent_run,
    previewed,
    worst_error,
    wrong_hyper_parameters,
)


def about(place: Place) -> Figures:
    """The device, its driver and what torch was built for."""
    device = devices.chosen(place.device)
    (facts,) = (one for one in devices.facts() if one["device"] == place.device)
    found = {**facts, "torch": torch.__version__, "python": platform.python_version(), "driver": _driver()}
    if on_cuda(place):
        found |= {
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
            "capability": ".".join(map(str, torch.cuda.get_device_capability(device))),
            "devices": torch.cuda.device_count(),
        }
    return found


def _driver() -> str:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "nvidia-smi is not here"
    return said.stdout.strip().partition("\n")[0]


def _matrix(layout: Layout) -> Callable[[Place], Figures]:
    def part(place: Place) -> Figures:
        """Every family under every edit: the rates are those of the preview."""
        families = list(FAMILIES)[:1] if place.quick else list(FAMILIES)
        edits = ["lr, rescaled"] if place.quick else list(EDITS)
        worst, count = 0.0, 0
        for family in families:
            with TemporaryDirectory() as folder, matrix_recipe():
                parent = parent_run(Path(folder) / "parent", family, layout, device=place.device)
                for name in edits:
                    changed, meaning = edits_of(family, name)
                    child = child_run(parent, Path(folder) / name, changed, meaning, device=place.device)
                    error = worst_error(child, previewed(family, layout, changed, meaning))
                    wrong = wrong_hyper_parameters(child)
                    assert is_whole(child), (family, name)
                    assert error <= 1e-12, (family, name, error)
                    assert not wrong, (family, name, wrong)
                    worst, count = max(worst, error), count + 1
        return {"resumes": count, "worst_error": worst}

    return part


PARTS: dict[str, Callable[[Place], Figures]] = {
    "about": about,
    "losses": losses,
    "precision": precision,
    "memory": memory,
    "speed": speed,
    "compiled": compiled,
    "processes": processes,
    "matrix one group": _matrix("one group"),
    "matrix two groups": _matrix("two groups"),
    "matrix two optimizers": _matrix("two optimizers"),
}


def main(name: str, device: str) -> None:
    """Print the figures of one part as a line of JSON."""
    print(json.dumps(PARTS[name](Place(device))))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A store of trained runs: each is trained once and looked at as often as what is found in it changes.

It lies in the folder that `INSPECTOR_TRAINED_RUNS` names, else in the temporary one, and is kept apart by what makes a
run: the text of the trainer and of the recipes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from inspector.formats.setting_values import value_text

ROOT = Path(__file__).parents[2]
MAKERS = ("inspector/training", "inspector/formats/recipes")
VARIABLE = "INSPECTOR_TRAINED_RUNS"
RUN, DONE = "run", "done.json"

_LONGEST_NAME = 150
"""Characters of edits that are told by a folder's name, which may have 255; more are told by their digest."""


class Trained(NamedTuple):
    """A run of the small size; what its training took, in seconds of one core."""

    folder: Path
    cpu_s: float


def trained(recipe: str, preset: str, seed: int, epochs: int, edits: Mapping[str, Any]) -> Trained:
    """The run of a preset, trained now where the store has none; nobody may write into it.

    Raises:
        AssertionError: the trainer failed; a run that diverges ends by itself and is one.
    """
    place = place_of(recipe, preset, seed, epochs, edits)
    if not (place / DONE).exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix="new-", dir=place.parent))
        try:
            cpu_s = _train(new / RUN, recipe, preset, epochs, {**edits, "train.seed": seed})
            (new / DONE).write_text(json.dumps({"cpu_s": round(cpu_s)}))
            new.rename(place)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return Trained((place / RUN).resolve(), json.loads((place / DONE).read_text())["cpu_s"])


def place_of(recipe: str, preset: str, seed: int, epochs: int, edits: Mapping[str, Any]) -> Path:
    """Where the store keeps a run, whether or not it is there."""
    store = Path(os.environ.get(VARIABLE) or Path(tempfile.gettempdir()) / "inspector-trained-runs")
    edited = "".join(f" {path}={value}" for path, value in sorted(edits.items()))
    if len(edited) > _LONGEST_NAME:
        edited = f" {hashlib.sha256(edited.encode()).hexdigest()[:16]}"
    return store / _makers() / f"{recipe} {preset} {seed} {epochs}{edited}"


def _makers() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for folder in MAKERS for path in (ROOT / folder).rglob("*.py")):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _train(run: Path, recipe: str, preset: str, epochs: int, edits: Mapping[str, Any]) -> float:
    words = [word for path, value in edits.items() for word in ("--set", f"{path}={value_text(value)}")]
    command = [sys.executable, "-m", "inspector.training", "train", recipe, "-o", str(run), "--preset", preset]
    before = os.times()
    done = subprocess.run(
        [*command, "--epochs", str(epochs), "--device", "cpu", *words], capture_output=True, text=True, check=False
    )
    # one that diverges ends by itself, with a sentence
    assert done.returncode == 0 or "Diverged" in done.stdout + done.stderr, done.stderr
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system

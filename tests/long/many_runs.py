"""A folder of many runs: copies of the bundled sample run with other settings and other logs."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

from inspector.core.resources import resource
from inspector.formats.run_folder import CONSOLE_FILE, METRICS_FILE, RUN_FILE, SETTINGS_FILE

_FAULTS = ("as it is", "healthy", "spikes", "not a number", "short")
_AGE_S = 86_400


def make_runs(folder: Path, count: int, *, bulk: bool = False) -> None:
    """Write runs `run_0000`, ...; with `bulk` each has the sample run's checkpoints and dumps, linked."""
    source = resource("sample_run")
    records = [json.loads(line) for line in (source / METRICS_FILE).read_text().splitlines()]
    settings = json.loads((source / SETTINGS_FILE).read_text())
    record = json.loads((source / RUN_FILE).read_text())
    for number in range(count):
        dice = random.Random(number)
        place = folder / f"run_{number:04}"
        place.mkdir(parents=True)
        fault = _FAULTS[number % len(_FAULTS)]
        settings["optim"]["lr"] = dice.choice((1e-4, 3e-4, 1e-3, 6e-3))
        settings["data"]["batch_size"] = dice.choice((16, 32, 64))
        settings["train"]["seed"] = number
        (place / SETTINGS_FILE).write_text(json.dumps(settings))
        named = {**record, "id": f"{number}", "name": place.name, "seed": number}
        (place / RUN_FILE).write_text(json.dumps(named))
        rows = [json.dumps(_varied(row, fault, dice)) for row in records[: 400 if fault == "short" else None]]
        (place / METRICS_FILE).write_text("\n".join(rows) + "\n")
        shutil.copyfile(source / CONSOLE_FILE, place / CONSOLE_FILE)
        for kind in ("checkpoints", "dumps") if bulk else ():
            shutil.copytree(source / kind, place / kind, copy_function=os.link)
        _date(place, (number % 30 + 1) * _AGE_S)


def _varied(row: dict[str, Any], fault: str, dice: random.Random) -> dict[str, Any]:
    """A record with a little noise, and what the fault makes of it."""
    changed = dict(row)
    for name, value in row.items():
        if isinstance(value, float) and name.startswith(("train/loss", "val/")):
            changed[name] = value * dice.uniform(0.95, 1.05)
    step = row.get("step", 0)
    if fault == "healthy" and "val/loss" in row:
        changed["val/loss"] = 0.5 / (1 + step / 100)
    if fault == "spikes" and "train/loss" in row and step % 97 == 0:
        changed["train/loss"] = 50.0
    if fault == "not a number" and "train/loss" in row and step > 900:
        changed["train/loss"] = "NaN"
    return changed


def _date(place: Path, age_s: float) -> None:
    """Have a folder's files be so old."""
    for path in place.rglob("*"):
        if path.is_file() and path.stat().st_nlink == 1:
            then_s = path.stat().st_mtime - age_s
            os.utime(path, (then_s, then_s))

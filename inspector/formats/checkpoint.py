"""The keys and the file names of checkpoints that this program's trainer writes."""

from __future__ import annotations

import re
from pathlib import Path

SCHEMA = "ri-checkpoint/1"

KEYS = (
    "schema", "recipe", "settings", "model", "optimizers", "schedulers", "scaler", "ema", "rng", "sampler",
    "epoch", "step", "metrics", "best",
)  # fmt: skip
"""Present in every checkpoint; `optimizers` and `schedulers` map a name to a state (a scheduler {class, state})."""

COUNTERS = "counters"
"""Also in checkpoints of newer versions: what a resumed run goes on counting."""

MAIN = "main"
"""The name of the only optimizer or scheduler."""

SUFFIX = ".pt"


def checkpoint_name(step: int) -> str:
    """The file name of the checkpoint taken after `step` optimizer steps."""
    return f"step_{step:07d}{SUFFIX}"


_NAME = re.compile(r"step_(\d{7,})\.pt")


def newest_checkpoint(folder: Path) -> str | None:
    """The file name of the checkpoint after the most steps; None where the folder has none by such a name.

    A trainer that is ended between writing a checkpoint and naming it leaves one that run.json does not know.
    """
    steps = {int(match[1]): path.name for path in folder.glob(f"*{SUFFIX}") if (match := _NAME.fullmatch(path.name))}
    return steps[max(steps)] if steps else None

"""The keys of a checkpoint that this program's trainer writes."""

from __future__ import annotations

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

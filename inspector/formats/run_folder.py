"""The run folder: its file names, and what run.json, edits.json and alive.json hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

SCHEMA = "ri-run/1"

RUN_FILE = "run.json"
RECIPE_FILE = "recipe.py"
SETTINGS_FILE = "settings.json"
SETTINGS_SCHEMA_FILE = "settings.schema.json"
EDITS_FILE = "edits.json"
METRICS_FILE = "metrics.jsonl"
CONSOLE_FILE = "train.log"
CHECKPOINT_FOLDER = "checkpoints"
DUMP_FOLDER = "dumps"
CONTROL_FILE = "control.jsonl"
ALIVE_FILE = "alive.json"
THRESHOLDS_FILE = "thresholds.toml"
"""What a user sets anew of the thresholds by which this run is judged."""
RESERVE_FILE = ".reserve"
"""Room that is given back so that a run whose disk is full can still say so."""

Status = Literal["running", "finished", "stopped", "failed"]


class Parent(msgspec.Struct, frozen=True, kw_only=True):
    """The run and checkpoint that a resumed run starts from.

    Attributes:
        step, epoch: of the checkpoint, None where it does not tell.
    """

    id: str
    path: str
    checkpoint: str
    sha256: str
    step: int | None
    epoch: float | None


class RecipeFile(msgspec.Struct, frozen=True, kw_only=True):
    """A recipe file of the user's own, as it was when it trained."""

    path: str
    sha256: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """run.json.

    Attributes:
        seed: None for a script that is not ours.
        best, last: names inside the checkpoint folder, None before the first one.
        started, ended: seconds since 1970, UTC.
        samples: training samples in an epoch, None in runs of an older version.
        processes: how many trained it together, None in runs of an older version.
        reason: why the run ended as it did, one sentence; empty while it runs.
    """

    id: str
    name: str
    recipe: str
    seed: int | None
    host: str
    started: float
    schema: str = SCHEMA
    model_size: str = "mini"
    versions: dict[str, str] = {}
    device: str = "cpu"
    samples: int | None = None
    processes: int | None = None
    status: Status = "running"
    ended: float | None = None
    reason: str = ""
    parent: Parent | None = None
    recipe_file: RecipeFile | None = None
    best: str | None = None
    last: str | None = None
    command: tuple[str, ...] = ()


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One changed setting; `finding` is the id of the finding that proposed it, or empty."""

    path: str
    old: Any
    new: Any
    reason: str = ""
    finding: str = ""


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """alive.json: who runs the trainer, and when it was last known to live (seconds since 1970)."""

    pid: int
    started: float
    heartbeat: float


def resumed_folders(run: Path, place: Path | None = None) -> Iterator[Path]:
    """Folders for a resumed run, the first that is free to be taken: `NAME-resumed`, `NAME-resumed-2`, ...

    Args:
        run: the run that is resumed.
        place: the folder that they are in; beside the run without it.
    """
    folder = run.parent if place is None else place
    yield folder / f"{run.name}-resumed"
    yield from (folder / f"{run.name}-resumed-{number}" for number in itertools.count(2))

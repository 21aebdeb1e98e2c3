"""Whether two runs that were opened apart are parts of one: the log of the one, the checkpoints of the other."""

from __future__ import annotations

import re
from pathlib import Path

from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.runs.values import FileEntry, Placed, Run

_GENERIC = frozenset(
    ("best", "last", "latest", "final", "checkpoint", "checkpoints", "ckpt", "model", "models", "weights",
     "step", "steps", "epoch", "epochs", "iter", "train", "training", "metrics", "metric", "log", "logs",
     "output", "outputs", "run", "runs", "events", "tfevents", "out", "version", "history", "results",
     "progress", "data", "csv", "jsonl", "json", "text", "wandb", "pasted", "tmp", "home", "user", "users",
     "work", "root", "opt", "mnt", "var",)
)  # fmt: skip
"""Words in names of files that tell nothing of which run they belong to."""

_WORD = re.compile(r"[a-z]{3,}(?:\d+)?|\d{4,}", re.IGNORECASE)
_FOLDERS = 2
"""Folders around a file whose names may tell its run."""


def fit_of(one: Run, other: Run) -> str:
    """Why a run of logs and a run of checkpoints or dumps seem to be one, as a sentence; empty where they do not.

    Steps and names must both fit: every place that the files state lies within the steps, or epochs, of the log, and
    the two lie in one folder or bear a word that is not in every run's names.
    """
    if not _logs(one):
        one, other = other, one
    if not _logs(one) or one.record or other.record or _logs(other):
        return ""
    entries = _placed(other)
    steps = _steps_fit(one, entries)
    names = _names_fit(one, other)
    return f"{steps}, and {names}" if steps and names else ""


def _logs(run: Run) -> bool:
    return bool(run.series)


def _placed(run: Run) -> list[FileEntry]:
    return [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts | DumpFacts)]


def _steps_fit(log: Run, entries: list[FileEntry]) -> str:
    known = [entry for entry in entries if entry.placed in (Placed.STATED, Placed.NAMED)]
    steps = [float(entry.step) for entry in known if entry.step]
    last_step = max((one.last_step for one in log.series), default=0.0)
    first_step = min((one.first_step for one in log.series), default=0.0)
    if steps and last_step > 0:
        spacing = max(((one.last_step - one.first_step) / max(one.count - 1, 1) for one in log.series), default=0.0)
        if first_step - spacing <= min(steps) and max(steps) <= last_step + spacing:
            what = (
                f"step {steps[0]:,.0f} is" if len(steps) == 1 else f"steps {min(steps):,.0f} to {max(steps):,.0f} are"
            )
            return f"{what} within the log's {first_step:,.0f} to {last_step:,.0f}"
        return ""
    epochs = [float(entry.epoch) for entry in known if entry.epoch]
    last_epoch = max((moment.epoch for moment in log.moments if moment.epoch is not None), default=0.0)
    if epochs and last_epoch and max(epochs) <= last_epoch + 1:
        return f"epoch {max(epochs):g} is within the log's {last_epoch:g}"
    return ""


def _names_fit(one: Run, other: Run) -> str:
    folders = {_home(one), _home(other)}
    if len(folders) == 1:
        return f"both are in {next(iter(folders)).name}"
    shared = sorted(_words(one) & _words(other), key=len)
    return f"both are named {shared[-1]}" if shared else ""


def _home(run: Run) -> Path:
    return Path(run.paths[0]).parent if run.paths else Path(run.root)


def _words(run: Run) -> set[str]:
    names = [run.name, *(part for path in run.paths for part in Path(path).parts[-1 - _FOLDERS :])]
    return {word.lower() for name in names for word in _WORD.findall(name)} - _GENERIC

"""`diff`: two checkpoints, two runs, or a checkpoint and a run, in the command line's own locked process.

A window that compares files of two runs opens one reader on the paths of both (`Launcher.reader(paths)`): a reader
that was opened on one run can read nothing of another.

`--json` prints one object:

    {"kind": "checkpoints" or "runs", "first": path, "second": path,
     "settings": [{"path", "state": "changed" | "added" | "removed", "first", "second", "note"}],
     "metrics": [{"tag", "last": [a, b], "last_steps": [a, b], "better": "low" | "high" | "",
                  "best": [a, b], "best_steps": [a, b]}],
     "files": [{"name", "kind", "bytes": [a, b]}],
     "tensors": {"first", "second", "same_file", "identical", "roots", "stripped", "roles", "rows", "modules",
                 "still", "values", "values_same", "imports_first", "imports_second", "skipped_bytes", "notes"} or null,
     "notes": [...]}

What has no value on one side is null; numbers that JSON has not are "NaN", "Infinity", "-Infinity". `tensors` holds
the fields of `CheckpointDiff`, a row a tensor with its `TensorChange`; of two checkpoints, the values below
`settings`, `config`, `args` and their like stand in `settings`, all others in `tensors.values`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from inspector.core.errors import UnknownKindError
from inspector.core.pulse import QUIET
from inspector.formats.nonfinite import builtins_of, to_json


def diff(first: Path, second: Path, *, as_json: bool, every: bool, optimizer: bool, read_all: bool) -> int:
    """Print what differs between two checkpoints or runs; of a checkpoint and a run, with the run's last checkpoint.

    Args:
        first: a checkpoint, of one file or of a folder, or a run.
        second: another.
        as_json: whether to print JSON.
        every: whether the text shows every row.
        optimizer: whether to read optimizer state too.
        read_all: whether to read also what the archives' checksums say is the same.

    Raises:
        FileError: one of them cannot be read, or is neither.
    """
    # Sums over many small blocks gain nothing by more threads, and the lock holds only those started after it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from inspector.artifacts.checkpoints.checkpoint import opened
    from inspector.reader.commands import shut_in
    from inspector.reader.diff_text import checkpoint_lines
    from inspector.reader.run_diff_text import run_lines
    from inspector.runs.checkpoint_diff import diff_of
    from inspector.runs.run_diff import runs_diff
    from inspector.runs.scan import scan

    shut_in([first, second])
    sides = first.absolute(), second.absolute()
    kinds = [_kind(path) for path in sides]
    if kinds == ["run", "run"]:
        runs = [scan((path,), QUIET) for path in sides]
        found = runs_diff(runs[0], runs[1], QUIET, optimizer=optimizer, trust_checksums=not read_all)
        lines = run_lines(found, every=every)
        printed = {"kind": "runs", "first": found.paths[0], "second": found.paths[1], **builtins_of(found)}
        del printed["names"], printed["paths"], printed["settings_same"]
    else:
        paths = [_checkpoint_of(path, kind) for path, kind in zip(sides, kinds, strict=True)]
        pair = opened(paths[0]), opened(paths[1])
        compared = diff_of(*pair, QUIET, optimizer=optimizer, trust_checksums=not read_all)
        lines = checkpoint_lines(compared, every=every)
        printed = _of_checkpoints(builtins_of(compared))
    print(to_json(printed, indent=2).decode() if as_json else "\n".join(lines))
    return 0


def _of_checkpoints(compared: dict[str, Any]) -> dict[str, Any]:
    """The same shape as for runs, with the settings that checkpoints carry taken out of their values."""
    from inspector.runs.sheet import is_setting

    values = compared["values"]
    compared["values"] = [row for row in values if not is_setting(row["path"])]
    return {
        "kind": "checkpoints",
        "first": compared["first"]["path"],
        "second": compared["second"]["path"],
        "settings": [row for row in values if is_setting(row["path"])],
        "metrics": [],
        "files": [],
        "tensors": compared,
        "notes": [],
    }


def _kind(path: Path) -> str:
    """`checkpoint` or `run`, also for a log or settings alone; what is neither is told when it is opened."""
    from inspector.artifacts.sniff import sniff
    from inspector.runs.listing import is_one_checkpoint

    if path.is_dir():
        return "checkpoint" if is_one_checkpoint(path) else "run"
    return "run" if sniff(path).kind in ("metrics", "console", "settings") else "checkpoint"


def _checkpoint_of(path: Path, kind: str) -> Path:
    """The checkpoint itself, or the last one of a run.

    Raises:
        UnknownKindError: the run has none.
    """
    from inspector.runs.run_diff import last_checkpoint
    from inspector.runs.scan import scan

    if kind == "checkpoint":
        return path
    entry = last_checkpoint(scan((path,), QUIET))
    if entry is None:
        raise UnknownKindError(
            path, "a checkpoint, or a run with one", "none", "name a checkpoint, or compare two runs"
        )
    return Path(entry.path)

"""Every real checkpoint: what torch says of it, what this program says, and whether the two agree on every element."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError
from tests.artifacts.torch_oracle import torch_tensors
from tests.conftest import SAMPLES, sample_files
from tests.long.harness import Check, Figures

GLOBS = ("checkpoints/**/*", "hostile/**/*", "hdf5/**/*", "logs/**/*", "rundirs/**/*")

ROUNDS = 16


def _skip() -> str:
    return "" if SAMPLES.is_dir() else "the real sample files are not beside this checkout"


def _digests(path: Path) -> list[list[Any]]:
    checkpoint = opened(path)
    return [
        [
            tensor.name,
            list(tensor.shape),
            tensor.dtype,
            hashlib.sha256(load(checkpoint.window(tensor.name)).tobytes()).hexdigest(),
        ]
        for tensor in checkpoint.facts.tensors
    ]


def _ours(path: Path, expected: list[Any] | None) -> tuple[str, str]:
    """What this program says: `equal`, `tree`, `sentence` or `different`, and that in words."""
    try:
        facts = opened(path).facts
    except FileError as error:
        return "sentence", str(error)
    words = f"{len(facts.tensors):,} tensors, {len(facts.objects):,} values"
    if expected is None:
        return "tree", words
    return ("equal" if _digests(path) == expected else "different"), words


def round_of(number: int, figures: Figures) -> None:
    """Every ROUNDS-th row of the table."""
    paths = [path for path in sample_files(*GLOBS)[number::ROUNDS] if sniff_kind(path) == "checkpoint"]
    by_torch = torch_tensors(paths)
    rows = figures.setdefault("rows", [])
    for path in paths:
        verdict, words = _ours(path, by_torch[path])
        torch_says = "refuses" if by_torch[path] is None else "loads"
        rows.append([str(path.relative_to(SAMPLES)), sniff(path).container, torch_says, verdict, words])
    figures["files"] = len(rows)
    figures["torch_loads"] = sum(row[2] == "loads" for row in rows)
    for verdict in ("equal", "tree", "sentence", "different"):
        figures[verdict] = sum(row[3] == verdict for row in rows)
    assert figures["different"] == 0, [row for row in rows if row[3] == "different"]
    assert not any(row[2] == "loads" and row[3] != "equal" for row in rows)


def sniff_kind(path: Path) -> str:
    """The kind of a file, empty for one that is no file of data at all."""
    try:
        return sniff(path).kind
    except FileError:
        return ""


CHECK = Check(
    name="checkpoint_samples",
    title="every real checkpoint: torch's verdict and ours, names, shapes, dtypes and elements",
    round=round_of,
    target_rounds=ROUNDS,
    quick_rounds=1,
    skip=_skip,
)

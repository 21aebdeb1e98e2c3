"""Promise 9: writers of logs, dumps and checkpoints beside a reader that looks all the time; no write fails."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from inspector.core.errors import FileError
from inspector.core.pulse import QUIET
from inspector.runs.follow import refresh
from inspector.runs.scan import scan
from tests.long.busy_writer import KINDS
from tests.long.harness import Check, Figures

_SECONDS = 60.0
_QUICK_SECONDS = 1.5


def _round(number: int, figures: Figures) -> None:
    """The first round is short and leaves out torch, which takes seconds to load."""
    kinds = list(KINDS) if number else [kind for kind in KINDS if kind != "torch"]
    seconds = _SECONDS if number else _QUICK_SECONDS
    with tempfile.TemporaryDirectory(prefix="watched-") as place:
        folder = Path(place)
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.long.busy_writer", place, str(seconds), *kinds],
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        looks = _watch(folder, writer)
        said, complaints = writer.communicate(timeout=120)
    assert writer.returncode == 0, complaints
    assert looks > 0
    figures["looks"] = figures.get("looks", 0) + looks
    for kind, (tried, failed, lost) in json.loads(said).items():
        assert tried > 0
        assert (failed, lost) == (0, 0), f"{kind}: of {tried} writes {failed} failed and {lost} were lost; {complaints}"
        kept = figures.setdefault(kind, {"writes": 0, "failed": 0, "lost": 0})
        kept["writes"] += tried


def _watch(folder: Path, writer: subprocess.Popen[str]) -> int:
    """Follow the folder while it is written; how often it was looked at."""
    run, looks = None, 0
    while writer.poll() is None:
        try:
            run = scan((folder,), QUIET) if run is None else refresh(run, QUIET) or run
            looks += 1
        except FileError:  # the folder is still empty
            time.sleep(0.01)
    return looks


CHECK = Check(
    name="watched_writers",
    title="Writers beside a reader that looks all the time: writes that failed or were lost",
    round=_round,
    target_rounds=11,
    quick_rounds=1,
)

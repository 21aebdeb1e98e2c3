"""The costly properties of the suite, file by file, on many times the examples that CI has time for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.examples import TIMES
from tests.long.harness import Check, Figures

ROOT = Path(__file__).resolve().parents[2]
MANY = 40


def files() -> list[Path]:
    """Every module of tests with a property whose examples can be multiplied, the smallest first."""
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if "@examples(" in path.read_text()]
    return sorted(found, key=lambda path: (path.stat().st_size, path))


def round_of(number: int, figures: Figures) -> None:
    """One file; the first round, which CI runs too, only shows that it can be run."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "hypothesis", "-p", "no:cacheprovider", str(files()[number])]
    times = MANY if number else 1
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {TIMES: str(times)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout[-4000:]
    figures["properties"] = figures.get("properties", 0) + int(passed[1])
    figures["times as many examples as CI"] = times


CHECK = Check(
    name="properties",
    title="the costly properties of the suite on forty times the examples",
    round=round_of,
    target_rounds=len(files()),
    quick_rounds=1,
)

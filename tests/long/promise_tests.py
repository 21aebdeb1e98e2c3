"""The tests of each promise, run and counted, so that the table of promises tells how many of them hold."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.long.harness import Check, Figures
from tests.long.promises import PROMISES, TESTS_RUN

ROOT = Path(__file__).resolve().parents[2]
_QUICK = 11
_ORDER = sorted((one for one in PROMISES if one.tests), key=lambda one: (one.number != _QUICK, one.number))
"""The promise whose tests CI can afford twice comes first."""


def round_of(number: int, figures: Figures) -> None:
    """The tests of one promise."""
    promise = _ORDER[number]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *promise.tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    counts = {word: int(count) for count, word in re.findall(r"(\d+) (passed|skipped)", done.stdout.splitlines()[-1])}
    assert counts.get("passed"), done.stdout[-4000:]
    figures[str(promise.number)] = {"passed": counts["passed"], "skipped": counts.get("skipped", 0)}


CHECK = Check(
    name=TESTS_RUN,
    title="the tests of each of the 19 promises: how many passed, none having failed",
    round=round_of,
    target_rounds=len(_ORDER),
    quick_rounds=1,
)

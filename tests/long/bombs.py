"""Every bomb read to its end, nobody asking it to stop: memory stays bounded, and nothing dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from tests.artifacts.bombs import BOMBS
from tests.artifacts.test_promises_bombs import LARGEST_MB
from tests.long.harness import Check, Figures

NEVER_S = "1000"


def round_of(number: int, figures: Figures) -> None:
    """One bomb."""
    name = list(BOMBS)[number]
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(
            [sys.executable, "-m", "tests.artifacts.bomb_child", folder, name],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            env=os.environ | {"BOMB_BUDGET_S": NEVER_S},
        )
    row = json.loads(answer.stdout)
    assert not row["outcome"].startswith(("UNEXPECTED", "DIED")), row
    assert row["memory_mb"] <= LARGEST_MB, row
    figures["bombs"] = figures.get("bombs", 0) + 1
    figures["over_2_s"] = figures.get("over_2_s", 0) + (row["cpu_s"] > 2)
    for figure in ("cpu_s", "stop_s", "memory_mb"):
        figures[f"worst_{figure}"] = max(figures.get(f"worst_{figure}", 0), row[figure])


CHECK = Check(
    name="bombs",
    title="bombs read to their end: bounded memory, no death, no unexpected error",
    round=round_of,
    target_rounds=len(BOMBS),
    quick_rounds=1,
)

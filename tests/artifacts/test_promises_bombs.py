"""No file can freeze or eat the machine: each bomb is opened in a child with a reader's limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.artifacts.bombs import BOMBS

LONGEST_S = 2.0
"""CPU seconds of the whole opening, unless it stopped when it was asked to."""

LONGEST_STOP_S = 0.1
LARGEST_MB = 512

SLACK = 2.0
"""How much slower than alone a shared core may run without that being the program's fault."""


def table(rows: list[dict[str, Any]]) -> str:
    head = f"{'bomb':<42}{'bytes':>12}{'CPU s':>8}{'stop s':>8}{'MB':>6}  outcome"
    lines = [
        f"{row['name']:<42}{row['bytes']:>12,}{row['cpu_s']:>8}{row['stop_s']:>8}{row['memory_mb']:>6}"
        f"  {row['outcome'][:80]}"
        for row in sorted(rows, key=lambda row: -row["cpu_s"])
    ]
    return "\n".join((head, *lines))


def is_held(row: dict[str, Any]) -> bool:
    """Whether a bomb stayed within the promise."""
    in_time = row["cpu_s"] <= LONGEST_S or row["outcome"] == "cancelled"
    return (
        in_time
        and row["stop_s"] <= LONGEST_STOP_S * SLACK
        and row["memory_mb"] <= LARGEST_MB
        and not row["outcome"].startswith(("UNEXPECTED", "DIED"))
    )


def test_no_bomb_takes_long_or_much(tmp_path: Path) -> None:
    assert len(BOMBS) >= 60
    answer = subprocess.run(
        [sys.executable, "-m", "tests.artifacts.bomb_child", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert {row["name"] for row in rows} == set(BOMBS)
    assert all(map(is_held, rows)), table([row for row in rows if not is_held(row)])

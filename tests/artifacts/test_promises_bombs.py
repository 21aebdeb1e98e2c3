"""No file can freeze or eat the machine: each bomb is opened in a child with a reader's limits."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.artifacts.bombs import BOMBS

LONGEST_S = 2.0
"""CPU seconds of the whole opening, unless it stopped when it was asked to."""

LONGEST_STOP_S = 0.1
LARGEST_MB = 512

SLACK = 2.0
"""How much slower than alone a shared core may run without that being the program's fault."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each bomb cost, all opened by one program."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.artifacts.bomb_child", str(tmp_path_factory.mktemp("bombs"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    return {row["name"]: row for row in found}


def test_every_bomb_was_opened(rows: dict[str, dict[str, Any]]) -> None:
    assert len(BOMBS) >= 60
    assert set(rows) == set(BOMBS)


@pytest.mark.parametrize("name", BOMBS)
def test_no_bomb_takes_long_or_much(rows: dict[str, dict[str, Any]], name: str) -> None:
    row = rows[name]
    assert row["cpu_s"] <= LONGEST_S or row["outcome"] == "cancelled", row
    assert row["stop_s"] <= LONGEST_STOP_S * SLACK, row
    assert row["memory_mb"] <= LARGEST_MB, row
    assert not row["outcome"].startswith(("UNEXPECTED", "DIED")), row

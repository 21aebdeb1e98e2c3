"""The command line in a process of its own, as a user runs it."""

from __future__ import annotations

import subprocess
import sys


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    """How `run-inspector` with these arguments ended, and what it printed."""
    command = [sys.executable, "-I", "-m", "inspector", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)

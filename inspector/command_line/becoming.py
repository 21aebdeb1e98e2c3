"""This process as another program."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def become(command: list[str]) -> NoReturn:
    """Run another program in place of this one; it has the terminal, and signals reach it."""
    from inspector.jobs.children import environment_of

    sys.stdout.flush()
    os.execve(command[0], command, environment_of(command))  # noqa: S606 - an argument list, no shell

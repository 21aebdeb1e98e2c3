"""This process as another program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import NoReturn


def become(command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Run another program in place of this one; it has the terminal, and signals reach it.

    Args:
        command: its argument list.
        environment: one of `jobs.children`.
    """
    from inspector.jobs.reach import reach

    reach.close()  # whoever comes would take a child of ours for its own
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606 - an argument list, no shell

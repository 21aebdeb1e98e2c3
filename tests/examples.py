"""How many examples a property is tried on: few in CI, many times as many in `python -m tests.long properties`."""

from __future__ import annotations

import os

from hypothesis import settings

TIMES = "RUN_INSPECTOR_EXAMPLES_TIMES"
"""The variable of the environment that says how many times as many."""


def examples(count: int) -> settings:
    """So many, and no limit of time for each."""
    return settings(max_examples=count * int(os.environ.get(TIMES, "1")), deadline=None)

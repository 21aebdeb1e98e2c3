"""A trainer whose every call to the system fails, is the last one, or is followed by a power cut, loses no checkpoint.

A round is one of: an error of the disk at every call; a kill at every call; a power cut behind every call.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path

import torch

from tests.long.harness import Check, Figures
from tests.training import power
from tests.training.faults import (
    ERRORS,
    Watched,
    assert_fails_well,
    assert_kept,
    empty,
    failing,
    killed_run,
    short_run,
    swept_after_kill,
)
from tests.training.matrix import matrix_recipe

_PARTS = 10
"""A pass over all calls is so many rounds, so that a check that is stopped goes on near where it was."""

_KILL_PASSES = 4
"""Over about 250 calls each; the checkpoints' thread is elsewhere in each."""

_CUT_PASSES = 3


def _count(figures: Figures, name: str, more: int = 1) -> None:
    figures[name] = figures.get(name, 0) + more


def _fail(run: Path, calls: range, figures: Figures, *, number: int) -> None:
    name = f"failed_calls_{os.strerror(number).lower().replace(' ', '_')}"
    for at in calls:
        told = assert_fails_well(empty(run), failing(at, number), number)
        _count(figures, name)
        _count(figures, "failed_runs_that_say_why", told)
        _count(figures, "failures_that_cost_nothing", not told)


def _kill(run: Path, calls: range, figures: Figures) -> None:
    for at in calls:
        if killed_run(empty(run), at):
            record = assert_kept(run)
            left = swept_after_kill(run)
            assert left == [], f"killed before call {at}, {left} is left"
            _count(figures, "kills")
            _count(figures, "kills_with_a_checkpoint", record is not None and record.last is not None)


def _cut(run: Path, calls: range, figures: Figures) -> None:
    story = power.recorded(empty(run))
    for at in range(1 + calls.start % _PARTS, power.points(story), _PARTS):
        for cut in power.CUTS:
            kept = power.assert_survives(story, at, cut)
            _count(figures, "power_cuts")
            _count(figures, "power_cuts_with_a_checkpoint", kept > 0)


_PASSES: tuple[Callable[[Path, range, Figures], None], ...] = (
    *(partial(_fail, number=number) for number in ERRORS), *(_kill,) * _KILL_PASSES, *(_cut,) * _CUT_PASSES,
)  # fmt: skip


def one_round(number: int, figures: Figures) -> None:
    """Every tenth call of one pass."""
    part, made = divmod(number, len(_PASSES))
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, matrix_recipe(), Path(os.devnull).open("w") as nothing:
        run, system = Path(folder) / "run", Watched()
        with redirect_stderr(nothing):
            assert short_run(run, system) == 0
            calls = range(1 + part, system.count + 1, _PARTS)
            _PASSES[made](run, calls, figures)
    figures["calls_of_the_run"] = system.count


CHECK = Check(
    name="trainer_faults",
    title="each call of a trainer to the system fails, is the last, or precedes a power cut: no checkpoint is lost",
    round=one_round,
    target_rounds=_PARTS * len(_PASSES),
    quick_rounds=1,
)

"""Where a file stands in time: by what it states, by a number in its name, or by its modification time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from inspector.analysis.numbers import finite_number
from inspector.core.language import tr
from inspector.core.units import epoch_text
from inspector.formats.facts import CheckpointFacts, DumpFacts, Facts
from inspector.runs.values import Moment, Placed

LARGEST_STEP = 2**62
"""Numbers from here on are no steps; the next powers no longer fit what tables and messages count with."""

# In the order of trust; trainers differ in what they call it and how deep they keep it.
STEP_KEYS = ("step", "global_step", "iteration", "iter", "n_iter", "num_timesteps", "trainer.step",
             "trainer_state.global_step", "global_steps")  # fmt: skip
EPOCH_KEYS = ("epoch", "last_epoch", "epochs", "state.epoch", "trainer_state.epoch")

_STEP_IN_NAME = re.compile(r"(?:step|iter|iteration)s?[_=-]?0*(\d+)", re.IGNORECASE)
_EPOCH_IN_NAME = re.compile(r"(?:epoch|ep|(?<![a-z])e)[_=-]?0*(\d+)(?!\d)", re.IGNORECASE)
# A number after such a word is a step unless it is long enough to be a date.
_NUMBERED = re.compile(r"(?:ckpt|checkpoint|model)[_=-]?0*(\d{1,7})(?!\d)", re.IGNORECASE)
# W&B calls the file of a logged table by its key, the step and a part of its digest.
_TABLE_STEP = re.compile(r"_(\d+)_[0-9a-f]{8,64}\.table\.json")

_FOLDER_STEP = re.compile(r"(?:^|[^a-z])(?:global_?)?(?:step|iter|iteration)s?[_=-]?0*(\d{1,12})(?!\d)", re.IGNORECASE)
_FOLDER_EPOCH = re.compile(r"(?:^|[^a-z])epoch[_=-]?0*(\d{1,7})(?!\d)", re.IGNORECASE)
_FOLDER_NUMBERED = re.compile(r"(?:ckpt|checkpoint)[_=-]?0*(\d{1,12})", re.IGNORECASE)


def stated_place(facts: Facts) -> tuple[int | None, float | None]:
    """The step and epoch that the file itself gives."""
    match facts:
        case CheckpointFacts(objects=values) | DumpFacts(attributes=values):
            return _whole(_first(values, STEP_KEYS)), _first(values, EPOCH_KEYS)
        case _:
            return None, None


def named_place(name: str) -> tuple[int | None, float | None]:
    """The step and epoch that a file name gives."""
    table = _TABLE_STEP.search(name)
    return _told(table or _STEP_IN_NAME.search(name), _EPOCH_IN_NAME.search(name), _NUMBERED.search(name))


def place_of_folder(name: str) -> tuple[int | None, float | None]:
    """The step and epoch that a folder's name gives; folders bear models' names too, so the word must stand out."""
    return _told(_FOLDER_STEP.search(name), _FOLDER_EPOCH.search(name), _FOLDER_NUMBERED.fullmatch(name))


def _told(
    step: re.Match[str] | None, epoch: re.Match[str] | None, numbered: re.Match[str] | None
) -> tuple[int | None, float | None]:
    """What stands behind the word step, else behind the word epoch, else alone, which is a step."""
    if step:
        return _whole(int(step[1])), None
    if epoch:
        return None, float(epoch[1])
    return (_whole(int(numbered[1])) if numbered else None), None


def step_of_epoch(moments: tuple[Moment, ...], epoch: float) -> int | None:
    """The last step at or before an epoch; None where the table has no epochs."""
    known = [moment for moment in moments if moment.epoch is not None and moment.epoch <= epoch + 1e-9]
    return known[-1].step if known else None


def epoch_of_step(moments: tuple[Moment, ...], step: float) -> float | None:
    """The epoch of the last row at or before a step."""
    at = bisect_right(moments, step, key=lambda moment: moment.step)
    for moment in reversed(moments[:at]):
        if moment.epoch is not None:
            return moment.epoch
    return None


def past_step(moments: tuple[Moment, ...], cursor: float | None) -> float | None:
    """Where a cursor stands that is before the last row; None at the end, and where there are no rows."""
    return cursor if cursor is not None and moments and cursor < moments[-1].step else None


def place_text(step: float | None, epoch: float | None) -> str:
    """`epoch 5.43`, else `step 1,400`; empty where neither is known."""
    if epoch is not None:
        return tr("epoch {epoch}").format(epoch=epoch_text(epoch))
    return "" if step is None else tr("step {step}").format(step=f"{step:,.0f}")


def moment_text(moments: tuple[Moment, ...], step: float) -> str:
    """The place of a step as the table of moments has it."""
    return place_text(step, epoch_of_step(moments, step))


def step_of_time(moments: tuple[Moment, ...], time_s: float) -> int | None:
    """The last step logged at or before a time; None before the first or where the table has no times."""
    known = [moment for moment in moments if moment.time is not None and moment.time <= time_s]
    return known[-1].step if known else None


def place(
    facts: Facts, name: str, modified_s: float, moments: tuple[Moment, ...], folders: tuple[str, ...] = ()
) -> tuple[int | None, float | None, Placed]:
    """Step, epoch, and how they are known; a checkpoint or dump that nothing places is guessed by its time.

    Args:
        facts: of the file.
        name: of the file; empty where it is a folder.
        modified_s: when it was written, in seconds since 1970.
        moments: of the run.
        folders: names of that folder and those around it, the inner ones first; they count where its own tells nothing.
    """
    if not isinstance(facts, CheckpointFacts | DumpFacts):
        return None, None, Placed.NOWHERE
    step, epoch = stated_place(facts)
    how = Placed.STATED
    if step is None and epoch is None:
        step, epoch = named_place(name)
        for folder in folders if step is None and epoch is None else ():
            step, epoch = place_of_folder(folder)
            if step is not None or epoch is not None:
                break
        how = Placed.NAMED
    if step is None and epoch is not None:
        step = step_of_epoch(moments, epoch)
    if step is None and epoch is None:
        step = step_of_time(moments, modified_s)
        how = Placed.GUESSED if step is not None else Placed.NOWHERE
    if epoch is None and step is not None:
        epoch = epoch_of_step(moments, step)
    return step, epoch, how


def _first(values: Mapping[str, Any], keys: tuple[str, ...]) -> float | None:
    for key in keys:
        value = finite_number(values.get(key))
        if value is not None and value >= 0:
            return value
    return None


def _whole(value: float | None) -> int | None:
    """A number as a step, None where no training counts so far."""
    return None if value is None or value >= LARGEST_STEP else int(value)

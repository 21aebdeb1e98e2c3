"""How a recipe's own scheduler goes on in a resumed run: what it takes over, and edits that do not reach it."""

from __future__ import annotations

from typing import Any

from inspector.formats.recipes.schedule import OWN, PREFIX
from inspector.formats.settings import values_of, with_edits
from inspector.training.build import Parts, parts_of
from inspector.training.resume import Prepared
from inspector.training.task import Task

_OF_RATES = (PREFIX, "optim.lr", "optim.groups.")
_MOST_STEPS = 20_000
"""Rates further ahead are not compared."""


def own_scheduler_notes(prepared: Prepared, parts: Parts) -> list[str]:
    """Take over what the checkpoint's scheduler kept; what there is to know of it, one sentence each.

    Args:
        prepared: the resume, whose schedule is the recipe's own.
        parts: of it, their schedulers moved to its position.
    """
    notes: list[str] = []
    old = prepared.parent_settings
    if old.schedule.family == OWN and not prepared.restarts_rate:
        before, sampler = parts_of(parts.task, old).rates, prepared.content["sampler"]
        before.advance(sampler["epoch"], sampler.get("index") or 0)
        was, file = prepared.parent_record.recipe_file, prepared.recipe.file
        rewritten = was is None or file is None or was.sha256 != file.sha256
        saved, edited = prepared.content["schedulers"], bool(prepared.edits)
        notes += parts.rates.take_over(saved, before, edited=edited, rewritten=rewritten)
    return [*notes, *_unheeded(prepared, parts.task)]


def _unheeded(prepared: Prepared, task: Task) -> list[str]:
    """The edits of the rate without which the scheduler would set the same rates."""
    edited = [path for path in prepared.effects if path.startswith(_OF_RATES)]
    if not edited:
        return []
    before, used = values_of(prepared.parent_settings), _ahead(prepared, task, prepared.settings)
    return [
        f"the edit of {path} does not change the rates: the recipe's own scheduler sets the same without it"
        for path in edited
        if _ahead(prepared, task, with_edits(prepared.settings, {path: before[path]})) == used
    ]


def _ahead(prepared: Prepared, task: Task, settings: Any) -> list[dict[str, float]] | None:
    """The rates of the steps to come under some settings, None where the recipe's code has none for them."""
    position = prepared.position
    try:
        parts = parts_of(task, settings)
        per_epoch = parts.steps_per_epoch
        first, end = position.epoch * per_epoch + position.index, prepared.last_epoch * per_epoch
        parts.rates.advance(position.epoch, position.index)
        return parts.rates.ahead(range(first, min(end, first + _MOST_STEPS)), per_epoch)
    except Exception:  # noqa: BLE001 - whatever code of the user's raises under settings that nobody asked for
        return None

"""Which checkpoints of a run can be recorded: those of a recipe, whose model the trainer program rebuilds."""

from __future__ import annotations

import os
from pathlib import Path

from inspector.core.places import data_folder
from inspector.core.resources import resource
from inspector.display.nearest import entry_at
from inspector.formats.checkpoint import SCHEMA
from inspector.formats.facts import CheckpointFacts
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.run_folder import CHECKPOINT_FOLDER, DUMP_FOLDER
from inspector.jobs.reach import there
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState

VIEWS = frozenset({"slots", "features", "points"})
"""Keys of the views that show what is recorded."""


def recordable(entry: FileEntry) -> bool:
    """Whether a file is a checkpoint of a recipe of this program."""
    if not isinstance(entry.facts, CheckpointFacts):
        return False
    objects = entry.facts.objects
    return objects.get("schema") == SCHEMA and objects.get("recipe") in RECIPES


def checkpoint_to_record(run: Run, state: RunState) -> FileEntry | None:
    """The checkpoint at the cursor, else the last one of a recipe; None where the run has none."""
    entry = entry_at(run, state, CheckpointFacts)
    if entry is not None and recordable(entry):
        return entry
    return next((one for one in reversed(run.files) if recordable(one)), None)


def dump_folder(run: Run, checkpoint: FileEntry) -> Path:
    """Where its dumps go: with the run's own, beside a checkpoint alone, or among the user's data."""
    folder = Path(checkpoint.path).parent
    beside = folder.parent / DUMP_FOLDER if folder.name == CHECKPOINT_FOLDER else folder
    nearest = next((place for place in (beside, *beside.parents) if there(place) is not None), None)
    if nearest is not None and os.access(nearest, os.W_OK) and not beside.is_relative_to(resource(".")):
        return beside
    return data_folder() / DUMP_FOLDER / (run.record.id if run.record is not None else run.name)

"""A resume as the command that does it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from inspector.core.places import data_folder
from inspector.core.resources import resource
from inspector.formats.run_folder import resumed_folders
from inspector.formats.setting_values import value_text
from inspector.jobs.reach import folder_there, there
from inspector.runs.values import Run
from inspector.session.values import StagedEdit

Rate = Literal["rescale", "restart", "pin"]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the sheet is set to.

    Attributes:
        epochs: None goes on to the horizon.
        recipe: the recipe file that the user lets run, or empty.
    """

    checkpoint: str
    mode: str
    rate: Rate
    epochs: int | None
    device: str = "auto"
    recipe: str = ""


def resume_arguments(run: Run, choice: Choice, edits: tuple[StagedEdit, ...], out: Path | None) -> tuple[str, ...]:
    """The arguments after `run-inspector resume`."""
    arguments = [run.root, "--from", choice.checkpoint]
    if choice.recipe:
        arguments += ["--recipe", choice.recipe]
    if choice.mode not in ("exact", "edits") or (choice.mode == "edits" and not edits):
        arguments += ["--mode", choice.mode]
    if choice.rate != "rescale":
        arguments += ["--rate", choice.rate]
    for edit in edits if choice.mode != "exact" else ():
        arguments += ["--set", f"{edit.path}={value_text(edit.new)}"]
    if choice.epochs is not None:
        arguments += ["--epochs", str(choice.epochs)]
    if choice.device != "auto":
        arguments += ["--device", choice.device]
    reasons = {edit.path: (edit.reason, edit.finding) for edit in edits if edit.reason or edit.finding}
    if reasons and choice.mode != "exact":
        arguments += ["--reasons", msgspec.json.encode(reasons).decode()]
    return (*arguments, "-o", str(out)) if out else tuple(arguments)


def free_folder(run: Run) -> Path:
    """A folder for the resumed run: beside its parent, or among the user's data where that may not be written."""
    parent = Path(run.root)
    bundled = parent.is_relative_to(resource("."))
    writable = folder_there(parent.parent) and os.access(parent.parent, os.W_OK)
    beside = parent.parent if writable and not bundled else data_folder() / "runs"
    return next(path for path in resumed_folders(parent, beside) if there(path) is None)

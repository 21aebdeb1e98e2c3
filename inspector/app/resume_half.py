"""What each half of the resume sheet, for recipes and for scripts, tells it: what to show and what may be started."""

from __future__ import annotations

from pathlib import Path

import msgspec

from inspector.app.news import Message
from inspector.app.resume_rows import SheetRow
from inspector.core.language import tr


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a half has the sheet show.

    Attributes:
        first: paths that stand above the others.
        about: a sentence above the settings.
        command: the equal command line; empty where there is none.
        start_text: of the button; empty where there is nothing to start.
    """

    rows: tuple[SheetRow, ...]
    first: tuple[str, ...]
    about: str = ""
    command: str = ""
    start_text: str = ""


class Leave(msgspec.Struct, frozen=True, kw_only=True):
    """What may be started.

    Attributes:
        start: the resumed run; trial: one step on trial.
        problem: what speaks against it, where nothing else on the sheet says so.
        why_not: the same for the button's tip, wherever it is said.
    """

    start: bool
    trial: bool = False
    problem: str = ""
    why_not: str = ""


def resuming_into(run_folder: Path) -> Message:
    """What is said once it has started."""
    return Message(tr("Resuming into {folder}").format(folder=run_folder.name), good=True)

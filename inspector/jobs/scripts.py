"""A training script that is not ours as a run of this program: its folder, and the command that starts it there."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from inspector import __version__
from inspector.core.errors import RunFolderError
from inspector.core.files import write_atomically
from inspector.formats.nonfinite import to_json
from inspector.formats.resume_template import ResumeTemplate
from inspector.formats.run_folder import EDITS_FILE, RUN_FILE, SETTINGS_FILE, Edit, Parent, RunRecord


class ScriptRun(msgspec.Struct, frozen=True, kw_only=True):
    """A resume by a template that is ready to start.

    Attributes:
        run_folder: new; the script writes its own files there too.
        command: the argument list.
        settings: those of the template by name, as edited.
        edits: what differs from the checkpoint.
    """

    run_folder: Path
    template: ResumeTemplate
    command: tuple[str, ...]
    parent: Parent
    settings: Mapping[str, Any]
    edits: tuple[Edit, ...]
    device: str


def begin(script: ScriptRun) -> None:
    """Make the run's folder and say in it what it is; run.json comes last, as the mark that the rest is there.

    Raises:
        RunFolderError: there is such a folder already, or it cannot be made.
    """
    folder = script.run_folder
    try:
        folder.mkdir(parents=True)
        write_atomically(folder / SETTINGS_FILE, to_json(script.settings, indent=2))
        write_atomically(folder / EDITS_FILE, to_json(script.edits, indent=2))
        write_atomically(folder / RUN_FILE, to_json(_record(script), indent=2))
    except FileExistsError as error:
        raise RunFolderError(f"{folder.name} is already there; choose another folder with -o") from error
    except OSError as error:
        raise RunFolderError(f"{folder.name} cannot be made in {folder.parent} ({error.strerror})") from error


def _record(script: ScriptRun) -> RunRecord:
    return RunRecord(
        id=secrets.token_hex(6),
        name=script.run_folder.name,
        recipe=script.template.title or Path(script.command[0]).name,
        seed=None,
        host=platform.node(),
        started=time.time(),
        model_size="",
        versions={"inspector": __version__},
        device=script.device,
        parent=script.parent,
        command=script.command,
    )

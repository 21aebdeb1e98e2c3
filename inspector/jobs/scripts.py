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
from inspector.core.digests import sha256_of
from inspector.core.errors import MissingError, RunFolderError
from inspector.core.files import write_atomically
from inspector.formats.nonfinite import to_json
from inspector.formats.resume_template import ResumeTemplate, fields_of_template, template_command, template_edits
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


class ScriptResume(msgspec.Struct, frozen=True, kw_only=True):
    """What a script is to go on from, and how.

    Attributes:
        run: the folder of the run that it goes on from.
        held: the checkpoint's plain values by dotted path.
        edits: settings of the template by name; texts are parsed.
        python: what `{python}` stands for.
        output: the new run's folder.
    """

    template: ResumeTemplate
    run: Path
    checkpoint: Path
    held: Mapping[str, Any]
    edits: Mapping[str, Any]
    python: str
    device: str
    output: Path


def script_command(asked: ScriptResume) -> tuple[str, ...]:
    """The argument list.

    Raises:
        SettingsError: an edit is none of the template's, or its value is not allowed there.
    """
    places = {"python": asked.python, "checkpoint": str(asked.checkpoint), "output": str(asked.output),
              "run": str(asked.run), "device": asked.device}  # fmt: skip
    return tuple(template_command(asked.template, places, template_edits(asked.template, asked.edits)))


def script_run(asked: ScriptResume) -> ScriptRun:
    """A resume that is ready to start; the checkpoint is read whole for its digest.

    Raises:
        SettingsError: an edit is none of the template's, or its value is not allowed there.
        MissingError: the checkpoint cannot be read.
    """
    edits = template_edits(asked.template, asked.edits)
    had = {field.path: field.default for field in fields_of_template(asked.template, asked.held)}
    try:
        digest = sha256_of(asked.checkpoint)
    except OSError as error:
        raise MissingError(asked.checkpoint, "a checkpoint", error.strerror or str(error)) from error
    step, epoch = _number(asked.held, ("step", "global_step", "iteration")), _number(asked.held, ("epoch",))
    return ScriptRun(
        run_folder=asked.output,
        template=asked.template,
        command=script_command(asked),
        parent=Parent(
            id=asked.run.name,
            path=str(asked.run),
            checkpoint=asked.checkpoint.name,
            sha256=digest,
            step=None if step is None else round(step),
            epoch=epoch,
        ),
        settings={**had, **edits},
        edits=tuple(Edit(path=name, old=had[name], new=value) for name, value in edits.items()),
        device=asked.device,
    )


def _number(held: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    """The first of these that the checkpoint holds as a number."""
    found = (held.get(name) for name in names)
    return next((float(value) for value in found if isinstance(value, int | float)), None)


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

"""`resume.toml`: how a training script that is not ours is resumed, as an argument list with placeholders.

The file is the user's own and is named by the user; one that lies beside an opened run is never used by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from inspector.core.errors import DamagedError, FileError, MissingError, SettingsError
from inspector.core.language import tr_later
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import check_value, parse_value, value_text

FILE = "resume.toml"

PLACES = ("python", "checkpoint", "output", "run", "device")
"""What a command's placeholders stand for: interpreter, checkpoint to go on from, folder of the new run, folder of the
old one, device."""

RateOwner = Literal["loop", "checkpoint", "weights", "unknown"]
"""Who decides the learning rate after a resume: the script's loop from its flags, what the checkpoint's optimizer and
scheduler hold, or nobody, as only weights are loaded.

Source: the classification of public training scripts in the domain report, section 6.1.
"""

OWNER_TEXTS: dict[RateOwner, str] = {
    "loop": tr_later("the script sets the rate at each step from its own settings, so an edited rate takes effect"),
    "checkpoint": tr_later(
        "the checkpoint's optimizer and scheduler bring the old rate back, so an edited rate has no effect"
    ),
    "weights": tr_later("only weights are loaded, so it is a fresh start at the rate given"),
    "unknown": tr_later(
        "the template does not say who sets the rate after a resume (rate_owner); look at the first logged rate"
    ),
}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class TemplateSetting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A setting that the script takes as arguments.

    Attributes:
        arguments: added to the command where the setting is edited; `{value}` stands for the new value.
        source: dotted path of the value in the run's settings or the checkpoint's plain values; the setting's own name
            without it.
    """

    arguments: tuple[str, ...]
    source: str = ""
    title: str = ""
    unit: str = ""
    kind: Literal["number", "integer", "boolean", "choice", "text"] = "text"
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class ResumeTemplate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file.

    Attributes:
        command: an argument list; no shell sees it.
        folder: where the command runs; the template's own folder without it.
    """

    command: tuple[str, ...]
    title: str = ""
    folder: str = ""
    rate_owner: RateOwner = "unknown"
    settings: dict[str, TemplateSetting] = {}


def read_template(path: Path) -> ResumeTemplate:
    """A template, with its folder made absolute.

    Raises:
        MissingError: there is no such file.
        DamagedError: it is no TOML.
        FileError: it says something that a template does not.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MissingError(path, "a resume template", error.strerror or str(error)) from error
    try:
        found = msgspec.toml.decode(data, type=ResumeTemplate)
    except msgspec.ValidationError as error:
        raise FileError(path, "a resume template", str(error), "see Help, Resume any script") from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, "a resume template in TOML", str(error)) from error
    problem = _problem(found)
    if problem:
        raise FileError(path, "a resume template", problem, "see Help, Resume any script")
    folder = (path.parent / found.folder).resolve()
    return msgspec.structs.replace(found, folder=str(folder))


def _problem(template: ResumeTemplate) -> str:
    if not template.command:
        return "an empty command"
    unknown = [name for text in template.command for name in _PLACEHOLDER.findall(text) if name not in PLACES]
    if unknown:
        return f"the placeholder {{{unknown[0]}}} in command; there are {', '.join(PLACES)}"
    for name, setting in template.settings.items():
        wrong = [text for text in setting.arguments for held in _PLACEHOLDER.findall(text) if held != "value"]
        if wrong or not setting.arguments:
            return f"settings.{name} whose arguments are not texts with {{value}}"
    return ""


def fields_of_template(template: ResumeTemplate, values: Mapping[str, Any]) -> tuple[Field, ...]:
    """The template's settings as a form shows them, each with the value that the run has as its default."""
    return tuple(
        Field(
            path=name,
            title=setting.title or name,
            kind=setting.kind,
            default=values.get(setting.source or name),
            unit=setting.unit,
            choices=setting.choices,
            minimum=setting.minimum,
            maximum=setting.maximum,
        )
        for name, setting in template.settings.items()
    )


def template_edits(template: ResumeTemplate, edits: Mapping[str, Any]) -> dict[str, Any]:
    """Edits by the names of a template's settings with their values as those settings are; texts are parsed.

    Raises:
        SettingsError: an edit is none of the template's, or its value is not allowed there.
    """
    fields = {field.path: field for field in fields_of_template(template, {})}
    found = {}
    for name, value in edits.items():
        if name not in fields:
            raise SettingsError(f"{name} is not a setting of the template; it has {', '.join(fields) or 'none'}", name)
        found[name] = parse_value(fields[name], value) if isinstance(value, str) else value
        problem = check_value(fields[name], found[name])
        if problem:
            raise SettingsError(problem, name)
    return found


def template_command(template: ResumeTemplate, places: Mapping[str, str], edits: Mapping[str, Any]) -> list[str]:
    """The argument list of a resume.

    Args:
        template: the template.
        places: what each of `PLACES` stands for.
        edits: as `template_edits` gives them.
    """
    command = [_filled(text, places) for text in template.command]
    for name, value in edits.items():
        command += [_filled(text, {"value": value_text(value)}) for text in template.settings[name].arguments]
    return command


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)

"""Parameters and tags of MLflow's file store: one text a file, named by the path below `params` or `tags`."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.sniff_mlflow import PARAMS, TAGS, name_below
from inspector.core.pulse import Pulse
from inspector.formats.facts import SettingsFacts

_MAX_BYTES = 64 * 1024
"""MLflow itself allows 6,000 characters."""


def facts(path: Path, pulse: Pulse) -> SettingsFacts:
    """The one value, a number where it is written as one.

    Raises:
        FileError: the file cannot be read.
        WorkCancelled: the pulse was cancelled.
    """
    pulse.beat(what=f"Reading {path.name}")
    with ByteFile(path) as file:
        text = file.read(0, _MAX_BYTES).decode("utf-8", "backslashreplace")
        size = file.size
    notes = ("the text is longer than 64 kB, its beginning is shown",) if size > _MAX_BYTES else ()
    tag = name_below(path, TAGS)
    name = f"tags.{tag}" if tag else name_below(path, PARAMS) or path.name
    return SettingsFacts(container="mlflow-value", bytes=size, values={name: _value(text.strip())}, notes=notes)


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if str(number) == text or repr(float(text)) == text:
            return number
    return text

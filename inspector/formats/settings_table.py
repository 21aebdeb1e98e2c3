"""The settings of a recipe as a table of text, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from inspector.formats.nonfinite import to_json
from inspector.formats.setting_fields import Field, fields_of
from inspector.formats.setting_values import value_text
from inspector.formats.settings_schema import json_schema

_HEADINGS = ("Setting", "Default", "Takes", "Unit", "Applies", "Changes", "What it is")
_WORDS = {"number": "number", "integer": "whole number", "boolean": "true, false", "list": "JSON list", "text": "text"}

_WIDEST = 40
"""A longer cell pushes the rest of its own line to the right, and no other."""


def settings_text(settings: type[msgspec.Struct], *, as_json: bool) -> str:
    """Every setting with its default, what it takes, its unit, and what an edit on resume does.

    Args:
        settings: the type of a recipe's settings.
        as_json: its JSON Schema in the place of the table.
    """
    if as_json:
        return f"{to_json(json_schema(settings), indent=2).decode()}\n"
    return "".join(f"{line}\n" for line in settings_table(fields_of(settings)))


def settings_table(fields: Iterable[Field]) -> list[str]:
    """A line for each setting below one of headings."""
    rows = [_HEADINGS, *map(_row, fields)]
    widths = [max(len(cell) for cell in column if len(cell) <= _WIDEST) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(field: Field) -> tuple[str, ...]:
    about = f"{field.title}: {field.description}" if field.description else field.title
    return (
        field.path, value_text(field.default), taken_text(field), field.unit, field.applies, ", ".join(field.changes),
        about,
    )  # fmt: skip


def taken_text(field: Field) -> str:
    """What a setting takes: its choices or its range, and whether it can be off."""
    taken = ", ".join(field.choices) if field.choices else "path" if field.is_path else _WORDS[field.kind]
    if field.minimum is not None:
        taken += f" {'>' if field.above else '>='} {field.minimum:.12g}"
    if field.maximum is not None:
        taken += f"{',' if field.minimum is not None else ''} <= {field.maximum:.12g}"
    return f"{taken} or off" if field.optional else taken

"""The value of a setting as text, and whether it is allowed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.nonfinite import to_json
from inspector.formats.setting_fields import Field

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def parse_value(field: Field, text: str) -> Any:
    """The value that a text typed into the form or after `--set` stands for.

    Raises:
        SettingsError: it does not parse as the field's kind.
    """
    word = text.strip()
    if field.optional and word.lower() in ("", "none", "off", "null"):
        return None
    try:
        return _PARSERS[field.kind](field, word)
    except ValueError as error:
        raise SettingsError(f"{field.path} takes {_wanted(field)}, found {word!r}") from error


def _parse_boolean(_field: Field, word: str) -> bool:
    lowered = word.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(word)


def _parse_choice(field: Field, word: str) -> str:
    if word not in field.choices:
        raise ValueError(word)
    return word


def _parse_text(field: Field, word: str) -> str:
    # A run is resumed from another folder than it was started in.
    return str(Path(word).expanduser().absolute()) if field.is_path and word else word


_PARSERS: dict[str, Any] = {
    "number": lambda _field, word: float(word),
    "integer": lambda _field, word: int(word.replace(",", "").replace("_", "")),
    "boolean": _parse_boolean,
    "choice": _parse_choice,
    "text": _parse_text,
    "list": lambda _field, word: msgspec.json.decode(word.encode()),
}


def _wanted(field: Field) -> str:
    if field.kind == "choice":
        return "one of " + ", ".join(field.choices)
    bounds = ""
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f" {'above' if field.above else 'from'} {field.minimum:g}"
        high = "" if field.maximum is None else f" to {field.maximum:g}"
        bounds = low + high
    return {
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "list": "a JSON list",
    }.get(field.kind, "text") + bounds


def value_text(value: Any) -> str:
    """A setting's value as `parse_value` takes it: `off` for none, the shortest decimal for numbers."""
    if value is None:
        return "off"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = repr(value)
        return text.removesuffix(".0")
    if isinstance(value, str):
        return value
    return to_json(value).decode()


def check_value(field: Field, value: Any) -> str:
    """Why a value is not allowed there, or an empty string."""
    if value is None:
        return "" if field.optional else f"{field.path} needs a value"
    if field.kind in ("number", "integer") and isinstance(value, int | float):
        below = field.minimum is not None and (value < field.minimum or (field.above and value == field.minimum))
        beyond = field.maximum is not None and value > field.maximum
        if below or beyond or (isinstance(value, float) and not math.isfinite(value)):
            return f"{field.path} takes {_wanted(field)}, found {value_text(value)[:40]}"
    return ""

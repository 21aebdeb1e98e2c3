"""The value of a setting as text, and whether it is allowed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec

from inspector.core.errors import SettingsError
from inspector.core.language import tr
from inspector.formats.nonfinite import to_json
from inspector.formats.setting_fields import Field

_TAKES = tr("{path} takes {wanted}, found {found}")
_KIND_WORDS = {
    "number": tr("a number"),
    "integer": tr("a whole number"),
    "boolean": tr("true or false"),
    "list": tr("a JSON list"),
}
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
        raise SettingsError(
            _TAKES.format(path=field.path, wanted=_wanted(field), found=repr(word)), field.path
        ) from error


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
        return tr("one of {choices}").format(choices=", ".join(field.choices))
    kind, bounds = _KIND_WORDS.get(field.kind) or tr("text"), bounds_text(field)
    return tr("{kind} {bounds}").format(kind=kind, bounds=bounds) if bounds else kind


def bounds_text(field: Field) -> str:
    """`from 1 to 8`, `above 0`: where a number must lie; empty where it may lie anywhere."""
    low, high = field.minimum, field.maximum
    if low is None:
        return "" if high is None else tr("to {high:g}").format(high=high)
    if high is None:
        sentence = tr("above {low:g}") if field.above else tr("from {low:g}")
    else:
        sentence = tr("above {low:g} to {high:g}") if field.above else tr("from {low:g} to {high:g}")
    return sentence.format(low=low, high=high)


def takes_text(field: Field) -> str:
    """`from 1 to 8 · px · may be off`: what a setting takes; empty where nothing is said of that."""
    parts = (bounds_text(field), tr(field.unit), tr("may be off") if field.optional else "")
    return " · ".join(filter(None, parts))


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
        return "" if field.optional else tr("{path} needs a value").format(path=field.path)
    if field.kind in ("number", "integer") and isinstance(value, int | float):
        below = field.minimum is not None and (value < field.minimum or (field.above and value == field.minimum))
        beyond = field.maximum is not None and value > field.maximum
        if below or beyond or (isinstance(value, float) and not math.isfinite(value)):
            return _TAKES.format(path=field.path, wanted=_wanted(field), found=value_text(value)[:40])
    return ""

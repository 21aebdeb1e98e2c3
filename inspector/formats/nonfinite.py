"""Numbers in JSON: NaN and the infinities are the strings "NaN", "Infinity", "-Infinity"."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

from inspector.core.texts import clean

# As msgpack has a float, 0xcb and eight bytes, the highest exponent; a text may hold such bytes too.
_MAYBE_NOT_FINITE = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
_SPELLING = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def spelled(value: float) -> float | str:
    """The number itself, or its spelling where JSON has no number for it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def unspelled(value: Any) -> Any:
    """The number that one of the three spellings stands for; anything else as it is."""
    return _SPELLING.get(value, value) if isinstance(value, str) else value


def _spell_tree(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return spelled(value)
    if isinstance(value, dict):
        return {_spell_tree(key): _spell_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell_tree(item) for item in value]
    return value


def _may_need_spelling(value: Any) -> bool:
    """Whether a number in it may not be finite, or a text no UTF-8: a search in its msgpack takes a tenth of a walk."""
    try:
        return _MAYBE_NOT_FINITE.search(msgspec.msgpack.encode(value)) is not None
    except (OverflowError, TypeError, UnicodeEncodeError):  # integers of more than 64 bits, lone surrogates
        return True


def builtins_of(value: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct by name, as dicts, lists and plain values."""
    made: dict[str, Any] = msgspec.to_builtins(value, str_keys=True)
    return made


def to_json(value: Any, indent: int = 0) -> bytes:
    """JSON of structs, dicts, lists and plain values, non-finite numbers spelled.

    msgspec would write them as null.
    """
    if _may_need_spelling(value):
        value = _spell_tree(msgspec.to_builtins(value, str_keys=True))
    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=indent) if indent else encoded

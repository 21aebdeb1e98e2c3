"""Numbers in JSON: NaN and the infinities are the strings "NaN", "Infinity", "-Infinity"."""

from __future__ import annotations

import math
from typing import Any

import msgspec

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
    if isinstance(value, float):
        return spelled(value)
    if isinstance(value, dict):
        return {key: _spell_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell_tree(item) for item in value]
    return value


def to_json(value: Any, indent: int = 0) -> bytes:
    """JSON of structs, dicts, lists and plain values, non-finite numbers spelled.

    msgspec would write them as null.
    """
    tree = _spell_tree(msgspec.to_builtins(value, str_keys=True))
    encoded = msgspec.json.encode(tree)
    return msgspec.json.format(encoded, indent=indent) if indent else encoded

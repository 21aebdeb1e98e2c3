"""Dotted paths of what hangs below a checkpoint's root, whatever the keys are."""

from __future__ import annotations

from typing import Any

from inspector.artifacts.pickles.lens_values import Plain
from inspector.artifacts.pickles.lenses import seen
from inspector.artifacts.pickles.node_text import TEXT_CHARACTERS, cut, text_of
from inspector.artifacts.pickles.nodes import Call, Dict, Set
from inspector.core.texts import clean

MAX_NAME_CHARACTERS = 1_024
_LIGHT_ITEMS = 64


def joined(name: str, key: str) -> str:
    """A path with one more key, which may be empty."""
    return f"{name}.{key}" if name else key


def below(prefix: str, path: str) -> str:
    """A path below another; either may be empty, as that of a root is."""
    return f"{prefix}.{path}" if prefix and path else prefix or path


def are_segments(keys: list[str]) -> bool:
    """Whether texts stand in paths as they are; as `segment_of` has it, for many at once."""
    return max(map(len, keys)) <= MAX_NAME_CHARACTERS and all(map(str.isascii, keys))


def segment_of(key: Any) -> str:
    """A dictionary's key as a part of a dotted path."""
    if type(key) is str:
        return key if len(key) <= MAX_NAME_CHARACTERS and key.isascii() else cut(key, MAX_NAME_CHARACTERS)
    if type(key) is bytes and len(key) <= MAX_NAME_CHARACTERS:
        return clean(key.decode("utf-8", "backslashreplace"))
    view = seen(key) if _is_light(key) else None
    return str(view.value) if isinstance(view, Plain) else cut(text_of(key), TEXT_CHARACTERS)


def _is_light(key: Any) -> bool:
    """Whether a key is small enough to be looked into: a file may use the same large value for many."""
    if type(key) is not Call:
        return type(key) not in (Dict, Set)
    parts = (key.states, key.items, key.pairs, key.args)
    inner = key.args if type(key.args) is tuple else ()
    wide = [part for part in (*parts, *inner[:_LIGHT_ITEMS]) if type(part) in (list, tuple)]
    deep = [part for part in (*inner[:_LIGHT_ITEMS], *(key.states or ())[:_LIGHT_ITEMS]) if type(part) in (Dict, Set)]
    return all(len(part) <= _LIGHT_ITEMS for part in wide) and all(
        len(part.flat if type(part) is Dict else part.items) <= _LIGHT_ITEMS for part in deep
    )

"""Values written as Python literals, as in the header of a numpy file; nothing is compiled or evaluated."""

from __future__ import annotations

import re
from typing import Any

MAX_DEPTH = 32

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^'\\\n]*'|"[^"\\\n]*")|(?P<number>-?\d{1,19})L?|(?P<word>True|False|None)|(?P<mark>[\[\](){},:]))"""
)
_WORDS = {"True": True, "False": False, "None": None}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class LiteralError(ValueError):
    """The text is no literal that is read here."""


def literal(text: str) -> Any:
    """The value of texts without escapes, integers, True, False, None, and tuples, lists and dictionaries of them.

    Raises:
        LiteralError: it is anything else.
    """
    tokens: list[tuple[str, str]] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise LiteralError(f"character {place:,} of {text[:40]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    value, rest = _value(tokens, 0, 0)
    if rest != len(tokens):
        raise LiteralError("more than one value")
    return value


def _value(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    """The value that begins at a token, and the index of the token after it."""
    if at >= len(tokens) or depth > MAX_DEPTH:
        raise LiteralError("it breaks off" if at >= len(tokens) else "it is nested too deep")
    kind, token = tokens[at]
    if kind == "text":
        return token[1:-1], at + 1
    if kind == "number":
        return int(token), at + 1
    if kind == "word":
        return _WORDS[token], at + 1
    if token not in _CLOSING:
        raise LiteralError(f"{token} where a value should be")
    return _container(tokens, at, depth)


def _container(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    opening = tokens[at][1]
    closing = ("mark", _CLOSING[opening])
    items: list[Any] = []
    comma = True
    at += 1
    while at < len(tokens) and tokens[at] != closing:
        if not comma:
            raise LiteralError("a comma is missing")
        item, at = _value(tokens, at, depth + 1)
        if opening == "{":
            if tokens[at : at + 1] != [("mark", ":")] or type(item) is not str:
                raise LiteralError("a key that is no text")
            value, at = _value(tokens, at + 1, depth + 1)
            item = (item, value)
        items.append(item)
        comma = tokens[at : at + 1] == [("mark", ",")]
        at += comma
    if at >= len(tokens):
        raise LiteralError("it breaks off")
    if opening == "{":
        return dict(items), at + 1
    if opening == "[":
        return items, at + 1
    return (tuple(items) if len(items) != 1 or comma else items[0]), at + 1

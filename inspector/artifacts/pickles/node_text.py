"""Nodes and scalars as short texts that are safe to store: no lone surrogates, nothing endless."""

from __future__ import annotations

from typing import Any

from inspector.artifacts.pickles.nodes import (
    Buffer,
    Call,
    Dict,
    Extension,
    Global,
    LargeInteger,
    PersistentId,
    Set,
    Span,
    class_of,
)
from inspector.core.texts import clean

TEXT_CHARACTERS = 4096
"""A longer text is cut, with its length said."""

SHOWN_ARGUMENTS = 8
SHOWN_DEPTH = 3
LARGEST_INTEGER = 2**63

Scalar = (str, int, float, bool, type(None))


def cut(text: str, limit: int = TEXT_CHARACTERS) -> str:
    """The text, clean, and at most `limit` characters of it."""
    return clean(text) if len(text) <= limit else f"{clean(text[:limit])}… ({len(text):,} characters)"


def scalar(value: Any) -> Any:
    """A plain scalar as it can be shown and written as JSON."""
    if type(value) is str:
        return cut(value)
    if type(value) is int and not -LARGEST_INTEGER <= value < 2 * LARGEST_INTEGER:
        return str(value) if value.bit_length() <= 1024 else f"integer of {value.bit_length():,} bits"
    return value


def text_of(node: Any, depth: int = SHOWN_DEPTH) -> str:
    """A node as a short text; deep and long parts are cut."""
    kind = type(node)
    if kind is str:
        return repr(cut(node, 80))
    if kind in Scalar:
        return str(scalar(node))
    if kind is bytes:
        return f"{len(node):,} bytes"
    if kind is Span:
        shown = f"{clean(node.read(TEXT_CHARACTERS).decode('utf-8', 'replace'))}… (" if node.text else ""
        return f"{shown}{node.length:,} bytes{')' if shown else ''}"
    if kind is Global:
        return cut(node.path, 256)
    if kind is LargeInteger:
        return f"integer of about {node.bits:,} bits"
    if kind is Buffer:
        return "a buffer kept outside the file"
    if kind is Extension:
        return f"extension {node.code}"
    if depth <= 0:
        return "…"
    if kind is PersistentId:
        return f"reference {text_of(node.id, depth - 1)}"
    if kind is Call:
        class_ = class_of(node.func)
        name = cut(class_.path, 256) if class_ else text_of(node.func, depth - 1)
        return name if node.args is None else f"{name}({listed(node.args, depth)})"
    if kind is Dict:
        return f"{{{len(node.flat) // 2} entries}}"
    items = node.items if kind is Set else node
    return f"[{listed(items, depth)}]"


def listed(items: Any, depth: int = SHOWN_DEPTH) -> str:
    """Items as texts with commas between them."""
    if type(items) not in (tuple, list):
        return text_of(items, depth - 1)
    texts = [text_of(item, depth - 1) for item in items[:SHOWN_ARGUMENTS]]
    if len(items) > SHOWN_ARGUMENTS:
        texts.append(f"… {len(items) - SHOWN_ARGUMENTS:,} more")
    return ", ".join(texts)

"""Tool tips that stay plain text, whatever names are in them."""

from __future__ import annotations

import html
import textwrap

from inspector.core.texts import SHOWN_CHARACTERS, visible

_LINE_CHARACTERS = 88


def broken_tip(text: str) -> str:
    """As `plain_tip`, long lines broken between words: Qt breaks none of plain text."""
    lines = (textwrap.fill(line, _LINE_CHARACTERS, break_long_words=False) for line in text.splitlines())
    return plain_tip("\n".join(lines))


def plain_tip(text: str) -> str:
    """The text for a tool tip, lines kept: Qt would take a name such as `<b>loss</b>` for markup."""
    if len(text) <= SHOWN_CHARACTERS and "<" not in text and text.replace("\n", " ").isprintable():
        return text.removesuffix("\n")
    shown = "\n".join(visible(line) for line in text.splitlines())
    if "<" not in shown:
        return shown
    return f"<p style='white-space: pre-wrap'>{html.escape(shown)}</p>"

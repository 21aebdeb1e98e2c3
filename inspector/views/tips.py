"""Tool tips that stay plain text, whatever names are in them."""

from __future__ import annotations

import html

from inspector.core.texts import visible


def plain_tip(text: str) -> str:
    """The text for a tool tip, lines kept: Qt would take a name such as `<b>loss</b>` for markup."""
    shown = "\n".join(visible(line) for line in text.splitlines())
    if "<" not in shown:
        return shown
    return f"<p style='white-space: pre-wrap'>{html.escape(shown)}</p>"

"""Lines of text as wide as what they stand on."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy

from inspector.core.texts import breakable, visible
from inspector.views.fonts import BASE_PX, Weight
from inspector.views.surfaces import Ink, Label

_LONGEST_PART = 28
"""So many characters without a dot, slash or underscore fit on a line of the narrowest panel."""


def wrapped(text: str, *, ink: Ink = "text", size_px: int = BASE_PX, weight: Weight = "regular") -> Label:
    """Lines of text as wide as the panel, whatever names are in it; the tool tip has those that were cut."""
    label = Label(ink=ink, size_px=size_px, weight=weight, wrap=True)
    show_wrapped(label, text)
    # Else the widest word is the least width, and the card runs past the panel.
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    return label


def show_wrapped(label: Label, text: str) -> None:
    """Show other text in such a label."""
    shown = breakable(visible(text), _LONGEST_PART)
    label.setText(shown)
    label.setToolTip(visible(text) if shown.count("…") > text.count("…") else "")

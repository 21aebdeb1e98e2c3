"""What the user prefers, declared once: the window's sheet shows each by the title and description that stand here."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.core.language import tr
from inspector.formats.setting_fields import Field, fields_of, setting

Theme = Literal["dark", "light"]


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every run and every window.

    Attributes:
        text_size: percent of the usual; everything in the window grows with its text.
        smoothing: of curves, as the views count it; `last` for what it was last.
        interpreter: path of the Python that trains; empty for this program's own.
        cache_mb: millions of bytes that may be kept on disk of what can be worked out again.
        flag_key, reject_key, tag_key: as Qt writes a key; empty for the usual one.
    """

    theme: Annotated[Theme, setting(title=tr("Colours"), description=tr("Of the window"))] = "dark"
    text_size: Annotated[
        Literal[80, 90, 100, 110, 125, 150, 175, 200],
        setting(title=tr("Size of text"), description=tr("In percent; everything in the window grows with it")),
    ] = 100
    smoothing: Annotated[
        Literal["last", "0", "0.3", "0.6", "0.9", "0.97"],
        setting(title=tr("Smoothing of curves"), description=tr("What the first run in a window begins with")),
    ] = "last"
    interpreter: Annotated[
        str,
        setting(title=tr("Python that trains"), description=tr("With what a run is resumed"), is_path=True),
    ] = ""
    own_rules: Annotated[
        str,
        setting(
            title=tr("Rules of your own"),
            description=tr("A Python file that says what else is looked for in every run that is opened here"),
            is_path=True,
        ),
    ] = ""
    cache_mb: Annotated[
        Literal[50, 200, 500, 2000],
        setting(
            title=tr("Room on disk"),
            unit="MB",
            description=tr("For what was worked out once, so that a run opens sooner; the oldest goes first"),
        ),
    ] = 500
    flag_key: Annotated[str, setting(title=tr("Key that flags"), description=tr("The selected samples"))] = ""
    reject_key: Annotated[
        str,
        setting(title=tr("Key that rejects"), description=tr("The selected samples; it dismisses a finding elsewhere")),
    ] = ""
    tag_key: Annotated[str, setting(title=tr("Key that tags"), description=tr("The selected samples"))] = ""


TAGS = Field(
    path="tags",
    title=tr("Tags of your own"),
    kind="list",
    default=(),
    description=tr("Under Shift+1 to Shift+9 in this order; a new tag that is given joins them"),
)
"""Kept with the user's other lists of samples, and shown with the preferences."""

DECLARED: tuple[Field, ...] = (*fields_of(Preferences), TAGS)
"""Every preference that the sheet shows and the palette finds, in this order."""

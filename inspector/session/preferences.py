"""What the user prefers, declared once: the window's sheet shows each by the title and description that stand here."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from inspector.formats.setting_fields import setting

Theme = Literal["dark", "light"]


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every run and every window."""

    theme: Annotated[Theme, setting(title="Colours", description="Of the window")] = "dark"
    own_rules: Annotated[
        str,
        setting(
            title="Rules of your own",
            description="A Python file that says what else is looked for in every run that is opened here",
            is_path=True,
        ),
    ] = ""

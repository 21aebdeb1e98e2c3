"""The settings viewer's ask and scene."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.setting_fields import Field
from inspector.runs.values import SettingsSheet
from inspector.session.values import StagedEdit


class SettingsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a run and what is staged."""

    sheet: SettingsSheet
    staged: tuple[StagedEdit, ...]
    filter: str


class SettingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the form.

    Attributes:
        field: how it is edited; None for a setting that no schema describes, shown as it is.
        text: the value in the run, as text; edited: the staged one, None where nothing is staged.
        changed: it differs from the recipe's default.
        effect: what a staged edit will do (`takes effect`, `loss not comparable`), empty without one; good: no more
            than that.
        why: the reason that came with the edit, or the field's description.
    """

    path: str
    title: str
    value: Any
    text: str
    field: Field | None = None
    edited: str | None = None
    changed: bool = False
    effect: str = ""
    good: bool = True
    why: str = ""


class SettingsGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under one heading."""

    title: str
    rows: tuple[SettingRow, ...]


class SettingsScene(msgspec.Struct, frozen=True, kw_only=True):
    """The form.

    Attributes:
        summary: `42 settings · 3 differ from the defaults · settings.json`.
    """

    groups: tuple[SettingsGroup, ...]
    summary: str

"""Lays the settings out as a form."""

from __future__ import annotations

from typing import Any

from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.display.settings.scene import SettingRow, SettingsAsk, SettingsGroup, SettingsScene
from inspector.formats.edit_effects import TAG_WORDS, USUAL, edit_effects
from inspector.formats.setting_fields import Field
from inspector.formats.setting_values import value_text
from inspector.session.values import StagedEdit


def prepare(ask: SettingsAsk, pulse: Pulse) -> SettingsScene:
    """Rows grouped by the first part of their path, in the recipe's order."""
    pulse.beat()
    staged = {edit.path: edit for edit in ask.staged}
    fields = {field.path: field for field in ask.sheet.fields}
    paths = [*fields, *(path for path in ask.sheet.values if path not in fields)]
    groups: dict[str, list[SettingRow]] = {}
    changed = 0
    for path in paths:
        row = _row(path, fields.get(path), ask.sheet.values, staged.get(path))
        changed += row.changed
        if _matches(row, ask.filter):
            groups.setdefault(path.partition(".")[0] if "." in path else "", []).append(row)
    return SettingsScene(
        groups=tuple(
            SettingsGroup(title=visible(title or tr("general")), rows=tuple(rows)) for title, rows in groups.items()
        ),
        summary=_summary(len(paths), changed, ask.sheet.source, has_fields=bool(fields)),
    )


def _row(path: str, field: Field | None, values: dict[str, Any], edit: StagedEdit | None) -> SettingRow:
    value = values.get(path, field.default if field else None)
    effect, good = _effect(field) if field and edit else ("", True)
    return SettingRow(
        path=visible(path, 200),
        title=tr(field.title) if field else visible(path, 200),
        value=value,
        text=visible(value_text(value), 200),
        field=field,
        edited=visible(value_text(edit.new), 200) if edit else None,
        changed=field is not None and value != field.default,
        effect=effect,
        good=good,
        why=(edit.reason if edit and edit.reason else "") or (tr(field.description) if field else ""),
    )


def _effect(field: Field) -> tuple[str, bool]:
    """What a staged edit of a setting does to a resume, in a few words, and whether it is no more than that."""
    tag = edit_effects((field,), (field.path,), "edits")[field.path].tags[0]
    if field.applies == "restart":
        return tr("{effect}, needs a new run").format(effect=TAG_WORDS[tag]), False
    return TAG_WORDS[tag], tag == USUAL


def _matches(row: SettingRow, wanted: str) -> bool:
    word = wanted.casefold()
    return not word or word in row.path.casefold() or word in row.title.casefold()


def _summary(count: int, changed: int, source: str, *, has_fields: bool) -> str:
    parts = [tr_counted(count, "setting")]
    if has_fields:
        differ = tr_many("{count} differs from the defaults", "{count} differ from the defaults", changed)
        parts.append(differ.format(count=changed))
    if source:
        parts.append(visible(source, 80))
    return " · ".join(parts)

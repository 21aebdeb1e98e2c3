"""Every setting of a run as a row of the resume sheet: what the checkpoint has, what is staged, what will hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from inspector.analysis.schedules.resumed import RateMeaning, resumed_schedule
from inspector.core.language import tr
from inspector.formats.edit_effects import TAG_WORDS, USUAL, Mode, Tag, edit_effects
from inspector.formats.facts import CheckpointFacts
from inspector.formats.recipes.schedule import PREFIX, schedule_of
from inspector.formats.setting_fields import Field
from inspector.formats.settings import nested
from inspector.runs.values import FileEntry, SettingsSheet
from inspector.session.values import StagedEdit
from inspector.views.surfaces import Ink

LEARNING_RATE = "optim.lr"
_RATE_FACTOR = ".lr_mult"
_IN_CHECKPOINT = "settings."
_SCHEDULERS = "schedulers"

_PASSED_ON = tr("goes into the command")

_NOTES: dict[Tag, str] = {
    "needs new optimizer": tr("its moments start afresh"),
    "changes what the weights compute": tr("a new run is cleaner"),
    "loss not comparable": tr("marked on the curve"),
    "changes data order": tr("from the next epoch"),
    "changes shapes": tr("tensors of another shape start afresh"),
    "only in a new run": tr("loaded weights keep theirs"),
}
"""What more is to be said of an edit, in a few words; `formats.edit_effects` has the sentence."""

_MEANINGS: dict[RateMeaning, str] = {
    "rescale": tr("schedule rescaled"),
    "restart": tr("schedule starts anew here"),
    "pin": tr("constant from here"),
}


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    Attributes:
        field: how it is edited; None for a setting that no form describes.
        before: its value in the checkpoint; staged: what is staged for it, `before` where nothing is.
        effective: what the resumed run will use.
        tag: what the edit does; empty without one. ink: of the tag.
        note: more of it in a few words; tip: in a sentence.
        blocks: the trainer refuses the edit in this mode.
    """

    path: str
    field: Field | None
    before: Any
    staged: Any
    is_staged: bool
    effective: Any
    tag: str = ""
    ink: Ink = "good"
    note: str = ""
    tip: str = ""
    blocks: bool = False

    @property
    def changes(self) -> bool:
        """Whether the resumed run uses another value than the checkpoint's."""
        return bool(self.effective != self.before)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a resume is set to, as far as settings go; `epoch` is the checkpoint's, with a fraction."""

    mode: str
    rate: RateMeaning
    epoch: float


def checkpoint_values(sheet: SettingsSheet, entry: FileEntry | None) -> dict[str, Any]:
    """The settings that a checkpoint holds; of what it does not hold, those of its run."""
    facts = entry.facts if entry is not None else None
    held = facts.objects if isinstance(facts, CheckpointFacts) else {}
    defaults = {field.path: field.default for field in sheet.fields}
    return {path: held.get(f"{_IN_CHECKPOINT}{path}", value) for path, value in (defaults | sheet.values).items()}


def held_schedulers(entry: FileEntry | None) -> dict[str, Any]:
    """What a checkpoint holds of its schedulers, `{class, state}` by name."""
    facts = entry.facts if entry is not None else None
    return nested(facts.objects, _SCHEDULERS) if isinstance(facts, CheckpointFacts) else {}


def is_of_the_rate(path: str) -> bool:
    """Whether an edit of it asks what a new rate means."""
    return path == LEARNING_RATE or path.startswith(PREFIX) or path.endswith(_RATE_FACTOR)


def effective_values(before: Mapping[str, Any], edits: Sequence[StagedEdit], asked: Asked) -> dict[str, Any]:
    """The settings that the resumed run will use, what the rate's meaning does to its schedule among them."""
    if asked.mode == "exact":
        return dict(before)
    after = dict(before) | {edit.path: edit.new for edit in edits}
    if asked.rate == "rescale":
        return after
    try:
        schedule = resumed_schedule(schedule_of(after), asked.epoch, asked.rate)
    except msgspec.ValidationError:  # the preview says what is wrong
        return after
    changed = {f"{PREFIX}{name}": value for name, value in msgspec.to_builtins(schedule).items()}
    return after | {path: value for path, value in changed.items() if path in after}


def rows_of(
    fields: Sequence[Field], before: Mapping[str, Any], edits: Sequence[StagedEdit], asked: Asked
) -> tuple[SheetRow, ...]:
    """A row a setting, in the recipe's order, then those that no form describes."""
    staged = {edit.path: edit for edit in edits}
    known = {field.path: field for field in fields}
    effective = effective_values(before, edits, asked)
    paths = (*known, *(path for path in before if path not in known))
    return tuple(_row(path, known.get(path), before.get(path), staged.get(path), effective, asked) for path in paths)


def rows_of_script(
    fields: Sequence[Field], before: Mapping[str, Any], edits: Sequence[StagedEdit]
) -> tuple[SheetRow, ...]:
    """A row a setting of a template, then those that it does not name; what an edit does is the script's to say."""
    rows = rows_of(fields, before, edits, Asked(mode="edits", rate="rescale", epoch=0.0))
    return tuple(msgspec.structs.replace(row, tag=_PASSED_ON, ink="dim") if row.is_staged else row for row in rows)


def _row(
    path: str, field: Field | None, before: Any, edit: StagedEdit | None, effective: Mapping[str, Any], asked: Asked
) -> SheetRow:
    row = SheetRow(
        path=path,
        field=field,
        before=before,
        staged=edit.new if edit else before,
        is_staged=edit is not None,
        effective=effective.get(path, before),
    )
    if edit is not None and asked.mode == "exact":
        return msgspec.structs.replace(
            row, tag=tr("left out"), ink="warning", note=tr("Continue exactly takes no edits")
        )
    if field is None or not row.changes:
        return row
    effect = edit_effects((field,), (path,), cast("Mode", asked.mode))[path]
    if effect.refused:
        note = tr("train anew") if effect.tags[0] == "only in a new run" else tr("choose Weights only, or train anew")
        return msgspec.structs.replace(row, tag=TAG_WORDS[effect.tags[0]], ink="critical", note=note, blocks=True)
    tag, *others = effect.tags
    usual = tag == USUAL
    notes = (
        *(TAG_WORDS[one] for one in others),
        _of_the_rate(row, effective, asked, edited=edit is not None) or _NOTES.get(tag, ""),
    )
    reason = (edit.reason,) if edit is not None and usual else ()
    note = " · ".join(part for part in (*notes, *reason) if part)
    return msgspec.structs.replace(
        row, tag=TAG_WORDS[tag], ink="good" if usual else "warning", note=note, tip=effect.note
    )


def _of_the_rate(row: SheetRow, effective: Mapping[str, Any], asked: Asked, *, edited: bool) -> str:
    """What becomes of the schedule; empty for a setting that says nothing of it."""
    if row.path == f"{PREFIX}epochs":
        schedule = effective.get(f"{PREFIX}family", tr("schedule"))
        return tr("{schedule} ends at {epoch}").format(schedule=schedule, epoch=row.effective)
    return _MEANINGS[asked.rate] if row.path == LEARNING_RATE or not edited else ""

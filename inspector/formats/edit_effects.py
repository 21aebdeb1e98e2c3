"""What edited settings do to a resume: one answer for the trainer's notes and for the window's tags.

The answer comes from the marks of each setting alone (`Field.applies`, `Field.changes`) and the mode of the resume.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from inspector.core.language import tr
from inspector.formats.setting_fields import Change, Field

Mode = Literal["exact", "edits", "new-optimizer", "weights"]
"""Nothing changes; edited settings with the state kept; weights and position kept; weights alone, from step 0."""

Tag = Literal["takes effect", "needs new optimizer", "changes data order", "loss not comparable",
              "changes what the weights compute", "changes shapes", "only in a new run"]  # fmt: skip

USUAL: Tag = "takes effect"
TAG_WORDS: dict[Tag, str] = {
    "takes effect": tr("takes effect"),
    "needs new optimizer": tr("needs new optimizer"),
    "changes data order": tr("changes data order"),
    "loss not comparable": tr("loss not comparable"),
    "changes what the weights compute": tr("changes what the weights compute"),
    "changes shapes": tr("changes shapes"),
    "only in a new run": tr("only in a new run"),
}
"""As they are shown."""


class EditEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What one edited setting does.

    Attributes:
        tags: in a few words, the gravest first; `takes effect` alone where nothing else is to be said.
        note: one sentence where there is something to know, else empty.
        refused: why the resume cannot have it in this mode and what to do, else empty.
    """

    path: str
    tags: tuple[Tag, ...]
    note: str = ""
    refused: str = ""


class _Meaning(msgspec.Struct, frozen=True):
    """Of one mark: its tag, what a note says after the path, and the modes in which it says nothing."""

    tag: Tag
    note: str
    silent_in: tuple[Mode, ...] = ()


_MEANINGS: dict[Change, _Meaning] = {
    "function": _Meaning("changes what the weights compute", "changes what the weights compute; a new run is cleaner"),
    "optimizer": _Meaning(
        "needs new optimizer",
        "needs a new optimizer; saved state of another kind starts afresh",
        ("new-optimizer", "weights"),
    ),
    "order": _Meaning(
        "changes data order", "changes the order of samples, from the start of an epoch on", ("weights",)
    ),
    "loss": _Meaning("loss not comparable", "changes the loss, whose values before and after cannot be compared"),
    "initial": _Meaning("only in a new run", "is what weights start from, and those that are loaded keep theirs"),
}
"""In the order in which a setting that has several is told."""

_SHAPES_LOAD = "changes shapes; tensors of another shape start afresh"
_INITIAL_REFUSED = "is what weights start from, and a resume loads them; train anew with it"
_SHAPES_REFUSED = "takes effect only in a new run; train anew with it, or resume with --mode weights"
_EXACT_REFUSED = "is edited, but --mode exact takes no edits; use --mode edits"


def edit_effects(
    fields: Iterable[Field], edits: Iterable[str] | Mapping[str, Any], mode: Mode
) -> dict[str, EditEffect]:
    """What each edited setting does, by path in the order of the fields; paths that are no settings are left out.

    Args:
        fields: of the recipe's settings, from `fields_of`.
        edits: dotted paths whose values differ from the checkpoint's.
        mode: of the resume.
    """
    edited = set(edits)
    return {field.path: _effect(field, mode) for field in fields if field.path in edited}


def _effect(field: Field, mode: Mode) -> EditEffect:
    meanings = [
        meaning for change, meaning in _MEANINGS.items() if change in field.changes and mode not in meaning.silent_in
    ]
    tags = tuple(meaning.tag for meaning in meanings)
    note = "; ".join(meaning.note for meaning in meanings)
    refused = ""
    if "initial" in field.changes:
        refused = "" if mode == "weights" else _INITIAL_REFUSED
    elif field.applies == "restart":
        tags = ("changes shapes", *tags)
        note = _SHAPES_LOAD
        refused = "" if mode == "weights" else _SHAPES_REFUSED
    if mode == "exact":
        refused = _EXACT_REFUSED
    return EditEffect(
        path=field.path,
        tags=tags or (USUAL,),
        note=f"{field.path} {note}" if note else "",
        refused=f"{field.path} {refused}" if refused else "",
    )

"""`triage.json`: what was flagged, tagged and noted of samples; two windows' files merge field by field.

Every field of a mark carries the time of its last change, so of two files the later change of each field holds, in
whichever order they are merged. What was taken back stays as a change to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

SCHEMA = "ri-triage/1"
FILE_NAME = "triage.json"
MOST_BYTES = 16 * 10**6
"""A larger file was not written by this program."""


class Mark(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a user says of one sample; each `_s` is when that was said, seconds since 1970."""

    flagged: bool = False
    flagged_s: float = 0.0
    tags: tuple[str, ...] = ()
    tags_s: float = 0.0
    note: str = ""
    note_s: float = 0.0

    @property
    def said(self) -> bool:
        """Whether anything is said of the sample now."""
        return self.flagged or bool(self.tags) or bool(self.note)

    @property
    def told(self) -> bool:
        """Whether anything was ever said of it."""
        return self != UNMARKED


UNMARKED = Mark()

FIELDS = ("flagged", "tags", "note")

Marks = Mapping[int, Mark]
"""By the number of the sample, from 0."""

FileMarks = Mapping[str, Marks]
"""By the file: in `triage.json` its path relative to the file's folder, with `/`."""


class TriageFile(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a `triage.json`."""

    schema: str = SCHEMA
    files: dict[str, dict[int, Mark]] = {}


def encoded(files: FileMarks) -> bytes:
    """The bytes of a `triage.json`, the same for the same marks."""
    plain = {name: dict(sorted(files[name].items())) for name in sorted(files) if files[name]}
    return msgspec.json.format(msgspec.json.encode(TriageFile(files=plain)), indent=1)


def decoded(content: bytes) -> FileMarks:
    """The marks of a `triage.json`.

    Raises:
        ValueError: it is none, or one of a later version; the words say what was found.
    """
    try:
        found = msgspec.json.decode(content, type=TriageFile)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if found.schema != SCHEMA:
        message = f"the schema {found.schema!r}"
        raise ValueError(message)
    return {
        name: {sample: mark for sample, mark in marks.items() if sample >= 0} for name, marks in found.files.items()
    }


def merged_mark(one: Mark, other: Mark) -> Mark:
    """Of each field the later change; of two at one time the greater value, so that order does not matter."""
    if one == other:
        return one
    fields: dict[str, Any] = {}
    for name in FIELDS:
        fields[f"{name}_s"], fields[name] = max(
            (getattr(one, f"{name}_s"), getattr(one, name)), (getattr(other, f"{name}_s"), getattr(other, name))
        )
    return Mark(**fields)


def merged(files: FileMarks, others: FileMarks) -> FileMarks:
    """The marks of both; `files` itself where the others add nothing."""
    news = news_of(files, others)
    if not news:
        return files
    result = dict(files)
    for name, marks in news.items():
        known = files.get(name, {})
        result[name] = {
            **known,
            **{sample: merged_mark(known.get(sample, UNMARKED), mark) for sample, mark in marks.items()},
        }
    return result


def news_of(files: FileMarks, others: FileMarks) -> FileMarks:
    """What the others say later, and nothing else."""
    news: dict[str, Marks] = {}
    for name, marks in others.items():
        known = files.get(name, {})
        if marks is known:
            continue
        later = {
            sample: said for sample, mark in marks.items() if (said := _later(known.get(sample, UNMARKED), mark)).told
        }
        if later:
            news[name] = later
    return news


def _later(before: Mark, mark: Mark) -> Mark:
    """The fields of a mark that are later than those before."""
    after = merged_mark(before, mark)
    fields: dict[str, Any] = {}
    for name in FIELDS:
        if (said := (getattr(after, name), getattr(after, f"{name}_s"))) != (
            getattr(before, name),
            getattr(before, f"{name}_s"),
        ):
            fields[name], fields[f"{name}_s"] = said
    return Mark(**fields)

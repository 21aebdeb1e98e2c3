"""Marks of samples as a pure value: by the path of a dump and the number of a sample, changed by intents."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from inspector.core.arrays import IntArray
from inspector.formats.marks import FIELDS, NO_MARKS, FileMarks, Mark, Marks, changed, marks_from, merged, paired

Numbers = tuple[int, ...] | IntArray
"""Numbers of samples; of very many an array is made faster."""


class SamplesFlagged(msgspec.Struct, frozen=True):
    """Samples of a dump are flagged, or no longer; `at_s` is when, seconds since 1970."""

    path: str
    samples: Numbers
    flagged: bool
    at_s: float


class SamplesRejected(msgspec.Struct, frozen=True):
    """Samples of a dump are not to be used, or are after all."""

    path: str
    samples: Numbers
    rejected: bool
    at_s: float


class SamplesTagged(msgspec.Struct, frozen=True):
    """Samples of a dump get a tag, or lose it."""

    path: str
    samples: Numbers
    tag: str
    tagged: bool
    at_s: float


class SamplesNoted(msgspec.Struct, frozen=True):
    """Samples of a dump get a note in place of the one that they had; an empty one takes it away."""

    path: str
    samples: Numbers
    note: str
    at_s: float


class SamplesSeen(msgspec.Struct, frozen=True):
    """Samples of a dump were looked at; that is not undone."""

    path: str
    samples: Numbers


class TriageRead(msgspec.Struct, frozen=True):
    """Marks that another window, or an earlier session, has written; by the path of the dump."""

    files: FileMarks


Marking = SamplesFlagged | SamplesRejected | SamplesTagged | SamplesNoted


def marks_of(triage: FileMarks, path: str) -> Marks:
    """What is said of the samples of a dump."""
    return marks_from(triage.get(path, NO_MARKS))


def tags_of(triage: FileMarks) -> tuple[str, ...]:
    """Every tag that is in use, sorted."""
    return tuple(sorted({tag for path in triage for kind in marks_of(triage, path).kinds for tag in kind.tags}))


def marked(triage: FileMarks, intent: Marking | SamplesSeen) -> FileMarks:
    """The marks after an intent; the same object where it changes nothing."""

    def change(before: Mark) -> Mark:
        if isinstance(intent, SamplesSeen):
            return msgspec.structs.replace(before, seen=True)
        name, value = _change(before, intent)
        return before if getattr(before, name) == value else _with(before, name, value, intent.at_s)

    before = marks_of(triage, intent.path)
    after = changed(before, np.asarray(intent.samples, np.int64), change)
    return triage if after is before else {**triage, intent.path: after}


def with_news(triage: FileMarks, files: FileMarks) -> FileMarks:
    """The marks with what was read."""
    return merged(triage, files)


def restored(present: FileMarks, other: FileMarks) -> FileMarks:
    """The marks as they were or will be, said anew, so that no window takes them for older than what it has."""
    result = dict(present)
    for path in present.keys() | other.keys():
        now, then = marks_of(present, path), marks_of(other, path)
        after = now if now is then else paired(now, then, _restored_mark)
        if after is not now:
            result[path] = after
    return result


def _restored_mark(mark: Mark, wanted: Mark) -> Mark:
    for name in FIELDS:
        if getattr(mark, name) != getattr(wanted, name):
            mark = _with(mark, name, getattr(wanted, name), 0.0)
    return mark


def _change(before: Mark, intent: Marking) -> tuple[str, Any]:
    """The field that an intent changes, and its new value."""
    match intent:
        case SamplesFlagged():
            return "flagged", intent.flagged
        case SamplesRejected():
            return "rejected", intent.rejected
        case SamplesTagged():
            rest = tuple(tag for tag in before.tags if tag != intent.tag)
            return "tags", tuple(sorted((*rest, intent.tag))) if intent.tagged else rest
        case SamplesNoted():
            return "note", intent.note


def _with(mark: Mark, name: str, value: Any, at_s: float) -> Mark:
    """A field said anew: later than before, also where a clock was set back."""
    later_s = max(at_s, math.nextafter(getattr(mark, f"{name}_s"), math.inf))
    return msgspec.structs.replace(mark, **{name: value, f"{name}_s": later_s})

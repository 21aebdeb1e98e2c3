"""`triage.json`: what was flagged, rejected, tagged and noted of samples, which were seen, and findings put aside.

A mark is written once for all samples that have it: its key is their numbers, `3` or `0-99,120,130-131`. What a later
version keeps beside that is kept as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
import numpy as np

from inspector.core.arrays import IntArray
from inspector.formats.marks import FileMarks, Mark, Marks, marks_from, marks_of_kinds, merged

SCHEMA = "ri-triage/3"
_KNOWN = (SCHEMA, "ri-triage/2", "ri-triage/1")
"""Schemas that are read; in the first each key was one number, and before the third no sample was rejected or seen."""

FILE_NAME = "triage.json"
MOST_BYTES = 16 * 10**6
"""A larger file was not written by this program."""

MOST_SAMPLES = 2_000_000
"""So many are marked in all its files at most; a key of a few bytes could name more than there is memory for."""

_DIGITS = 15
_NUMBERS = msgspec.json.Decoder(list[Annotated[int, msgspec.Meta(gt=-(10**_DIGITS), lt=10**_DIGITS)]])


class MarkedDump(msgspec.Struct, frozen=True):
    """The size of the dump that marks were made on, and when it was looked at, seconds since 1970."""

    bytes: int
    at_s: float = 0.0


class Dismissal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a finding is put aside, since when, seconds since 1970, and why."""

    dismissed: bool
    at_s: float = 0.0
    note: str = ""


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """What a `triage.json` says.

    Attributes:
        files: marks of samples by their dump.
        dumps: what the dumps were when their samples were marked, by the same names.
        dismissed: by the name of a finding.
        others: what a later version keeps there, as it is.
    """

    files: FileMarks = {}
    dumps: Mapping[str, MarkedDump] = {}
    dismissed: Mapping[str, Dismissal] = {}
    others: Mapping[str, msgspec.Raw] = {}


class _TriageFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    schema: str
    files: dict[str, dict[str, Mark]] = {}
    dumps: dict[str, MarkedDump] = {}
    dismissed: dict[str, Dismissal] = {}


def encoded(triage: Triage) -> bytes:
    """The bytes of a `triage.json`, the same for what says the same."""
    marks = {name: marks_from(triage.files[name]) for name in sorted(triage.files)}
    plain = {name: _by_samples(told) for name, told in marks.items() if told}
    dumps, dismissed = dict(sorted(triage.dumps.items())), dict(sorted(triage.dismissed.items()))
    content = msgspec.structs.asdict(_TriageFile(schema=SCHEMA, files=plain, dumps=dumps, dismissed=dismissed))
    told = {name: value for name, value in {**content, **triage.others}.items() if value}
    return msgspec.json.format(msgspec.json.encode(told), indent=1)


def decoded(content: bytes) -> Triage:
    """What a `triage.json` says.

    Raises:
        ValueError: it is none, or one of a later version; the words say what was found.
    """
    try:
        found = msgspec.json.decode(content, type=_TriageFile)
        others = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if found.schema not in _KNOWN:
        message = f"the schema {found.schema!r}"
        raise ValueError(message)
    left = MOST_SAMPLES
    files = {}
    for name, said in found.files.items():
        files[name] = _marks(said, left)
        left -= len(files[name])
    for name in _TriageFile.__struct_fields__:
        others.pop(name, None)
    return Triage(files=files, dumps=found.dumps, dismissed=found.dismissed, others=others)


_Said = TypeVar("_Said", MarkedDump, Dismissal)


def merged_triage(one: Triage, other: Triage) -> Triage:
    """What both say, of each thing what was said later; `one` itself where the other adds nothing."""
    after = Triage(
        files=merged(one.files, other.files),
        dumps=_later(one.dumps, other.dumps),
        dismissed=_later(one.dismissed, other.dismissed),
        others={**other.others, **one.others},
    )
    alike = after.files is one.files and after.dumps == one.dumps and after.dismissed == one.dismissed
    return one if alike and after.others == one.others else after


def _later(known: Mapping[str, _Said], others: Mapping[str, _Said]) -> dict[str, _Said]:
    """Of each name the later; of two at one time the greater, so that order does not matter."""
    result = dict(known)
    for name, said in others.items():
        result[name] = max(result.get(name, said), said, key=lambda one: (one.at_s, msgspec.structs.astuple(one)))
    return result


def spans_text(samples: IntArray) -> str:
    """`0-99,120,130-131` of rising numbers."""
    if samples.size == 1:  # as most are that are marked by hand
        return str(samples[0])
    breaks = np.flatnonzero(np.diff(samples) != 1)
    firsts, lasts = samples[np.concatenate([[0], breaks + 1])], samples[np.concatenate([breaks, [samples.size - 1]])]
    # A span is written as 9, -12, the encoder being much faster than one text a number would be.
    numbers = np.stack([firsts, -lasts], axis=1)[np.stack([firsts >= 0, lasts > firsts], axis=1)]
    return msgspec.json.encode(numbers.tolist())[1:-1].decode().replace(",-", "-")


def samples_in(text: str, most: int) -> IntArray:
    """The numbers that a text of spans names, in its order.

    Raises:
        ValueError: it is no such text, or names more than `most`.
    """
    if text.isascii() and text.isdecimal() and len(text) <= _DIGITS and most:
        return np.array([int(text)], np.int64)
    try:
        numbers = np.array(_NUMBERS.decode(f"[{text.replace('-', ',-')}]"), np.int64)
    except msgspec.DecodeError:
        numbers = np.zeros(0, np.int64)
    is_last = numbers < 0
    if not numbers.size or "-0" in text or (is_last[1:] & is_last[:-1]).any():
        raise ValueError(f"{text[:40]!r} in place of numbers of samples")
    firsts = numbers[~is_last]
    lasts = firsts.copy()
    lasts[np.cumsum(~is_last)[is_last] - 1] = -numbers[is_last]
    lengths = lasts - firsts + 1
    if lengths.min() < 1 or lengths.max() > most or lengths.sum() > most:
        raise ValueError(f"{text[:40]!r} in place of at most {most:,} numbers of samples")
    begins = np.cumsum(lengths) - lengths
    samples: IntArray = np.arange(lengths.sum()) + np.repeat(firsts - begins, lengths)
    return samples


def _by_samples(marks: Marks) -> dict[str, Mark]:
    parts = sorted(marks.by_kind(), key=lambda part: int(part[1][0]))
    return {spans_text(samples): kind for kind, samples in parts}


def _marks(said: dict[str, Mark], most: int) -> Marks:
    parts, left = [], most
    for text, mark in said.items():
        samples = samples_in(text, left)
        left -= samples.size
        parts.append((mark, samples))
    return marks_of_kinds(parts)

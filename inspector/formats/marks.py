"""What a user says of samples, as a value: few different marks of very many samples, changed all at once.

Every field of a mark carries the time of its last change, so of two windows' marks the later change of each field
holds, in whichever order they are merged. What was taken back stays as a change to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from inspector.core.arrays import AnyArray, IntArray


class Mark(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a user says of one sample; each `_s` is when that was said, seconds since 1970.

    Attributes:
        rejected: it is not to be used, whatever its numbers are.
        seen: it was looked at, which is never taken back.
    """

    flagged: bool = False
    flagged_s: float = 0.0
    tags: tuple[str, ...] = ()
    tags_s: float = 0.0
    note: str = ""
    note_s: float = 0.0
    rejected: bool = False
    rejected_s: float = 0.0
    seen: bool = False

    @property
    def said(self) -> bool:
        """Whether anything is said of the sample now."""
        return self.flagged or self.rejected or bool(self.tags) or bool(self.note)

    @property
    def told(self) -> bool:
        """Whether anything was ever said of it, or it was seen."""
        return self != UNMARKED


UNMARKED = Mark()
SEEN = Mark(seen=True)

FIELDS = ("flagged", "rejected", "tags", "note")
"""What is said of a sample; each has its time beside it."""


class Marks(Mapping[int, Mark]):
    """The marks of a dump's samples by their number, from 0; a hundred thousand alike cost two arrays.

    Attributes:
        samples: (marked,) int64, rising.
        kinds: the different marks, sorted; each is some sample's.
        places: (marked,) of the smallest integers that hold them, which of them each sample has.
    """

    __slots__ = ("kinds", "places", "samples")

    def __init__(self, samples: IntArray, places: AnyArray, kinds: tuple[Mark, ...]) -> None:
        self.samples, self.places, self.kinds = samples, places, kinds

    def __getitem__(self, sample: int) -> Mark:
        row = int(np.searchsorted(self.samples, sample))
        if row == len(self.samples) or self.samples[row] != sample:
            raise KeyError(sample)
        kind: Mark = self.kinds[self.places[row]]
        return kind

    def __iter__(self) -> Iterator[int]:
        return iter(self.samples.tolist())

    def __len__(self) -> int:
        return len(self.samples)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Marks):
            return super().__eq__(other)
        alike = self is other or (self.kinds == other.kinds and np.array_equal(self.samples, other.samples))
        return alike and np.array_equal(self.places, other.places)

    __hash__ = None  # type: ignore[assignment]  # as every mapping that is compared by what it holds

    def where(self, said: Callable[[Mark], bool]) -> IntArray:
        """The samples of whose marks something is true, rising."""
        found: IntArray = self.samples[np.array([said(kind) for kind in self.kinds], bool)[self.places]]
        return found

    def by_kind(self) -> Iterator[tuple[Mark, IntArray]]:
        """Each different mark with its samples, rising."""
        order = np.argsort(self.places, kind="stable")  # small integers fast
        ends = np.cumsum(np.bincount(self.places, minlength=len(self.kinds)))
        for kind, start, end in zip(self.kinds, (0, *ends), ends, strict=False):
            yield kind, self.samples[order[start:end]]


FileMarks = Mapping[str, Mapping[int, Mark]]
"""By the file: in `triage.json` its path relative to the file's folder, with `/`."""

_NOTHING = np.zeros(0, np.int64)
_MOST_CODES = 2**20
"""So many can be looked up in a table, which is faster than sorting."""

NO_MARKS = Marks(_NOTHING, _NOTHING, ())


def marks_from(marks: Mapping[int, Mark]) -> Marks:
    """Marks by sample; the same object where they are so already."""
    if isinstance(marks, Marks):
        return marks
    return marks_of_kinds([(mark, np.array([sample], np.int64)) for sample, mark in marks.items()])


def marks_of_kinds(parts: Sequence[tuple[Mark, IntArray]]) -> Marks:
    """Marks from each mark with its samples, (samples,) int64.

    Raises:
        ValueError: a sample is named twice.
    """
    samples = np.concatenate([_NOTHING, *(some for _mark, some in parts)])
    of = np.repeat(np.arange(len(parts)), [len(some) for _mark, some in parts])
    order = np.argsort(samples, kind="stable")
    again = np.flatnonzero(np.diff(samples[order]) == 0)
    if again.size:
        raise ValueError(f"sample {samples[order][again[0]]} twice")
    return _made(samples[order], of[order], lambda place: parts[place][0])


def changed(marks: Marks, samples: IntArray, change: Callable[[Mark], Mark]) -> Marks:
    """The marks with those of some samples changed; the same object where none is another then."""
    samples = _rising(samples)
    every = _union(marks.samples, samples)
    touched = np.zeros(every.size, np.int64)
    touched[_rows(every, samples)] = 1
    kinds = (UNMARKED, *marks.kinds)

    def made(code: int) -> Mark:
        place, is_touched = divmod(code, 2)
        return change(kinds[place]) if is_touched else kinds[place]

    return _or_same(marks, _made(every, _places(marks, every) * 2 + touched, made))


def paired(one: Marks, other: Marks, pair: Callable[[Mark, Mark], Mark]) -> Marks:
    """What a function makes of both marks of every sample; `one` itself where that is what it holds."""
    if one is other and not one.kinds:
        return one
    every = _union(one.samples, other.samples)
    kinds, others = (UNMARKED, *one.kinds), (UNMARKED, *other.kinds)

    def made(code: int) -> Mark:
        place, other_place = divmod(code, len(others))
        return pair(kinds[place], others[other_place])

    return _or_same(one, _made(every, _places(one, every) * len(others) + _places(other, every), made))


def merged_mark(one: Mark, other: Mark) -> Mark:
    """Of each field the later change; of two at one time the greater value, so that order does not matter."""
    if one == other:
        return one
    fields: dict[str, Any] = {"seen": one.seen or other.seen}
    for name in FIELDS:
        fields[f"{name}_s"], fields[name] = max(
            (getattr(one, f"{name}_s"), getattr(one, name)), (getattr(other, f"{name}_s"), getattr(other, name))
        )
    return Mark(**fields)


def merged(files: FileMarks, others: FileMarks) -> FileMarks:
    """The marks of both; `files` itself where the others add nothing."""
    result = dict(files)
    for name, marks in others.items():
        known = marks_from(files.get(name, NO_MARKS))
        after = paired(known, marks_from(marks), merged_mark)
        if after is not known:
            result[name] = after
    return result if any(result.get(name) is not files.get(name) for name in result) else files


def news_of(files: FileMarks, others: FileMarks) -> FileMarks:
    """What the others say later, and nothing else."""
    news = {}
    for name, marks in others.items():
        known = files.get(name, NO_MARKS)
        if marks is not known and (later := paired(marks_from(known), marks_from(marks), _later)):
            news[name] = later
    return news


def _later(before: Mark, mark: Mark) -> Mark:
    """The fields of a mark that are later than those before."""
    after = merged_mark(before, mark)
    fields: dict[str, Any] = {"seen": after.seen and not before.seen}
    for name in FIELDS:
        if (said := (getattr(after, name), getattr(after, f"{name}_s"))) != (
            getattr(before, name),
            getattr(before, f"{name}_s"),
        ):
            fields[name], fields[f"{name}_s"] = said
    return Mark(**fields)


def _rising(samples: IntArray) -> IntArray:
    """Some samples, each once, rising."""
    most = int(samples.max(initial=-1)) + 1
    if most > _MOST_CODES:
        return np.unique(samples)
    seen = np.zeros(most, bool)
    seen[samples] = True
    return np.flatnonzero(seen)


def _union(one: IntArray, other: IntArray) -> IntArray:
    """What is in either of two rising arrays, rising; the first itself where it has all, for undo keeps many."""
    if np.array_equal(one, other):
        return one
    both = _rising(np.concatenate([one, other]))
    return one if both.size == one.size else both


def _rows(samples: IntArray, some: IntArray) -> IntArray | slice:
    """Where some of rising samples stand among them."""
    return slice(None) if some.size == samples.size else np.searchsorted(samples, some)


def _places(marks: Marks, samples: IntArray) -> IntArray:
    """For each of some samples, that hold all that are marked, the place of its mark from 1; 0 for none."""
    places = np.zeros(samples.size, np.int64)
    places[_rows(samples, marks.samples)] = marks.places + 1
    return places


def _made(samples: IntArray, codes: IntArray, make: Callable[[int], Mark]) -> Marks:
    """Marks made once for each different code; samples that nothing was said of are left out."""
    different, code_places = _distinct(codes)
    by_code = [make(code) for code in different.tolist()]
    kinds = tuple(sorted({mark for mark in by_code if mark.told}, key=msgspec.structs.astuple))
    place_of = {kind: place for place, kind in enumerate(kinds)}
    places = np.array([place_of.get(mark, -1) for mark in by_code], np.int64)[code_places]
    kept = places >= 0
    if not kept.all():
        samples, places = samples[kept], places[kept]
    return Marks(samples, places.astype(np.min_scalar_type(len(kinds))), kinds)


def _distinct(codes: IntArray) -> tuple[IntArray, IntArray]:
    """The different codes, rising, and for each code which of them it is."""
    most = int(codes.max(initial=0)) + 1
    if most > _MOST_CODES:
        different, places = np.unique(codes, return_inverse=True)
        return different, places.reshape(-1)
    seen = np.zeros(most, bool)
    seen[codes] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[codes]


def _or_same(before: Marks, after: Marks) -> Marks:
    return before if before == after else after

"""The quick way through event files: thousands of events of one form are read at once.

An event of scalars alone differs from the next of its tags only in time, step and values. So one that was read by
`event_wire` is kept as a form: what stands in it elsewhere, byte by byte. Records of its length are then compared with
it in whole words, and what differs is gathered by numpy.

The checksum serves twice. What the bytes that differ add to it (`crc32c.change_by`) is taken off, and what is left is
the check of the form: it says which form a record may have, and that record and checksum agree. A record that fits no
form is left to the general way, so both give the same answers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.crc32c import unmasked_array
from inspector.artifacts.logs.event_shapes import (
    STEP_KEY,
    SUMMARY_KEY,
    Shape,
    changes,
    numbers_of,
    shape_of,
    steps_of,
)
from inspector.artifacts.logs.event_wire import Event
from inspector.artifacts.logs.tfrecord import Records, Words, words_at
from inspector.core.arrays import FloatArray, IntArray

_MAX_FORMS = 100_000
_MAX_LAYOUTS = 1_000
_SLOTS = 2**14
"""The most places of a table from a check to its form; a check whose place another one has is searched for."""
_PLACES_A_FORM = 16
_LONG = 2**10
"""Records of so many bytes or more have no form."""

_BEFORE = 7
"""Bytes of the header that are gathered with the data, so that the time is a word of its own."""

_CHECK_BYTES = 4
"""The checksum stands behind the data."""

_TIME_WORD, _STEP_WORD = 1, 2
_WORD = np.dtype("<u8")


class Points(NamedTuple):
    """Numbers of several records.

    Attributes:
        records: (points,) int64, the record of each in its piece of the file.
        tags: (points,) int64, numbers of tags.
        steps, times, values: (points,) float64; times in seconds since 1970, NaN where not told.
    """

    records: IntArray
    tags: IntArray
    steps: FloatArray
    times: FloatArray
    values: FloatArray


class _Layout:
    """The forms of one shape."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.words = _words_of(shape.length)
        mask = np.zeros(8 * self.words, np.uint8)
        mask[_BEFORE : _BEFORE + shape.length] = shape.mask()
        self.mask: Words = mask.view(_WORD)
        self.step_mask, self.step_pattern = _step_pattern(shape.step_bytes)
        self._known: set[bytes] = set()
        self._new: list[tuple[int, Words, list[int]]] = []
        self._keys = np.empty(0, np.uint32)
        self._forms = np.empty((self.words, 0), _WORD)
        self._shared: list[bool] = []
        self.tags = np.empty((len(shape.numbers), 0), np.int64)
        self._slots: IntArray = np.empty(0, np.int64)
        self._sorted: IntArray = np.empty(0, np.int64)

    def add(self, data: bytes, tags: list[int]) -> bool:
        """Keep the form of this event; whether it is new."""
        padded = np.zeros(8 * self.words, np.uint8)
        padded[_BEFORE : _BEFORE + self.shape.length] = np.frombuffer(data, np.uint8)
        form = padded.view(_WORD) & self.mask
        if form.tobytes() in self._known:
            return False
        self._known.add(form.tobytes())
        self._new.append((self.shape.bare_check(data), form, tags))
        return True

    def _take_in(self) -> None:
        keys, forms, tags = zip(*self._new, strict=True)
        self._keys = np.concatenate([self._keys, np.array(keys, np.uint32)])
        self._forms = np.concatenate([self._forms, np.stack(forms, axis=1)], axis=1)
        self.tags = np.concatenate([self.tags, np.array(tags, np.int64).T], axis=1)
        slots = min(_SLOTS, 1 << (_PLACES_A_FORM * len(self._keys) - 1).bit_length())
        self._slots = np.zeros(slots, np.int64)
        self._slots[self._keys % np.uint32(slots)] = np.arange(len(self._keys))
        self._sorted = np.argsort(self._keys)
        self._shared = (self._forms == self._forms[:, :1]).all(axis=1).tolist()
        self._new.clear()

    def match(self, words: list[Words]) -> tuple[npt.NDArray[np.bool_], IntArray]:
        """Which records have one of the forms, (records,) bool, and which, (records,) int64, where they do."""
        if self._new:
            self._take_in()
        length = self.shape.length
        keys = unmasked_array(_column(words, length, _CHECK_BYTES).astype(np.uint32))
        for place, width in self.shape.spans:
            keys ^= changes(_column(words, place, width), width, length - place)
        forms: IntArray = self._slots[(keys % np.uint32(len(self._slots))).astype(np.int64)]
        good = self._keys[forms] == keys
        if not good.all():
            lost = np.flatnonzero(~good)
            found = np.searchsorted(self._keys, keys[lost], sorter=self._sorted)
            forms[lost] = self._sorted[np.minimum(found, len(self._keys) - 1)]
            good[lost] = self._keys[forms[lost]] == keys[lost]
        for word, mask in enumerate(self.mask.tolist()):
            if mask:
                known = self._forms[word]
                good &= words[word] & np.uint64(mask) == (known[0] if self._shared[word] else known[forms])
        return good, forms


def _words_of(length: int) -> int:
    """How many words hold an event of so many bytes with its checksum."""
    return -(-(_BEFORE + length + _CHECK_BYTES) // 8)


def _step_pattern(size: int) -> tuple[np.uint64, np.uint64]:
    """The bits of the word of the step that tell how many bytes it has, and their values for so many."""
    if not size:
        return np.uint64(0xFF), np.uint64(SUMMARY_KEY)
    ends = sum(0x80 << 8 * byte for byte in range(1, size + 1))
    return np.uint64(0xFF | ends), np.uint64(STEP_KEY | ends & ~(0x80 << 8 * size))


def _column(words: list[Words], place: int, width: int) -> IntArray:
    """The bytes of a span as whole numbers, little end first; (records,) int64."""
    word, shift = divmod(_BEFORE + place, 8)
    column = words[word] >> np.uint64(8 * shift) if shift else words[word]
    if shift + width > 8:
        column = column | words[word + 1] << np.uint64(64 - 8 * shift)
    if width < 8:
        column = column & np.uint64(2 ** (8 * width) - 1)
    return column.view(np.int64)


class Forms:
    """The forms of the events of one file."""

    def __init__(self) -> None:
        self._by_length: dict[int, dict[Shape, _Layout]] = {}
        self._layouts = 0
        self._forms = 0

    def learn(self, data: bytes, event: Event, tags: list[int]) -> bool:
        """Keep the form of an event that was read, whose scalars have these tags; whether that helps with others."""
        shape = shape_of(data, event)
        if shape is None or self._forms >= _MAX_FORMS:
            return False
        layouts = self._by_length.setdefault(len(data), {})
        layout = layouts.get(shape)
        if layout is None:
            if self._layouts >= _MAX_LAYOUTS:
                return False
            self._layouts += 1
            layout = layouts[shape] = _Layout(shape)
        new = layout.add(data, tags)
        self._forms += new
        return new

    def read(self, records: Records, wanted: IntArray, found: list[Points]) -> IntArray:
        """Read those of the wanted records that have a known form; (records,) int64, those that have none."""
        if not self._by_length or not len(wanted):
            return wanted
        lengths = np.minimum(records.lengths[wanted], _LONG).astype(np.uint16)
        order = np.argsort(lengths, kind="stable")
        counts = np.bincount(lengths)
        ends = np.cumsum(counts)
        rest = np.ones(len(wanted), dtype=np.bool_)
        for length in np.flatnonzero(counts).tolist():
            layouts = self._by_length.get(length)
            if layouts is None:
                continue
            chosen = order[ends[length] - counts[length] : ends[length]]
            words = words_at(records.data, records.starts[wanted[chosen]] - _BEFORE, _words_of(length))
            for layout in layouts.values():
                fitting = words[_STEP_WORD] & layout.step_mask == layout.step_pattern
                if fitting.all():
                    these, its = chosen, words
                else:
                    these, its = chosen[fitting], [word[fitting] for word in words]
                if not len(these):
                    continue
                good, forms = layout.match(its)
                if not good.all():
                    these, forms, its = these[good], forms[good], [word[good] for word in its]
                if len(these):
                    found.extend(_points(layout, wanted[these], forms, its))
                    rest[these] = False
                left = rest[chosen]
                if not left.any():
                    break
                if len(layouts) > 1:
                    chosen, words = chosen[left], [word[left] for word in words]
        return wanted[rest]


def _points(layout: _Layout, records: IntArray, forms: IntArray, words: list[Words]) -> list[Points]:
    size = layout.shape.step_bytes
    steps = steps_of(words[_STEP_WORD].view(np.int64) >> 8, size) if size else np.zeros(len(records))
    times = words[_TIME_WORD].view("<f8")
    return [
        Points(records, tags[forms], steps, times, numbers_of(_column(words, place, dtype.itemsize), dtype))
        for (place, dtype), tags in zip(layout.shape.numbers, layout.tags, strict=True)
    ]

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

from inspector.artifacts.logs.crc32c import change_by, crc32c, unmasked_array
from inspector.artifacts.logs.event_wire import STEP_PLACE, TIME_PLACE, Event, Scalar
from inspector.artifacts.logs.tfrecord import Records, Words, words_at
from inspector.core.arrays import FloatArray, IntArray

_MAX_BYTES = 512
_MAX_FORMS = 100_000
_MAX_LAYOUTS = 1_000
_MAX_STEP_BYTES = 7
_SLOTS = 2**14

_BEFORE = 7
"""Bytes of the header that are gathered with the data, so that the time is a word of its own."""

_CHECK_BYTES = 4
"""The checksum stands behind the data."""

_TIME_WORD, _STEP_WORD = 1, 2
_STEP_KEY, _SUMMARY_KEY = 0x10, 0x2A
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


class _Span(NamedTuple):
    """Bytes of an event that differ from record to record."""

    place: int
    width: int


class _Layout:
    """The forms of one length whose step and values stand at the same places."""

    def __init__(self, length: int, step_bytes: int, places: tuple[tuple[int, np.dtype[np.generic]], ...]) -> None:
        self.length = length
        self.step_bytes = step_bytes
        self.places = places
        self.words = _words_of(length)
        self.spans = [_Span(TIME_PLACE, 8), *(_Span(place, dtype.itemsize) for place, dtype in places)]
        if step_bytes:
            self.spans.insert(1, _Span(STEP_PLACE, step_bytes))
        mask = np.zeros(8 * self.words, np.uint8)
        mask[_BEFORE : _BEFORE + length] = 0xFF
        for place, width in self.spans:
            mask[_BEFORE + place : _BEFORE + place + width] = 0
        step = slice(_BEFORE + STEP_PLACE, _BEFORE + STEP_PLACE + step_bytes)
        mask[step] = 0x80  # that tells how long the step is
        self.mask: Words = mask.view(_WORD)
        self.step_mask, self.step_pattern = _step_pattern(step_bytes)
        self._known: set[bytes] = set()
        self._new: list[tuple[int, Words, list[int]]] = []
        self._keys = np.empty(0, np.uint32)
        self._forms = np.empty((self.words, 0), _WORD)
        self.tags = np.empty((len(places), 0), np.int64)
        self._slots = np.zeros(_SLOTS, np.int64)
        self._sorted: IntArray = np.empty(0, np.int64)

    def add(self, data: bytes, tags: list[int]) -> bool:
        """Keep the form of this event; whether it is new."""
        padded = np.zeros(8 * self.words, np.uint8)
        padded[_BEFORE : _BEFORE + self.length] = np.frombuffer(data, np.uint8)
        form = padded.view(_WORD) & self.mask
        if form.tobytes() in self._known:
            return False
        self._known.add(form.tobytes())
        bare = bytearray(data)
        for place, width in self.spans:
            bare[place : place + width] = bytes(width)
        self._new.append((crc32c(bytes(bare)), form, tags))
        return True

    def _take_in(self) -> None:
        keys, forms, tags = zip(*self._new, strict=True)
        self._keys = np.concatenate([self._keys, np.array(keys, np.uint32)])
        self._forms = np.concatenate([self._forms, np.stack(forms, axis=1)], axis=1)
        self.tags = np.concatenate([self.tags, np.array(tags, np.int64).T], axis=1)
        self._slots[self._keys % np.uint32(_SLOTS)] = np.arange(len(self._keys))
        self._sorted = np.argsort(self._keys)
        self._new.clear()

    def match(self, words: list[Words]) -> tuple[npt.NDArray[np.bool_], IntArray]:
        """Which records have one of the forms, (records,) bool, and which, (records,) int64, where they do."""
        if self._new:
            self._take_in()
        keys = unmasked_array(_column(words, self.length, _CHECK_BYTES).astype(np.uint32))
        for place, width in self.spans:
            keys ^= _changes(_column(words, place, width), width, self.length - place)
        forms: IntArray = self._slots[(keys % np.uint32(_SLOTS)).astype(np.int64)]
        good = self._keys[forms] == keys
        if not good.all():
            lost = np.flatnonzero(~good)
            found = np.searchsorted(self._keys, keys[lost], sorter=self._sorted)
            forms[lost] = self._sorted[np.minimum(found, len(self._keys) - 1)]
            good[lost] = self._keys[forms[lost]] == keys[lost]
        for word, mask in enumerate(self.mask.tolist()):
            if mask:
                good &= words[word] & np.uint64(mask) == self._forms[word][forms]
        return good, forms


def _words_of(length: int) -> int:
    """How many words hold an event of so many bytes with its checksum."""
    return -(-(_BEFORE + length + _CHECK_BYTES) // 8)


def _step_pattern(size: int) -> tuple[np.uint64, np.uint64]:
    """The bits of the word of the step that tell how many bytes it has, and their values for so many."""
    if not size:
        return np.uint64(0xFF), np.uint64(_SUMMARY_KEY)
    ends = sum(0x80 << 8 * byte for byte in range(1, size + 1))
    return np.uint64(0xFF | ends), np.uint64(_STEP_KEY | ends & ~(0x80 << 8 * size))


def _column(words: list[Words], place: int, width: int) -> IntArray:
    """The bytes of a span as whole numbers, little end first; (records,) int64."""
    word, shift = divmod(_BEFORE + place, 8)
    column = words[word] >> np.uint64(8 * shift) if shift else words[word]
    if shift + width > 8:
        column = column | words[word + 1] << np.uint64(64 - 8 * shift)
    if width < 8:
        column = column & np.uint64(2 ** (8 * width) - 1)
    return column.view(np.int64)


def _changes(column: IntArray, width: int, after: int) -> npt.NDArray[np.uint32]:
    """What the bytes of a span add to the checksum; `after` bytes stand from its first byte to the end of the data.

    Bytes that are the same in all records, as the upper ones of time and step are, are looked up once.
    """
    same = int(column[0])
    differing = int(np.bitwise_or.reduce(column ^ same))
    constant = 0
    total = np.zeros(len(column), np.uint32)
    for byte in range(width):
        changes = change_by(after - 1 - byte)
        if differing >> 8 * byte & 0xFF:
            total ^= changes[column >> 8 * byte & 0xFF]
        else:
            constant ^= int(changes[same >> 8 * byte & 0xFF])
    total ^= np.uint32(constant)
    return total


class Forms:
    """The forms of the events of one file."""

    def __init__(self) -> None:
        self._by_length: dict[int, dict[object, _Layout]] = {}
        self._layouts = 0
        self._forms = 0

    def learn(self, data: bytes, event: Event, tags: list[int]) -> bool:
        """Keep the form of an event that was read, whose scalars have these tags; whether that helps with others."""
        places = _places(event.scalars)
        if not event.plain or places is None or len(data) > _MAX_BYTES or self._forms >= _MAX_FORMS:
            return False
        step_bytes = _step_bytes(data)
        if step_bytes > _MAX_STEP_BYTES:
            return False
        layouts = self._by_length.setdefault(len(data), {})
        layout = layouts.get((step_bytes, places))
        if layout is None:
            if self._layouts >= _MAX_LAYOUTS:
                return False
            self._layouts += 1
            layout = layouts[step_bytes, places] = _Layout(len(data), step_bytes, places)
        new = layout.add(data, tags)
        self._forms += new
        return new

    def read(self, records: Records, wanted: IntArray, found: list[Points]) -> IntArray:
        """Read those of the wanted records that have a known form; (records,) int64, those that have none."""
        if not self._by_length or not len(wanted):
            return wanted
        lengths = np.minimum(records.lengths[wanted], _MAX_BYTES + 1).astype(np.uint16)
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


def _places(scalars: list[Scalar]) -> tuple[tuple[int, np.dtype[np.generic]], ...] | None:
    """Where the numbers stand; None where one has no fixed width, or numpy itself does not know its type."""
    places = []
    for scalar in scalars:
        if scalar.dtype is None or scalar.dtype.kind not in "fiu":
            return None
        places.append((scalar.place, scalar.dtype))
    return tuple(places)


def _step_bytes(data: bytes) -> int:
    """How many bytes the step of a plain event has, 0 where it has none."""
    if data[STEP_PLACE - 1] != _STEP_KEY:
        return 0
    size = 1
    while data[STEP_PLACE + size - 1] >= 0x80:
        size += 1
    return size


def _points(layout: _Layout, records: IntArray, forms: IntArray, words: list[Words]) -> list[Points]:
    steps = _steps(words[_STEP_WORD], layout.step_bytes)
    times = words[_TIME_WORD].view("<f8")
    found = []
    for (place, dtype), tags in zip(layout.places, layout.tags, strict=True):
        raw = _column(words, place, dtype.itemsize).astype(f"<u{dtype.itemsize}").view(dtype)
        with np.errstate(invalid="ignore"):  # a NaN that signals
            values = raw.astype(np.float64)
        found.append(Points(records, tags[forms], steps, times, values))
    return found


def _steps(words: Words, size: int) -> FloatArray:
    """The steps, (records,) float64; each byte after the first one of the word gives seven bits."""
    if not size:
        return np.zeros(len(words))
    column = words.view(np.int64) >> 8
    steps = column & 0x7F
    for byte in range(1, size):
        steps |= (column >> byte) & (0x7F << 7 * byte)
    return steps.astype(np.float64)

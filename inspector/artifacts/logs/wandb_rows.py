"""History records of a `.wandb` file read many at a time: one step along all of them is one step of numpy.

What a row says is found exactly as `wandb_records` finds it; rows of any form that is not met every day are left to it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.protobuf import WireError
from inspector.artifacts.logs.wandb_media import TYPE
from inspector.artifacts.logs.wandb_records import key_of
from inspector.core.arrays import FloatArray, IntArray

_Bytes = npt.NDArray[np.uint8]
_Bools = npt.NDArray[np.bool_]

FEWEST_ROWS = 32
"""Fewer are read sooner one by one."""

_MOST_ITEMS = 2_000
_LONGEST_KEY_BYTES = 256
_DEEPEST_KEYS = 8
_PADDING = bytes(_LONGEST_KEY_BYTES + 16)

_ITEM, _STEP, _KEY, _NESTED_KEY, _NUM, _HISTORY = 0x0A, 0x12, 0x0A, 0x12, 0x08, 0x12
_VALUE_JSON = (0x82, 0x01)
_numbers = msgspec.json.Decoder(list[float])
_ONE = np.uint64(1)
_FACTOR = np.uint64(secrets.randbits(62) * 4 + 1)
"""Drawn anew by every process, so that no file can be made to confuse two keys."""


class Rows(NamedTuple):
    """What many history records hold.

    Attributes:
        plain: (records,) bool, which of them were read; nothing is said of the others.
        steps: (records,) float64, NaN where a record has no step.
        rows: (values,) int64, the record that each value belongs to; rising.
        names: (values,) int64, places in `Names.texts`.
        numbers: (values,) float64, NaN where `others` has the value.
        others: places among the values of those that are no plain numbers, with where each begins in its record, and
            its JSON.
    """

    plain: _Bools
    steps: FloatArray
    rows: IntArray
    names: IntArray
    numbers: FloatArray
    others: list[tuple[int, int, bytes]]


class Names:
    """The keys met so far, numbered in the order they came.

    Attributes:
        texts: each key as a name.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, int] = {}
        self._digests: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._numbers: IntArray = np.empty(0, np.int64)

    def knows(self, name: str) -> bool:
        """Whether a name was met."""
        return name in self._places

    def number_of(self, name: str) -> int:
        """The number of a name."""
        number = self._places.get(name)
        if number is None:
            number = self._places[name] = len(self.texts)
            self.texts.append(name)
        return number

    def numbers_of(self, data: bytes, words: npt.NDArray[np.uint64], starts: IntArray, ends: IntArray) -> IntArray:
        """The numbers of keys; -1 where the bytes are no key.

        Args:
            data: bytes of records, with padding behind them.
            words: the eight bytes at each place of `data` as one number.
            starts: (keys,) int64, where their fields begin.
            ends: (keys,) int64, and where they end.
        """
        digests = _digests(words, starts, ends - starts)
        places = np.searchsorted(self._digests, digests)
        known = places < len(self._digests)
        known[known] = self._digests[places[known]] == digests[known]
        if not known.all():
            new, first = np.unique(digests[~known], return_index=True)
            met = np.argsort(first)  # names are numbered as they are met
            at = first[met]
            spans = [(int(start), int(end)) for start, end in zip(starts[~known][at], ends[~known][at], strict=True)]
            self._learn(data, new[met], spans)
            places = np.searchsorted(self._digests, digests)
        numbers: IntArray = self._numbers[places]
        return numbers

    def _learn(self, data: bytes, digests: npt.NDArray[np.uint64], spans: Sequence[Sequence[int]]) -> None:
        numbers = []
        for start, end in spans:
            try:
                numbers.append(self.number_of(key_of(data, start, end)))
            except WireError:
                numbers.append(-1)
        order = np.argsort(np.concatenate([self._digests, digests]), kind="stable")
        self._numbers = np.concatenate([self._numbers, np.array(numbers, np.int64)])[order]
        self._digests = np.concatenate([self._digests, digests])[order]


def rows_of(records: Sequence[bytes], names: Names) -> Rows:
    """What history records say, those of the usual form."""
    data = b"".join((*records, _PADDING))
    lengths = np.fromiter(map(len, records), np.int64, len(records))
    walk = _Walk(data, lengths, names)
    walk.run()
    return walk.found()


class _Walk:
    """One pass along all records at once.

    Attributes:
        at, end: (records,) int64, where each record's reading stands and where its history ends.
    """

    def __init__(self, data: bytes, lengths: IntArray, names: Names) -> None:
        self.data = data
        self.names = names
        self.bytes: _Bytes = np.frombuffer(data, np.uint8)
        self.words = np.ndarray((len(data) - 7,), np.dtype("<u8"), data, strides=(1,))
        self.ends = np.cumsum(lengths)
        self.begins = self.ends - lengths
        self.plain: _Bools = np.ones(len(lengths), np.bool_)
        self.steps: FloatArray = np.full(len(lengths), np.nan)
        self.parts: list[tuple[IntArray, IntArray, IntArray, IntArray]] = []

    def run(self) -> None:
        at, end = self._histories()
        rows = np.flatnonzero(self.plain & (at < end))
        for _ in range(_MOST_ITEMS):
            if not len(rows):
                return
            tags = self._byte(at[rows])
            items = rows[tags == _ITEM]
            steps = rows[tags == _STEP]
            self.plain[rows[(tags != _ITEM) & (tags != _STEP)]] = False
            if len(steps):
                at[steps] = self._read_steps(steps, at[steps], end[steps])
            if len(items):
                at[items] = self._read_items(items, at[items], end[items])
            rows = rows[self.plain[rows] & (at[rows] < end[rows])]
        self.plain[rows] = False

    def _byte(self, places: IntArray) -> _Bytes:
        found: _Bytes = self.bytes.take(places, mode="clip")
        return found

    def _lengths(self, places: IntArray) -> tuple[IntArray, IntArray]:
        """Lengths of at most three bytes, and the places behind them; -1 where one is longer."""
        value = self._byte(places).astype(np.int64)
        places = places + 1
        for shift in (7, 14):
            longer = np.flatnonzero(value >> shift)
            if not len(longer):
                break
            value[longer] += (self._byte(places[longer]).astype(np.int64) - 1) << shift
            places[longer] += 1
        value[value >> 21 > 0] = -1
        return value, places

    def _histories(self) -> tuple[IntArray, IntArray]:
        """Where the history of each record begins and ends; records with other fields beside it are not plain."""
        at = self.begins.copy()
        numbered = self._byte(at) == _NUM
        at[numbered] += 1
        for _ in range(5):
            going = numbered & (self._byte(at) >= 0x80)
            if not going.any():
                break
            at[going] += 1
        at[numbered] += 1
        self.plain &= self._byte(at) == _HISTORY
        length, at = self._lengths(at + 1)
        end = at + length
        self.plain &= (length >= 0) & (end == self.ends)
        return at, end

    def _read_steps(self, rows: IntArray, at: IntArray, end: IntArray) -> IntArray:
        """Read steps of up to eight bytes; gives the places behind them."""
        length = self._byte(at + 1).astype(np.int64)
        stop = at + 2 + length
        filled = length > 0
        good = (length < 10) & (stop <= end) & (~filled | (self._byte(at + 2) == _NUM)) & (length != 1)
        value = np.zeros(len(rows), np.int64)
        for place in range(8):
            byte = self._byte(at + 3 + place).astype(np.int64)
            there = place < length - 1
            value[there] |= (byte[there] & 0x7F) << (7 * place)
            good &= ~there | ((byte >= 0x80) == (place < length - 2))
        self.plain[rows[~good]] = False
        self.steps[rows] = value
        return stop

    def _read_items(self, rows: IntArray, at: IntArray, end: IntArray) -> IntArray:
        """Read one item of each row; gives the places behind them."""
        length, key = self._lengths(at + 1)
        stop = key + length
        good = (length >= 0) & (stop <= end)
        behind = key
        for _ in range(_DEEPEST_KEYS):
            tags = self._byte(behind)
            more = good & ((tags == _NESTED_KEY) | (tags == _KEY)) & (behind < stop)
            if not more.any():
                break
            size = self._byte(behind + 1).astype(np.int64)
            good &= ~more | (size < 0x80)
            behind = np.where(more, behind + 2 + size, behind)
        good &= (self._byte(behind) == _VALUE_JSON[0]) & (self._byte(behind + 1) == _VALUE_JSON[1])
        good &= (behind > key) & (behind - key <= _LONGEST_KEY_BYTES)
        size, value = self._lengths(behind + 2)
        good &= (size > 0) & (value + size == stop)
        self.plain[rows[~good]] = False
        if good.all():
            self.parts.append((rows, key, behind, np.stack((value, stop))))
        else:
            self.parts.append((rows[good], key[good], behind[good], np.stack((value, stop))[:, good]))
        return stop

    def found(self) -> Rows:
        """The values of all plain records, in the order of the file."""
        if not self.parts:
            nothing = np.empty(0, np.int64)
            return Rows(self.plain, self.steps, nothing, nothing, np.empty(0), [])
        rows, key, behind = (np.concatenate([part[place] for part in self.parts]) for place in range(3))
        start, stop = np.concatenate([part[3] for part in self.parts], axis=1)
        numbers = self.names.numbers_of(self.data, self.words, key, behind)
        self.plain[rows[numbers < 0]] = False
        parts = [number for number, name in enumerate(self.names.texts) if name.endswith(TYPE)]
        if parts:  # a row that names the parts of a picture is put together one by one
            self.plain[rows[np.isin(numbers, parts)]] = False
        order = np.flatnonzero(self.plain[rows])
        order = order[np.argsort(start[order])]
        rows, numbers, start, stop = rows[order], numbers[order], start[order], stop[order]
        values, strange = self._values(start, stop)
        others = [
            (int(place), int(start[place] - self.begins[rows[place]]), self.data[start[place] : stop[place]])
            for place in strange
        ]
        return Rows(self.plain, self.steps, rows, numbers, values, others)

    def _values(self, start: IntArray, stop: IntArray) -> tuple[FloatArray, IntArray]:
        """Numbers of spans that rise and do not touch, NaN where there is none, and the places of these."""
        first, second = self._byte(start), self._byte(start + 1)
        numeric = _is_digit(first) | ((first == ord("-")) & _is_digit(second))
        values = np.full(len(start), np.nan)
        if not numeric.any():
            return values, np.arange(len(start))
        inside = np.zeros(len(self.bytes) + 1, np.int8)
        inside[start[numeric]] = 1
        inside[stop[numeric]] = -1
        kept = np.cumsum(inside[:-1], dtype=np.int8).view(np.bool_)
        text = np.where(kept, self.bytes, np.uint8(ord(" ")))
        text[stop[numeric][:-1]] = ord(",")
        try:  # msgspec reads numbers more than three times as fast as numpy does
            values[numeric] = _numbers.decode(b"[%b]" % text.tobytes())
        except (msgspec.DecodeError, ValueError):
            return np.full(len(start), np.nan), np.arange(len(start))
        return values, np.flatnonzero(~numeric)


def _is_digit(characters: _Bytes) -> _Bools:
    return (characters >= ord("0")) & (characters <= ord("9"))


def _digests(words: npt.NDArray[np.uint64], starts: IntArray, lengths: IntArray) -> npt.NDArray[np.uint64]:
    """One number for the bytes of each span, and its length."""
    digests = lengths.astype(np.uint64) * _FACTOR
    for offset in range(0, int(lengths.max()), 8):
        longer = slice(None) if offset < int(lengths.min()) else np.flatnonzero(lengths > offset)
        word = words[starts[longer] + offset]
        left = lengths[longer] - offset
        whole = left >= 8
        word &= np.where(whole, ~np.uint64(0), (np.uint64(1) << np.where(whole, 0, left * 8).astype(np.uint64)) - _ONE)
        mixed = (digests[longer] ^ word) * _FACTOR
        digests[longer] = mixed ^ (mixed >> np.uint64(29))
    return digests

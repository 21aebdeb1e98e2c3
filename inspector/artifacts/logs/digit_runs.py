"""Numbers of many console lines at once: lines that differ in their digits alone are read as arrays.

A line is its characters that are no digits, and the places among them where digits stand. Neighbours that agree in
both say the same with other numbers, so the way that is right for every line is taken for the first of them only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.console_shapes import CLOCK, GAP, MOMENT, NUMBER, without_clocks
from inspector.core.arrays import FloatArray, IntArray

LEAST_LINES = 12
"""Fewer lines of one form are read faster one by one."""

MOST_DIGITS = 15
"""A whole number of so many digits is a float64 without rounding."""

MOST_POWER = 22
"""The powers of ten up to this one are float64 without rounding (Clinger, "How to read floating point numbers
accurately", 1990): with a whole number of at most 15 digits one division or product rounds once, as `float` does."""

_PARTS = re.compile(
    r"(?P<sign>[-+]?)(?P<whole>\d*)(?:\.(?P<fraction>\d*))?(?:e(?P<exponent_sign>[-+]?)(?P<exponent>\d+))?"
)
_UNSURE = re.compile(rb"[0-9],[0-9]|[^\x00-\x7f]\d|\d[^\x00-\x7f]")
_LIKE_MOMENT = re.compile(rb"[0-9]+[-/][0-9]+[-/][0-9]+[ T_][0-9]+:[0-9]+:[0-9]+")
_FRACTION = re.compile(r"[.,][0-9]")
"""Behind a date and time: digits too many to be parts of its second."""

_MOST_KNOWN = 256
_known: dict[bytes, Form] = {}
ONES = np.int64(10) ** np.arange(18, dtype=np.int64)
POWERS = 10.0 ** np.arange(MOST_POWER + 1)
ZERO = 48
_NEWLINE = 10


@dataclass(frozen=True, slots=True)
class _Number:
    """Where the digits of one number stand in lines of a form: indices of runs of digits, -1 where there is none."""

    negative: bool
    whole: int
    fraction: int
    exponent: int
    exponent_negative: bool


@dataclass(frozen=True, eq=False)
class Form:
    """What the first of some lines says of all; one is equal to itself alone.

    Attributes:
        constant: runs of digits that are part of a name, and stay as they are.
        dated: runs of a date with its time of day, which keep their lengths.
    """

    shape: str
    numbers: tuple[_Number, ...]
    constant: tuple[int, ...]
    dated: tuple[int, ...]

    @cached_property
    def places(self) -> IntArray:
        """(numbers, 5) int64: the fields of each number."""
        rows = [(n.whole, n.fraction, n.exponent, n.negative, n.exponent_negative) for n in self.numbers]
        return np.array(rows, np.int64).reshape(-1, 5)


class Stretch:
    """Neighbouring lines of one shape.

    Attributes:
        shape: of all of them.
        count: how many.
        start, end: their bytes in the block.
    """

    __slots__ = ("_ends", "_form", "_lengths", "_raw", "count", "end", "shape", "start")

    def __init__(
        self,
        raw: npt.NDArray[np.uint8],
        form: Form,
        count: int,
        bytes_: range,
        ends: IntArray,
        lengths: IntArray,
    ) -> None:
        self.shape = form.shape
        self.count = count
        self.start, self.end = bytes_.start, bytes_.stop
        self._raw, self._form, self._ends, self._lengths = raw, form, ends, lengths

    def column(self, place: int) -> FloatArray:
        """The numbers at one place of the shape, (lines,) float64, equal to what `float` makes of their text."""
        number = self._form.numbers[place]
        mantissa, digits = self._digits(number.whole)
        power: IntArray | int = 0
        if number.fraction >= 0:
            fraction, decimals = self._digits(number.fraction)
            mantissa = mantissa * ONES[np.minimum(decimals, 17)] + fraction
            digits, power = digits + decimals, -decimals
        unsure = digits > MOST_DIGITS
        if number.exponent >= 0:
            exponent, exponent_digits = self._digits(number.exponent)
            power = power + (-exponent if number.exponent_negative else exponent)
            unsure |= (exponent_digits > 3) | (np.abs(power) > MOST_POWER)
        values = mantissa.astype(np.float64)
        if not isinstance(power, int):
            scale = POWERS[np.minimum(np.abs(power), MOST_POWER)]
            values = np.where(power < 0, values / scale, values * scale) if number.exponent >= 0 else values / scale
        for line in np.flatnonzero(unsure):
            values[line] = abs(float(self._text(number, int(line))))
        return -values if number.negative else values

    def _digits(self, run: int) -> tuple[IntArray, IntArray]:
        """A run of digits as whole numbers, wrong where there are more than 18, and how many digits there are."""
        if run < 0:
            nothing = np.zeros(self.count, np.int64)
            return nothing, nothing
        ends, lengths = self._ends[:, run], self._lengths[:, run]
        return _whole(self._raw, ends, lengths), lengths

    def _text(self, number: _Number, line: int) -> str:
        def run(index: int) -> str:
            if index < 0:
                return ""
            end = int(self._ends[line, index])
            return self._raw[end - int(self._lengths[line, index]) : end].tobytes().decode("ascii")

        sign = "-" if number.exponent_negative else ""
        return f"{run(number.whole) or '0'}.{run(number.fraction) or '0'}e{sign}{run(number.exponent) or '0'}"


def _whole(raw: npt.NDArray[np.uint8], ends: IntArray, lengths: IntArray) -> IntArray:
    """Decimal digits that end before `ends` as whole numbers; those beyond 18 are left out."""
    most, least = min(int(lengths.max()), 18), int(lengths.min())
    zero = np.uint8(ZERO)
    total = (raw[ends - 1] - zero).astype(np.int64)
    for place in range(1, most):
        digit = raw[np.maximum(ends - (1 + place), 0)] - zero
        if place >= least:
            digit *= lengths > place
        total += np.multiply(digit, ONES[place], dtype=np.int64)
    return total


def digit_runs(raw: npt.NDArray[np.uint8]) -> tuple[IntArray, IntArray, npt.NDArray[np.uint8]]:
    """Where the runs of digits of some bytes begin and end, (runs,) int64 both, and the bytes with one zero a run.

    The last byte must be no digit.
    """
    digit = (raw - np.uint8(ZERO)) < 10  # unsigned: what lies below wraps around
    edges = np.flatnonzero(digit[1:] != digit[:-1]) + 1
    if len(raw) and digit[0]:
        edges = np.concatenate(([0], edges))
    starts, ends = edges[::2], edges[1::2]
    kept = ~digit
    kept[starts] = True
    return starts, ends, np.where(digit, np.uint8(ZERO), raw)[kept]


def stretches(block: bytes, longest: int) -> Iterator[Stretch]:
    """The lines of a block that can be read together, in order; what stands between them is for the careful way.

    Args:
        block: whole lines, the newline of the last included, without carriage returns and terminal commands.
        longest: lines of more bytes are left out.
    """
    raw = np.frombuffer(block, np.uint8)
    starts, ends, letters = digit_runs(raw)
    stops = np.flatnonzero(letters == _NEWLINE) + 1
    if len(stops) < LEAST_LINES:
        return
    newlines = np.flatnonzero(raw == _NEWLINE)
    widths = np.diff(stops, prepend=0)
    for first, stop in pairwise([0, *(np.flatnonzero(np.diff(widths)) + 1).tolist(), len(stops)]):
        width = int(widths[first])
        if stop - first < LEAST_LINES or width > longest:
            continue
        rows = letters[int(stops[first]) - width : int(stops[stop - 1])].reshape(-1, width)
        for low, high in pairwise([0, *_changes(rows), stop - first]):
            wide = int(np.count_nonzero(rows[low] == ZERO))
            if high - low < LEAST_LINES or not wide:
                continue
            begin = int(newlines[first + low - 1]) + 1 if first + low else 0
            form = _known_form(rows[low].tobytes(), block[begin : int(newlines[first + low])])
            if form is None:
                continue
            run = int(np.searchsorted(starts, begin))
            span = slice(run, run + wide * (high - low))
            run_ends = ends[span].reshape(-1, wide)
            lengths = run_ends - starts[span].reshape(-1, wide)
            until = low + _agreeing(raw, form, run_ends, lengths, longest - width)
            if until - low >= LEAST_LINES:
                yield Stretch(
                    raw,
                    form,
                    until - low,
                    range(begin, int(newlines[first + until - 1]) + 1),
                    run_ends[: until - low],
                    lengths[: until - low],
                )


def _changes(rows: npt.NDArray[np.uint8]) -> list[int]:
    """Where a row differs from the one before it."""
    if rows.tobytes() == rows[0].tobytes() * len(rows):
        return []
    places: list[int] = (np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1).tolist()
    return places


def _known_form(letters: bytes, line: bytes) -> Form | None:
    """The form of a line, looked up where its letters alone decide it."""
    known = _known.get(letters)
    if known is None:
        known = form_of(line)
        if known is not None and not known.constant and not known.dated:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[letters] = known
    return known


def _agreeing(raw: npt.NDArray[np.uint8], form: Form, ends: IntArray, lengths: IntArray, longest: int) -> int:
    """How many lines from the first on agree with it in what is no number."""
    agree = np.ones(len(lengths), np.bool_)
    if int(lengths.max()) * lengths.shape[1] >= longest:
        agree &= lengths.sum(axis=1) < longest
    for run in (*form.constant, *form.dated):
        agree &= lengths[:, run] == lengths[0, run]
    for run in form.constant:
        numbers = _whole(raw, ends[:, run], lengths[:, run])
        agree &= (numbers == numbers[0]) & (lengths[:, run] <= 18)
    return len(agree) if agree.all() else int(np.argmin(agree))


def form_of(line: bytes) -> Form | None:
    """The form of a line, or None where its digits decide what its numbers are (thousands marks, other scripts)."""
    text = line.decode("utf-8", "surrogateescape")
    moments = [match.span() for match in MOMENT.finditer(text)]
    bare = text
    for start, end in moments:
        bare = bare[:start] + CLOCK * (end - start) + bare[end:]
    if _UNSURE.search(bare.encode("utf-8", "surrogateescape")) or (
        not text.isascii() and any(character.isdigit() and not character.isascii() for character in text)
    ):
        return None
    if len(_LIKE_MOMENT.findall(line)) != len(moments) or any(_FRACTION.match(text, end) for _start, end in moments):
        return None
    numbers: list[_Number] = []
    found = list(re.finditer(r"[0-9]+", text))
    run_at = {match.start(): index for index, match in enumerate(found)}
    for match in NUMBER.finditer(bare):
        parts = _PARTS.fullmatch(match[0].lower())
        if parts is None:
            return None
        whole, fraction, exponent = (
            run_at.get(match.start() + parts.start(group), -1) if parts[group] else -1
            for group in ("whole", "fraction", "exponent")
        )
        numbers.append(_Number(parts["sign"] == "-", whole, fraction, exponent, parts["exponent_sign"] == "-"))
    used = {index for number in numbers for index in (number.whole, number.fraction, number.exponent)}
    dated = tuple(
        index for index, match in enumerate(found) if any(start <= match.start() < end for start, end in moments)
    )
    pieces = NUMBER.split(without_clocks(text))
    return Form(
        shape=GAP.join(pieces[::2]),
        numbers=tuple(numbers),
        constant=tuple(index for index in range(len(found)) if index not in used and index not in dated),
        dated=dated,
    )

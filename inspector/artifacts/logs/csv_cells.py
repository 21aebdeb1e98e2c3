"""Cells of a text table: how a line is cut into them, and which of them are numbers."""

from __future__ import annotations

import csv
import re
import struct
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.clocks import moment_of
from inspector.core.arrays import FloatArray, IntArray

_DELIMITERS = (",", "\t", ";", "|")
_MISSING = frozenset(("", "na", "n/a", "null", "none", "-", "--"))


def cells_of(line: str, delimiter: str) -> list[str]:
    """One line cut at its delimiters, quotes taken off."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [""])
    except csv.Error:  # a field beyond the module's limit
        return line.split(delimiter)


def best_delimiter(header: str) -> str:
    """The delimiter that cuts a header into most names."""
    return max(_DELIMITERS, key=lambda delimiter: len(cells_of(header, delimiter)))


def opens_quote(text: str, delimiter: str) -> bool:
    """Whether a quoted cell begins here and goes on after the end."""
    if text.count('"') % 2 == 0:
        return False
    beyond = "beyond"
    try:
        rows = list(csv.reader([*text.splitlines(keepends=True), "\n", beyond], delimiter=delimiter))
    except csv.Error:
        return False
    return bool(rows) and rows[-1] != [beyond]


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names: stripped, those without one named by their place, a second of the same name numbered."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        name = base = cell.strip() or f"column {place}"
        number = 2
        while name in names:
            name = f"{base} ({number})"
            number += 1
        names[name] = None
    return tuple(names)


def number_of(cell: str, delimiter: str = ",") -> float | None:
    """The number a cell holds, or None; with a semicolon between cells the decimal sign may be a comma."""
    if "_" in cell:  # Python takes 1_000 for a number, no logger writes it
        return None
    try:
        return float(cell)
    except ValueError:
        pass
    try:
        return float(cell.replace(",", ".")) if delimiter == ";" else None
    except ValueError:
        return None


class PlainRows(NamedTuple):
    """Numbers of whole lines.

    Attributes:
        values: (rows, width) float64, NaN where a cell is empty.
        filled: (rows, width) bool, whether a cell is filled.
    """

    values: FloatArray
    filled: npt.NDArray[np.bool_]


def plain_rows(block: bytes, delimiter: str, width: int) -> PlainRows | None:
    """The numbers of whole lines that hold nothing but numbers and empty cells, much faster than cell by cell.

    Args:
        block: lines, the newline of the last left off.
        delimiter: one character.
        width: cells of each line, 2 at least.

    Returns:
        None where any line is not as plain as that.
    """
    cut, end = delimiter.encode(), ord("\n")
    block = _without_quotes(block, cut) if b'"' in block else block
    if cut != b"," and b"," in block:
        return None
    raw = np.frombuffer(block + b"\n", dtype=np.uint8)
    is_line_end = raw == end
    is_end = is_line_end | (raw == ord(cut))
    ends = np.flatnonzero(is_end)
    rows, rest = divmod(len(ends), width)
    if rest or np.count_nonzero(is_line_end) != rows or not is_line_end[ends[width - 1 :: width]].all():
        return None
    filled = np.diff(ends, prepend=-1) > 1
    if b"\r" in block:  # a line that ends in an empty cell and a carriage return
        filled[width - 1 :: width] &= (ends[width - 1 :: width] - 2 != ends[width - 2 :: width]) | (
            raw[ends[width - 1 :: width] - 1] != ord("\r")
        )
    if not filled.all():
        is_end[ends[filled]] = False
        raw = raw[~is_end]  # an empty cell goes with its delimiter
    found = numbers_in(raw.tobytes().translate(_COMMA_FOR[delimiter])[:-1])
    if found is None or len(found) != np.count_nonzero(filled):
        return None
    if len(found) == len(filled):
        values = found
    else:
        values = np.full(rows * width, np.nan)
        values[filled] = found
    return PlainRows(values.reshape(rows, width), filled.reshape(rows, width))


def _without_quotes(block: bytes, cut: bytes) -> bytes:
    """Lines whose cells all stand in quotes without them; others as they are."""
    bare = block.replace(b'"%b"' % cut, cut).replace(b'"\r\n"', b"\r\n").replace(b'"\n"', b"\n")
    whole = bare.removesuffix(b"\r")
    if whole.count(b'"') == 2 and whole.startswith(b'"') and whole.endswith(b'"') and len(whole) > 1:
        return whole[1:-1]
    return block


_numbers = msgspec.json.Decoder(list[float])
_WORD = re.compile(rb"(?<![^, \t\r])[+-]?(?:nan|inf(?:inity)?)(?![^, \t\r])", re.IGNORECASE)
_COMMA_FOR = {delimiter: bytes.maketrans(delimiter.encode() + b"\n", b",,") for delimiter in _DELIMITERS}


def numbers_in(text: bytes) -> FloatArray | None:
    """Numbers between commas as Python's float reads them, (numbers,) float64; None where any is not as JSON has it.

    Python takes more: `.5`, `1.`, `+1`, `01`, `1_000`. Words for NaN and infinities are read.
    """
    words: list[tuple[int, float]] = []
    try:
        try:
            found = _numbers.decode(b"[%b]" % text)
        except msgspec.DecodeError:
            plain, words = _without_words(text)
            if not words:
                return None
            found = _numbers.decode(b"[%b]" % plain)
    except msgspec.DecodeError:
        return None
    values = np.frombuffer(bytearray(struct.pack(f"{len(found)}d", *found)))  # half the time that numpy takes
    if words:
        places, numbers = zip(*words, strict=True)
        commas = np.flatnonzero(np.frombuffer(text, np.uint8) == ord(","))
        values[np.searchsorted(commas, places)] = numbers
    return values


def _without_words(text: bytes) -> tuple[bytes, list[tuple[int, float]]]:
    """The text with zeros for words that are numbers, and where they stood."""
    words = [(match.start(), float(match[0])) for match in _WORD.finditer(text)]
    return (_WORD.sub(b"0", text) if words else text), words


_THOUSANDS = {
    sign: re.compile(rf"[+-]?\d{{1,3}}(?:[{sign}' \xa0\u202f]\d{{3}})+(?:{re.escape(decimal)}\d+)?")
    for sign, decimal in ((",", "."), (".", ","))
}
"""Numbers with something between thousands, by what it is beside blanks and apostrophes, with their decimal sign."""


def grouped_number(cell: str, delimiter: str) -> float | None:
    """The number of a cell with marks between thousands, or None: `1,234.5`, and between semicolons `1.234,5`."""
    sign, decimal = (".", ",") if delimiter == ";" else (",", ".")
    if _THOUSANDS[sign].fullmatch(cell) is None:
        return None
    return float(re.sub(rf"[{sign}' \xa0\u202f]", "", cell).replace(decimal, "."))


class Numbers(NamedTuple):
    """The numbers of a column.

    Attributes:
        known: (found,) int64, the places of cells that hold numbers.
        values: (found,) float64, these numbers.
        others: the places of cells that hold something else; empty ones and words for a missing value do not.
        grouped: the places of numbers that were written with marks between thousands.
    """

    known: IntArray
    values: FloatArray
    others: tuple[int, ...] = ()
    grouped: tuple[int, ...] = ()


def numbers_of(cells: Sequence[str], delimiter: str, *, dates: bool = False) -> Numbers:
    """The numbers of a column.

    Args:
        cells: one cell a row.
        delimiter: what stood between the cells of a row.
        dates: dates count as seconds since 1970.
    """
    filled = [place for place, cell in enumerate(cells) if cell]
    texts = [cells[place] for place in filled]
    try:
        values = np.array([float(text) for text in texts], dtype=np.float64)
        if not any("_" in text for text in texts):
            return Numbers(np.array(filled, dtype=np.int64), values)
    except ValueError:
        pass
    known: list[int] = []
    found: list[float] = []
    others: list[int] = []
    grouped: list[int] = []
    for place, text in zip(filled, texts, strict=True):
        word = text.strip()
        value = number_of(word, delimiter)
        if value is None and (value := grouped_number(word, delimiter)) is not None:
            grouped.append(place)
        if value is None and dates:
            value = moment_of(word)
        if value is not None:
            known.append(place)
            found.append(value)
        elif word.lower() not in _MISSING:
            others.append(place)
    return Numbers(np.array(known, dtype=np.int64), np.array(found, dtype=np.float64), tuple(others), tuple(grouped))

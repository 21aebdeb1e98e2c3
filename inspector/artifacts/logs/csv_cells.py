"""Cells of a text table: how a line is cut into them, and which of them are numbers."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt

from inspector.core.arrays import FloatArray, IntArray

_DELIMITERS = (",", "\t", ";", "|")
# numpy takes a blank between delimiters for -1; quotes, NULs, comments and lone carriage returns want the careful way.
_NOT_PLAIN = (b'"', b"\0", b"#", b" ", b"\r", b"\v", b"\f", b"(", b"\t")
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


def _moment(cell: str) -> float | None:
    """Seconds since 1970 of a date with its time zone; a clock of an unknown place is no point in time."""
    try:
        moment = datetime.fromisoformat(cell)
        return moment.timestamp() if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def plain_block(block: bytes, delimiter: str, width: int) -> tuple[FloatArray, npt.NDArray[np.bool_]] | None:
    """The numbers of whole lines that hold nothing but numbers and empty cells, much faster than cell by cell.

    Args:
        block: lines, the newline of the last left off.
        delimiter: one character.
        width: cells of each line.

    Returns:
        (rows, width) float64, NaN where a cell is empty; (rows, width) bool, whether a cell is filled; or None where
        any line is not as plain as that.
    """
    cut, end = ord(delimiter), ord("\n")
    block = block.replace(b"\r\n", b"\n").removesuffix(b"\r") + b"\n"
    if any(mark in block for mark in _NOT_PLAIN if mark != delimiter.encode()):
        return None
    raw = np.frombuffer(block, dtype=np.uint8)
    is_end = (raw == cut) | (raw == end)
    ends = np.flatnonzero(is_end)
    rows, rest = divmod(len(ends), width)
    if rest or block.count(b"\n") != rows or (raw[ends[width - 1 :: width]] != end).any():
        return None
    filled = np.diff(ends, prepend=-1) > 1
    numbers = np.where(is_end, np.uint8(cut), raw)
    kept = np.ones(len(raw), dtype=np.bool_)
    kept[ends[~filled]] = False  # an empty cell leaves its delimiter alone
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # what numpy before 2.3 says of unmatched text
            found = np.fromstring(numbers[kept].tobytes().decode("ascii"), dtype=np.float64, sep=delimiter)
    except (ValueError, DeprecationWarning):
        return None
    if len(found) != np.count_nonzero(filled):
        return None
    values = np.full(rows * width, np.nan)
    values[filled] = found
    return values.reshape(rows, width), filled.reshape(rows, width)


def numbers_of(
    cells: Sequence[str], delimiter: str, *, dates: bool = False
) -> tuple[IntArray, FloatArray, tuple[int, ...]]:
    """The numbers of a column.

    Args:
        cells: one cell a row.
        delimiter: what stood between the cells of a row.
        dates: dates count as seconds since 1970.

    Returns:
        (found,) int64, the places of cells that hold numbers; (found,) float64, these numbers; the places of cells
        that hold something else. Empty cells and words for a missing value are neither.
    """
    filled = [place for place, cell in enumerate(cells) if cell]
    texts = [cells[place] for place in filled]
    try:
        values = np.array([float(text) for text in texts], dtype=np.float64)
        if not any("_" in text for text in texts):
            return np.array(filled, dtype=np.int64), values, ()
    except ValueError:
        pass
    known: list[int] = []
    found: list[float] = []
    others: list[int] = []
    for place, text in zip(filled, texts, strict=True):
        word = text.strip()
        value = number_of(word, delimiter)
        if value is None and dates:
            value = _moment(word)
        if value is not None:
            known.append(place)
            found.append(value)
        elif word.lower() not in _MISSING:
            others.append(place)
    return np.array(known, dtype=np.int64), np.array(found, dtype=np.float64), tuple(others)

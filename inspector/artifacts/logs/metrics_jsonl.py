"""JSON Lines of metrics: this program's metrics.jsonl, and any log with one JSON object a line."""

from __future__ import annotations

import copy
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.analysis.numbers import as_float
from inspector.artifacts.logs.clocks import moment_of
from inspector.artifacts.logs.following import CHUNK_BYTES
from inspector.artifacts.logs.json_forms import Forms, Sort, Values, sort_of
from inspector.artifacts.logs.lines import WholeLines
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.series_table import TIME_NAMES, SeriesTable
from inspector.artifacts.logs.tally import Reason, Tally, left_out_texts
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError
from inspector.core.texts import visible
from inspector.formats.metrics import EVENT, STEP, TIME, is_number
from inspector.formats.series import SeriesSet

_NOT_OBJECT = Reason(
    "line {where} is not a JSON object and was left out",
    "{count} lines are not JSON objects and were left out, the first is line {where}",
)
_JOINED = Reason(
    "line {where} holds two JSON objects without a line end between them, both were read",
    "{count} lines hold two JSON objects without a line end between them, both were read, the first is line {where}",
)
_TORN = Reason("line {where}, the last, breaks off and was left out", "")
_TOO_DEEP = Reason(
    "line {where} nests too deep, one value was left out",
    "{count} values nest too deep and were left out, the first in line {where}",
)

_QUICK_BYTES = 2**20
_NEW_LINES = 128
"""Read together where there may be something new in them."""

_MAX_DEPTH = 16

_SPELLED = {
    "nan": math.nan,
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
}

_SORTS: dict[type, str] = {type(None): "text", bool: "flag", list: "list"}
"""What is said of values that are no numbers; None stands for a text that spells none."""

_Line = dict[str, Any] | tuple[dict[str, Any], dict[str, Any]] | None
"""What a line is read as: an object, empty where the line is; two, where their line end is damaged; None if neither."""

_objects = msgspec.json.Decoder(list[dict[str, Any]])
_object = msgspec.json.Decoder(dict[str, Any])
_any_json = json.JSONDecoder()


class JsonlParser:
    """Records by line; columns by the dotted path of their keys."""

    def __init__(self) -> None:
        self._lines = WholeLines()
        self._table = SeriesTable()
        self._damage = Tally()
        self._left_out: Counter[tuple[str, str]] = Counter()
        self._events: Counter[str] = Counter()
        self._objects = 0
        self._forms = Forms()
        self._quick = False

    @property
    def chunk_bytes(self) -> int:
        """How much to give at a time: so much that it takes a fraction of 50 ms."""
        return _QUICK_BYTES if self._quick else CHUNK_BYTES

    def take(self, data: bytes) -> None:
        """Read on."""
        first, block = self._lines.take_block(data)
        self._lines.tell_too_long(self._damage)
        count = self._lines.line - first
        if not count:
            return
        if self._quick and self._read_known(block, count, first):
            return
        lines = block.split(b"\n")
        start, size = 0, _NEW_LINES
        while start < count:  # what is new is found in few lines, and costs those alone
            piece = lines[start : start + size]
            self._quick = self._read_known(b"\n".join(piece), len(piece), first + start)
            if not self._quick and size > _NEW_LINES:
                size = _NEW_LINES
                continue
            if not self._quick:
                self.add(_decoded(piece), first + start)
            start, size = start + len(piece), 2 * size if self._quick else _NEW_LINES

    def _read_known(self, lines: bytes, count: int, first: int) -> bool:
        """Add lines that bring nothing new; whether they are such."""
        known = self._forms.read(lines, count)
        if known is None or not all(map(self._is_familiar, known)):
            return False
        self._add_known(known, count, first)
        return True

    def finished(self) -> JsonlParser:
        """This parser, its unfinished last line read as if nothing came after it."""
        record = _decoded_line(self._lines.held)
        if record is None:
            self._damage.add(_TORN, self._lines.line)
        elif record:
            self.add([record], self._lines.line)
        self._lines.held = b""
        return self

    def series(self, path: Path) -> SeriesSet:
        """The curves so far.

        Raises:
            DamagedError: there are lines, and none is a JSON object.
        """
        if self._lines.held:
            mark = self._table.mark()
            try:
                return copy.deepcopy(self, {id(self._table): self._table}).finished().series(path)
            finally:
                self._table.back_to(mark)
        bad = self._damage.count(_NOT_OBJECT) + self._damage.count(_TORN) + self._lines.too_long
        if bad and not self._objects:
            raise DamagedError(path, "one JSON object a line", f"none in {bad:,} lines")
        curves, assumed = self._table.series()
        notes = (*self._damage.texts(), *assumed) if self._objects else ("the file holds no records",)
        return SeriesSet(series=curves, skipped=self._skipped(), notes=notes)

    def _skipped(self) -> tuple[str, ...]:
        # In which order they came depends on where the file was cut.
        parts = left_out_texts(sorted(self._left_out.items()))
        if self._events:
            kinds = ", ".join(visible(kind, 60) for kind, _ in self._events.most_common(8))
            count = self._events.total()
            parts.append(f"{count:,} {'event' if count == 1 else 'events'} ({kinds})")
        return tuple(parts)

    def _is_familiar(self, column: Values) -> bool:
        """Whether values bring no name that was not met before: the order of names is that of the records' keys.

        What may make a record an event never is: it is told by other keys too.
        """
        name, numbers, others = column
        if numbers is not None:
            return (self._table.knows(name) and name != EVENT) or bool(np.isnan(numbers).all())
        sorts = set(map(type, others)) - {type(None), msgspec.UnsetType}
        if sorts & {str}:
            texts = (value for value in others if isinstance(value, str))
            sorts = sorts - {str} | {type(_spelled_number(name, text)) for text in texts}
        return not sorts or (
            name != EVENT
            and all(
                self._table.knows(name) if sort in (int, float) else (name, _SORTS.get(sort, "")) in self._left_out
                for sort in sorts
            )
        )

    def _add_known(self, columns: Sequence[Values], count: int, first_line: int) -> None:
        """Add records of keys that were met before."""
        first = self._table.records
        places = np.arange(first, first + count)
        self._table.records += count
        self._objects += count
        for name, numbers, others in columns:
            if numbers is None and sort_of(map(type, others)) is Sort.NUMBER:
                self._table.extend(name, places, _as_floats(others))
                continue
            if numbers is None:
                for offset, value in enumerate(others):
                    if value is not msgspec.UNSET:
                        self._add_value(name, value, first + offset, first_line + offset, 1)
                continue
            known = ~np.isnan(numbers)
            if known.all():
                self._table.extend_rows(name, first, numbers)
            elif known.any():
                self._table.extend(name, places[known], numbers[known])

    def add(self, records: Sequence[_Line], first_line: int) -> None:
        """Add records, those with the same keys together: whole columns go faster than single values."""
        start = 0
        while start < len(records):
            record = records[start]
            if record is None:
                self._damage.add(_NOT_OBJECT, first_line + start)
                start += 1
                continue
            if isinstance(record, tuple):
                self._damage.add(_JOINED, first_line + start)
                for one in record:
                    self.add([one], first_line + start)
                start += 1
                continue
            keys = tuple(record)
            run = [record] if record else []
            stop = start + 1
            while stop < len(records) and isinstance(other := records[stop], dict) and tuple(other) == keys:
                stop += 1
                run += [other] if other else []
            if run:
                self._objects += len(run)
                self._add_run(keys, run, first_line + start)
            start = stop

    def _add_run(self, keys: tuple[str, ...], run: list[dict[str, Any]], line: int) -> None:
        if EVENT in keys and STEP in keys and TIME in keys:
            self._events.update(str(record[EVENT]) for record in run)
            return
        first = self._table.records
        self._table.records += len(run)
        if len(run) == 1:
            for key, value in run[0].items():
                if not self._forms.is_full:
                    spelled = isinstance(value, float) and not math.isfinite(value)
                    self._forms.learn(key, Sort.ANYTHING if spelled else sort_of((type(value),)))
                self._add_value(key, value, first, line, 1)
            return
        for key, values in zip(keys, zip(*(record.values() for record in run), strict=True), strict=True):
            sort = sort_of(map(type, values))
            if sort is Sort.NUMBER:
                numbers = _as_floats(values)
                self._table.extend_rows(key, first, numbers)
                self._forms.learn(key, sort if np.isfinite(numbers).all() else Sort.ANYTHING)
                continue
            self._forms.learn(key, sort)
            for offset, value in enumerate(values):
                self._add_value(key, value, first + offset, line + offset, 1)

    def _add_value(self, key: str, value: Any, record: int, line: int, depth: int) -> None:
        if is_number(value):
            self._table.put(key, record, as_float(value))
        elif isinstance(value, str):
            number = _spelled_number(key, value)
            if number is None:
                self._left_out[key, "text"] += 1
            else:
                self._table.put(key, record, number)
        elif isinstance(value, dict):
            self._add_branch(key, value, record, line, depth)
        elif value is not None:
            self._left_out[key, "list" if isinstance(value, list) else "flag"] += 1

    def _add_branch(self, key: str, branch: dict[str, Any], record: int, line: int, depth: int) -> None:
        if "_type" in branch:  # how wandb logs a picture, a table, a histogram
            self._left_out[key, visible(str(branch["_type"]), 60)] += 1
        elif depth >= _MAX_DEPTH:
            self._damage.add(_TOO_DEEP, line)
        else:
            for name, value in branch.items():
                self._add_value(f"{key}.{name}", value, record, line, depth + 1)


def _decoded(lines: list[bytes]) -> Sequence[_Line]:
    """What each line is read as."""
    try:
        records = _objects.decode(b"[" + b",".join(lines) + b"]")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        records = []
    if len(records) == len(lines):
        return records
    return [_decoded_line(line) for line in lines]


def _decoded_line(line: bytes) -> _Line:
    line = line.strip(b" \t\r\0")
    if not line:
        return {}
    try:
        return _object.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    text = line.decode("utf-8", "surrogateescape")
    try:  # the standard library takes NaN, Infinity and numbers beyond float64
        record, end = _any_json.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    if end == len(text):
        return record
    for begin in (end, end + 1):  # the line end is gone, or has become some other character
        try:
            other, end_of_other = _any_json.raw_decode(text, begin)
        except (ValueError, RecursionError):
            continue
        if isinstance(other, dict) and end_of_other == len(text):
            return record, other
    return None


def _as_floats(values: Sequence[float]) -> FloatArray:
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:  # an integer beyond 1.8e308
        return np.array([as_float(value) for value in values])


def _spelled_number(key: str, text: str) -> float | None:
    """What a text stands for: a number that JSON cannot write, or a date under a name for times."""
    number = _SPELLED.get(text.lower()) if len(text) <= 9 else None
    if number is not None or key.lower() not in TIME_NAMES or len(text) > 40:
        return number
    return moment_of(text)


reader = LogReader("jsonl", JsonlParser)
series, facts = reader.series, reader.facts

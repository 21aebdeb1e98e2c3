"""W&B run files (`.wandb`): their history, their figures of the machine, their settings and how the run ended."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.following import CHUNK_BYTES, SeriesFollower
from inspector.artifacts.logs.protobuf import WireError
from inspector.artifacts.logs.series_table import SeriesTable, metrics_facts
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.artifacts.logs.wandb_blocks import Blocks
from inspector.artifacts.logs.wandb_media import grouped, media_of
from inspector.artifacts.logs.wandb_records import CONFIG, EXIT, HISTORY, RUN, STATS, Item, Record, record_of
from inspector.artifacts.logs.wandb_rows import FEWEST_ROWS, Names, rows_of
from inspector.core.arrays import FloatArray, IntArray
from inspector.core.errors import DamagedError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.facts import MetricsFacts
from inspector.formats.log_media import LogMedia
from inspector.formats.series import SeriesSet

CONTAINER = "wandb"

SYSTEM = "system/"
"""Before the names of figures of the machine."""

MAX_MEDIA = 200_000
MAX_NAMES = 60_000
"""A file that makes up new names with every row is not a log of curves. Numbers of names take two bytes."""

_STEP, _TIME, _RUNTIME = "_step", "_timestamp", "_runtime"
_QUICK_BYTES = 2 * 2**20
_MAX_SKIPPED = 50
_MAX_DEPTH = 16
_MAX_SETTINGS = 10_000
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_HISTORY_BEGINS = (b"\x12", b"\x08")
"""How a history record begins: with its own field, or with its number before it."""

_NO_RECORD = Reason(
    "the record at byte {where} is no record of W&B and was left out",
    "{count} records are no records of W&B and were left out, the first at byte {where}",
)
_NO_JSON = Reason(
    "a value of the record at byte {where} is no JSON and was left out",
    "{count} values are no JSON and were left out, the first in the record at byte {where}",
)
_TOO_DEEP = Reason(
    "the record at byte {where} nests too deep, one value was left out",
    "{count} values nest too deep and were left out, the first in the record at byte {where}",
)
_TOO_MANY_NAMES = Reason(
    f"the record at byte {{where}} brings more than {MAX_NAMES:,} names, one value was left out",
    f"from byte {{where}} on there are more than {MAX_NAMES:,} names, {{count}} values were left out",
)
_TOO_MANY_MEDIA = Reason(
    f"the record at byte {{where}} brings more than {MAX_MEDIA:,} pictures and tables, one is not listed",
    f"from byte {{where}} on there are more than {MAX_MEDIA:,} pictures and tables, {{count}} are not listed",
)


class WandbParser:
    """Values by row of the history.

    Args:
        quick: read rows of the usual form many at a time; without it each is read by itself, and the answer is the
            same.

    Attributes:
        settings: what the run was told, by dotted path.
        exit_code: None where the run has told no end.
    """

    def __init__(self, *, quick: bool = True) -> None:
        self.settings: dict[str, Any] = {}
        self.exit_code: int | None = None
        self._quick = quick
        self._busy = False
        self._sound = 0
        self._started = math.nan
        self._blocks = Blocks()
        self._names = Names()
        self._history = SeriesTable()
        self._system = SeriesTable()
        self._media: list[LogMedia] = []
        self._damage = Tally()
        self._left_out: Counter[tuple[str, str]] = Counter()

    @property
    def chunk_bytes(self) -> int:
        """How much to give at a time: so much that it takes a fraction of 50 ms."""
        return _QUICK_BYTES if self._busy else CHUNK_BYTES

    def take(self, data: bytes) -> None:
        """Read on."""
        records = self._blocks.take(data)
        if not records:
            return
        batch = _Batch(self._history.records, len(records))
        self._take_plain(records, batch)
        for nth in np.flatnonzero(~batch.is_row).tolist():
            place, record = records[nth]
            self._take_record(nth, place, record, batch)
        batch.number_rows()
        for nth, item in sorted(batch.items, key=itemgetter(0)):
            self._add_value(item, nth, records[nth][0], batch)
        self._store(batch)

    def _take_plain(self, records: Sequence[tuple[int, bytes]], batch: _Batch) -> None:
        """Read the history of the usual form."""
        likely = [nth for nth, (_, record) in enumerate(records) if record[:1] in _HISTORY_BEGINS]
        if not self._quick or len(likely) < FEWEST_ROWS:
            self._busy = False
            return
        rows = rows_of([records[nth][1] for nth in likely], self._names)
        places = np.array(likely, np.int64)
        batch.is_row[places[rows.plain]] = True
        batch.steps[places[rows.plain]] = rows.steps[rows.plain]
        known = np.ones(len(rows.rows), np.bool_)
        for place, start, text in rows.others:
            known[place] = False
            name = self._names.texts[int(rows.names[place])]
            batch.items.append((int(places[rows.rows[place]]), Item(name, start, text)))
        batch.found.append(_Values(places[rows.rows[known]], rows.names[known], rows.numbers[known]))
        self._sound += int(np.count_nonzero(rows.plain))
        self._busy = bool(rows.plain.mean() > 0.5)

    def _take_record(self, nth: int, place: int, data: bytes, batch: _Batch) -> None:
        try:
            record = record_of(data)
        except WireError:
            self._damage.add(_NO_RECORD, place)
            return
        self._sound += 1
        if record.kind == HISTORY:
            batch.is_row[nth] = True
            batch.steps[nth] = math.nan if record.step is None else record.step
            batch.items.extend((nth, item) for item in grouped(record.items))
        elif record.kind == STATS:
            self._add_system(record, place)
        elif record.kind in (RUN, CONFIG):
            self._started = record.started if record.started is not None else self._started
            self._set(record.items, place)
        elif record.kind == EXIT:
            self.exit_code = record.exit_code

    def _add_value(self, item: Item, nth: int, place: int, batch: _Batch) -> None:
        """Keep a value that is no plain number, or was read by itself."""
        value = self._parsed(item, place)
        media = media_of(item, value, place)
        if media is not None:
            batch.media.append((nth, media))
            return
        for name, number in self._numbers(item.name, value, place):
            if len(self._names.texts) < MAX_NAMES or self._names.knows(name):
                batch.singles.append((nth, self._names.number_of(name), number))
            else:
                self._damage.add(_TOO_MANY_NAMES, place)

    def _add_system(self, record: Record, place: int) -> None:
        row = self._system.records
        self._system.records += 1
        if record.time is not None:
            self._system.put(_TIME, row, record.time)
        for item in record.items:
            for name, number in self._numbers(item.name, self._parsed(item, place), place):
                self._system.put(f"{SYSTEM}{name}", row, number)

    def _set(self, items: Sequence[Item], place: int) -> None:
        """Keep what the run was told; what W&B notes of itself is left out."""
        for item in items:
            if item.name.partition(".")[0] == "_wandb":
                continue
            for name, value in _leaves(item.name, self._parsed(item, place), 1):
                if value is not _DEEPER and len(self.settings) < _MAX_SETTINGS:
                    self.settings[name] = value

    def _parsed(self, item: Item, place: int) -> Any:
        text = item.json.decode("utf-8", "surrogateescape")
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self._damage.add(_NO_JSON, place)
            return None

    def _numbers(self, name: str, value: Any, place: int) -> Iterator[tuple[str, float]]:
        """The numbers of a value by dotted path; what else it holds is counted."""
        for path, leaf in _leaves(name, value, 1):
            number = _number(leaf)
            if number is not None:
                yield path, number
            elif leaf is _DEEPER:
                self._damage.add(_TOO_DEEP, place)
            elif leaf is not None:
                self._left_out[path, _SORTS.get(type(leaf), "text")] += 1

    def _store(self, batch: _Batch) -> None:
        """Give every name its values, in the order of their rows."""
        values = batch.values()
        first, count = self._history.records, int(np.count_nonzero(batch.is_row))
        self._history.records += count
        rows = batch.row_of[values.records]
        steps = batch.steps[batch.is_row]
        order = np.lexsort((rows, values.names)) if batch.singles else np.argsort(_small(values.names), kind="stable")
        ends = np.cumsum(np.bincount(values.names, minlength=len(self._names.texts)))
        sorted_rows, sorted_values = rows[order], values.numbers[order]
        columns = {
            self._names.texts[number]: (sorted_rows[begin:end], sorted_values[begin:end])
            for number, (begin, end) in enumerate(pairwise((0, *ends.tolist())))
            if end > begin
        }
        own_rows, own_steps = columns.get(_STEP, _NOTHING)
        steps[own_rows - first] = own_steps
        columns[_STEP] = _known(steps, first)
        times = np.full(count, np.nan)
        run_rows, run_s = columns.pop(_RUNTIME, _NOTHING)
        times[run_rows - first] = self._started + run_s
        own_rows, own_times = columns.get(_TIME, _NOTHING)
        times[own_rows - first] = own_times
        columns[_TIME] = _known(times, first)
        for name, (places, numbers) in columns.items():
            if len(places):
                self._history.extend(name, places, numbers)
        for nth, media in batch.media:
            self._list(media, steps, times, int(batch.row_of[nth]) - first)

    def _list(self, media: LogMedia, steps: FloatArray, times: FloatArray, row: int) -> None:
        if len(self._media) >= MAX_MEDIA:
            self._damage.add(_TOO_MANY_MEDIA, media.start)
            return
        step = float(steps[row]) if np.isfinite(steps[row]) else None
        time = float(times[row]) if np.isfinite(times[row]) else None
        self._media.append(msgspec.structs.replace(media, step=step, time=time))

    def series(self, path: Path) -> SeriesSet:
        """The curves so far.

        Raises:
            DamagedError: it is no file of W&B, or no record in it can be read.
        """
        if self._blocks.wrong or (not self._sound and self._damage.count(_NO_RECORD)):
            raise DamagedError(path, "a run file of W&B", f"no record of one in {self._blocks.taken:,} bytes")
        history, assumed = self._history.series()
        system, _ = self._system.series()
        notes = (*self._blocks.notes(), *self._damage.texts(), *assumed)
        return SeriesSet(series=(*history, *system), skipped=self._skipped(), notes=notes, media=tuple(self._media))

    def _skipped(self) -> tuple[str, ...]:
        parts = [f"{visible(name, 200)} ({count:,} × {what})" for (name, what), count in self._left_out.items()]
        if len(parts) > _MAX_SKIPPED:
            parts[_MAX_SKIPPED:] = [f"{len(parts) - _MAX_SKIPPED:,} more names without numbers"]
        return tuple(parts)


class _Values(NamedTuple):
    """Numbers read at once: (values,) int64 places of their records and numbers of their names, (values,) float64."""

    records: IntArray
    names: IntArray
    numbers: FloatArray


class _Batch:
    """What some records hold, before it is known which rows they are.

    Attributes:
        is_row: (records,) bool, whether a record is a row of the history.
        row_of: (records,) int64, its number; undefined where it is none.
        steps: (records,) float64, NaN where the record does not say.
        items: values to be read by themselves, with the places of their records.
        found: values read at once.
        singles: values read by themselves: place of the record, number of the name, value.
    """

    def __init__(self, first_row: int, records: int) -> None:
        self.first_row = first_row
        self.is_row = np.zeros(records, np.bool_)
        self.row_of: IntArray = np.zeros(records, np.int64)
        self.steps: FloatArray = np.full(records, np.nan)
        self.items: list[tuple[int, Item]] = []
        self.found: list[_Values] = []
        self.singles: list[tuple[int, int, float]] = []
        self.media: list[tuple[int, LogMedia]] = []

    def number_rows(self) -> None:
        """Number the rows, now that all are known."""
        self.row_of = self.first_row + np.cumsum(self.is_row) - 1

    def values(self) -> _Values:
        """All numbers."""
        if self.singles:
            records, names, numbers = zip(*self.singles, strict=True)
            self.found.append(
                _Values(np.array(records, np.int64), np.array(names, np.int64), np.array(numbers, np.float64))
            )
        if not self.found:
            return _Values(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        return _Values(*map(np.concatenate, zip(*self.found, strict=True)))


_DEEPER = object()
"""Stands for what nests too deep."""

_NOTHING = (np.empty(0, np.int64), np.empty(0))
_SORTS: dict[type, str] = {list: "list", bool: "flag"}


def _leaves(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict):
        yield name, value
    elif depth >= _MAX_DEPTH:
        yield name, _DEEPER
    else:
        for key, one in value.items():
            yield from _leaves(f"{name}.{key}", one, depth + 1)


def _number(value: Any) -> float | None:
    """The number of a value, also one of the words that stand for what JSON cannot write."""
    if isinstance(value, str):
        return _WORDS.get(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _small(names: IntArray) -> npt.NDArray[np.uint16]:
    """Sorted in one pass, as numbers of two bytes are."""
    return names.astype(np.uint16)


def _known(column: FloatArray, first: int) -> tuple[IntArray, FloatArray]:
    places = np.flatnonzero(np.isfinite(column))
    return places + first, column[places]


_follower = SeriesFollower(WandbParser, text=False)


def series(path: Path, pulse: Pulse) -> SeriesSet:
    """Every curve of a run file, by the dotted path of its keys.

    Raises:
        FileError: the file cannot be read, or is no run file of W&B.
        WorkCancelled: the pulse was cancelled.
    """
    return _follower.series(path, pulse)


def facts(path: Path, pulse: Pulse) -> MetricsFacts:
    """What a run file holds; raises as `series`."""
    found = metrics_facts(path, CONTAINER, series(path, pulse))
    parser = _follower.parser(path, pulse)
    return msgspec.structs.replace(found, settings=dict(parser.settings), exit_code=parser.exit_code)

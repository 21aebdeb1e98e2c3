"""W&B run files (`.wandb`): their history, their figures of the machine, their settings and how the run ended."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.artifacts.logs.following import CHUNK_BYTES
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.protobuf import WireError
from inspector.artifacts.logs.series_table import SeriesTable
from inspector.artifacts.logs.tally import Reason, Tally, left_out_texts
from inspector.artifacts.logs.wandb_batch import NOTHING, Batch, Values, finite
from inspector.artifacts.logs.wandb_blocks import Blocks
from inspector.artifacts.logs.wandb_media import grouped, media_of
from inspector.artifacts.logs.wandb_records import CONFIG, EXIT, HISTORY, RUN, STATS, Item, Record, record_of
from inspector.artifacts.logs.wandb_rows import FEWEST_ROWS, Names, rows_of
from inspector.artifacts.logs.wandb_values import DEEPER, SORTS, leaves, number_of
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError
from inspector.core.pulse import Pulse
from inspector.formats.facts import MetricsFacts
from inspector.formats.log_media import LogMedia
from inspector.formats.series import SeriesSet

SYSTEM = "system/"
"""Before the names of figures of the machine."""

MAX_MEDIA = 200_000
MAX_NAMES = 60_000
"""A file that makes up new names with every row is not a log of curves. Numbers of names take two bytes."""

_STEP, _TIME, _RUNTIME = "_step", "_timestamp", "_runtime"
_QUICK_BYTES = 2 * 2**20
_MAX_SETTINGS = 10_000
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
        batch = Batch(self._history.records, len(records))
        self._take_plain(records, batch)
        for nth in np.flatnonzero(~batch.is_row).tolist():
            place, record = records[nth]
            self._take_record(nth, place, record, batch)
        batch.number_rows()
        for nth, item in sorted(batch.items, key=itemgetter(0)):
            self._add_value(item, nth, records[nth][0], batch)
        self._store(batch)

    def _take_plain(self, records: Sequence[tuple[int, bytes]], batch: Batch) -> None:
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
        batch.found.append(Values(places[rows.rows[known]], rows.names[known], rows.numbers[known]))
        self._sound += int(np.count_nonzero(rows.plain))
        self._busy = bool(rows.plain.mean() > 0.5)

    def _take_record(self, nth: int, place: int, data: bytes, batch: Batch) -> None:
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

    def _add_value(self, item: Item, nth: int, place: int, batch: Batch) -> None:
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
            for name, value in leaves(item.name, self._parsed(item, place)):
                if value is not DEEPER and len(self.settings) < _MAX_SETTINGS:
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
        for path, leaf in leaves(name, value):
            number = number_of(leaf)
            if number is not None:
                yield path, number
            elif leaf is DEEPER:
                self._damage.add(_TOO_DEEP, place)
            elif leaf is not None:
                self._left_out[path, SORTS.get(type(leaf), "text")] += 1

    def _store(self, batch: Batch) -> None:
        """Give every name its values, in the order of their rows."""
        first, count = self._history.records, int(np.count_nonzero(batch.is_row))
        self._history.records += count
        columns = batch.columns(self._names.texts)
        steps = batch.steps[batch.is_row]
        own_rows, own_steps = columns.get(_STEP, NOTHING)
        steps[own_rows - first] = own_steps
        columns[_STEP] = finite(steps, first)
        times = np.full(count, np.nan)
        run_rows, run_s = columns.pop(_RUNTIME, NOTHING)
        times[run_rows - first] = self._started + run_s
        own_rows, own_times = columns.get(_TIME, NOTHING)
        times[own_rows - first] = own_times
        columns[_TIME] = finite(times, first)
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
        return tuple(left_out_texts(self._left_out.items()))


reader = LogReader("wandb", WandbParser, text=False)
series = reader.series


def facts(path: Path, pulse: Pulse) -> MetricsFacts:
    """What a run file holds; raises as `series`."""
    found, parser = reader.facts(path, pulse), reader.parser(path, pulse)
    return msgspec.structs.replace(found, settings=dict(parser.settings), exit_code=parser.exit_code)

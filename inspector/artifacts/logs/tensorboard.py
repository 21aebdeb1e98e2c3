"""TensorBoard event files: their scalars, every one, in the order of the file, and a list of what else is in them.

Data of up to 4 kB is checked against its checksum, record by record, so that a flipped bit in a value is found and
costs this one record; longer data (pictures, large histograms) is believed where its length and form are right, as
checking it would take longer than reading it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from inspector.artifacts.logs import event_cycles
from inspector.artifacts.logs.event_cycles import Cycle, cycle_at_end
from inspector.artifacts.logs.event_forms import Forms, Points
from inspector.artifacts.logs.event_hparams import hparams_record
from inspector.artifacts.logs.event_wire import Event, EventReader
from inspector.artifacts.logs.following import CHUNK_BYTES
from inspector.artifacts.logs.log_reader import LogReader
from inspector.artifacts.logs.points import GrowingPoints
from inspector.artifacts.logs.protobuf import WireError
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.artifacts.logs.tfrecord import BAD_DATA, Frames, Records, agreeing
from inspector.core.arrays import IntArray
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.facts import MetricsFacts
from inspector.formats.log_media import LogMedia
from inspector.formats.series import SeriesSet

MAX_TAGS = 50_000
"""A file that makes up a new tag with every value is not a log of curves. Numbers of tags take two bytes."""

MAX_MEDIA = 200_000
"""So many pictures, histograms and texts are listed."""

_QUICK_BYTES = 4 * 2**20
"""Read at a time where most records have a known form."""

_LOOKED_AT_PIECES = 4
_PIECES_BETWEEN_LOOKS = 8
"""A file whose first pieces go on in no cycle is looked at for one now and then."""

_FIRST_READ = 64
"""Records without a known form that are read in the general way before the others are looked at again."""

_NO_EVENT = Reason(
    "the record at byte {where} is no event and was left out",
    "{count} records are no events and were left out, the first at byte {where}",
)
_NO_HPARAMS = Reason(
    "the hyper-parameters in the event at byte {where} cannot be read",
    "the hyper-parameters of {count} events cannot be read, the first at byte {where}",
)
_TOO_MANY_TAGS = Reason(
    f"the event at byte {{where}} brings more than {MAX_TAGS:,} tags, one value was left out",
    f"from byte {{where}} on there are more than {MAX_TAGS:,} tags, {{count}} values were left out",
)
_TOO_MANY_MEDIA = Reason(
    f"the event at byte {{where}} brings more than {MAX_MEDIA:,} pictures and texts, one is not listed",
    f"from byte {{where}} on there are more than {MAX_MEDIA:,} pictures and texts, {{count}} are not listed",
)


class EventsParser:
    """Points by tag.

    Args:
        quick: read events of one form at once; without it each is read by itself, and the answer is the same.

    Attributes:
        settings: the hyper-parameters of the last session that tells some, by name.
        stopped: the writer has said that its session is over, and none has begun since.
    """

    def __init__(self, *, quick: bool = True) -> None:
        self.settings: dict[str, Any] = {}
        self.stopped = False
        self._frames = Frames()
        self._reader = EventReader()
        self._forms = Forms() if quick else None
        self._damage = Tally()
        self._tags: dict[str, int] = {}
        self._points: list[GrowingPoints] = []
        self._media: list[LogMedia] = []
        self._others: Counter[str] = Counter()
        self._events = 0
        self._attempt = 0
        self._quick_share = 0.0
        self._cycle: Cycle | None = None
        self._unturned = 0
        self._waiting = b""

    @property
    def chunk_bytes(self) -> int:
        """How much to give at a time: so much that it takes a fraction of 50 ms."""
        return _QUICK_BYTES if self._quick_share > 0.9 else CHUNK_BYTES

    def take(self, data: bytes) -> None:
        """Read on."""
        if self._cycle is not None:
            data = self._turned(self._cycle, data)
        records = self._frames.take(data) if data else None
        if records is not None:
            self._add(records)

    def _turned(self, cycle: Cycle, data: bytes) -> bytes:
        """Read what goes on as the last records did; what is left to be read otherwise."""
        if not self._frames.in_order:
            return data
        self._waiting += self._frames.given_back() + data
        turns, found = cycle.read(np.frombuffer(self._waiting, np.uint8))
        for one in found:
            self._points[one.tag].add(one.steps, one.times, one.values, self._attempt)
        if turns:
            self._unturned = 0
        read = turns * cycle.bytes
        self._frames.pass_by(read, turns * cycle.records)
        self._events += turns * cycle.records
        left, self._waiting = self._waiting[read:], b""
        if turns and len(left) < cycle.bytes:  # the next turn is on its way
            self._waiting, left = left, b""
        return left

    def _settle(self) -> None:
        """Read what waits for the rest of a turn."""
        waiting, self._waiting = self._waiting, b""
        records = self._frames.take(waiting) if waiting else None
        if records is not None:
            self._add(records)

    def _add(self, records: Records) -> None:
        """Read whole records."""
        found: list[Points] = []
        begins: list[int] = []
        rest = np.arange(len(records.starts))
        if self._forms:
            rest = self._forms.read(records, rest, found)
        self._quick_share = 1 - len(rest) / len(records.starts)
        self._events += len(records.starts) - len(rest)
        size = _FIRST_READ
        while len(rest):
            now, rest = rest[:size], rest[size:]
            learned = self._read(records, now, found, begins)
            known = self._forms.read(records, rest, found) if learned and self._forms else rest
            self._events += len(rest) - len(known)
            if len(rest) - len(known) < size:
                size *= 2
            rest = known
        self._store(found, begins)
        if self._forms and len(records.starts) >= event_cycles.FEWEST_RECORDS:
            often = self._unturned < _LOOKED_AT_PIECES or self._unturned % _PIECES_BETWEEN_LOOKS == 0
            self._cycle = cycle_at_end(records, found, self._reader, self._tags) if often else None
            self._unturned += 1

    def _read(self, records: Records, wanted: IntArray, found: list[Points], begins: list[int]) -> bool:
        """Read records in the general way; whether the forms of others are known now."""
        learned = False
        rows: list[tuple[int, int, float, float, float]] = []
        starts, lengths = records.starts[wanted], records.lengths[wanted]
        good = agreeing(records.data, starts, lengths)
        for index, start, length, right in zip(
            wanted.tolist(), starts.tolist(), lengths.tolist(), good.tolist(), strict=True
        ):
            if not right:
                self._damage.add(BAD_DATA, records.place(index))
                continue
            data = records.data[start : start + length].tobytes()
            try:
                event = self._reader.read(data)
            except WireError:
                self._damage.add(_NO_EVENT, records.place(index))
                continue
            self._events += 1
            if event.begins:
                begins.append(index)
            self.stopped = event.stops or (self.stopped and not event.begins)
            tags = [self._tag(scalar.tag, records.place(index)) for scalar in event.scalars]
            rows.extend(
                (index, tag, float(event.step), event.wall_time, scalar.value)
                for scalar, tag in zip(event.scalars, tags, strict=True)
                if tag is not None
            )
            if event.plain and self._forms and None not in tags:
                learned |= self._forms.learn(data, event, [tag for tag in tags if tag is not None])
            self._others.update(event.others)
            self._list(event, records.place(index), records.offset + start)
            self._set(event, data, records.place(index))
        if rows:
            found.append(_as_points(rows))
        return learned

    def _tag(self, tag: str, place: int) -> int | None:
        """The number of a tag; None where there are too many."""
        number = self._tags.get(tag)
        if number is None:
            if len(self._tags) >= MAX_TAGS:
                self._damage.add(_TOO_MANY_TAGS, place)
                return None
            number = self._tags[tag] = len(self._points)
            self._points.append(GrowingPoints(tag))
        return number

    def _list(self, event: Event, place: int, begin: int) -> None:
        for thing in event.things:
            if len(self._media) >= MAX_MEDIA:
                self._damage.add(_TOO_MANY_MEDIA, place)
                continue
            self._media.append(
                LogMedia(
                    kind=thing.kind,
                    tag=thing.tag,
                    step=float(event.step),
                    time=None if np.isnan(event.wall_time) else event.wall_time,
                    count=thing.parts,
                    bytes=thing.bytes,
                    start=begin + thing.start,
                    text=thing.text,
                )
            )

    def _set(self, event: Event, data: bytes, place: int) -> None:
        """Keep what a session was started with."""
        for thing in event.things:
            if thing.kind == "hparams":
                try:
                    record = hparams_record(data[thing.start : thing.start + thing.bytes])
                except WireError:
                    self._damage.add(_NO_HPARAMS, place)
                else:
                    self.settings = record.settings or self.settings

    def _store(self, found: list[Points], begins: list[int]) -> None:
        """Give every tag its points, in the order of their records."""
        if found:
            points = found[0] if len(found) == 1 else Points(*map(np.concatenate, zip(*found, strict=True)))
            order, counts = _by_tag(points, ordered=len(found) == 1)
            steps, times, values = points.steps[order], points.times[order], points.values[order]
            records = points.records[order] if begins else None
            end = 0
            for tag, count in enumerate(counts.tolist()):
                first, end = end, end + count
                cuts = [first, end]
                if records is not None:
                    cuts[1:1] = (first + np.searchsorted(records[first:end], begins)).tolist()
                for attempt, (begin, stop) in enumerate(pairwise(cuts), self._attempt):
                    if begin < stop:
                        self._points[tag].add(steps[begin:stop], times[begin:stop], values[begin:stop], attempt)
        self._attempt += len(begins)

    def series(self, path: Path) -> SeriesSet:
        """The curves so far; a log that was started again, or whose steps go back, keeps all its points.

        Raises:
            DamagedError: no record can be found.
            UnsupportedError: the records hold something other than events.
        """
        self._settle()
        frames = self._frames
        if frames.looks_wrong():
            raise DamagedError(path, "a TensorBoard event file", f"no record in {frames.taken:,} bytes")
        if frames.records and not self._events:
            raise UnsupportedError(path, "TensorBoard events", "TFRecord records of another sort")
        skipped = tuple(f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in self._others.items())
        series = tuple(points.series() for points in self._points)
        notes = (*frames.notes(), *self._damage.texts(), *self._backs())
        return SeriesSet(
            series=series,
            skipped=skipped,
            notes=notes if frames.taken else ("the file is empty",),
            media=tuple(self._media),
        )

    def _backs(self) -> tuple[str, ...]:
        """What is said where the clock goes back, of the tag whose does most often: the others' are the same."""
        worst = max(self._points, key=lambda points: points.clock.backs, default=None)
        return worst.clock.note("point", f" of {visible(worst.tag, 80)}") if worst is not None else ()


def _as_points(rows: Iterable[tuple[int, int, float, float, float]]) -> Points:
    records, tags, steps, times, values = zip(*rows, strict=True)
    return Points(
        np.array(records, np.int64),
        np.array(tags, np.int64),
        np.array(steps, np.float64),
        np.array(times, np.float64),
        np.array(values, np.float64),
    )


def _by_tag(points: Points, *, ordered: bool) -> tuple[IntArray, IntArray]:
    """The points tag by tag, each tag's in the order of their records, and how many each tag has."""
    keys = points.tags.astype(np.uint16)  # sorted in one pass, as numbers of two bytes are
    order = np.argsort(keys, kind="stable")
    if not ordered:
        records, sorted_keys = points.records[order], keys[order]
        if np.any((records[1:] < records[:-1]) & (sorted_keys[1:] == sorted_keys[:-1])):
            order = np.lexsort((points.records, keys))
    return order, np.bincount(keys)


reader = LogReader("tfevents", EventsParser, text=False)
series = reader.series


def facts(path: Path, pulse: Pulse) -> MetricsFacts:
    """What an event file holds; raises as `series`."""
    found, parser = reader.facts(path, pulse), reader.parser(path, pulse)
    return msgspec.structs.replace(found, settings=dict(parser.settings), stopped=parser.stopped)

"""TensorBoard event files: their scalars, every one, in the order of the file."""

from __future__ import annotations

from array import array
from collections import Counter
from pathlib import Path

import numpy as np

from inspector.artifacts.logs.event_wire import Event, EventReader, WireError
from inspector.artifacts.logs.following import SeriesFollower
from inspector.artifacts.logs.series_table import metrics_facts
from inspector.artifacts.logs.tally import Reason, Tally
from inspector.artifacts.logs.tfrecord import Frames
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.formats.facts import MetricsFacts
from inspector.formats.series import Series, SeriesSet

CONTAINER = "tfevents"

MAX_TAGS = 50_000
"""A file that makes up a new tag with every value is not a log of curves."""

_NO_EVENT = Reason(
    "the record at byte {where} is no event and was left out",
    "{count} records are no events and were left out, the first at byte {where}",
)
_TOO_MANY_TAGS = Reason(
    f"the event at byte {{where}} brings more than {MAX_TAGS:,} tags, one value was left out",
    f"from byte {{where}} on there are more than {MAX_TAGS:,} tags, {{count}} values were left out",
)
_PLURALS = {"mesh": "meshes"}


class EventsParser:
    """Points by tag."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._reader = EventReader()
        self._damage = Tally()
        self._points: dict[str, tuple[array[float], array[float], array[float]]] = {}
        self._others: Counter[str] = Counter()
        self._events = 0

    def take(self, data: bytes) -> None:
        """Read on."""
        for offset, record in self._frames.take(data):
            try:
                event = self._reader.read(record)
            except WireError:
                self._damage.add(_NO_EVENT, offset)
                continue
            self._events += 1
            self._add(event, offset)

    def _add(self, event: Event, offset: int) -> None:
        for tag, value in event.scalars:
            points = self._points.get(tag)
            if points is None:
                if len(self._points) >= MAX_TAGS:
                    self._damage.add(_TOO_MANY_TAGS, offset)
                    continue
                points = self._points[tag] = (array("d"), array("d"), array("d"))
            points[0].append(event.step)
            points[1].append(event.wall_time)
            points[2].append(value)
        if event.others:
            self._others.update(event.others)

    def series(self, path: Path) -> SeriesSet:
        """The curves so far; a log that was started again, or whose steps go back, keeps all its points.

        Raises:
            DamagedError: no record can be found.
            UnsupportedError: the records hold something other than events.
        """
        frames = self._frames
        if frames.looks_wrong():
            raise DamagedError(path, "a TensorBoard event file", f"no record in {frames.taken:,} bytes")
        if frames.records and not self._events:
            raise UnsupportedError(path, "TensorBoard events", "TFRecord records of another sort")
        curves = tuple(
            Series(tag=tag, steps=_copied(steps), values=_copied(values), times=_where_known(_copied(times)))
            for tag, (steps, times, values) in self._points.items()
        )
        skipped = tuple(
            f"{count:,} {what if count == 1 else _PLURALS.get(what, f'{what}s')}"
            for what, count in self._others.items()
        )
        notes = (*frames.notes(), *self._damage.texts())
        return SeriesSet(series=curves, skipped=skipped, notes=notes if frames.taken else ("the file is empty",))


def _copied(numbers: array[float]) -> FloatArray:
    """A copy: an array that lends its memory to numpy could not grow."""
    return np.frombuffer(numbers, np.float64).copy()


def _where_known(times: FloatArray) -> FloatArray | None:
    return None if np.isnan(times).all() else times


_follower = SeriesFollower(EventsParser, text=False)


def series(path: Path, pulse: Pulse) -> SeriesSet:
    """Every scalar of an event file by its tag.

    Raises:
        FileError: the file cannot be read, or holds no events.
        WorkCancelled: the pulse was cancelled.
    """
    return _follower.series(path, pulse)


def facts(path: Path, pulse: Pulse) -> MetricsFacts:
    """What an event file holds; raises as `series`."""
    return metrics_facts(path, CONTAINER, series(path, pulse))

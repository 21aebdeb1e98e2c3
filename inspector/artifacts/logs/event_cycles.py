"""The quickest way through event files: a training loop logs the same tags in the same order again and again.

Some records that stood one behind the other, each of its own tag, are kept as a cycle: what stands in them byte by
byte, but for times, steps, numbers and checksums. Where the file goes on with the same cycle, many turns of it are a
table whose rows are turns, and whose columns are read as they stand. Every turn is compared with the cycle in all
other bytes, and every record with its checksum; the first turn that differs is left to the ways that read any file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inspector.artifacts.logs.crc32c import Uint32Array, unmasked_array
from inspector.artifacts.logs.event_forms import Points
from inspector.artifacts.logs.event_shapes import Shape, changes, numbers_of, shape_of, steps_of
from inspector.artifacts.logs.event_wire import EventReader
from inspector.artifacts.logs.tfrecord import HEADER_BYTES, Bytes, Records
from inspector.core.arrays import FloatArray, IntArray

FEWEST_RECORDS = 1_000
"""A cycle is looked for in a piece of a file with as many records, in the last of them."""

_SEEN_RECORDS = 512
_MAX_BYTES = 8 * 1024
"""Of a turn: with longer ones too few turns stand in a piece of a file to be worth it."""

FEWEST_TURNS = 128
"""Fewer are read the other ways, which take less for each call."""

_COMPARED_BYTES = 128 * 1024


class _Member(NamedTuple):
    """One record of a cycle.

    Attributes:
        data: its event.
        tags: numbers of the tags of its numbers.
        frame: the record as it stands in the file.
    """

    data: bytes
    shape: Shape
    tags: list[int]
    frame: bytes


class TagPoints(NamedTuple):
    """Points of one tag: (points,) float64 each."""

    tag: int
    steps: FloatArray
    times: FloatArray
    values: FloatArray


class _Alike(NamedTuple):
    """The members of one shape, which are read together.

    Attributes:
        begins: where in a turn the event of each begins.
        checks: (members, 1) uint32, of each with zeros for what differs.
        tags: of each, those of its numbers.
    """

    shape: Shape
    begins: list[int]
    checks: Uint32Array
    tags: list[list[int]]


class Cycle:
    """Records that are expected again in the same order.

    Attributes:
        bytes: of one turn.
        records: in one turn.
    """

    def __init__(self, members: Sequence[_Member]) -> None:
        self.records = len(members)
        frames = [member.frame for member in members]
        self.bytes = sum(map(len, frames))
        begins = accumulate(map(len, frames), initial=HEADER_BYTES)
        by_shape: dict[Shape, list[tuple[int, _Member]]] = {}
        for begin, member in zip(begins, members, strict=False):
            by_shape.setdefault(member.shape, []).append((begin, member))
        self._groups = [
            _Alike(
                shape,
                [begin for begin, _ in of_shape],
                np.array([[shape.bare_check(member.data)] for _, member in of_shape], np.uint32),
                [member.tags for _, member in of_shape],
            )
            for shape, of_shape in by_shape.items()
        ]
        self._mask = np.concatenate([_frame_mask(member.shape) for member in members])
        self._turn = np.frombuffer(b"".join(frames), np.uint8) & self._mask

    def read(self, data: Bytes) -> tuple[int, list[TagPoints]]:
        """How many turns stand at the begin of some bytes, and their points."""
        table = data[: len(data) // self.bytes * self.bytes].reshape(-1, self.bytes)
        turns = self._alike(table)
        found: list[TagPoints] = []
        if turns < FEWEST_TURNS:
            return 0, found
        for group in self._groups:
            turns = min(turns, _read(group, table[:turns], found))
            if not turns:
                return 0, []
        if turns < max(len(one.values) for one in found):
            found = [TagPoints(one.tag, *(column[:turns] for column in one[1:])) for one in found]
        return turns, found

    def _alike(self, table: npt.NDArray[np.uint8]) -> int:
        """How many turns, from the first on, are the cycle in all bytes that do not differ from turn to turn."""
        size = max(1, _COMPARED_BYTES // self.bytes)
        for first in range(0, len(table), size):
            alike = ((table[first : first + size] & self._mask) == self._turn).all(axis=1)
            if not alike.all():
                return first + int(alike.argmin())
        return len(table)


def cycle_at_end(
    records: Records, found: Sequence[Points], reader: EventReader, tags: Mapping[str, int]
) -> Cycle | None:
    """The cycle that the last records may be a turn of: those since the last one's tag stood before it.

    None where there is no such turn, one of its records is not plain, or a tag stands twice in it.
    """
    count = len(records.starts)
    last = np.zeros(_SEEN_RECORDS, np.int64)
    for points in found:
        late = points.records >= count - _SEEN_RECORDS
        last[points.records[late] - count] = points.tags[late] + 1
    before = np.flatnonzero(last[:-1] == last[-1])
    size = len(last) - 1 - int(before[-1]) if len(before) else 0
    if not size or not last[-size:].all():
        return None
    members: list[_Member] = []
    seen: set[int] = set()
    for start, length in zip(records.starts[-size:].tolist(), records.lengths[-size:].tolist(), strict=True):
        frame = records.data[start - HEADER_BYTES : start + length + 4].tobytes()
        data = frame[HEADER_BYTES:-4]
        event = reader.read(data)
        shape = shape_of(data, event)
        its = [tags.get(scalar.tag, -1) for scalar in event.scalars]
        if shape is None or -1 in its or seen.intersection(its) or len(set(its)) < len(its):
            return None
        seen.update(its)
        members.append(_Member(data, shape, its, frame))
    cycle = Cycle(members)
    return cycle if cycle.bytes <= _MAX_BYTES else None


def _frame_mask(shape: Shape) -> npt.NDArray[np.uint8]:
    """The bits of a record that do not differ: all of its header, none of its checksum."""
    return np.concatenate([np.full(HEADER_BYTES, 0xFF, np.uint8), shape.mask(), np.zeros(4, np.uint8)])


def _read(group: _Alike, rows: npt.NDArray[np.uint8], found: list[TagPoints]) -> int:
    """Read the members of one shape of some turns; how many turns, from the first on, agree with their checksums."""
    shape = group.shape
    columns = [_columns(rows, group.begins, place, width) for place, width in shape.spans]
    computed = np.zeros(columns[0].size, np.uint32)
    for column, (place, width) in zip(columns, shape.spans, strict=True):
        computed ^= changes(column.ravel(), width, shape.length - place)
    stored = unmasked_array(_columns(rows, group.begins, shape.length, 4).astype(np.uint32))
    wrong = (stored ^ computed.reshape(stored.shape)) != group.checks
    times = columns.pop(0).view("<f8")
    steps = steps_of(columns.pop(0), shape.step_bytes) if shape.step_bytes else np.zeros(times.shape)
    for index, (column, (_, dtype)) in enumerate(zip(columns, shape.numbers, strict=True)):
        values = numbers_of(column, dtype)
        found.extend(TagPoints(tags[index], *one) for tags, *one in zip(group.tags, steps, times, values, strict=True))
    return int(wrong.any(axis=0).argmax()) if wrong.any() else len(rows)


def _columns(rows: npt.NDArray[np.uint8], begins: list[int], place: int, width: int) -> IntArray:
    """Bytes of several members of every turn as whole numbers, little end first: (members, turns) int64."""
    columns = np.zeros((len(begins), len(rows)), np.uint64)
    for row, begin in enumerate(begins):
        done = 0
        while done < width:  # in words as large as they are: a step may have three bytes
            size = 1 << (min(width - done, 8).bit_length() - 1)
            # the rows are one piece of memory, so a column can be seen as numbers where it stands
            seen = np.ndarray(len(rows), f"<u{size}", rows, begin + place + done, rows.strides[:1])
            if size == width:
                columns[row] = seen
            else:
                columns[row] |= seen.astype(np.uint64) << np.uint64(8 * done)
            done += size
    return columns.view(np.int64)

"""What a record of a `.wandb` file says, read field by field.

Source: wandb/proto/wandb_internal.proto of the wandb client (the numbers of messages and fields).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from inspector.artifacts.logs.protobuf import BYTES, FIXED64, VARINT, Field, expect, fields, inner, signed, text

HISTORY, CONFIG, STATS, RUN, EXIT = 2, 5, 7, 17, 18

_KEY, _NESTED_KEY, _VALUE_JSON = 1, 2, 16
_DOUBLE = struct.Struct("<d")


class Item(NamedTuple):
    """One named value: the keys that lead to it joined by dots, where its JSON begins in the record, and that JSON."""

    name: str
    start: int
    json: bytes


@dataclass(slots=True)
class Record:
    """One record, as far as it says something of the run.

    Attributes:
        kind: the number of its message (`HISTORY`, `STATS`, ...); 0 where it is none of those that are read.
        items: of history, system figures or settings.
        step: of history, None where the record has none.
        time: seconds since 1970, of system figures.
        started: seconds since 1970, of a run.
        exit_code: of an exit.
    """

    kind: int = 0
    items: list[Item] = field(default_factory=list)
    step: int | None = None
    time: float | None = None
    started: float | None = None
    exit_code: int | None = None


def record_of(data: bytes) -> Record:
    """One record.

    Raises:
        WireError: these bytes are no record.
    """
    record = Record()
    for part in fields(data, 0, len(data)):
        reader = _READERS.get(part.number)
        if reader is not None and part.wire == BYTES:
            record.kind = part.number
            reader(data, part, record)
    return record


def key_of(data: bytes, start: int, end: int) -> str:
    """The name that the key fields between two places make.

    Raises:
        WireError: other fields are there.
    """
    keys = [part for part in fields(data, start, end) if part.number in (_KEY, _NESTED_KEY)]
    return _joined(data, keys)


def _joined(data: bytes, keys: list[Field]) -> str:
    nested = [key for key in keys if key.number == _NESTED_KEY]
    return ".".join(text(data, key) for key in nested or keys)


def _items(data: bytes, part: Field) -> Iterator[Item]:
    keys: list[Field] = []
    value: Field | None = None
    for one in inner(data, part):
        if one.number in (_KEY, _NESTED_KEY):
            keys.append(one)
        elif one.number in _VALUES:
            value = one
    if value is not None and keys:
        yield Item(_joined(data, keys), value.start, _VALUES[value.number](data, value))


def _json(data: bytes, value: Field) -> bytes:
    expect(value, BYTES)
    return data[value.start : value.end]


def _none(_data: bytes, _value: Field) -> bytes:
    return b"null"


def _boolean(_data: bytes, value: Field) -> bytes:
    expect(value, VARINT)
    return b"true" if value.start else b"false"


def _integer(_data: bytes, value: Field) -> bytes:
    expect(value, VARINT)
    return str((value.start >> 1) ^ -(value.start & 1)).encode()  # sint64 is zigzag


def _number(data: bytes, value: Field) -> bytes:
    expect(value, FIXED64)
    return json.dumps(_DOUBLE.unpack_from(data, value.start)[0]).encode()


def _text(data: bytes, value: Field) -> bytes:
    return json.dumps(text(data, value)).encode("utf-8", "surrogatepass")


_VALUES: dict[int, Callable[[bytes, Field], bytes]] = {
    3: _none,
    4: _boolean,
    5: _integer,
    6: _number,
    7: _text,
    8: _json,
    _VALUE_JSON: _json,
}
"""A value is JSON, or of a type of its own, which later versions may write."""


def _history(data: bytes, part: Field, record: Record) -> None:
    for one in inner(data, part):
        if one.number == 1:
            record.items.extend(_items(data, one))
        elif one.number == 2:
            record.step = 0  # protobuf leaves a zero out
            for number in inner(data, one):
                if number.number == 1 and number.wire == VARINT:
                    record.step = signed(number.start)


def _updates(data: bytes, part: Field, record: Record) -> None:
    for one in inner(data, part):
        if one.number == 1:
            record.items.extend(_items(data, one))


def _stats(data: bytes, part: Field, record: Record) -> None:
    for one in inner(data, part):
        if one.number == 2:
            record.time = _moment(data, one)
        elif one.number == 3:
            record.items.extend(_items(data, one))


def _run(data: bytes, part: Field, record: Record) -> None:
    for one in inner(data, part):
        if one.number == 4:
            _updates(data, one, record)
        elif one.number == 17:
            record.started = _moment(data, one)


def _exit(data: bytes, part: Field, record: Record) -> None:
    record.exit_code = 0
    for one in inner(data, part):
        if one.number == 1 and one.wire == VARINT:
            record.exit_code = signed(one.start)


def _moment(data: bytes, part: Field) -> float:
    """Seconds since 1970 of a Timestamp."""
    seconds = 0.0
    for one in inner(data, part):
        if one.wire == VARINT:
            seconds += signed(one.start) * {1: 1.0, 2: 1e-9}.get(one.number, 0.0)
    return seconds


_READERS = {
    HISTORY: _history,
    CONFIG: _updates,
    STATS: _stats,
    RUN: _run,
    EXIT: _exit,
}

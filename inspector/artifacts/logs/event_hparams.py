"""Records of hyper-parameters in event files: what a session was started with, and what an experiment varies.

Source: tensorboard/plugins/hparams/{plugin_data,api}.proto, google/protobuf/struct.proto.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from inspector.artifacts.logs.protobuf import BYTES, FIXED64, VARINT, Field, expect, fields, inner, text

Value = float | str | bool | None

_DOUBLE = struct.Struct("<d")
_EXPERIMENT, _START, _END = 2, 3, 4
_STATUS = {0: "unknown", 1: "succeeded", 2: "failed", 3: "running"}
_NESTED = "…"
_EXACT = 2.0**53


class HparamsRecord(NamedTuple):
    """One record.

    Attributes:
        settings: the values that a session was started with, by name.
        others: what else it says, as it is shown: what an experiment varies, a session's group or how it ended.
    """

    settings: dict[str, Value]
    others: dict[str, str]


def hparams_record(data: bytes) -> HparamsRecord:
    """What a record says.

    Raises:
        WireError: the bytes are none.
    """
    found = HparamsRecord({}, {})
    for part in fields(data, 0, len(data)):
        if part.number == _EXPERIMENT:
            for field in inner(data, part):
                if field.number in (1, 6) and field.end > field.start:
                    found.others["description" if field.number == 1 else "experiment"] = text(data, field)
                elif field.number == 4:
                    name, domain = _varied(data, field)
                    found.others[name] = domain
        elif part.number == _START:
            for field in inner(data, part):
                if field.number == 1:
                    key, value = _entry(data, field)
                    found.settings[key] = value
                elif field.number == 4 and field.end > field.start:
                    found.others["group"] = text(data, field)
        elif part.number == _END:
            ended = [field.start for field in inner(data, part) if field.number == 1 and field.wire == VARINT]
            found.others["status"] = _STATUS.get(ended[0] if ended else 0, "unknown")
    return found


def shown_value(value: Value) -> str:
    """A value as it is shown."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return value if isinstance(value, str) else f"{value:.12g}"


def _entry(data: bytes, entry: Field) -> tuple[str, Value]:
    name: str = ""
    value: Value = None
    for field in inner(data, entry):
        if field.number == 1:
            name = text(data, field)
        elif field.number == 2:
            value = _value(data, field)
    return name, value


def _varied(data: bytes, info: Field) -> tuple[str, str]:
    """The name of a hyper-parameter, and the values or the range it is taken from."""
    name, values = "", []
    for field in inner(data, info):
        if field.number == 1:
            name = text(data, field)
        elif field.number == 5:  # a list of values
            values = [shown_value(_value(data, value)) for value in inner(data, field) if value.number == 1]
        elif field.number == 6:
            ends = [_DOUBLE.unpack_from(data, end.start)[0] for end in inner(data, field) if end.wire == FIXED64]
            values = [" to ".join(f"{end:g}" for end in ends)]
    return name, ", ".join(values)


def _value(data: bytes, value: Field) -> Value:
    """A number, whole where it may be as the format has one sort, a text or a truth value; what nests is hinted at."""
    for field in inner(data, value):
        if field.number == 2:
            expect(field, FIXED64)
            number: float = _DOUBLE.unpack_from(data, field.start)[0]
            return int(number) if number.is_integer() and abs(number) < _EXACT else number
        if field.number == 3:
            expect(field, BYTES)
            return text(data, field)
        if field.number == 4:
            expect(field, VARINT)
            return bool(field.start)
        if field.number in (5, 6):
            return _NESTED
    return None

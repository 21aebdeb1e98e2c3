"""The metric record: one JSON object a line, `{"step", "epoch", "time", "<name>": value, ...}`."""

from __future__ import annotations

from typing import Any

import msgspec

from inspector.formats.nonfinite import spelled, unspelled

STEP = "step"
EPOCH = "epoch"
TIME = "time"

EVENT = "event"
"""A record with this key tells what happened (resumed, edited, stopped), not a value."""

_decoder = msgspec.json.Decoder(dict[str, Any])


def encode_record(record: dict[str, Any]) -> bytes:
    """One line without its newline; non-finite floats spelled."""
    line = msgspec.json.encode(record)
    if b"null" not in line:  # what msgspec writes for a number that JSON does not have
        return line
    return msgspec.json.encode(
        {key: spelled(value) if isinstance(value, float) else value for key, value in record.items()}
    )


def decode_record(line: bytes) -> dict[str, Any]:
    """One record, spelled numbers as floats.

    Raises:
        msgspec.DecodeError: the line is not a JSON object.
    """
    return {key: unspelled(value) for key, value in _decoder.decode(line).items()}


def is_number(value: Any) -> bool:
    """Whether a record's value belongs to a curve (bool does not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)

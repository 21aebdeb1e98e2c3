"""Run files of W&B made byte by byte, and what W&B's own reader says of one."""

from __future__ import annotations

import json
import struct
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HEADER = b":W&B\xe1\xbe\x00"
BLOCK = 32768


def varint(value: int) -> bytes:
    """A whole number as protobuf writes it."""
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def part(number: int, data: bytes) -> bytes:
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def item(key: str, value: str, *, nested: bool = True) -> bytes:
    """A value of the history by its JSON; a nested key is cut at its dots."""
    keys = b"".join(part(2, name.encode()) for name in key.split(".")) if nested else part(1, key.encode())
    return part(1, keys + part(16, value.encode()))


def history(values: Mapping[str, str], step: int | None = None, *, nested: bool = True) -> bytes:
    """A record of the history: JSON by key."""
    inner = b"".join(item(key, value, nested=nested) for key, value in values.items())
    if step is not None:
        inner += part(2, b"\x08" + varint(step) if step else b"")
    return part(2, inner)


def framed(records: Iterable[bytes], offset: int = 0) -> bytes:
    """A run file of these records, or what they add to one of so many bytes."""
    out = bytearray(b"" if offset else HEADER)
    for record in records:
        rest, first = record, True
        while True:
            room = BLOCK - (offset + len(out)) % BLOCK
            if room < 7:
                out += bytes(room)
                continue
            chunk, rest = rest[: room - 7], rest[room - 7 :]
            kind = (2 if rest else 1) if first else (3 if rest else 4)
            out += struct.pack("<IHB", zlib.crc32(chunk, zlib.crc32(bytes((kind,)))), len(chunk), kind) + chunk
            first = False
            if not rest:
                break
    return bytes(out)


def told_by_wandb(path: Path, folder: Path) -> list[dict[str, Any]] | None:
    """Every record of a run file as W&B's own program prints it; None where it does not read the file."""
    found = find_spec("wandb")
    if found is None or not found.submodule_search_locations:
        pytest.skip("wandb is not installed")
    core = Path(found.submodule_search_locations[0]) / "bin" / "wandb-core"
    if not core.exists():
        pytest.skip("this build of wandb brings no program to read run files")
    command = [str(core), "leet", "inspect", "-json", "-no-observability", "-run-file", str(path)]
    places = {"HOME": str(folder), "WANDB_DIR": str(folder), "WANDB_CONFIG_DIR": str(folder), "WANDB_MODE": "offline"}
    answer = subprocess.run(command, capture_output=True, timeout=60, env=places, check=False)
    records = [json.loads(line) for line in answer.stdout.splitlines()]
    return records if records or not answer.returncode else None

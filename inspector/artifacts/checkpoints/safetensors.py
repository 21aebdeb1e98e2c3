"""safetensors: a length, a JSON header, and the bytes of all tensors without holes.

Source: safetensors/README.md (format) and safetensors/src/tensor.rs (`Metadata::validate`).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.checkpoints.listing import NOT_READ, Listed, Lister
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.reading_limits import GENEROUS, READ_ON, limits_of
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, SAFETENSORS_DTYPES
from inspector.artifacts.tensors.tensor_roles import role_of
from inspector.artifacts.tensors.windows import (
    LONGEST_AXIS,
    MAX_AXES,
    TensorWindow,
    Unreadable,
    contiguous_strides,
    storage_at,
)
from inspector.core.errors import DamagedError, LimitError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean
from inspector.formats.facts import TensorFacts

LENGTH_BYTES = 8
METADATA = "__metadata__"
_BEAT_TENSORS = 1000


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a safetensors file.

    Raises:
        DamagedError: the header is not one, or its tensors leave holes, overlap or end before the file does.
        LimitError: the header is longer than the format allows.
    """
    lister = Lister(file.path, file.identity, lambda _node: NOT_READ, notes, pulse)
    length = _header_bytes(file)
    if length > (most := limits_of(pulse).header_bytes):
        notes.limit(f"its header has {length:,} bytes, and at most {most:,} are read unasked; {READ_ON}")
        return Listed(lister, ())
    data_start, header = LENGTH_BYTES + length, _header(file, length)
    for i, (key, value) in enumerate(header.pop(METADATA, {}).items()):
        if i % _BEAT_TENSORS == 0:
            pulse.beat(i, 0, "listing metadata")
        if isinstance(value, str):
            lister.add_object(f"{METADATA}.{cut(key, 1024)}", cut(value))
        else:
            notes.add(f"{METADATA}.{cut(key, 80)} is not text, as the format wants it")
    covered: list[tuple[int, int, str]] = []
    for i, (name, entry) in enumerate(header.items()):
        if i % _BEAT_TENSORS == 0:
            pulse.beat(i, len(header), "listing tensors")
        covered.append(_add(file, lister, clean(name), entry, data_start))
    _check_cover(file, covered, file.size - data_start, notes)
    return Listed(lister, ())


def _header_bytes(file: ReadableFile) -> int:
    """How long the header is, in a file that is long enough for it."""
    length = int.from_bytes(file.read(0, LENGTH_BYTES), "little")
    if file.size < LENGTH_BYTES or length > file.size - LENGTH_BYTES:
        found = f"{max(0, file.size - LENGTH_BYTES):,} bytes"
        raise DamagedError(file.path, f"a safetensors header of {length:,} bytes", found, "the file was cut off")
    if length > GENEROUS.header_bytes:
        most = f"{GENEROUS.header_bytes:,}"
        raise LimitError(
            file.path, f"a safetensors header of at most {most} bytes, as the format allows", f"{length:,}"
        )
    return length


def _header(file: ReadableFile, length: int) -> dict[str, Any]:
    """The header as the file wrote it, tensors in order of their offsets."""
    text = file.read(LENGTH_BYTES, length)
    try:
        # Python itself refuses numbers of more than 4,300 digits.
        header = json.loads(text.decode(), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise DamagedError(file.path, "a safetensors header in JSON", str(error)) from error
    if not isinstance(header, dict) or not text.startswith(b"{") or not isinstance(header.get(METADATA, {}), dict):
        raise DamagedError(file.path, "a safetensors header that is a JSON object", "another value")
    return header


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        name = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {cut(name, 80)} twice")
    return found


def _add(file: ReadableFile, lister: Lister, name: str, entry: Any, data_start: int) -> tuple[int, int, str]:
    """Record one tensor; the bytes it covers."""
    kind, shape, start, end = _entry(file, name, entry)
    dtype = SAFETENSORS_DTYPES.get(kind, kind)
    item_bytes = ITEM_BYTES.get(dtype, 0)
    needed = math.prod(shape) * item_bytes
    if item_bytes and needed != end - start:
        raise DamagedError(file.path, f"{needed:,} bytes for {cut(name, 200)}", f"{end - start:,}")
    role = role_of(name, dtype, parameter=None, keyed=True)
    lister.tensors.append(TensorFacts(name=name, shape=shape, dtype=dtype, bytes=end - start, role=role))
    lister.windows[name] = (
        TensorWindow(
            path=file.path,
            identity=file.identity,
            name=name,
            dtype=dtype,
            shape=shape,
            strides=contiguous_strides(shape),
            offset=0,
            item_bytes=item_bytes,
            storage=storage_at(file, data_start + start, end - start),
        )
        if item_bytes and data_start + end <= file.size
        else Unreadable(
            f"is cut off: its bytes end at byte {max(0, file.size - data_start - start):,} of {end - start:,}", "lost"
        )
        if item_bytes
        else Unreadable(f"has elements of a type that is not read, {cut(kind, 40)}", "unread")
    )
    return start, end, name


def _entry(file: ReadableFile, name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """The type, shape and first and last byte of a tensor, checked."""
    try:
        kind, shape, (start, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
    except (TypeError, KeyError, ValueError):
        kind, shape, start, end = None, (), 0, 0
    numbers = (*shape, start, end)
    if (
        not isinstance(kind, str)
        or len(shape) > MAX_AXES
        or any(type(n) is not int or not 0 <= n < LONGEST_AXIS for n in numbers)
        or start > end
    ):
        raise DamagedError(file.path, f"dtype, shape and data_offsets of {cut(name, 200)}", "something else")
    return kind, shape, start, end


def _check_cover(file: ReadableFile, covered: list[tuple[int, int, str]], size: int, notes: Notes) -> None:
    """Every byte belongs to exactly one tensor: nothing can hide between them."""
    place = 0
    for start, end, name in sorted(covered):
        if start != place:
            what = "a hole" if start > place else "bytes that another tensor has too"
            raise DamagedError(file.path, f"{cut(name, 200)} to follow the tensor before it", what)
        place = end
    if place > size:
        whole = sum(end <= size for _, end, _ in covered)
        notes.add(
            f"{whole:,} of {len(covered):,} tensors are whole: the file ends at byte {file.size:,} where "
            f"{place - size:,} more are needed; it was cut off while it was written or copied"
        )
    if place < size:
        raise DamagedError(file.path, f"{place:,} bytes of tensors", f"{size:,}, which no tensor covers")

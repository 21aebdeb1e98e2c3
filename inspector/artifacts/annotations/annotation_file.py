"""Files of points, told from other text and read, whichever of the known forms they have."""

from __future__ import annotations

import dataclasses
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from inspector.artifacts.annotations import coco, fsc147, records
from inspector.artifacts.annotations.forms import (
    COCO,
    COCO_RESULTS,
    FSC147,
    LINES,
    RECORDS,
    TABLE,
    container_of,
    records_of,
    rows_of,
)  # fmt: skip
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.identity import Identity, identity_of, is_settled, stamp_of
from inspector.artifacts.sniff_json import parsed_as_far
from inspector.artifacts.text_encoding import encoding_of, without_mark
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.annotated_images import AnnotatedImages

MAX_BYTES = 1 << 30
"""A document is parsed as a whole; the keypoints of all of COCO take a quarter of this."""

_BEAT_EVERY = 1_000

HEAD_BYTES = 1 << 16
"""The beginning, which tells the form."""

_TORN = "the file breaks off, what is whole was read"


class _CocoImage(TypedDict, total=False):
    id: Any
    file_name: Any
    height: Any
    width: Any


class _CocoEntry(TypedDict, total=False):
    image_id: Any
    keypoints: Any
    score: Any


class _CocoCategory(TypedDict, total=False):
    keypoints: Any


class _Coco(TypedDict, total=False):
    images: list[_CocoImage]
    annotations: list[_CocoEntry]
    categories: list[_CocoCategory]


class _Fsc147Entry(TypedDict, total=False):
    points: Any
    H: Any
    W: Any
    ratio_h: Any
    ratio_w: Any


_NEEDED: dict[str, Any] = {COCO: _Coco, COCO_RESULTS: list[_CocoEntry], FSC147: dict[str, _Fsc147Entry]}
"""What of a document is kept in memory; outlines and boxes are most of it."""


_KEPT = 2
"""Files that stay in memory: one of predictions, and that of its truth, which those of other epochs share."""

_known: OrderedDict[Path, tuple[Identity, AnnotatedImages, str]] = OrderedDict()


def annotated_images(path: Path, pulse: Pulse) -> tuple[AnnotatedImages, str]:
    """The points of a file, and which form it has; those that were read last are not read again.

    Args:
        path: of the file.
        pulse: of this work.

    Raises:
        FileError: it cannot be read, or holds no points.
        WorkCancelled: the pulse says so.
    """
    stamp, known = stamp_of(path), _known.pop(path, None)
    if known is None or known[0] != stamp:
        known = (stamp or identity_of(path), *_read(path, pulse))
    while len(_known) >= _KEPT:
        _known.popitem(last=False)
    if is_settled(known[0]):
        _known[path] = known
    return known[1], known[2]


def _read(path: Path, pulse: Pulse) -> tuple[AnnotatedImages, str]:
    with ByteFile(path) as file:
        if file.size > MAX_BYTES:
            raise LimitError(path, f"points in a file of at most {bytes_text(MAX_BYTES)}", bytes_text(file.size))
        data = file.read(0, file.size)
    pulse.beat(what=f"reading {path.name}")
    head = data[:HEAD_BYTES]
    container = container_of(text_of(head), path.name, whole=len(head) == len(data))
    if not container:
        raise UnsupportedError(path, "points in a known form", "none")
    parse = {LINES: _lines, TABLE: _table}.get(container, _document)
    content, torn = parse(data, container, pulse)
    pulse.beat(what=f"reading {path.name}")
    found = _READERS[container](content, path, pulse)
    return (dataclasses.replace(found, notes=(_TORN, *found.notes)) if torn else found), container


def _document(data: bytes, container: str, _pulse: Pulse) -> tuple[Any, bool]:
    """What is needed of a document, and whether its end is missing."""
    try:
        return msgspec.json.decode(data, type=_NEEDED.get(container, Any)), False
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    text = text_of(data)
    try:  # the standard library takes NaN, and entries of any kind
        return json.loads(text), False
    except (ValueError, RecursionError):
        return parsed_as_far(text), True


def _lines(data: bytes, _container: str, pulse: Pulse) -> tuple[list[Any], bool]:
    found, torn = [], False
    for number, line in enumerate(text_of(data).splitlines()):
        if number % _BEAT_EVERY == 0:
            pulse.beat(what="reading lines")
        if not line.strip():
            continue
        try:
            found.append(_line(line))
        except (ValueError, RecursionError):
            torn = True
    return [record for record in found if isinstance(record, dict)], torn


def _line(line: str) -> Any:
    try:  # five times as fast
        return msgspec.json.decode(line)
    except msgspec.DecodeError:  # NaN, among others
        return json.loads(line)


def _table(data: bytes, _container: str, pulse: Pulse) -> tuple[list[dict[str, Any]], bool]:
    return rows_of(text_of(data), pulse), False


def text_of(data: bytes) -> str:
    """A file, or its beginning, as text."""
    return without_mark(data.decode(encoding_of(data), "replace"))


def _of_coco_results(document: Any, path: Path, pulse: Pulse) -> AnnotatedImages:
    if not isinstance(document, Sequence):
        raise DamagedError(path, "a list of COCO results", "something else")
    return coco.predicted(document, pulse)


def _of_mapping(
    read: Callable[[Mapping[str, Any], Path, Pulse], AnnotatedImages],
) -> Callable[[Any, Path, Pulse], AnnotatedImages]:
    def of_mapping(document: Any, path: Path, pulse: Pulse) -> AnnotatedImages:
        if not isinstance(document, Mapping):
            raise DamagedError(path, "annotations in JSON", "nothing whole")
        return read(document, path, pulse)

    return of_mapping


def _of_records(content: Any, path: Path, pulse: Pulse) -> AnnotatedImages:
    return records.annotated(records_of(content), path, pulse)


_READERS: dict[str, Callable[[Any, Path, Pulse], AnnotatedImages]] = {
    COCO: _of_mapping(coco.annotated),
    COCO_RESULTS: _of_coco_results,
    FSC147: _of_mapping(fsc147.annotated),
    RECORDS: _of_records,
    LINES: _of_records,
    TABLE: _of_records,
}

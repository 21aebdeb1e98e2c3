"""Files of points, told from other text and read, whichever of the known forms they have."""

from __future__ import annotations

import dataclasses
import json
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
from inspector.artifacts.sniff_json import parsed_as_far
from inspector.artifacts.text_encoding import encoding_of, without_mark
from inspector.core.errors import DamagedError, LimitError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.core.units import bytes_text
from inspector.formats.annotated_images import AnnotatedImages

MAX_BYTES = 1 << 30
"""A document is parsed as a whole; the keypoints of all of COCO take a quarter of this."""

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


def annotated_images(path: Path, pulse: Pulse) -> tuple[AnnotatedImages, str]:
    """The points of a file, and which form it has.

    Args:
        path: of the file.
        pulse: of this work.

    Raises:
        FileError: it cannot be read, or holds no points.
        WorkCancelled: the pulse says so.
    """
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
    content, torn = parse(data, container)
    pulse.beat(what=f"reading {path.name}")
    found = _READERS[container](content, path, pulse)
    return (dataclasses.replace(found, notes=(_TORN, *found.notes)) if torn else found), container


def _document(data: bytes, container: str) -> tuple[Any, bool]:
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


def _lines(data: bytes, _container: str) -> tuple[list[Any], bool]:
    found, torn = [], False
    for line in text_of(data).splitlines():
        if not line.strip():
            continue
        try:
            found.append(json.loads(line))
        except (ValueError, RecursionError):
            torn = True
    return [record for record in found if isinstance(record, dict)], torn


def _table(data: bytes, _container: str) -> tuple[list[dict[str, Any]], bool]:
    return rows_of(text_of(data)), False


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

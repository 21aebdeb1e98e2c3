"""The forms that files of points have, told from other documents and tables without numpy."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import PurePath
from typing import Any

from inspector.artifacts.annotations.logged_rows import is_table, records_of_table
from inspector.artifacts.annotations.record_fields import fields_of
from inspector.artifacts.picture_folders import is_picture
from inspector.artifacts.sniff_json import parsed, parsed_as_far
from inspector.core.pulse import QUIET, Pulse

COCO, COCO_RESULTS, FSC147 = "coco", "coco-results", "fsc147"
RECORDS, LINES, TABLE = "point-records", "point-lines", "point-table"
FORMS = frozenset((COCO, COCO_RESULTS, FSC147, RECORDS, LINES, TABLE))

_BEAT_EVERY = 1_000
_PICTURE_LINE = re.compile(r"(\S+)\t[^\t]+")

LOOKED_AT = 50
"""So many records tell what their fields are."""

_FSC147_ALONE = frozenset(("box_examples_coordinates", "box_examples_path", "density_path", "ratio_h", "img_path"))
_KEYPOINTS = "keypoints"
_LISTS = ("predictions", "results", "samples", "records", "data", "items", "annotations")
"""Under what name a document may keep its list of records."""


def holds_truth_alone(text: str, name: str, *, whole: bool) -> bool:
    """Whether a file holds true points and no predicted ones; its arguments as of `container_of`."""
    container = container_of(text, name, whole=whole)
    if container in (COCO, FSC147):
        return True
    lines = [line for line in text.split("\n") if line.strip()]
    records: list[dict[str, Any]] = []
    if container == RECORDS:
        records = records_of(parsed(text) if whole else parsed_as_far(text))
    elif container == LINES:
        records = [record for record in map(parsed, lines[:LOOKED_AT]) if isinstance(record, dict)]
    elif container == TABLE:
        records = rows_of("\n".join(lines if whole else lines[:-1]))
    fields = fields_of(records[:LOOKED_AT], name)
    return fields is not None and fields.truth is not None and fields.predicted is None


def container_of(text: str, name: str, *, whole: bool) -> str:
    """Which form a file of points has; empty where it holds none.

    Args:
        text: its beginning.
        name: of the file.
        whole: whether that is all of it.
    """
    lines = [line for line in (text.split("\n") if whole else text.split("\n")[:-1]) if line.strip()]
    if not text.lstrip().startswith(("{", "[")):
        return table_container("\n".join(lines), name)
    first = parsed(lines[0]) if lines else None
    if isinstance(first, dict) and (len(lines) > 1 or PurePath(name).suffix.lower() != ".json"):
        found = line_container(first, name)
        if found:
            return found
    document = parsed(text) if whole else None
    return json_container(parsed_as_far(text) if document is None else document, name)


def json_container(document: Any, name: str) -> str:
    """Which form a parsed document, or its beginning, has; empty where it holds no points.

    Args:
        document: parsed JSON.
        name: of the file.
    """
    if _is_coco(document):
        return COCO
    if _is_coco_results(document):
        return COCO_RESULTS
    if _is_fsc147(document):
        return FSC147
    found = records_of(document)[:LOOKED_AT]
    return RECORDS if found and fields_of(found, name) else ""


def line_container(first: Any, name: str) -> str:
    """Whether the first of lines of JSON is a record with points; empty where it is none."""
    return LINES if isinstance(first, dict) and fields_of([first], name) else ""


def table_container(text: str, name: str) -> str:
    """Whether the first lines of a table have columns of points; empty where they have none."""
    found = rows_of(text)[:LOOKED_AT]
    return TABLE if found and fields_of(found, name) else ""


def _is_coco(document: Any) -> bool:
    """Whether a parsed document, or its beginning, holds COCO annotations with keypoints."""
    if not isinstance(document, dict) or not isinstance(document.get("images"), list):
        return False
    annotations = document.get("annotations")
    if annotations is None:
        # Of a large file the beginning is known, in which only images are listed.
        images = document["images"][:1]
        return bool(images) and isinstance(images[0], dict) and {"id", "file_name"} <= set(images[0])
    return isinstance(annotations, list) and any(map(_has_keypoints, annotations[:100]))


def _is_coco_results(document: Any) -> bool:
    """Whether a parsed document, or its beginning, is a list of COCO results with keypoints."""
    return isinstance(document, list) and bool(document) and _has_keypoints(document[0]) and "image_id" in document[0]


def _has_keypoints(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get(_KEYPOINTS), list) and bool(entry[_KEYPOINTS])


def _is_fsc147(document: Any) -> bool:
    """Whether a parsed document, or its beginning, holds FSC-147: entries with `points` and what it alone has."""
    if not isinstance(document, dict) or not document:
        return False
    first = next(iter(document.values()))
    return isinstance(first, dict) and "points" in first and not _FSC147_ALONE.isdisjoint(first)


def holds_splits(document: Any) -> bool:
    """Whether a parsed document, or its beginning, lists the pictures of each split by their names, and no more."""
    lists = list(document.values()) if isinstance(document, dict) else []
    if not any(lists) or not all(isinstance(names, list) for names in lists):
        return False
    return all(isinstance(name, str) and is_picture(name) for names in lists for name in names[:LOOKED_AT])


def holds_classes(text: str) -> bool:
    """Whether the first lines of a text each name a picture and, behind a tab, a word for it."""
    lines = [line for line in text.split("\n")[:LOOKED_AT] if line.strip()]
    told = (_PICTURE_LINE.fullmatch(line.rstrip()) for line in lines)
    return bool(lines) and all(found is not None and is_picture(found[1]) for found in told)


def rows_of(text: str, pulse: Pulse = QUIET) -> list[dict[str, Any]]:
    """The rows of a table by the names of its header; cells are numbers where they can be."""
    header = text.partition("\n")[0]
    delimiter = max(",\t;", key=header.count)
    rows: list[dict[str, Any]] = []
    try:
        for row in csv.DictReader(io.StringIO(text.replace("\0", "")), delimiter=delimiter):
            if len(rows) % _BEAT_EVERY == 0:
                pulse.beat(what="reading rows")
            rows.append({name: _cell(cell) for name, cell in row.items() if name and isinstance(cell, str)})
    except csv.Error:
        return []
    return rows


_WORDS: dict[str, bool | None] = {"": None, "none": None, "null": None, "true": True, "false": False}
_LONGEST_WORD = max(map(len, _WORDS))


def _cell(cell: str) -> Any:
    cell = cell.strip()
    if len(cell) <= _LONGEST_WORD and (word := cell.lower()) in _WORDS:
        return _WORDS[word]
    for kind in (float,) if "." in cell else (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    if cell[:1] in "[(" and cell[-1:] in "])":
        try:
            return json.loads(cell.replace("(", "[").replace(")", "]"))
        except (ValueError, RecursionError):
            pass
    return cell


def records_of(document: Any) -> list[dict[str, Any]]:
    """The records of a document: its list, one under a usual name, the rows of a table, or its entries by image."""
    if is_table(document):
        return records_of_table(document)
    if isinstance(document, dict):
        for name in _LISTS:
            if isinstance(document.get(name), list):
                document = document[name]
                break
        else:
            return [
                {"image": name, **entry} if is_picture(name) else entry
                for name, entry in document.items()
                if isinstance(entry, dict)
            ]
    return [record for record in document if isinstance(record, dict)] if isinstance(document, list) else []

"""Points in records: rows of a table, lines of JSON, or a list of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.annotations.forms import LOOKED_AT
from inspector.artifacts.annotations.point_builder import PointBuilder
from inspector.artifacts.annotations.record_fields import PointField, RecordFields, fields_of, points_in
from inspector.artifacts.annotations.values import number
from inspector.core.arrays import FloatArray
from inspector.core.errors import DamagedError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.annotated_images import AnnotatedImages, PointLists

_BEAT_EVERY = 1_000
_NUMBERED = frozenset(("", "index", "sample"))
"""Names of the field that tells the image which only count; empty where there is none."""


def annotated(records: Sequence[Mapping[str, Any]], path: Path, pulse: Pulse) -> AnnotatedImages:
    """The points of all records; those of one image are one sample, unless a number tells them apart.

    Args:
        records: parsed values by field, or cells of a table as numbers and texts.
        path: of the file.
        pulse: of this work.

    Raises:
        DamagedError: no field holds points.
        WorkCancelled: the pulse says so.
    """
    fields = fields_of(records[:LOOKED_AT], path.name)
    if fields is None:
        raise DamagedError(path, "records with points", "no field that holds any")
    notes = Notes()
    samples = _samples(records, fields)
    count = max(samples, default=-1) + 1
    firsts = [records[index] for index in np.unique(samples, return_index=True)[1].tolist()]
    sides: list[PointLists | None] = []
    for side in (fields.truth, fields.predicted, fields.marked):
        builder = PointBuilder()
        for index, (sample, record) in enumerate(zip(samples, records, strict=True)):
            if index % _BEAT_EVERY == 0:
                pulse.beat(index, len(records), "reading points")
            if side is not None:
                _add(builder, sample, record, side, fields.confidence, notes)
        sides.append(builder.lists(count) if side is not None else None)
    numbers = {
        name: column
        for name in dict.fromkeys(itertools.chain.from_iterable(firsts[:LOOKED_AT]))
        if name not in fields.named and np.isfinite(column := _column(firsts, name)).any()
    }
    texts = {
        name: words
        for name in dict.fromkeys(itertools.chain.from_iterable(firsts[:LOOKED_AT]))
        if name not in fields.named and name not in numbers and any(words := _texts(firsts, name))
    }
    images = tuple(_name(record, fields, place) for place, record in enumerate(firsts))
    repeated = len(set(images)) < len(images)
    files = _texts(firsts, fields.file) if fields.file else images if repeated else ()
    return AnnotatedImages(
        names=tuple(map(partial(_told_apart, fields), images, firsts)) if repeated else images,
        numbered=fields.image.lower() in _NUMBERED,
        sizes=np.stack([_column(firsts, fields.height), _column(firsts, fields.width)], axis=1),
        truth=sides[0],
        predicted=sides[1],
        marked=sides[2],
        truth_done=_column(firsts, fields.truth_done) if fields.truth_done else None,
        predicted_done=_column(firsts, fields.predicted_done) if fields.predicted_done else None,
        files=files,
        numbers=numbers,
        texts=texts,
        notes=notes.texts(),
    )


def _samples(records: Sequence[Mapping[str, Any]], fields: RecordFields) -> list[int]:
    """Which sample each record belongs to, numbered as they come."""
    if not fields.image:
        return list(range(len(records)))
    known: dict[tuple[str, str], int] = {}
    return [
        known.setdefault((str(record.get(fields.image)), str(record.get(fields.ordinal))), len(known))
        for record in records
    ]


def _add(
    points: PointBuilder, sample: int, record: Mapping[str, Any], side: PointField, confidence: str, notes: Notes
) -> None:
    if side.y:
        found = [(number(record.get(side.x)), number(record.get(side.y)), math.nan)]
        # A row that leaves both empty has no point of this side: a prediction that was spurious, an object missed.
        found = [] if all(map(math.isnan, found[0][:2])) else found
    elif record.get(side.x) in (None, "", []):
        found = []
    else:
        found = points_in(record[side.x]) or []
        if not found:
            notes.add(f"Some values of {side.x[:100]} are no points and are left out")
    said = record.get(confidence)
    each = said if isinstance(said, list) and len(said) == len(found) else [said] * len(found)
    for (x, y, own), its in zip(found, each, strict=True):
        first, second = (y, x) if side.is_yx else (x, y)
        points.add(sample, first, second, number(its) if math.isnan(own) else own)


def _column(records: Sequence[Mapping[str, Any]], name: str) -> FloatArray:
    """A field of each record as numbers; true counts 1, false 0."""
    values = (record.get(name) if name else None for record in records)
    return np.array([float(value) if isinstance(value, bool) else number(value) for value in values], np.float64)


def _texts(records: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    """A field of each record as text, empty where it is none."""
    return tuple(value if isinstance(value := record.get(name), str) else "" for record in records)


def _name(record: Mapping[str, Any], fields: RecordFields, place: int) -> str:
    return str(record.get(fields.image, place)) if fields.image else str(place)


def _told_apart(fields: RecordFields, image: str, record: Mapping[str, Any]) -> str:
    """What one of several samples of an image is called: `2.jpg, k 3`."""
    return f"{image}, {fields.ordinal} {record.get(fields.ordinal)}"

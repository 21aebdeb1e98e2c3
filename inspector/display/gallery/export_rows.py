"""Samples written into a file as a table: CSV, or a JSON document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from inspector.artifacts.dumps.dump import opened
from inspector.artifacts.dumps.points.all_points import Points
from inspector.artifacts.dumps.points.patterns import points_without_pattern
from inspector.artifacts.dumps.sample_pairs import sample_names
from inspector.artifacts.output import Output
from inspector.core.arrays import FloatArray
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Pulse
from inspector.display.gallery.export import SampleRowsAsk, TableForm
from inspector.display.gallery.order import Samples
from inspector.display.gallery.samples import prepare
from inspector.display.nearest import where_of
from inspector.formats.marks import UNMARKED
from inspector.formats.nonfinite import spelled, to_json
from inspector.formats.sample_export import OBJECT, SAMPLE, SCHEMA
from inspector.formats.sample_table import SampleTable
from inspector.formats.written import ExportedSamples

_SAMPLES = 256
_OBJECTS = 4_000
"""So many are written between two beats at most."""

_NO_OBJECT = [("",) * len(OBJECT)]
_NOTHING = np.zeros((0, len(OBJECT)))


class _Source(NamedTuple):
    """What is written: the ask, the numbers of all samples, what the dump calls them, and their points."""

    ask: SampleRowsAsk
    table: SampleTable
    keys: tuple[str, ...]
    points: Points | None
    notes: tuple[str, ...]


def export_rows(ask: SampleRowsAsk, descriptor: int, pulse: Pulse) -> ExportedSamples:
    """Write samples with their numbers and marks, and their points where those are asked for.

    Args:
        ask: which samples.
        descriptor: of the new file, open for writing; what is in it is dropped.
        pulse: of this work.

    Raises:
        FileError: the dump cannot be read.
        WorkCancelled: the pulse was cancelled.
        OSError: the disk is full.
    """
    source = _read(ask, pulse)
    output = Output(descriptor)
    objects = 0
    for rows, text in _WRITERS[ask.form](source, pulse):
        objects += rows
        output.write(text)
    pulse.beat(what=tr("writing to the disk"))
    output.finish()
    return ExportedSamples(samples=len(ask.samples), objects=objects, bytes=output.bytes, notes=source.notes)


def _read(ask: SampleRowsAsk, pulse: Pulse) -> _Source:
    table = whole_table(ask, pulse)
    dump = opened(Path(ask.numbers.path), pulse, generous=ask.numbers.generous)
    radius_px, undo = ask.numbers.radius_px, ask.numbers.undo
    points = points_without_pattern(dump, pulse, radius_px, undo=undo) if ask.objects else None
    there = tuple(sample for sample in ask.samples if 0 <= sample < table.samples)
    notes = [*table.notes, *(points.notes if points is not None else ())]
    if len(there) < len(ask.samples):
        lost = tr_counted(len(ask.samples) - len(there), "sample")
        notes.append(tr("{samples} are not in the dump any more").format(samples=lost))
    marks = tuple(mark for sample, mark in zip(ask.samples, ask.marks, strict=False) if 0 <= sample < table.samples)
    names = sample_names(dump)
    held = msgspec.structs.replace(ask, samples=there, marks=marks)
    return _Source(held, table, names if len(names) == table.samples else (), points, tuple(dict.fromkeys(notes)))


def whole_table(ask: SampleRowsAsk, pulse: Pulse) -> SampleTable:
    """The numbers of all samples; raises as `export_rows`."""
    scanned = -1
    while True:
        table = prepare(ask.numbers, pulse).table
        if table.whole or table.scanned <= scanned:
            return table
        scanned = table.scanned
        pulse.beat(scanned, table.samples, tr("reading samples"))


def _batches(source: _Source, pulse: Pulse) -> Iterator[Samples]:
    """The samples in turns, each of so many samples and objects at most."""
    samples = np.array(source.ask.samples, np.int64)
    points = source.points
    counts = np.ones(len(samples), np.int64) if points is None else np.diff(points.first)[samples]
    begin, objects = 0, 0
    for place, count in enumerate(counts.tolist()):
        if place - begin >= _SAMPLES or (objects + count > _OBJECTS and place > begin):
            yield samples[begin:place]
            pulse.beat(place, len(samples), tr("writing samples"))
            begin, objects = place, 0
        objects += count
    if begin < len(samples):
        yield samples[begin:]


def _facts(source: _Source, samples: Samples, place: int) -> Iterator[tuple[Any, ...]]:
    """The values of SAMPLE of each of some samples, the first of which is the `place`th that is written."""
    for number, sample in enumerate(samples.tolist(), place):
        kind = source.ask.marks[number] if number < len(source.ask.marks) else -1
        mark = source.ask.kinds[kind] if kind >= 0 else UNMARKED
        key = source.keys[sample] if source.keys else ""
        yield (sample + 1, sample, key, mark.flagged, mark.rejected, mark.tags, mark.note)


def _objects(points: Points, samples: Samples) -> tuple[FloatArray, list[slice]]:
    """(objects, OBJECT) of some samples, one after the other, and where those of each are."""
    first, counts = points.first[samples], np.diff(points.first)[samples]
    ends = np.cumsum(counts)
    rows = np.arange(counts.sum()) + np.repeat(first - (ends - counts), counts)
    values = np.column_stack(
        [
            points.numbers[rows] + 1,
            points.gt_original[rows],
            points.prediction_original[rows],
            points.errors_px[rows],
            points.confidence[rows],
            points.gt_stored[rows],
            points.prediction_stored[rows],
        ]
    )
    return values, [slice(end - count, end) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]


def _csv(source: _Source, pulse: Pulse) -> Iterator[tuple[int, bytes]]:
    """Pieces of the table, each with how many objects it has."""
    columns = [column.values for column in source.table.columns]
    names = [column.name for column in source.table.columns]
    yield 0, _lines([(*SAMPLE, *names, *(OBJECT if source.points is not None else ()))])
    place = 0
    for samples in _batches(source, pulse):
        numbers = _texts(np.column_stack([column[samples] for column in columns])) if columns else [()] * len(samples)
        heads = [
            (sample, index, key, _said(flagged), _said(rejected), " ".join(tags), note, *own)
            for (sample, index, key, flagged, rejected, tags, note), own in zip(
                _facts(source, samples, place), numbers, strict=True
            )
        ]
        place += len(samples)
        if source.points is None:
            yield 0, _lines(heads)
            continue
        values, parts = _objects(source.points, samples)
        objects = _texts(values)
        rows = [(*head, *one) for head, part in zip(heads, parts, strict=True) for one in objects[part] or _NO_OBJECT]
        yield len(objects), _lines(rows)


def _said(value: bool) -> str:
    return "true" if value else "false"


def _lines(rows: list[tuple[Any, ...]]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8", "backslashreplace")


def _texts(values: FloatArray) -> list[tuple[str, ...]]:
    """Rows of numbers as the shortest texts that give the same number again; nothing for NaN."""
    return [tuple(map(_text, row)) for row in values.tolist()]


def _text(value: float) -> str:
    if value != value:  # noqa: PLR0124 - NaN alone is not itself, and a call takes as long as all else
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _json(source: _Source, pulse: Pulse) -> Iterator[tuple[int, bytes]]:
    """Pieces of the document, each with how many objects it has."""
    ask, table, points = source.ask, source.table, source.points
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "view": ask.view,
        "run": ask.run,
        "dump": Path(ask.numbers.path).name,
        "place": where_of(Path(ask.numbers.path).name, ask.step, ask.epoch, ask.placed),
        "columns": {column.name: {"label": column.label, "unit": column.unit} for column in table.columns},
    }
    if points is not None:
        head["points"] = {
            "space": points.space,
            "radius_px": points.radius_px,
            "convention": points.convention_text,
            "undone": ask.numbers.undo,
        }
    head["notes"] = source.notes
    yield 0, to_json(head, 1).rstrip(b"}\n") + b',\n "samples": ['
    place = 0
    separator = b"\n  "
    for samples in _batches(source, pulse):
        values, parts = _objects(points, samples) if points is not None else (_NOTHING, [])
        objects = [_object(one) for one in values.tolist()]
        pieces = []
        for row, facts in enumerate(_facts(source, samples, place)):
            sample = dict(zip(SAMPLE, facts, strict=True))
            sample["numbers"] = {column.name: spelled(float(column.values[facts[1]])) for column in table.columns}
            if points is not None:
                sample["objects"] = objects[parts[row]]
            pieces += [separator, msgspec.json.encode(sample)]
            separator = b",\n  "
        place += len(samples)
        yield len(objects), b"".join(pieces)
    yield 0, b"\n ]\n}\n"


def _object(values: list[float]) -> dict[str, float | str]:
    return {"object": int(values[0]), **{name: spelled(one) for name, one in zip(OBJECT[1:], values[1:], strict=True)}}


_WRITERS: Mapping[TableForm, Callable[[_Source, Pulse], Iterator[tuple[int, bytes]]]] = {"csv": _csv, "json": _json}

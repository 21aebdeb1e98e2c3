"""A file's facts as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.core.texts import visible
from inspector.core.units import bytes_text, number_text
from inspector.formats.dump import Role
from inspector.formats.facts import (
    CheckpointFacts,
    ConsoleFacts,
    DumpFacts,
    Facts,
    MetricsFacts,
    OtherFacts,
    RunRecordFacts,
    SettingsFacts,
)
from inspector.formats.role_corrections import BY_HAND

_MOST_REASONS = 3
"""Datasets whose reason for having no role is told."""


def kind_of(facts: Facts) -> str:
    """`checkpoint`, `dump`, ..., as in the JSON."""
    return str(type(facts).__struct_config__.tag)


def facts_lines(facts: Facts) -> Iterator[str]:
    """What the file is, what is in it, and what is wrong with it."""
    container = getattr(facts, "container", "")
    yield f"{kind_of(facts)}{f' · {container}' if container else ''} · {bytes_text(facts.bytes)}"
    match facts:
        case CheckpointFacts():
            yield from _checkpoint_lines(facts)
        case DumpFacts():
            yield from _dump_lines(facts)
        case MetricsFacts() | ConsoleFacts():
            for one in facts.series:
                yield f"  {visible(one.tag):<40} {one.count:>9,} points, last {number_text(one.last_value)}"
            if isinstance(facts, MetricsFacts):
                yield from (f"  {visible(one.tag):<40} {one.count:>9,} × {one.kind}" for one in facts.media)
            yield from (f"  left out: {visible(skipped)}" for skipped in facts.skipped)
        case SettingsFacts():
            yield from (f"  {visible(name)} = {visible(str(value), 120)}" for name, value in facts.values.items())
        case RunRecordFacts():
            yield f"  {visible(facts.record.name)} · {facts.record.recipe} · {facts.record.status}"
        case OtherFacts():
            yield f"  {visible(facts.because)}"
    yield from (f"  note: {visible(note)}" for note in facts.notes)


def _shape(lengths: tuple[int, ...]) -> str:
    return "×".join(str(length) for length in lengths) or "scalar"


def _checkpoint_lines(facts: CheckpointFacts) -> Iterator[str]:
    for tensor in facts.tensors:
        size = bytes_text(tensor.bytes)
        yield f"  {visible(tensor.name):<56} {_shape(tensor.shape):>18} {tensor.dtype:>10} {size:>10}"
    yield from (f"  {visible(name)} = {visible(str(value), 120)}" for name, value in facts.objects.items())
    yield from (f"  would import {visible(name)}" for name in facts.would_import)


def _dump_lines(facts: DumpFacts) -> Iterator[str]:
    for dataset in facts.datasets:
        filters = " ".join(dataset.filters)
        shape = _shape(dataset.shape)
        role = f"{dataset.role} {dataset.layout}".rstrip() + (" by hand" if dataset.because == BY_HAND else "")
        yield f"  {visible(dataset.path):<40} {shape:>20} {visible(dataset.dtype):>10} {role:<22} {filters}".rstrip()
    for link in facts.links:
        followed = "followed" if link.followed else "not followed"
        yield f"  {visible(link.path)} -> {visible(link.target)} ({link.kind}, {followed})"
    yield from (f"  {visible(name)} = {visible(str(value), 120)}" for name, value in facts.attributes.items())
    if not facts.datasets:
        yield "  no datasets"
    elif all(dataset.role == Role.UNKNOWN for dataset in facts.datasets):
        reasons = " and ".join(dict.fromkeys(visible(dataset.because) for dataset in facts.datasets[:_MOST_REASONS]))
        yield f"  no view shows these: {reasons}; File, Datasets of the dump… in the window tells it what each holds"

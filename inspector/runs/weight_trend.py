"""How the weights of a run moved over its checkpoints, layer by layer."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from inspector.analysis.tensor_change import distance_of, norm_of
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.storage_checksums import checksum_of, checksums_of, layout_of
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.arrays import FloatArray
from inspector.core.errors import FileError
from inspector.core.language import tr, tr_counted
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats.facts import CheckpointFacts, TensorFacts
from inspector.runs.diff_values import TrendPlan, WeightTrend
from inspector.runs.layer_paths import LayerPath, Step, at_rest
from inspector.runs.name_pairs import paired
from inspector.runs.tensor_slabs import ByteProgress, JointWalk, in_pieces
from inspector.runs.values import FileEntry

MOST_CHECKPOINTS = 24
"""More columns than that tell little, and each costs reading all its weights."""

_NAMED = 3


def plan_of(entries: Iterable[FileEntry]) -> TrendPlan:
    """Which checkpoints `trend_of` would read, and how many bytes of them; nothing is opened.

    They stand in the order of their steps; where fewer than two have one, of their epochs, else of their times.
    """
    kept, left_out, notes = _chosen(entries)
    return TrendPlan(
        paths=tuple(entry.path for entry in kept),
        left_out=left_out,
        read_bytes=sum(tensor.bytes for entry in kept for tensor in _weights(entry)),
        notes=notes,
    )


def trend_of(entries: Iterable[FileEntry], pulse: Pulse) -> WeightTrend:
    """The weights over the checkpoints among some files, at most 24 of them, in constant memory.

    A checkpoint that cannot be read is left out, with a note. Weights whose archives give them the CRC-32 and size of
    the checkpoint before are taken to be the same, and not read.
    """
    kept, left_out, told = _chosen(entries)
    notes = Notes()
    for note in told:
        notes.add(note)
    columns = _columns(kept, notes, pulse)
    left_out += len(kept) - len(columns)
    names = tuple(dict.fromkeys(name for column in reversed(columns) for name in column.windows))
    total = sum(_bytes_read(column, name) for name in names for column in columns)
    progress = ByteProgress(pulse, total)
    layers: dict[str, LayerPath] = {}
    for name in names:
        progress.what = tr("following {what}").format(what=name)
        layer = layers.setdefault(name.rpartition(".")[0] or name, LayerPath(len(columns)))
        _follow(name, columns, layer, progress, notes)
    curves = np.asarray([layer.curves() for layer in layers.values()], np.float64).reshape(len(layers), 3, len(columns))
    norms, from_previous, from_first = curves[:, 0], curves[:, 1], curves[:, 2]
    still, stopped = at_rest(tuple(layers), from_previous)
    _add_notes(notes, [column.entry.name for column in columns], layers, norms, from_previous)
    return WeightTrend(
        paths=tuple(column.entry.path for column in columns),
        names=tuple(column.entry.name for column in columns),
        steps=_axis(column.entry.step for column in columns),
        epochs=_axis(column.entry.epoch for column in columns),
        layers=tuple(layers),
        elements=tuple(layer.elements for layer in layers.values()),
        norms=norms,
        from_previous=from_previous,
        from_first=from_first,
        still=still,
        stopped=stopped,
        left_out=left_out,
        read_bytes=total,
        notes=notes.texts(),
    )


def _weights(entry: FileEntry) -> list[TensorFacts]:
    facts = entry.facts
    return [tensor for tensor in facts.tensors if tensor.role == "weight"] if isinstance(facts, CheckpointFacts) else []


def _chosen(entries: Iterable[FileEntry]) -> tuple[list[FileEntry], int, tuple[str, ...]]:
    """The checkpoints to read, in order; how many others there are; and why."""
    notes: list[str] = []
    found = [entry for entry in entries if _weights(entry)]
    axis, by_time = _axis_of(found)
    placed = [entry for entry in found if axis(entry) is not None]
    if len(placed) < len(found):
        left = tr_counted(len(found) - len(placed), "checkpoint")
        notes.append(tr("{checkpoints} without a step or epoch left out").format(checkpoints=left))
    if by_time and len(found) > 1:
        notes.append(
            tr("the checkpoints have neither step nor epoch and stand in the order of their modification times")
        )
    placed.sort(key=lambda entry: (axis(entry), *_numbers_and_name(entry)))
    once = [entry for _, same in groupby(placed, key=axis) for entry in _once(list(same))]
    if len(once) < len(placed):
        left = tr_counted(len(placed) - len(once), "checkpoint")
        notes.append(tr("{checkpoints} at the place of another left out").format(checkpoints=left))
    if len(once) <= MOST_CHECKPOINTS:
        return once, len(found) - len(once), tuple(notes)
    places = np.linspace(0, len(once) - 1, MOST_CHECKPOINTS).round().astype(int)
    shown = tr("{shown} of {checkpoints} are shown, evenly chosen")
    notes.append(shown.format(shown=MOST_CHECKPOINTS, checkpoints=tr_counted(len(once), "checkpoint")))
    return [once[place] for place in places], len(found) - MOST_CHECKPOINTS, tuple(notes)


def _numbers_and_name(entry: FileEntry) -> tuple[list[int], str]:
    return [int(number) for number in re.findall(r"\d{1,18}", Path(entry.name).name)], entry.name


def _once(entries: list[FileEntry]) -> list[FileEntry]:
    """Of checkpoints at one place those with a number in their names: `best` and `last` are copies of one of them."""
    numbered = [entry for entry in entries if _numbers_and_name(entry)[0]]
    return numbered or entries[:1]


def _axis_of(entries: Sequence[FileEntry]) -> tuple[Callable[[FileEntry], float | None], bool]:
    """What the checkpoints are ordered by, and whether that is only their time."""
    axes: tuple[Callable[[FileEntry], float | None], ...] = (lambda entry: entry.step, lambda entry: entry.epoch)
    for axis in axes:
        if sum(axis(entry) is not None for entry in entries) > 1:
            return axis, False
    return (lambda entry: entry.modified_s), True


@dataclass(frozen=True, slots=True)
class _Column:
    """A checkpoint's weights; `same` holds those that the archives' checksums say are as in the column before."""

    entry: FileEntry
    windows: Mapping[str, TensorWindow]
    same: frozenset[str]


def _columns(entries: Sequence[FileEntry], notes: Notes, pulse: Pulse) -> list[_Column]:
    """The weights of each checkpoint by the names that the last one gives them."""
    found: list[_Column] = []
    lead: list[TensorFacts] = []
    known: Mapping[str, object] = {}
    for number, entry in enumerate(reversed(entries)):
        pulse.beat(number, len(entries), tr("opening {file}").format(file=entry.name))
        try:
            checkpoint = opened(Path(entry.path), pulse)
            checksums = checksums_of(checkpoint, pulse)
        except FileError as error:
            notes.add(str(error))
            continue
        weights = [tensor for tensor in checkpoint.facts.tensors if tensor.role == "weight"]
        windows, marks = {}, {}
        for pair in paired(weights, lead or weights, pulse=pulse).pairs:
            window = checkpoint.windows.get(pair.first.name) if pair.first else None
            if isinstance(window, TensorWindow):
                name = pair.second.name if pair.second else pair.name
                windows[name] = window
                checksum = checksum_of(window, checksums)
                marks[name] = None if checksum is None else (checksum, *layout_of(window))
        if not windows:
            notes.add(tr("{file}: none of its weights can be read").format(file=entry.name))
            continue
        if found:  # the column after this one is as this one where their marks agree
            after = found[-1]
            same = frozenset(name for name, mark in known.items() if mark is not None and marks.get(name) == mark)
            found[-1] = _Column(after.entry, after.windows, same)
        found.append(_Column(entry, windows, frozenset()))
        lead, known = lead or weights, marks
    return found[::-1]


def _bytes_read(column: _Column, name: str) -> int:
    window = column.windows.get(name)
    return 0 if window is None or name in column.same else math.prod(window.shape) * window.item_bytes


def _follow(name: str, columns: Sequence[_Column], layer: LayerPath, progress: ByteProgress, notes: Notes) -> None:
    """Add one weight over all checkpoints to its layer; where its shape changes it begins anew."""
    places = [place for place, column in enumerate(columns) if name in column.windows]
    for _, group in groupby(places, key=lambda place: columns[place].windows[name].shape):
        stretch = list(group)
        while stretch:
            try:
                steps = _steps(name, columns, stretch, progress)
            except FileError as error:  # that checkpoint has the weight no more, and the others are read again
                lost = next((place for place in stretch if columns[place].windows[name].path == error.path), stretch[0])
                stretch.remove(lost)
                notes.add(f"{columns[lost].entry.name}: {error}")
            else:
                layer.add(steps)
                break
    layer.elements += math.prod(columns[places[-1]].windows[name].shape)
    for column in columns:
        progress.finish(_bytes_read(column, name))


def _steps(name: str, columns: Sequence[_Column], stretch: Sequence[int], progress: ByteProgress) -> list[Step]:
    """Norm and distances of one weight of one shape in some checkpoints, read slab by slab through all of them."""
    read = [
        place
        for previous, place in zip((None, *stretch), stretch, strict=False)
        if not (name in columns[place].same and previous == place - 1)
    ]
    walk = JointWalk([columns[place].windows[name] for place in read])
    norms, from_previous, from_first = ([0.0] * len(read) for _ in range(3))
    for index in walk.slabs():
        first = previous = None
        for side in range(len(read)):
            now = walk.read(side, index, progress.pulse)
            first = now if first is None else first
            previous = now if previous is None else previous
            for x, y, z in in_pieces((first, previous, now), progress.pulse):
                norms[side] = math.hypot(norms[side], norm_of(z))
                if side:
                    moved = distance_of(y, z)
                    from_previous[side] = math.hypot(from_previous[side], moved)
                    from_first[side] = math.hypot(from_first[side], moved if side == 1 else distance_of(x, z))
            previous = now
    steps: list[Step] = []
    for place in stretch:
        side = bisect_right(read, place) - 1
        moved = from_previous[side] if read[side] == place else 0.0
        base = steps[-1].norm if steps else math.nan
        steps.append(Step(place, norms[side], moved if steps else math.nan, base, from_first[side], norms[0]))
    return steps


def _axis(values: Iterable[float | None]) -> FloatArray:
    return np.asarray([math.nan if value is None else value for value in values], np.float64)


def _add_notes(
    notes: Notes, names: Sequence[str], layers: Iterable[str], norms: FloatArray, from_previous: FloatArray
) -> None:
    if len(names) < 2:
        notes.add(tr("a trend needs at least two checkpoints with weights"))
        return
    alike = [
        pair for pair, moved in zip(pairwise(names), from_previous.T[1:], strict=True) if moved.size and not moved.any()
    ]
    notes_of_pairs = [tr("{first} and {second}").format(first=first, second=second) for first, second in alike[:_NAMED]]
    if alike:
        more = ", …" if len(alike) > _NAMED else ""
        pairs = tr(", in ").join(notes_of_pairs) + more
        notes.add(tr("all weights are the same in {pairs}").format(pairs=pairs))
    for layer, row in zip(layers, norms, strict=True):
        lost = np.flatnonzero(np.isnan(row[1:]) & ~np.isnan(row[:-1]))
        if lost.size:
            lacking = tr("{layer} is not finite, or not there, from {checkpoint} on")
            notes.add(lacking.format(layer=layer, checkpoint=names[int(lost[0]) + 1]))

"""The curves of a run: what all its logs hold, joined."""

from __future__ import annotations

import os
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from inspector.artifacts.identity import Identity, is_settled, stamp_of
from inspector.artifacts.logs.logs import series_of
from inspector.core.errors import FileError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import visible
from inspector.formats.log_media import LogMedia
from inspector.formats.series import Series, SeriesSet
from inspector.runs.joining import JoinedCurve
from inspector.runs.loggers import loggers_of
from inspector.runs.same_curve import is_same_curve
from inspector.runs.stepless import step_tables


class RunCurve(msgspec.Struct, frozen=True, kw_only=True):
    """One curve of a run.

    Attributes:
        series: its points; `starts` tells where a restarted or resumed run logged it again.
        file: the name of the log that it comes from, as short as tells it from the run's other logs; where several
            files of one logger make the curve, of the newest.
        apart: another log of the run has a curve of the same tag with other values, so `file` must be shown with it.
    """

    series: Series
    file: str
    apart: bool = False


class RunCurves(msgspec.Struct, frozen=True, kw_only=True):
    """Every curve of a run.

    Attributes:
        curves: in the order that their tags came.
        media: what the logs hold beside numbers; `path` of each is that of the log where the log itself holds it.
        skipped: what was left out and why, one sentence each.
        notes: what could not be read, what was assumed to join the logs, and the damage in each, one sentence each.
        joining: those of the notes that are not about damage in one log.
        unread: those of the notes that say why a log could not be read.
        unread_bytes: how much of the logs is still to be read, where this is a first look at long ones.
    """

    curves: tuple[RunCurve, ...] = ()
    media: tuple[LogMedia, ...] = ()
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unread_bytes: int = 0


def run_series(paths: Iterable[str | Path], pulse: Pulse) -> RunCurves:
    """The curves of all logs of a run, each once.

    The files that one logger wrote one after the other (event files of one folder, rotated logs, versions of a
    Lightning log) make one curve, its attempts in the order they were written. A curve that several loggers wrote is
    shown once, from the fullest, with a note; where their values differ beyond what is rounded in print, each stands
    apart. A log without steps is placed by its epochs or times where the other logs tell the steps of those.
    Asked again, only what has changed is read and joined.

    Args:
        paths: the logs of one run.
        pulse: is beaten for every file and every joined curve; once it is due, long logs are read no further.

    Raises:
        WorkCancelled: the pulse was cancelled.
    """
    logs = tuple(dict.fromkeys(map(Path, paths)))
    known = _known.pop(logs, None) or _Known()
    _known[logs] = known
    while len(_known) > _KEPT_RUNS:
        _known.popitem(last=False)
    notes = Notes()
    read: dict[Path, SeriesSet] = {}
    for done, path in enumerate(logs):
        pulse.beat(done, len(logs), tr("reading {file}").format(file=path.name))
        stamp = stamp_of(path)
        if path in known.found and known.found[path][0] == stamp:
            read[path] = known.found[path][1]
            continue
        try:
            read[path] = series_of(path, pulse)
        except FileError as error:
            notes.add(str(error))
            continue
        if stamp is not None and is_settled(stamp) and not read[path].unread_bytes:
            known.found[path] = stamp, read[path]
    sources = tuple(map(id, read.values()))
    if known.answer is None or known.sources != sources or known.notes != notes.texts():
        known.notes = notes.texts()
        known.answer = _joined(read, known, notes, pulse)
        known.read, known.sources = tuple(read.values()), sources
    return known.answer


def release_curves() -> None:
    """Let go of what was answered, before logs that have grown are read: old and new arrays need not stand together."""
    for known in _known.values():
        known.answer, known.read, known.sources = None, (), ()
        known.found = {path: found for path, found in known.found.items() if stamp_of(path) == found[0]}


@dataclass(slots=True)
class _Known:
    """What was made of a run's logs when they were asked for last.

    Attributes:
        found: what each log holds that has not changed for a while.
        read: what the logs held then, kept so that `sources`, their identities in memory, stay theirs.
        notes: why logs could not be read.
        joined: each curve by its logger's first file, its tag and its place among the logger's curves of that tag.
    """

    found: dict[Path, tuple[Identity, SeriesSet]] = field(default_factory=dict)
    read: tuple[SeriesSet, ...] = ()
    sources: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    joined: dict[tuple[Path, str, int], JoinedCurve] = field(default_factory=dict)
    answer: RunCurves | None = None


_EVENTS = "tfevents"
_KEPT_RUNS = 4
_known: OrderedDict[tuple[Path, ...], _Known] = OrderedDict()
"""A reader serves one run, whose views may ask for different logs of it."""

_Part = tuple[Path, Series]


def _joined(read: dict[Path, SeriesSet], known: _Known, notes: Notes, pulse: Pulse) -> RunCurves:
    unread = notes.texts()
    names = _names(tuple(read))
    by_tag: dict[str, list[_Part]] = {}
    joined: dict[tuple[Path, str, int], JoinedCurve] = {}
    placed = _placed(read, names, notes)
    for logger in loggers_of(read):
        files = _in_time(logger, placed)
        parts: dict[str, list[_Part]] = {}
        for path in files:
            for series in placed[path]:
                parts.setdefault(series.tag, []).append((path, series))
        for tag, own in parts.items():
            pulse.beat(what=tr("joining {what}").format(what=visible(tag, 80)))
            for place, chain in enumerate(_chains(own)):
                key = (files[0], tag, place)
                curve = joined[key] = known.joined.get(key) or JoinedCurve()
                by_tag.setdefault(tag, []).append((chain[-1][0], curve.of([series for _, series in chain])))
    known.joined = joined
    curves: list[RunCurve] = []
    for tag, own in by_tag.items():
        pulse.beat(what=tr("comparing {what}").format(what=visible(tag, 80)))
        kept = _distinct(own, names, notes)
        curves.extend(RunCurve(series=series, file=names[path], apart=len(kept) > 1) for path, series in kept)
    return RunCurves(
        curves=tuple(curves),
        media=tuple(
            media if media.path else msgspec.structs.replace(media, path=str(path))
            for path, found in read.items()
            for media in found.media
        ),
        skipped=tuple(_of_files(names, ((path, text) for path, found in read.items() for text in found.skipped))),
        notes=(
            *notes.texts(),
            *_of_files(names, ((path, text) for path, found in read.items() for text in found.notes)),
        ),
        joining=notes.texts(),
        unread=unread,
        unread_bytes=sum(found.unread_bytes for found in read.values()),
    )


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """Each log's name, or where two bear one name its path below what all have in common.

    Names of event files tell nothing, so where several folders have some it is the folder that names them.
    """
    if not paths:
        return {}
    root = os.path.commonpath([path.parent for path in paths])
    count = Counter(path.name for path in paths)
    event_folders = {path.parent for path in paths if _EVENTS in path.name}
    names = {}
    for path in paths:
        if _EVENTS in path.name and len(event_folders) > 1 and str(path.parent) != root:
            names[path] = os.path.relpath(path.parent, root)
        else:
            names[path] = path.name if count[path.name] == 1 else os.path.relpath(path, root)
    return names


def _of_files(names: dict[Path, str], texts: Iterable[tuple[Path, str]]) -> Iterable[str]:
    return (f"{names[path]}: {text}" for path, text in texts)


def _placed(read: dict[Path, SeriesSet], names: dict[Path, str], notes: Notes) -> dict[Path, list[Series]]:
    """The series of each log, those without steps placed where other logs tell the steps."""
    placed = {path: list(found.series) for path, found in read.items()}
    if not any(series.stepless for found in placed.values() for series in found):
        return placed
    tables = step_tables(series for found in placed.values() for series in found)
    for path, found in placed.items():
        for place, series in enumerate(found):
            for table in tables if series.stepless else ():
                if (moved := table.placed(series)) is not None:
                    found[place] = moved
                    notes.add(tr("{log}: no steps, placed by its {axis}").format(log=names[path], axis=table.axis))
                    break
    return placed


def _in_time(logger: Sequence[Path], placed: dict[Path, list[Series]]) -> Sequence[Path]:
    """The files of a logger by their first record's time where all have one, else as they are named."""
    times = {path: [time for series in placed[path] if np.isfinite(time := _first_time(series))] for path in logger}
    return sorted(logger, key=lambda path: min(times[path])) if all(times.values()) else logger


def _first_time(series: Series) -> float:
    return float(series.times[0]) if series.times is not None and len(series.times) else np.nan


def _chains(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Parts of one tag that follow each other; those that were written at the same time are curves of their own."""
    chains: list[list[_Part]] = []
    for path, series in parts:
        begin = _first_time(series)
        for chain in chains:
            before = chain[-1][1]
            at_once = before.times is not None and len(before.times) and before.times[-1] > begin
            if before.stepless == series.stepless and not at_once:
                chain.append((path, series))
                break
        else:
            chains.append([(path, series)])
    return chains


def _distinct(curves: Sequence[_Part], names: dict[Path, str], notes: Notes) -> list[_Part]:
    """The curves of one tag, the fullest first, without those that repeat a fuller one."""
    kept: list[_Part] = []
    for path, series in sorted(curves, key=lambda part: _fullness(part[1]), reverse=True):
        same = next((other for other, full in kept if is_same_curve(full, series)), None)
        if same is None:
            kept.append((path, series))
        else:
            repeats = tr("{log} repeats curves of {other}, which are shown once")
            notes.add(repeats.format(log=names[path], other=names[same]))
    return kept


def _fullness(series: Series) -> tuple[int, int]:
    return len(series.values), (series.times is not None) + (series.epochs is not None) + (not series.stepless)

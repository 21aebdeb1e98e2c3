"""Everything that was opened together, as one Run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from inspector.artifacts.annotations.forms import FORMS
from inspector.artifacts.annotations.truth_files import is_outdated, look_among
from inspector.artifacts.companions import set_container
from inspector.artifacts.dumps.dump_file import Dump
from inspector.artifacts.dumps.truth_beside import keys_of
from inspector.artifacts.facts import facts_of
from inspector.artifacts.identity import Identity, is_settled, stamp_of
from inspector.artifacts.logs.log_facts import series_facts
from inspector.artifacts.opened_paths import lead_also_to
from inspector.core.errors import DamagedError, FileError, LimitError, MissingError
from inspector.core.language import tr
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.formats import run_folder, triage
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
from inspector.formats.run_folder import RunRecord
from inspector.formats.series import Series
from inspector.runs.curves import run_series
from inspector.runs.hints import hint_of
from inspector.runs.listing import common_root, grouped, list_files, name_below
from inspector.runs.liveness import liveness_of, logs_of, pace_of
from inspector.runs.log_paths import log_paths
from inspector.runs.logged_points import LoggedPoints, logged_points, name_of
from inspector.runs.placing import place, stated_place
from inspector.runs.sheet import sheet_of
from inspector.runs.timetable import moments_of
from inspector.runs.values import FileEntry, Life, Moment, Run

_ORDER: tuple[type, ...] = (
    RunRecordFacts,
    MetricsFacts,
    ConsoleFacts,
    CheckpointFacts,
    DumpFacts,
    SettingsFacts,
    OtherFacts,
)

INTERNAL_FILES = frozenset(
    {run_folder.ALIVE_FILE, run_folder.SETTINGS_SCHEMA_FILE, run_folder.CONTROL_FILE, triage.FILE_NAME}
)
"""What this program keeps beside a run: no files of the run, and none that makes it another when it changes."""

_Stamps = tuple[Identity | None, ...]

_known: dict[Path, tuple[_Stamps, Facts]] = {}
"""What this process has read already; a reader process serves one set of paths, so it stays small."""


def scan(paths: Iterable[str | Path], pulse: Pulse, among: Callable[[list[Path]], list[Path]] | None = None) -> Run:
    """Read every file just enough to say what it is, and place it in time.

    Args:
        paths: files and folders.
        pulse: is beaten for every file.
        among: gives those of the files that are read, where the others are left out.

    Raises:
        MissingError: none of the paths exists.
        FileError: a single file was opened, and it cannot be read at all.
    """
    notes = Notes()
    opened = _existing(tuple(Path(path).absolute() for path in paths), notes)
    lead_also_to(opened)
    files = [path for path in list_files(opened, notes, pulse) if path.name not in INTERNAL_FILES]
    files = files if among is None else among(files)
    root = common_root(opened)
    if not files:
        raise FileError(root, "checkpoints, dumps or logs", "an empty folder", "open the folder of a run")
    look_among(opened, files)
    alone = len(opened) == 1 and opened[0].is_file()
    listed = grouped(files, opened)
    stamps = {one.path: tuple(map(stamp_of, one.files)) for one in listed}
    facts: dict[Path, Facts] = {}
    for index, one in enumerate(listed):
        pulse.beat(index, len(listed), tr("reading {file}").format(file=one.path.name))
        found = _facts(one.path, stamps[one.path], pulse, strict=alone)
        # A trainer removes old checkpoints: one that went between listing and reading is no part of the run any more.
        if os.path.lexists(one.path) or one.path in opened:
            facts[one.path] = found
    return _assembled(opened, root, stamps, facts, notes, pulse)


def key_of(paths: Iterable[str | Path]) -> str:
    """The stable name of what is opened together."""
    return "|".join(str(path) for path in paths)


def _existing(paths: tuple[Path, ...], notes: Notes) -> tuple[Path, ...]:
    """The paths that are there; those that are not are noted, unless none is."""
    missing = [
        MissingError(path, "a file or folder", "nothing there", "check the path") for path in paths if not path.exists()
    ]
    if len(missing) == len(paths):
        raise missing[0]
    for error in missing:
        notes.add(str(error))
    return tuple(path for path in paths if path.exists())


def _facts(path: Path, stamps: _Stamps, pulse: Pulse, *, strict: bool) -> Facts:
    try:
        known = _known.get(path)
        shards_unseen = len(stamps) == 1 and set_container(path.name)
        if known is None or known[0] != stamps or shards_unseen or is_outdated(path, pulse):
            known = (stamps, _with_truth(path, facts_of(path, pulse), pulse))
            # A log whose reading was cut short says more when it is asked again.
            cut = pulse.due() and isinstance(known[1], MetricsFacts | ConsoleFacts)
            if not cut and all(stamp is None or is_settled(stamp) for stamp in stamps):
                _known[path] = known
        return known[1]
    except FileError as error:
        if strict:
            raise
        size = _size(stamps)
        broken = size > 0 and isinstance(error, DamagedError | LimitError)
        return OtherFacts(bytes=size, because=str(error), broken=broken)
    except OSError as error:
        missing = MissingError(path, "a readable file", error.strerror or "an error of the disk")
        if strict:
            raise missing from error
        return OtherFacts(bytes=0, because=str(missing), broken=True)


def _with_truth(path: Path, facts: Facts, pulse: Pulse) -> Facts:
    """The facts of a file; of predictions in arrays with the truth of another file, for which their names are read."""
    if not isinstance(facts, DumpFacts) or keys_of(facts) is None or facts.attributes.get("format") in FORMS:
        return facts
    dump = Dump(path, pulse)
    dump.close()
    return dump.facts


def _size(stamps: _Stamps) -> int:
    return sum(stamp.bytes for stamp in stamps if stamp is not None)


def _assembled(
    opened: tuple[Path, ...],
    root: Path,
    stamps: dict[Path, _Stamps],
    facts: dict[Path, Facts],
    notes: Notes,
    pulse: Pulse,
) -> Run:
    record = next((fact.record for fact in facts.values() if isinstance(fact, RunRecordFacts)), None)
    curves, unread_bytes = _curves(facts, record, notes, pulse)
    if pulse.due() and not unread_bytes:  # joining the curves has read on to the end of what was cut short before
        for path in (path for path, fact in facts.items() if isinstance(fact, MetricsFacts | ConsoleFacts)):
            facts[path] = _facts(path, stamps[path], pulse, strict=False)
    points = logged_points(facts, notes, pulse)
    for path, logged_step in points.steps.items():
        if isinstance(fact := facts.get(path), DumpFacts):
            facts[path] = msgspec.structs.replace(fact, attributes={**fact.attributes, "step": logged_step})
    stated = []
    for path, fact in facts.items():
        step, epoch = stated_place(fact)
        if step is not None:
            stated.append((step, epoch, _modified_s(stamps[path])))
    moments = moments_of(curves, stated)
    entries = [
        *_entries_of_files(facts, stamps, root, moments, record),
        *_entries_of_logged(points, stamps, root, moments, record),
    ]
    entries.sort(key=lambda entry: (_rank(entry.facts), entry.step if entry.step is not None else -1, entry.name))
    for entry in entries:
        for text in entry.facts.notes:
            notes.add(f"{entry.name}: {text}")
    settings = sheet_of(root, facts, record, notes)
    liveness = liveness_of(root, record, logs_of({str(path): fact for path, fact in facts.items()}, *pace_of(curves)))
    return Run(
        key=key_of(opened),
        name=record.name if record else _name(opened, root),
        root=str(root),
        paths=tuple(str(path) for path in opened),
        files=tuple(entries),
        series=series_facts(curves),
        moments=moments,
        settings=settings,
        record=record,
        live=liveness.life is Life.LIVE,
        liveness=liveness,
        notes=notes.texts(),
        unread_bytes=unread_bytes,
    )


def _entries_of_files(
    facts: dict[Path, Facts],
    stamps: dict[Path, _Stamps],
    root: Path,
    moments: tuple[Moment, ...],
    record: RunRecord | None,
) -> Iterator[FileEntry]:
    for path, fact in facts.items():
        modified_s = _modified_s(stamps[path])
        file_name, folders = _placing_names(path, root) if isinstance(fact, CheckpointFacts | DumpFacts) else ("", ())
        step, epoch, placed = place(fact, file_name, modified_s, moments, folders)
        yield FileEntry(
            path=str(path),
            name=name_below(path, str(root)),
            facts=fact,
            bytes=_size(stamps[path]),
            modified_s=modified_s,
            hint=hint_of(fact, path.name, step=step, epoch=epoch, record=record),
            step=step,
            epoch=epoch,
            placed=placed,
        )


def _entries_of_logged(
    points: LoggedPoints, stamps: dict[Path, _Stamps], root: Path, moments: tuple[Moment, ...], record: RunRecord | None
) -> Iterator[FileEntry]:
    for logged, facts in points.dumps.items():
        step, epoch, placed = place(facts, "", 0.0, moments)
        yield FileEntry(
            path=str(logged.path),
            name=name_of(logged, name_below(logged.log, str(root))),
            facts=facts,
            bytes=0,
            modified_s=_modified_s(stamps[logged.log]),
            hint=hint_of(facts, "", step=step, epoch=epoch, record=record),
            step=step,
            epoch=epoch,
            placed=placed,
        )


def _modified_s(stamps: _Stamps) -> float:
    return max((stamp.modified_ns for stamp in stamps if stamp is not None), default=0) / 1e9


def _placing_names(path: Path, root: Path) -> tuple[str, tuple[str, ...]]:
    """The name of the file, empty where it is a folder, and those of the folders below the run's own, inner first."""
    inside = path.is_relative_to(root)
    around = [folder.name for folder in path.parents if inside and folder.is_relative_to(root) and folder != root]
    return ("", (path.name, *around)) if path.is_dir() else (path.name, tuple(around))


def _rank(facts: Facts) -> int:
    return next(rank for rank, kind in enumerate(_ORDER) if isinstance(facts, kind))


def _name(opened: tuple[Path, ...], root: Path) -> str:
    return opened[0].name if len(opened) == 1 else f"{root.name} ({len(opened)} files)"


def _curves(facts: dict[Path, Facts], record: RunRecord | None, notes: Notes, pulse: Pulse) -> tuple[list[Series], int]:
    """Every curve of all logs, and how many bytes of them are still to be read."""
    logs = log_paths(facts, record)
    found = run_series(logs, pulse)
    for text in found.joining:
        notes.add(text)
    return [curve.series for curve in found.curves], found.unread_bytes

"""The run that another resumes, where both say so of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from inspector.formats.run_folder import RUN_FILE

_MOST_BYTES = 1_000_000


class _Parent(msgspec.Struct):
    id: str
    path: str


class _Record(msgspec.Struct):
    """As much of a run.json as tells whose child it is."""

    id: str
    parent: _Parent | None = None


def parent_folder(run: Path) -> Path | None:
    """The folder of the run that this one resumes; None where it resumes none, or that one is not there any more.

    A run.json may name any path: only a folder that says itself to be that very run is taken for it.
    """
    record = _record(run)
    if record is None or record.parent is None or record.parent.id == record.id:
        return None
    return next((place for place in _places(run, record.parent) if _is(place, record.parent.id)), None)


def _places(run: Path, parent: _Parent) -> Iterator[Path]:
    """Where it was, and beside its child, where both were moved."""
    named = Path(parent.path)
    if named.is_absolute():
        yield named
    if named.name:
        yield run.absolute().parent / named.name


def _is(folder: Path, identity: str) -> bool:
    record = _record(folder)
    return record is not None and bool(identity) and record.id == identity


def _record(folder: Path) -> _Record | None:
    try:
        file = folder / RUN_FILE
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return None
        return msgspec.json.decode(file.read_bytes(), type=_Record)
    except (OSError, ValueError, RecursionError):  # what is damaged is told where the run is read
        return None

"""The open run that another one resumes, and what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.language import tr
from inspector.diagnosis.aftermath import Before, before_of
from inspector.jobs.reach import folder_there
from inspector.runs.values import Run


def parent_key(desk: Desk, key: str | None) -> str | None:
    """The key of the open run that this one resumes: by the id that it names, else as this window started it."""
    run = desk.run(key)
    record = run.record if run is not None else None
    wanted = record.parent.id if record is not None and record.parent is not None else None
    if wanted:
        for one in desk.state.runs:
            other = desk.run(one.key)
            if one.key != key and other is not None and other.record is not None and other.record.id == wanted:
                return one.key
    return next((one.parent for one in desk.state.runs if one.key == key), None)


def found_in_parent(desk: Desk, key: str) -> Before | None:
    """What was found in the run that this one resumes; None where it is not open, or not wholly looked at."""
    parent = parent_key(desk, key)
    run, found = desk.run(parent), desk.diagnoses.of(parent)
    return before_of(run, found) if run is not None and found is not None and found.complete else None


def open_parent(desk: Desk) -> None:
    """Open the run that the chosen one resumes, where it was or beside its child, without choosing it."""
    chosen = desk.chosen()
    record = chosen[0].record if chosen is not None else None
    if chosen is None or record is None or record.parent is None:
        desk.message.emit(Message(tr("This run says of no other that it resumes it")))
        return
    places = _places(chosen[0], record.parent.path)
    folder = next((place for place in places if folder_there(place)), None)
    if folder is None:
        desk.message.emit(Message(tr("The run that it resumes is no longer where it was; open it by hand")))
        return
    desk.open((folder,), chosen=False)


def _places(run: Run, named: str) -> Sequence[str]:
    return (named, str(Path(run.root).parent / Path(named).name)) if named and "\0" not in named else ()

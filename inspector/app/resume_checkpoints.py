"""The checkpoints that a run can be resumed from, and what they are called there."""

from __future__ import annotations

from pathlib import Path

from inspector.core.language import tr
from inspector.display.nearest import entry_at
from inspector.formats.facts import CheckpointFacts
from inspector.runs.placing import place_text
from inspector.runs.values import FileEntry, Run
from inspector.session.values import RunState


def checkpoints_of(run: Run) -> list[FileEntry]:
    """The checkpoints of a run, in the order of its files."""
    return [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts)]


def checkpoint_choices(run: Run, state: RunState) -> tuple[tuple[str, str], ...]:
    """Best and last with their epochs, and the one at the cursor where it is neither."""
    choices: list[tuple[str, str]] = []
    named: set[str] = set()
    by_name = {Path(entry.path).name: entry for entry in checkpoints_of(run)}
    for word, shown, name in (
        ("best", tr("best"), run.record.best if run.record else None),
        ("last", tr("last"), run.record.last if run.record else None),
    ):
        entry = by_name.get(name or "")
        if entry is not None and name is not None:
            named.add(name)
            choices.append((word, " · ".join(filter(None, (shown, _place(entry))))))
    at_cursor = entry_at(run, state, CheckpointFacts)
    if at_cursor is not None and Path(at_cursor.path).name not in named:
        name = Path(at_cursor.path).name
        choices.append((name, " · ".join((tr("at the cursor"), _place(at_cursor) or name))))
    return tuple(choices)


def _place(entry: FileEntry) -> str:
    return place_text(None, entry.epoch)


def checkpoint_named(run: Run, word: str) -> FileEntry | None:
    """The checkpoint that `best`, `last` or a name stands for; None where there is none."""
    record = run.record
    if record is None:
        return None
    name = {"best": record.best, "last": record.last}.get(word, word)
    return next((one for one in checkpoints_of(run) if one.path == name or Path(one.path).name == name), None)

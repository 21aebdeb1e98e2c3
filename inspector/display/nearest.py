"""Which artifact stands at the cursor: the nearest at or before it."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.formats.facts import CheckpointFacts, DumpFacts
from inspector.runs.placing import place_text
from inspector.runs.values import FileEntry, Placed, Run
from inspector.session.values import RunState


def entry_at(run: Run, state: RunState, kind: type[CheckpointFacts | DumpFacts]) -> FileEntry | None:
    """The chosen file if it is of the kind, else the last one at or before the cursor, else the first."""
    entries = [entry for entry in run.files if isinstance(entry.facts, kind)]
    chosen = next((entry for entry in entries if entry.path == state.file), None)
    if chosen or not entries:
        return chosen
    placed = sorted((entry for entry in entries if entry.step is not None), key=lambda entry: entry.step or 0)
    if not placed:
        return entries[-1]
    if state.cursor_step is None:
        return placed[-1]
    before = [entry for entry in placed if entry.step is not None and entry.step <= state.cursor_step]
    return before[-1] if before else placed[0]


def nearest_checkpoint(run: Run, dump: FileEntry) -> FileEntry | None:
    """The checkpoint whose step is nearest to a dump's, the earlier of two; the newest where the dump has no step."""
    found = [entry for entry in run.files if isinstance(entry.facts, CheckpointFacts)]
    step = dump.step
    placed = [(entry.step, entry) for entry in found if entry.step is not None]
    if step is None or not placed:
        return max(found, key=lambda entry: (entry.step or 0, entry.modified_s), default=None)
    return min(placed, key=lambda pair: (abs(pair[0] - step), pair[0]))[1]


def where_text(entry: FileEntry) -> str:
    """`step_0001500.h5 · epoch 12 · guessed`."""
    return where_of(entry.name, entry.step, entry.epoch, entry.placed)


def where_of(name: str, step: int | None, epoch: float | None, placed: Placed) -> str:
    """As `where_text`, of a file with this name and place."""
    guessed = tr("guessed") if placed is Placed.GUESSED else ""
    return " · ".join(filter(None, (name.rpartition("/")[2], place_text(step, epoch), guessed)))


def place_or_name(entry: FileEntry) -> str:
    """`epoch 39`, `step 1,400`, or the file's name where it has no place in time."""
    return place_text(entry.step, entry.epoch) or entry.name.rpartition("/")[2]

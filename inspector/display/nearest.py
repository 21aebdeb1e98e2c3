"""Which artifact stands at the cursor: the nearest at or before it."""

from __future__ import annotations

from inspector.core.language import tr
from inspector.formats.facts import CheckpointFacts, DumpFacts
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
    parts = [entry.name.rpartition("/")[2]]
    if entry.epoch is not None:
        parts.append(_epoch_text(entry.epoch))
    elif entry.step is not None:
        parts.append(_step_text(entry.step))
    if entry.placed is Placed.GUESSED:
        parts.append(tr("guessed"))
    return " · ".join(parts)


def place_text(entry: FileEntry) -> str:
    """`epoch 39`, `step 1,400`, or the file's name where it has no place in time."""
    if entry.epoch is not None:
        return _epoch_text(entry.epoch)
    return _step_text(entry.step) if entry.step is not None else entry.name.rpartition("/")[2]


def _epoch_text(epoch: float) -> str:
    return tr("epoch {epoch}").format(epoch=f"{epoch:g}")


def _step_text(step: int) -> str:
    return tr("step {step}").format(step=f"{step:,}")

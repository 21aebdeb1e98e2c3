"""`clean`, and what `info --verify` adds: work on a whole checkpoint as the command line does it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from inspector.core.errors import InspectorError, MissingError, UsageError
from inspector.core.outcome import Done, Failed
from inspector.core.pulse import Progress, Pulse
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.formats.nonfinite import builtins_of, to_json
from inspector.formats.verified import Verified
from inspector.formats.written import CleanCopy
from inspector.jobs.outputs import begin, limits_for
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import Clean
from inspector.session.role_store import load_roles

T = TypeVar("T")

_MANY_BYTES = 10_000
"""Work that counts fewer counts steps, not bytes."""


def clean(path: Path, out: Path, *, as_json: bool) -> int:
    """Write a checkpoint anew as tensors and plain values, in a locked reader; print what became of it.

    Raises:
        MissingError: there is nothing at the path.
        UsageError: the new file cannot be written there.
        InspectorError: the path is no checkpoint, or the copy cannot be made; the sentence says why.
    """
    path = path.absolute()
    if not path.exists():
        raise MissingError(path, "a checkpoint", "nothing there", "check the path")
    copy = written((path,), out, "clean", Clean(), CleanCopy)
    if as_json:
        print(to_json({"path": str(out), **builtins_of(copy)}, indent=2).decode())
    else:
        print("\n".join(_copy_lines(out, copy)))
    return 0


def written(paths: tuple[Path, ...], out: Path, kind: str, body: msgspec.Struct, answer_type: type[T]) -> T:
    """What a reader says of the file that it wrote, which is then in place.

    Args:
        paths: what it reads.
        out: the new file.
        kind: of the request, with its body and the type of its answer.
        body: of the request.
        answer_type: of the answer.

    Raises:
        UsageError: the new file cannot be written there.
        InspectorError: it cannot be made; the sentence says why.
    """
    draft = begin(paths, out)
    try:
        with Launcher() as launcher, _ProgressLine() as line:
            launcher.role_corrections = load_roles()
            reader = launcher.reader(paths, limits_for(draft))
            outcome = answered(reader, kind, body, answer_type, line.show, output=draft.descriptor)
        if isinstance(outcome, Failed):
            raise InspectorError(outcome.sentence)
        if not isinstance(outcome, Done):
            raise InspectorError(f"{visible(paths[0].name)}: its reader was ended")
        try:
            draft.commit()
        except OSError as error:
            raise UsageError(f"{visible(out.name)}: it could not be put in place ({error.strerror})") from error
    finally:
        draft.discard()
    return outcome.value


def _copy_lines(out: Path, copy: CleanCopy) -> Iterator[str]:
    yield f"{visible(out.name)} written: {copy.sentence()}"
    for changes, count in ((copy.changed, copy.changed_count), (copy.left_out, copy.left_out_count)):
        yield from (f"  {visible(change.sentence())}" for change in changes)
        if count > len(changes):
            yield f"  and {count - len(changes):,} more"
    yield from (f"  note: {visible(note)}" for note in copy.notes)


def verified_lines(verified: Verified) -> Iterator[str]:
    """The result of a check as lines of text."""
    yield visible(verified.sentence(), 600)
    for record in verified.damaged[1:]:  # the sentence has the first one
        yield f"  damaged: {visible(record.sentence(), 600)}"
    if verified.damaged_count > len(verified.damaged):
        yield f"  and {verified.damaged_count - len(verified.damaged):,} more"
    yield from (f"  note: {visible(note)}" for note in verified.notes)


class _ProgressLine:
    """One line on a terminal that says how far the work is; nothing where stderr is none."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._on:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def show(self, progress: Progress) -> None:
        """Say how far it is."""
        if self._on:
            by_bytes = progress.total >= _MANY_BYTES
            how_far = f" {bytes_text(progress.done)} of {bytes_text(progress.total)}" if by_bytes else ""
            print(f"\r\x1b[K{visible(progress.what, 60)}{how_far}", end="", file=sys.stderr, flush=True)


def verified(path: Path) -> Verified:
    """Check a checkpoint's bytes, with a line of progress on a terminal; the process is locked already.

    Raises:
        FileError: it is no checkpoint, or cannot be read.
    """
    from inspector.artifacts.checkpoints.verify import verify

    with _ProgressLine() as line:
        return verify(path.absolute(), Pulse(line.show))

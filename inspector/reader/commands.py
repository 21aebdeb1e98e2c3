"""`info` and `metrics`: the reader's work in the command line's own process, locked like a reader."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inspector.artifacts.opened_paths import lead_to
from inspector.core.errors import FileError, MissingError, UsageError
from inspector.core.exit_codes import DONE, FOUND
from inspector.core.pulse import QUIET
from inspector.core.texts import visible
from inspector.core.units import bytes_text, number_text
from inspector.formats.facts import ConsoleFacts, MetricsFacts, OtherFacts
from inspector.formats.nonfinite import builtins_of, spelled, to_json
from inspector.reader.lock import lock

_ZIP = b"PK\x03\x04"


def shut_in(paths: Iterable[Path]) -> None:
    """Read nothing but these paths from here on, datasets of dumps as the window was told what they hold.

    Raises:
        MissingError: one of them is not there.
    """
    absolute = [path.absolute() for path in paths]
    for path in absolute:
        if not path.exists():
            raise MissingError(path, "a file or folder", "nothing there", "check the path")
    if any(map(_may_have_roles, absolute)):
        from inspector.artifacts.dumps.known_corrections import remember
        from inspector.session.role_store import load_roles  # which looks for its folder longer than listing takes

        remember(load_roles())
    lead_to(absolute)
    lock(absolute)


def _may_have_roles(path: Path) -> bool:
    """Whether it may be a dump, or a folder of dumps: a regular file, but none like PyTorch's checkpoints."""
    if not path.is_file():
        return path.is_dir()
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP)) != _ZIP or path.suffix == ".npz"
    except OSError:
        return False


def info(path: Path, *, as_json: bool, verify: bool = False, generous: bool = False) -> int:
    """Print what a file or folder is; with `verify` also whether its bytes are sound, and 1 where they are not.

    With `generous` a checkpoint is read on where the usual limits end the reading.

    Raises:
        FileError: it cannot be read.
    """
    from inspector.artifacts.facts import facts_of

    shut_in([path])
    if path.is_dir() and not _is_one_checkpoint(path.absolute()):
        if verify:
            raise UsageError(f"{visible(path.name)}: --verify takes one checkpoint; this folder is a run")
        return _info_of_folder(path, as_json=as_json)
    if verify:
        return _info_verified(path, as_json=as_json)
    facts = facts_of(path.absolute(), QUIET.made_generous() if generous else QUIET)
    if as_json:
        print(to_json(facts, indent=2).decode())
    else:
        from inspector.reader.facts_text import facts_lines

        print("\n".join(facts_lines(facts)))
    return 0


def _is_one_checkpoint(folder: Path) -> bool:
    from inspector.runs.listing import is_one_checkpoint

    return is_one_checkpoint(folder)


def _info_verified(path: Path, *, as_json: bool) -> int:
    """The facts as far as damage leaves any, and what the check found."""
    from inspector.artifacts.facts import facts_of
    from inspector.reader.facts_text import facts_lines
    from inspector.reader.file_commands import verified, verified_lines

    found = verified(path)
    shown: dict[str, Any] = {}
    lines: list[str] = []
    try:
        facts = facts_of(path.absolute(), QUIET)
    except FileError as error:
        lines.append(str(error))
        shown["because"] = str(error)
    else:
        lines += facts_lines(facts)
        shown = builtins_of(facts)
    if as_json:
        shown["verified"] = {**builtins_of(found), "sound": found.sound}
        print(to_json(shown, indent=2).decode())
    else:
        print("\n".join([*lines, *verified_lines(found)]))
    return DONE if found.sound else FOUND


def _info_of_folder(path: Path, *, as_json: bool) -> int:
    from inspector.reader.facts_text import kind_of
    from inspector.runs.scan import scan

    run = scan((path,), QUIET)
    if as_json:
        print(to_json({"kind": "run", **builtins_of(run)}, indent=2).decode())
        return 0
    print(f"{visible(run.name)} · {len(run.files)} files · {len(run.series)} metrics")
    for entry in run.files:
        because = entry.facts.because if isinstance(entry.facts, OtherFacts) else entry.hint
        print(
            f"  {visible(entry.name):<48} {kind_of(entry.facts):<12} {bytes_text(entry.bytes):>10}  {visible(because)}"
        )
    for note in run.notes:
        print(f"  note: {visible(note)}")
    return 0


def metrics(path: Path, *, tag: str, as_csv: bool, as_json: bool, follow: bool) -> int:
    """Print the curves of a log, or of every log in a folder; with `follow` also what is appended, until Ctrl+C.

    Raises:
        FileError: it cannot be read, or is no log.
    """
    import fnmatch

    from inspector.artifacts.logs.logs import series_of
    from inspector.formats.series import Series

    if follow:
        return _followed(path, tag, as_json=as_json)
    shut_in([path])
    paths = _logs_in(path.absolute()) if path.is_dir() else [path.absolute()]

    series: list[Series] = []
    skipped: list[str] = []
    notes: list[str] = []
    for log in paths:
        curves = series_of(log, QUIET)
        series += [one for one in curves.series if fnmatch.fnmatchcase(one.tag, tag)]
        skipped += curves.skipped
        notes += curves.notes
    if as_json:
        _print_json(series, skipped, notes)
    elif as_csv:
        _print_rows(series)
    else:
        for one in series:
            last = number_text(float(one.values[-1])) if one.values.size else "none"
            print(f"{visible(one.tag):<40} {one.values.size:>9,} points, last {last}")
    for note in (*skipped, *notes) if not as_json else ():
        print(f"note: {visible(note)}", file=sys.stderr)
    return 0


def _followed(path: Path, tag: str, *, as_json: bool) -> int:
    from inspector.reader.follow_command import follow

    if not path.exists():
        raise MissingError(path, "a file or folder", "nothing there", "check the path")
    absolute = path.absolute()
    # A rule on a file ends when the file is replaced; one on its folder holds for the next file too.
    shut_in([absolute if absolute.is_dir() else absolute.parent])
    return follow(absolute, tag, as_json=as_json)


def _logs_in(folder: Path) -> list[Path]:
    from inspector.runs.scan import scan

    run = scan((folder,), QUIET)
    return [Path(entry.path) for entry in run.files if isinstance(entry.facts, MetricsFacts | ConsoleFacts)]


def _numbers(values: Any) -> list[float | str] | None:
    return None if values is None else [spelled(value) for value in values.tolist()]


def _print_json(series: list[Any], skipped: list[str], notes: list[str]) -> None:
    from inspector.reader.point_rows import step_number

    rows = [
        {
            "tag": one.tag,
            "kind": "scalar",
            "steps": [step_number(step) for step in one.steps.tolist()],
            "epochs": _numbers(one.epochs),
            "times": _numbers(one.times),
            "values": _numbers(one.values),
        }
        for one in series
    ]
    print(to_json({"series": rows, "skipped": skipped, "notes": notes}).decode())


def _print_rows(series: list[Any]) -> None:
    import csv

    from inspector.reader.point_rows import COLUMNS, rows_of

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in series:
        writer.writerows(rows_of(one))

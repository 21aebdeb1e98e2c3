"""`metrics --follow`: the points of logs as they come, until Ctrl+C; rotated, cut and replaced logs are followed."""

from __future__ import annotations

import csv
import fnmatch
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.identity import Identity, stamp_of
from inspector.artifacts.logs.logs import series_of
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError, FileError, MissingError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.nonfinite import to_json
from inspector.formats.series import Series
from inspector.reader.point_rows import COLUMNS, rows_of
from inspector.runs.listing import list_files

LOOK_S = 0.5
"""How often the logs are looked at."""

_LOGS = frozenset({"metrics", "console"})


class _Shown(NamedTuple):
    """How many points of a curve were printed, and the last of them, which tells whether they are still there."""

    points: int
    last: bytes


def follow(path: Path, tag: str, *, as_json: bool) -> int:
    """Print every point of a log, or of all logs in a folder, then each new one; 0 when Ctrl+C ends it.

    Args:
        path: absolute.
        tag: glob of the curves that are wanted.
        as_json: one object a line; else CSV with a header.

    Raises:
        FileError: it is no log.
    """
    printed = _Printed(tag, as_json=as_json)
    try:
        printed.begin()
        first = True
        while True:
            for log in _logs_at(path, printed.places):
                try:
                    printed.look(log)
                except (DamagedError, MissingError):  # it is empty still, or just being replaced
                    continue
                except FileError:
                    if first and log == path:
                        raise
            sys.stdout.flush()
            first = False
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        sys.stdout.flush()
        return 0


class _Printed:
    """What was printed of each file, known by its inode, and where that was seen last."""

    def __init__(self, tag: str, *, as_json: bool) -> None:
        self._tag = tag
        self._as_json = as_json
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._shown: dict[tuple[int, int], dict[str, _Shown]] = {}
        self._seen: dict[tuple[int, int], Identity] = {}
        self.places: dict[Path, tuple[int, int]] = {}

    def begin(self) -> None:
        """Print what stands above the points."""
        if not self._as_json:
            self._writer.writerow(COLUMNS)

    def look(self, log: Path) -> None:
        """Print what came to a log since the last look at it.

        Raises:
            FileError: it is no log, or not there.
        """
        stamp = stamp_of(log)
        if stamp is None:
            raise MissingError(log, "a log", "nothing there")
        inode = (stamp.device, stamp.inode)
        if self._seen.get(inode) == stamp and self.places.get(log) == inode:
            return
        curves = series_of(log, QUIET)
        self.places[log] = inode
        self._seen[inode] = stamp
        shown = self._shown.setdefault(inode, {})
        for series in curves.series:
            if fnmatch.fnmatchcase(series.tag, self._tag) and series.values.size:
                shown[series.tag] = self._print(series, shown.get(series.tag))

    def _print(self, series: Series, shown: _Shown | None) -> _Shown:
        """Print the points after those that were; all of them where those are not there any more."""
        count = series.values.size
        start = (
            shown.points if shown and shown.points <= count and _point(series, shown.points - 1) == shown.last else 0
        )
        for row in rows_of(series, start):
            if self._as_json:
                print(to_json(dict(zip(COLUMNS, row, strict=True))).decode())
            else:
                self._writer.writerow(row)
        return _Shown(count, _point(series, count - 1))


def _point(series: Series, index: int) -> bytes:
    """A point as bytes, so that NaN equals NaN."""
    return bytes(series.steps[index].tobytes() + series.values[index].tobytes())


def _logs_at(path: Path, places: dict[Path, tuple[int, int]]) -> list[Path]:
    """The logs to look at: those that were renamed since first, for what was still written to them."""
    if path.is_dir():
        return [log for log in list_files((path,), Notes(), QUIET) if log in places or _is_log(log)]
    return [*_renamed(path, places), path]


def _is_log(path: Path) -> bool:
    try:
        return sniff(path).kind in _LOGS
    except FileError:
        return False


def _renamed(path: Path, places: dict[Path, tuple[int, int]]) -> list[Path]:
    """The file that was at a path when it was looked at last, where it has another name in that folder now."""
    inode = places.get(path)
    stamp = stamp_of(path)
    if inode is None or (stamp is not None and (stamp.device, stamp.inode) == inode):
        return []
    try:
        with os.scandir(path.parent) as entries:
            return [Path(entry.path) for entry in entries if entry.is_file() and entry.inode() == inode[1]]
    except OSError:
        return []

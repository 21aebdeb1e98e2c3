"""`triage` of a folder of many runs: each looked at in short, and a table of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from inspector.core.pulse import QUIET
from inspector.core.texts import short
from inspector.core.units import counted
from inspector.diagnosis.values import Severity
from inspector.display.fleet.columns import FIXED, SettingColumns, setting_columns, severity_counts, text_of
from inspector.display.fleet.survey import Surveyed, surveyed
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.reader.text_tables import aligned
from inspector.runs.grouping import grouping_of
from inspector.runs.groups import fleet_of

LIGHT = "Judged by curves and settings alone; triage one run for what its dumps and checkpoints tell too"

_SHOWN = ("run", "status", "findings", "worst", "best", "last", "epochs")
_RIGHT = ("best", "last", "epochs")
_MOST_SETTINGS = 6
_CELL_CHARACTERS = 44


def many_runs(paths: Iterable[Path]) -> tuple[FleetRun, ...]:
    """The runs among some paths where one of them is a folder of several; else none."""
    groups = grouping_of([path for path in paths if path.exists()], QUIET).groups
    if not any(group.folder and not group.archive for group in groups):
        return ()
    return fleet_of(groups)


def survey_all(runs: Sequence[FleetRun]) -> list[Surveyed]:
    """Look at each run in short; how far that is goes to a terminal."""
    told = []
    for done, run in enumerate(runs, 1):
        told.append(surveyed(run, QUIET))
        if sys.stderr.isatty():
            print(f"\r{done:,} of {counted(len(runs), 'run')}", end="" if done < len(runs) else "\n", file=sys.stderr)
    print(LIGHT, file=sys.stderr)
    return told


def table_lines(rows: Sequence[FleetRow], now_s: float) -> list[str]:
    """A line of each run below headings, with the first settings that differ."""
    differing = SettingColumns()
    for row in rows:
        differing.add(row)
    fixed = tuple(column for column in FIXED if column.key in _SHOWN)
    columns = (*fixed, *setting_columns(differing.differing())[:_MOST_SETTINGS])
    cells = [[short(text_of(row, column, now_s), _CELL_CHARACTERS) for column in columns] for row in rows]
    right = tuple(place for place, column in enumerate(columns) if column.key in _RIGHT)
    lines = aligned([[column.title for column in columns], *cells], right)
    worst = sum(any(severity.rank >= Severity.ERROR.rank for severity, _count in severity_counts(row)) for row in rows)
    unread = sum(bool(row.unread) for row in rows)
    end = [counted(len(rows), "run"), f"{worst:,} with errors"] + [f"{unread:,} could not be read"] * bool(unread)
    return [*lines, " · ".join(end)]

"""Which logs of a run one logger wrote, one file after the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_ROTATED = re.compile(
    r"(?P<base>.+\.(?:log|txt|out|err|csv|tsv|jsonl|ndjson))\.(?P<number>\d{1,4}|\d{4}-\d{2}-\d{2}\S*)"
)
"""As Python's RotatingFileHandler (`train.log.1` is younger than `train.log.2`) and TimedRotatingFileHandler
(`train.log.2026-01-31`) name what they put away."""

_EVENTS = re.compile(r"tfevents\.(?P<seconds>\d{9,12})")
"""TensorBoard joins the event files of a folder in the order of their names, which begin with the second of their
making (`event_file_writer.py`)."""

_NUMBERED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"version_(?P<order>\d+)"), "version_*"),  # Lightning's loggers, a folder for each start
    (
        re.compile(r"(?:offline-)?run-(?P<order>\d{8}_\d{6})-(?P<name>\w+)"),
        "run-*-{name}",
    ),  # W&B, each start of one run
)
"""Folders that a logger makes anew at every start: how they are named, and what they have in common."""

_STAMPED = re.compile(r"\d{8}[-_]\d{6}")
"""mmcv and others name the log of every start by its date and time."""


def loggers_of(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """The logs grouped by their logger, in the order in which it wrote them by their names.

    One logger wrote the event files of one folder; a log and its rotated forms; logs of one name in folders that are
    made anew at every start; logs of one folder whose names differ in date and time only.
    """
    groups: dict[tuple[str, ...], list[tuple[tuple[str, ...], int, Path]]] = {}
    for place, path in enumerate(paths):
        key, order = _logger_and_order(path)
        groups.setdefault(key, []).append((order, place, path))
    return [tuple(path for _, _, path in sorted(group)) for group in groups.values()]


def _logger_and_order(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name = path.name
    if events := _EVENTS.search(name):
        folders, order = _without_starts(path.parent.parts)
        return (*folders, "tfevents"), (*order, events["seconds"].zfill(12), name)
    youngest = "~"
    if rotated := _ROTATED.fullmatch(name):
        name, number = rotated["base"], rotated["number"]
        youngest = number if "-" in number else f"{10**4 - int(number):05}"
    stamps = tuple(_STAMPED.findall(name))
    common, order = _without_starts((*path.parent.parts, _STAMPED.sub("*", name)))
    return common, (*order, *stamps, youngest)


def _without_starts(parts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names with what tells one start from another taken out, and that, in an order."""
    kept, order = [], []
    for part in parts:
        for pattern, common in _NUMBERED:
            if found := pattern.match(part):
                rest = part[found.end() :]
                kept.append(common.format(**found.groupdict()) + rest)
                order.append(found["order"].zfill(15))
                break
        else:
            kept.append(part)
    return tuple(kept), tuple(order)

"""What was dropped, chosen or named, told apart as runs."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from inspector.formats.fleet import FleetRun


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Paths that are one run.

    Attributes:
        name: tells it from the others.
        folder: the folder of many runs, or the archive, that it was found in, empty where it was opened by itself.
        archive: its one path is a packed run folder, to be unpacked first; where the archive holds several runs, its
            paths are as if the archive were a folder.
    """

    name: str
    paths: tuple[str, ...]
    folder: str = ""
    archive: bool = False


class Grouping(msgspec.Struct, frozen=True):
    """The runs among what was opened, in the order shown."""

    groups: tuple[Group, ...] = ()


def fleet_of(groups: Iterable[Group]) -> tuple[FleetRun, ...]:
    """The runs that a table shows; what is packed is unpacked first, and stands in none."""
    return tuple(FleetRun(group.name, group.paths) for group in groups if not group.archive)

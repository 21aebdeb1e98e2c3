"""Which curves are written into a file, and in which form."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from typing import Literal

import msgspec

from inspector.display.curves.scene import CurvesAsk

DataForm = Literal["csv", "npz"]


class DataRun(msgspec.Struct, frozen=True):
    """A run whose curves are written: its name in the file, and which of them, over which axis, how smoothed."""

    name: str
    ask: CurvesAsk


class DataAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What is written.

    Attributes:
        panels: keys or titles of panels, globs too; empty for all.
        x_range: the least and the greatest x of the points, on the axis of the asks; None for every point.
    """

    runs: tuple[DataRun, ...]
    form: DataForm
    panels: tuple[str, ...] = ()
    x_range: tuple[float, float] | None = None


def is_among(panels: Sequence[str], key: str, title: str) -> bool:
    """Whether a panel is named by its key or title, as it is or by a glob, whatever the case; all are by no name."""
    if not panels or key in panels:
        return True
    names = (key.casefold(), title.casefold())
    return any(
        fnmatch.fnmatchcase(name, wanted.casefold()) or name == wanted.casefold() for wanted in panels for name in names
    )

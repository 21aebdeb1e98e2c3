"""The ask and the scene of plain values."""

from __future__ import annotations

import msgspec

from inspector.core.arrays import IntArray


class ObjectsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which checkpoint, and the text that paths contain; `stamp` changes when the file does."""

    path: str
    filter: str = ""
    generous: bool = False
    stamp: float = 0.0


class ObjectsScene(msgspec.Struct, frozen=True, kw_only=True):
    """Values as a tree, depth first, a column each.

    Attributes:
        paths: dotted path from the root of the file; labels: the last of it, safe to show.
        parents: (rows,) int64 row of the parent, -1 for a root.
        kinds: class or type of a value (`int`, `argparse.Namespace`); texts: a value on one line, empty for a group.
        codes: texts of several lines by row, as code and sources are.
        left_out: how many values there were too many of.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    parents: IntArray
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    codes: dict[int, str] = {}
    left_out: int = 0

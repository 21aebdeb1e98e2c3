"""The log viewer's ask and scene."""

from __future__ import annotations

import msgspec


class LogAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A window of lines of one console log; with a filter, of the lines that contain it.

    Attributes:
        stamp: the file's modification time, so that a log that grew is asked for again.
    """

    path: str
    name: str
    first: int
    count: int
    filter: str
    stamp: float


class LogScene(msgspec.Struct, frozen=True, kw_only=True):
    """Lines ready to paint.

    Attributes:
        numbers: line numbers from 1, one for each text.
        first: index of the first shown line among those that match.
        total: lines that match; lines: lines in the file.
    """

    name: str
    first: int
    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    total: int
    lines: int
    filter: str

"""Fetches a window of console lines."""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.identity import Identity, identity_of
from inspector.artifacts.logs.console import LineIndex, lines_of
from inspector.core.pulse import Pulse
from inspector.display.log.scene import LogAsk, LogScene

_BLOCK_LINES = 2_000

_matches: dict[tuple[str, str], tuple[Identity, list[int]]] = {}
"""Line indices that contain a filter, for the last few filters."""

_MAX_FILTERS = 8


def prepare(ask: LogAsk, pulse: Pulse) -> LogScene:
    """The window, and how many lines there are in all."""
    path = Path(ask.path)
    pulse.beat(what=path.name)
    index = lines_of(path, pulse)
    if not ask.filter:
        first = max(0, min(ask.first, index.count - 1))
        texts = index.texts(first, ask.count)
        numbers = tuple(range(first + 1, first + 1 + len(texts)))
        return _scene(ask, first, numbers, texts, index.count, index.count)
    matching = _matching(path, ask.filter, index, pulse)
    first = max(0, min(ask.first, len(matching) - 1))
    shown = matching[first : first + ask.count]
    texts = tuple(index.texts(line, 1)[0] for line in shown)
    return _scene(ask, first, tuple(line + 1 for line in shown), texts, len(matching), index.count)


def _scene(
    ask: LogAsk, first: int, numbers: tuple[int, ...], texts: tuple[str, ...], total: int, lines: int
) -> LogScene:
    return LogScene(
        name=ask.name, first=first, numbers=numbers, texts=texts, total=total, lines=lines, filter=ask.filter
    )


def _matching(path: Path, wanted: str, index: LineIndex, pulse: Pulse) -> list[int]:
    identity = identity_of(path)
    known = _matches.get((str(path), wanted))
    if known and known[0] == identity:
        return known[1]
    word = wanted.casefold()
    found: list[int] = []
    for first in range(0, index.count, _BLOCK_LINES):
        pulse.beat(first, index.count, f"searching {path.name}")
        texts = index.texts(first, _BLOCK_LINES)
        found.extend(first + row for row, text in enumerate(texts) if word in text.casefold())
    while len(_matches) >= _MAX_FILTERS:
        _matches.pop(next(iter(_matches)))
    _matches[str(path), wanted] = (identity, found)
    return found

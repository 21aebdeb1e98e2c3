"""Fetches a window of console lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np

from inspector.artifacts.identity import Identity, identity_of
from inspector.artifacts.logs.console import LineIndex, ReadLines, lines_behind, lines_of, read_lines, series
from inspector.core.arrays import IntArray
from inspector.core.pulse import Pulse
from inspector.display.log.judge import ABOVE_LINES
from inspector.display.log.patterns import ERROR, pattern_of, word_of
from inspector.display.log.scene import ColouredPiece, LineNote, LogAsk, LogScene, Matches

V = TypeVar("V")


@dataclass(slots=True)
class _Kept(Generic[V]):
    """What was found in the last few logs, as long as they are as they were."""

    most: int
    found: dict[tuple[str, str], tuple[Identity, V]] = field(default_factory=dict)

    def get(self, path: Path, what: str, find: Callable[[], V]) -> V:
        identity = identity_of(path)
        known = self.found.pop((str(path), what), None)
        if known is None or known[0] != identity:
            known = (identity, find())
        self.found[str(path), what] = known
        while len(self.found) > self.most:
            self.found.pop(next(iter(self.found)))
        return known[1]


_matching: _Kept[IntArray] = _Kept(8)
_read: _Kept[ReadLines] = _Kept(2)


def prepare(ask: LogAsk, pulse: Pulse) -> LogScene:
    """The window, and how many lines there are in all."""
    path = Path(ask.path)
    pulse.beat(what=path.name)
    index = lines_of(path, pulse)
    if ask.tag:
        line = _line_behind(path, ask.tag, ask.step, pulse)
        ask = msgspec.structs.replace(ask, line=line, first=ask.first if line < 0 else max(0, line - ABOVE_LINES))
    try:
        rows = _rows(path, ask.filter, index, pulse) if ask.filter else None
        matches = _matches(path, ask, rows, index, pulse) if ask.search else None
    except ValueError as error:
        return _scene(ask, index, range(index.count), None, pulse, wrong=str(error))
    return _scene(ask, index, range(index.count) if rows is None else rows, matches, pulse)


def _scene(
    ask: LogAsk,
    index: LineIndex,
    rows: Sequence[int] | IntArray,
    matches: Matches | None,
    pulse: Pulse,
    wrong: str = "",
) -> LogScene:
    first = max(0, min(ask.first, len(rows) - 1))
    lines = [int(line) for line in rows[first : first + ask.count]]
    texts, notes = _window(Path(ask.path), index, lines, pulse)
    return LogScene(
        name=ask.name,
        first=first,
        numbers=tuple(line + 1 for line in lines[: len(texts)]),
        texts=texts,
        notes=notes,
        total=len(rows),
        lines=index.count,
        filter=ask.filter,
        search=ask.search,
        line=ask.line,
        tag=ask.tag,
        matches=matches,
        wrong=wrong,
    )


def _window(
    path: Path, index: LineIndex, lines: list[int], pulse: Pulse
) -> tuple[tuple[str, ...], tuple[LineNote, ...]]:
    """The texts of some lines, and what is known of each."""
    if lines and lines[-1] - lines[0] == len(lines) - 1:
        shown, folded = index.shown(lines[0], len(lines)), index.overwritten(lines[0], len(lines))
    else:
        shown = tuple(shown for line in lines for shown in index.shown(line, 1))
        folded = tuple(count for line in lines for count in index.overwritten(line, 1))
    read = _read.get(path, "", lambda: read_lines(path, pulse))
    places = np.searchsorted(read.lines, lines)
    notes = []
    for line, place, one, states in zip(lines, places, shown, folded, strict=False):
        gave = place < len(read.lines) and read.lines[place] == line
        step = float(read.steps[place]) if gave else math.nan
        error = ERROR.search(one.text) is not None
        notes.append(
            LineNote(
                kind="error" if error else "numbers" if gave else "",
                step=None if math.isnan(step) else step,
                folded=states,
                pieces=tuple(ColouredPiece(*piece) for piece in one.spans),
            )
        )
    return tuple(one.text for one in shown), tuple(notes)


def _line_behind(path: Path, tag: str, step: float, pulse: Pulse) -> int:
    """The line that a curve's point nearest to a step was read from; below 0 where there is no such curve."""
    curve = next((one for one in series(path, pulse).series if one.tag == tag), None)
    behind = lines_behind(path, tag, pulse)
    if curve is None or not len(behind) or len(behind) != len(curve.steps):
        return -1
    far = np.abs(curve.steps - step)
    return int(behind[np.flatnonzero(far == np.nanmin(far))[-1]]) if np.isfinite(far).any() else -1


def _rows(path: Path, wanted: str, index: LineIndex, pulse: Pulse) -> IntArray:
    """Numbers of the lines that match, from 0.

    Raises:
        ValueError: it is no regular expression.
    """
    pattern = pattern_of(wanted)
    return _matching.get(path, wanted, lambda: index.search(pattern, word_of(wanted), pulse))


def _matches(path: Path, ask: LogAsk, rows: IntArray | None, index: LineIndex, pulse: Pulse) -> Matches:
    """How many of the lines that pass the filter match the search, and those around the line gone to."""
    found = _rows(path, ask.search, index, pulse)
    if rows is not None:
        found = np.intersect1d(found, rows, assume_unique=True)
    at = int(np.searchsorted(found, ask.line))
    here = at < len(found) and found[at] == ask.line

    def spot(place: int) -> tuple[int, int] | None:
        if not 0 <= place < len(found):
            return None
        line = int(found[place])
        return (line if rows is None else int(np.searchsorted(rows, line))), line

    return Matches(count=len(found), place=at + 1 if here else 0, before=spot(at - 1), after=spot(at + here))

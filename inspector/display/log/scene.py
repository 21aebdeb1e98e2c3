"""The log viewer's ask and scene."""

from __future__ import annotations

from typing import Literal

import msgspec

LineKind = Literal["", "numbers", "error"]
"""`numbers`: points of curves were read from the line; `error`: it tells of a failure."""


class LogAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A window of lines of one console log; with a filter, of the lines that match it.

    Attributes:
        search: what matching lines are counted and stepped through for, empty for nothing.
        line: the line that a step to the next or previous match begins at, from 0; below 0 none.
        tag, step: a curve and a step; where there is such a curve, the line behind its nearest point is gone to.
        stamp: the file's modification time, so that a log that grew is asked for again.
    """

    path: str
    name: str
    first: int
    count: int
    filter: str
    stamp: float
    search: str = ""
    line: int = -1
    tag: str = ""
    step: float = 0.0


class ColouredPiece(msgspec.Struct, frozen=True, array_like=True):
    """A piece of a line that was printed in a colour: where it begins, its length, the colour's name."""

    start: int
    count: int
    colour: str
    bold: bool


class LineNote(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one line beside its text.

    Attributes:
        step: the step that a line with numbers tells or lies at, None where it is not known.
        folded: states of a progress bar that this line took the place of.
    """

    kind: LineKind = ""
    step: float | None = None
    folded: int = 0
    pieces: tuple[ColouredPiece, ...] = ()


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Where the lines are that match what is searched for.

    Attributes:
        count: how many match among those that pass the filter.
        place: the place among them of the line gone to, from 1; 0 where that is none of them.
        before, after: the nearest ones around it as (row, line), None where there is none.
    """

    count: int
    place: int
    before: tuple[int, int] | None
    after: tuple[int, int] | None


class LogScene(msgspec.Struct, frozen=True, kw_only=True):
    """Lines ready to paint.

    Attributes:
        numbers: line numbers from 1, one for each text.
        notes: one for each text, or none at all.
        first: index of the first shown line among those that match.
        total: lines that match; lines: lines in the file.
        line: the line gone to, from 0.
        tag: the curve whose line was looked for; `line` is then new to the session, below 0 where there is none.
        wrong: why the filter or the search cannot be used.
    """

    name: str
    first: int
    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    total: int
    lines: int
    filter: str
    notes: tuple[LineNote, ...] = ()
    search: str = ""
    line: int = -1
    tag: str = ""
    matches: Matches | None = None
    wrong: str = ""

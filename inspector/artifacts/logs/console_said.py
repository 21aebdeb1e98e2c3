"""What is known of a shape of console lines, looked up once for all lines that have it."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from typing import NamedTuple

from inspector.artifacts.logs.console_columns import Columns
from inspector.artifacts.logs.console_damage import is_no_text
from inspector.artifacts.logs.console_names import SCOPES, tag_of
from inspector.artifacts.logs.console_shapes import GAP, Plan, plan_of
from inspector.artifacts.logs.console_tables import Pair, may_be_header, pair_of, table_plan

_HEADING = re.compile(
    rf"(?P<indent>\s*)(?:\[(?P<title>[A-Za-z][\w -]{{2,50}})\]"
    rf"|(?P<scope>{SCOPES})(?:ing|idation|uation)?(?: (?:set|results?|metrics))?:)\s*",
    re.IGNORECASE,
)


class Ways(NamedTuple):
    """Where the numbers of lines go.

    Attributes:
        silent: they give no number, and no row.
        columns: for each number the rows and values of its column, and its place among those of the line with the
            factor of its unit, or None and what is written as a word. Plain tuples: a line unpacks them all.
    """

    silent: bool
    columns: tuple[tuple[array[int], array[float], int | None, float, float], ...]


SILENT = Ways(silent=True, columns=())


@dataclass(slots=True)
class Said:
    """What lines of one shape say below some headers.

    Attributes:
        passed: they are no text.
        header: they may name the columns of a table below them.
        indent: how far they are set in, -1 where they are blank.
        pair: the row of a box that they are.
        plan: what they say otherwise.
        placed: they tell an epoch or a step.
        heading: how far they are set in where they name what the lines below are of, and this name.
        uncertain: the place of a number at the very end that may go on.
        ways: where their numbers go, by whether they have a place and a step, and by the begin of their tags.
    """

    passed: bool = False
    header: bool = False
    indent: int = -1
    pair: Pair | None = None
    plan: Plan | None = None
    placed: bool = False
    heading: tuple[int, str] | None = None
    uncertain: int | None = None
    ways: dict[tuple[bool, bool, str], Ways] = field(default_factory=dict)


def said_by(shape: str, headers: tuple[str, ...], *, cut: bool = False) -> Said:
    """What lines of a shape say.

    Args:
        shape: of the lines.
        headers: of the tables above them, the latest first.
        cut: a number at the very end may go on, and says nothing.
    """
    if is_no_text(shape):
        return Said(passed=True)
    uncertain = shape.count(GAP) - 1 if cut and shape.endswith(GAP) else None
    header, pair = may_be_header(shape), pair_of(shape)
    if pair is not None:
        return Said(header=header, pair=pair, passed=uncertain is not None and pair.place == uncertain)
    plan = next(filter(None, (table_plan(known, shape) for known in headers)), None) or plan_of(shape)
    heading = _heading_of(shape) if plan is None else None
    if plan is not None and uncertain is not None and uncertain in (plan.epoch, plan.step, plan.total):
        plan = None
    return Said(
        header=header,
        indent=len(shape) - len(shape.lstrip()) if shape.strip() else -1,
        plan=plan,
        placed=plan is not None and plan.placed,
        heading=heading,
        uncertain=uncertain,
    )


def ways_of(plan: Plan, key: tuple[bool, bool, str], columns: Columns, uncertain: int | None) -> Ways:
    """Where the numbers of a line go.

    Args:
        plan: of the line.
        key: whether it has a place, whether a step was told, and what the tags begin with.
        columns: those of the log, which are made as far as they are needed.
        uncertain: the place of a number that may go on and is left out.
    """
    placed, of_step, above = key
    entries = [entry for entry in plan.entries if placed or entry.metric or entry.leads]
    if entries and placed and columns.first_placed is None:
        columns.first_placed = len(columns.rows)
    ways = []
    for entry in entries:
        if entry.place is not None and entry.place == uncertain:
            continue
        column = columns.column((of_step, above + entry.tag), entry, placed=placed)
        if column is not None:
            factor = column.factor(entry)
            ways.append((column.rows, column.values, entry.place, factor, entry.word * factor))
    return Ways(not entries, tuple(ways))


def _heading_of(shape: str) -> tuple[int, str] | None:
    """How far a line is set in that names what the lines below it are of, and this name as the begin of a tag."""
    found = _HEADING.fullmatch(shape)
    if found is None:
        return None
    title = found["title"] or found["scope"]
    return len(found["indent"]), "/".join(tag_of(part) for part in title.split(" - "))

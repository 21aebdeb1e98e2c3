"""Tables in console text: a header that names its columns, and boxes of one name and number a row."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from inspector.artifacts.logs.console_names import EPOCH_NAMES, SCOPES, STEP_NAMES, is_metric, is_noise, tag_of
from inspector.artifacts.logs.console_shapes import GAP, Entry, Plan, message_of, narrowed

_KNOWN_SHAPES = 2048
_HEADER_CHARACTERS = 1000
_MOST_COLUMNS = 64

_BAR = re.compile(r":?\s*[\d\0]+%\s?\|.*$")
"""A progress bar behind a header or a row, as YOLO prints it."""

_EDGES = re.compile(r"[|│┃║]")
_CELLS = re.compile(r"\s{2,}|\t|\s*[|│┃║]\s*")
_NAME = re.compile(r"[A-Za-z_][\w@.:/()%+'-]*(?: [\w@.:/()%+'-]+){0,3}")
_TELLING = re.compile(
    rf"\b(?:epochs?|steps?|iter(?:ation)?s?|global_step|class|{SCOPES}|training|validation|\w*loss|acc|accuracy|lr)\b"
)
_NUMBER_CELL = re.compile(rf"{GAP}(?:/{GAP})?(?:[kmgt]i?b?|ms|s|%|x)?:?")
_WORD_CELL = re.compile(r"[a-z_][\w@./-]*")
_MISSING_CELL = re.compile(rf"[-+*]|--|n/a|none|[^a-z]*{GAP}.*")
_WORDS = ("nan", "inf", "-inf", "+inf")

_PAIR = re.compile(
    rf"\s*[|│┃](?P<indent>\s*)(?P<name>[a-z_][\w ./()%@+-]*?)\s*[|│┃]\s*"
    rf"(?P<value>{GAP}|[-+]?(?:nan|inf))\s*%?\s*[|│┃]\s*$"
)
_GROUP = re.compile(r"\s*[|│┃]\s*(?P<name>[a-z_][\w ./-]*/)\s*[|│┃]\s*[|│┃]\s*$")


class _Cell(NamedTuple):
    """One cell of a row: the place of its number, or its word; neither where it holds something else."""

    place: int | None
    word: str
    of_total: bool = False


@functools.lru_cache(_KNOWN_SHAPES)
def may_be_header(shape: str) -> bool:
    """Whether a line of this shape could name the columns of a table below it."""
    if len(shape) > _HEADER_CHARACTERS or "=" in shape:
        return False
    bare = _BAR.sub("", narrowed(shape.lower()))
    return (
        bool(_TELLING.search(bare))
        and not re.search(rf"(?<![\w.:@]){GAP}", bare)
        and len(bare.split()) > 1
        and not bare.rstrip().endswith((".", "!", "?", ","))
    )


@functools.lru_cache(_KNOWN_SHAPES)
def table_plan(header: str, shape: str) -> Plan | None:
    """What a line of this shape says below a header, or None where it is no row of that table.

    Args:
        header: the line as written.
        shape: with as many cells as the header has names, or one more that begins with a word.
    """
    cells = _cells(narrowed(shape.lower()))
    if cells is None:
        return None
    label = cells[0].word if cells[0].word not in _WORDS else ""
    headers = _names(header)
    for names in headers:
        if len(cells) == len(names) and (plan := _plan(names, cells, label)):
            return plan
    for names in headers:
        if label and len(cells) == len(names) + 1:
            return _plan([f"{name}/{label}" for name in names], cells[1:], "")
    return None


def _plan(names: list[str], cells: tuple[_Cell, ...], label: str) -> Plan | None:
    places: dict[str, int] = {}
    entries = []
    for name, cell in zip(names, cells, strict=True):
        axis = "epoch" if name in EPOCH_NAMES else "step" if name in STEP_NAMES else ""
        if cell.of_total and not axis:
            return None
        if axis and cell.place is not None:
            places.setdefault(axis, cell.place)
        elif not axis and not is_noise(name) and (cell.place is not None or cell.word in _WORDS):
            word = math.nan if cell.place is not None else float(cell.word)
            tag = f"{label}/{name}" if label not in ("", "all") else name
            entries.append(Entry(tag, cell.place, word, metric=is_metric(name)))
    if not entries or not (places or label or any(entry.metric for entry in entries)):
        return None
    return Plan(places.get("epoch"), places.get("step"), None, tuple(entries), inner=True)


@functools.lru_cache(256)
def _names(header: str) -> tuple[list[str], ...]:
    """The names of a header's columns, cut at wide gaps, and at every gap."""
    begin = message_of(header.lower())
    line = _BAR.sub("", narrowed(header[begin:])).strip().strip("|│┃║").strip()
    found = []
    for words in ([word for word in _CELLS.split(line) if word], _EDGES.sub(" ", line).split()):
        if 1 < len(words) <= _MOST_COLUMNS and all(_NAME.fullmatch(word) for word in words):
            names = _grouped(words)
            if names not in found and len(set(names)) == len(names):
                found.append(names)
    return tuple(found)


def _grouped(words: list[str]) -> list[str]:
    """Names as tags; what stands between a bracket and its end in a later name is a group: `Box(P`, `R`, `mAP50)`."""
    names = []
    group = ""
    for word in words:
        name = word
        if name.count("(") > name.count(")"):
            opened, _, name = name.partition("(")
            group = f"{tag_of(opened)}/"
        names.append(group + tag_of(name[:-1] if group and name.endswith(")") else name))
        if group and word.endswith(")"):
            group = ""
    return names


@functools.lru_cache(_KNOWN_SHAPES)
def _cells(shape: str) -> tuple[_Cell, ...] | None:
    """The cells of a row, or None where a line of this shape is none."""
    if GAP not in shape:
        return None
    begin = message_of(shape)
    place = shape.count(GAP, 0, begin)
    bare = _BAR.sub("", shape[begin:])
    cells: list[_Cell] = []
    for token in _EDGES.sub(" ", bare).split():
        if _NUMBER_CELL.fullmatch(token):
            cells.append(_Cell(place, "", of_total="/" in token))
        elif token in _WORDS or (_WORD_CELL.fullmatch(token) and not cells):
            cells.append(_Cell(None, token))
        elif _MISSING_CELL.fullmatch(token):
            cells.append(_Cell(None, ""))
        else:
            return None
        place += token.count(GAP)
    return tuple(cells) if len(cells) > 1 and any(cell.place is not None for cell in cells) else None


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a box: a name and its number.

    Attributes:
        member: the name is set in, as those under a group's heading are.
        heading: it is a group's heading, and holds no number.
    """

    tag: str
    place: int | None
    word: float = math.nan
    member: bool = False
    heading: bool = False


@functools.lru_cache(_KNOWN_SHAPES)
def pair_of(shape: str) -> Pair | None:
    """The row of a box that lines of this shape are, or None."""
    shape = narrowed(shape.lower())
    found = _PAIR.match(shape)
    if found is not None:
        text = found["value"]
        place = shape.count(GAP, 0, found.start("value")) if text == GAP else None
        return Pair(tag_of(found["name"]), place, math.nan if text == GAP else float(text), len(found["indent"]) > 1)
    group = _GROUP.match(shape)
    return None if group is None else Pair(tag_of(group["name"]), None, heading=True)

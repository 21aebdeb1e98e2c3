"""Lists the plain values of a checkpoint as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.language import tr, tr_counted
from inspector.core.pulse import QUIET, Pulse
from inspector.core.texts import visible
from inspector.display.weights.facts_text import passes, value_text
from inspector.display.weights.objects.scene import ObjectsAsk, ObjectsScene

MAX_VALUES = 20_000
"""Values that are shown; a file with more of them is a data set, and the filter finds the rest."""

_CLASS = "__class__"
_LABEL_CHARACTERS = 200
_FIRST_LINE_CHARACTERS = 80
_MAX_CODE_CHARACTERS = 2_000_000
_BEAT_VALUES = 2000
_LISTING = tr("listing values")
_NONE = tr("none")


def prepare(ask: ObjectsAsk, pulse: Pulse) -> ObjectsScene:
    """The values that pass the filter, with the groups that they are in."""
    pulse.beat(what=tr("reading {file}").format(file=Path(ask.path).name))
    return tree_of(opened(Path(ask.path), pulse, generous=ask.generous).facts.objects, ask.filter, pulse)


def tree_of(objects: Mapping[str, Any], wanted: str = "", pulse: Pulse = QUIET) -> ObjectsScene:
    """Values by dotted path as a tree; a filter looks at paths and at texts."""
    paths: list[str] = []
    labels: list[str] = []
    parents: list[int] = []
    kinds: list[str] = []
    texts: list[str] = []
    codes: dict[int, str] = {}
    rows: dict[str, int] = {}
    shown, left_out, characters = 0, 0, 0

    def row_of(path: str) -> int:
        """The row of a path, made with all groups above it where it is new."""
        missing = []
        while path and path not in rows:
            missing.append(path)
            path = _parted(path)[0]
        row = rows.get(path, -1)
        for one in reversed(missing):
            paths.append(one)
            labels.append(visible(_parted(one)[1], _LABEL_CHARACTERS))
            parents.append(row)
            kinds.append("")
            texts.append("")
            row = rows[one] = len(paths) - 1
        return row

    for count, (path, value) in enumerate(objects.items()):
        if count % _BEAT_VALUES == 0:
            pulse.beat(count, len(objects), _LISTING)
        text = _line(value)
        if not (passes(path, wanted) or passes(text, wanted)):
            continue
        if shown >= MAX_VALUES:
            left_out += 1
            continue
        shown += 1
        owner, _, last = path.rpartition(".")
        if last == _CLASS and owner:
            kinds[row_of(owner)] = text
            continue
        row = row_of(path)
        kinds[row], texts[row] = _kind(value), text
        if isinstance(value, str) and "\n" in value and characters < _MAX_CODE_CHARACTERS:
            codes[row] = value
            characters += len(value)
    order = _depth_first(parents)
    place = {row: number for number, row in enumerate(order)}
    return ObjectsScene(
        paths=tuple(paths[row] for row in order),
        labels=tuple(labels[row] for row in order),
        parents=np.array([place.get(parents[row], -1) for row in order], np.int64),
        kinds=tuple(kinds[row] for row in order),
        texts=tuple(texts[row] for row in order),
        codes={place[row]: code for row, code in codes.items()},
        left_out=left_out,
    )


def _line(value: Any) -> str:
    """A value on one line; of a text of several lines the first, and how many there are."""
    if not (isinstance(value, str) and "\n" in value):
        return value_text(value)
    lines = value.splitlines()
    first = next((line for line in lines if line.strip()), "")
    several = tr("{first} … ({lines})")
    return several.format(first=value_text(first, _FIRST_LINE_CHARACTERS), lines=tr_counted(len(lines), "line"))


def _parted(path: str) -> tuple[str, str]:
    """The path of the group that a value is in, and the value's own name; a file of code keeps its `.py`."""
    ending = ".py" if path.endswith(".py") else ""
    owner, _, last = path.removesuffix(ending).rpartition(".")
    return owner, f"{last}{ending}"


def _kind(value: Any) -> str:
    return _NONE if value is None else type(value).__name__


def _depth_first(parents: list[int]) -> list[int]:
    """The rows in the order of the tree; a group that the file comes back to later is one group."""
    children: dict[int, list[int]] = {}
    for row, parent in enumerate(parents):
        children.setdefault(parent, []).append(row)
    order: list[int] = []
    pending = list(reversed(children.get(-1, [])))
    while pending:
        row = pending.pop()
        order.append(row)
        pending.extend(reversed(children.get(row, [])))
    return order

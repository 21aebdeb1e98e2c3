"""Curves whose part of the data only their folder names, as in `log/train` and `log/validation`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Protocol

import msgspec

from inspector.diagnosis.tags import part_of
from inspector.formats.metric_names import words
from inspector.formats.series import Series

_BESIDE = frozenset({"log", "logs", "metrics", "history", "scalars"})
"""Words that may stand beside the part in the name of a folder or file."""


class _Curve(Protocol):
    """As much of `runs.curves.RunCurve` as is asked; the window knows this module, and nothing that reads files."""

    @property
    def series(self) -> Series: ...
    @property
    def file(self) -> str: ...
    @property
    def apart(self) -> bool: ...


def named_by_part(curves: Iterable[_Curve]) -> Iterator[Series]:
    """The curves of a run; of those that stand apart under one tag, each with its part of the data before the tag.

    `dev` beside `prod` is no part of the data: what names no part must lie above what does, or beside training.
    """
    found = tuple(curves)
    files: dict[str, list[str]] = {}
    for curve in found:
        if curve.apart:
            files.setdefault(curve.series.tag, []).append(curve.file)
    known = {tag for tag, own in files.items() if _are_parts(own)}
    for curve in found:
        tag = tag_in_part(curve.series.tag, curve.file) if curve.series.tag in known else curve.series.tag
        yield curve.series if tag == curve.series.tag else msgspec.structs.replace(curve.series, tag=tag)


def _are_parts(files: list[str]) -> bool:
    parts = {part_of(_part_name(file)) for file in files}
    return "train" in parts or all(_part_name(file) or _lies_above(file) for file in files)


def _lies_above(file: str) -> bool:
    """Whether a log lies in the folder of them all; event files elsewhere are named by their folder alone."""
    path = PurePath(file)
    return len(path.parts) == 1 and bool(path.suffix)


def tag_in_part(tag: str, file: str) -> str:
    """`validation/loss` of `loss` in a folder or file called `validation`; the tag as it is where neither is.

    Args:
        tag: of a curve.
        file: its log, as short as `runs.curves` names it.
    """
    name = "" if part_of(tag) else _part_name(file)
    return f"{name}/{tag}" if name else tag


def _part_name(file: str) -> str:
    """The folder or file that names a part, the innermost first; empty where none does."""
    path = PurePath(file)
    return next((name for name in (path.stem, *reversed(path.parts[:-1])) if _is_part(name)), "")


def _is_part(name: str) -> bool:
    left = [word for word in words(name) if word not in _BESIDE]
    return len(left) == 1 and bool(part_of(left[0]))

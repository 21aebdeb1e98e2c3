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
    """The curves of a run; of those that stand apart under one tag, each with its part of the data before the tag."""
    for curve in curves:
        tag = tag_in_part(curve.series.tag, curve.file) if curve.apart else curve.series.tag
        yield curve.series if tag == curve.series.tag else msgspec.structs.replace(curve.series, tag=tag)


def tag_in_part(tag: str, file: str) -> str:
    """`validation/loss` of `loss` in a folder or file called `validation`; the tag as it is where neither is.

    Args:
        tag: of a curve.
        file: its log, as short as `runs.curves` names it.
    """
    folder = "" if part_of(tag) else next((name for name in reversed(_names(file)) if _is_part(name)), "")
    return f"{folder}/{tag}" if folder else tag


def _names(file: str) -> tuple[str, ...]:
    path = PurePath(file)
    return (*path.parts[:-1], path.stem)


def _is_part(name: str) -> bool:
    left = [word for word in words(name) if word not in _BESIDE]
    return len(left) == 1 and bool(part_of(left[0]))

"""The ask and the scene of two checkpoints compared."""

from __future__ import annotations

import msgspec


class CompareAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which two checkpoints.

    Attributes:
        path: the one at the cursor; other: the one that it is compared with, empty where there is none.
        choices: path and name of what can be compared with.
        outside: `other` again where it does not belong to the run, so that a reader is let read it.
        stamp: changes when one of the files does.
    """

    path: str
    other: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    outside: tuple[str, ...] = ()
    generous: bool = False
    stamp: float = 0.0


class ChangeRow(msgspec.Struct, frozen=True, array_like=True):
    """How far a module or a tensor moved.

    Attributes:
        path: of a tensor its name in the second file.
        value: the change as text; share: of the chart's width, 0 to 1, on a log scale.
        detail: what else is known of it.
    """

    path: str
    label: str
    value: str
    share: float
    detail: str


class KeyRow(msgspec.Struct, frozen=True, array_like=True):
    """A tensor that only one file has, or that has another shape or type: `added`, `removed`, `[2] → [3]`."""

    name: str
    said: str


class SettingRow(msgspec.Struct, frozen=True, array_like=True):
    """A plain value that differs; empty where one file does not have it."""

    path: str
    first: str
    second: str


class CompareScene(msgspec.Struct, frozen=True, kw_only=True):
    """What differs.

    Attributes:
        path: the checkpoint at the cursor; other: what it is compared with.
        title: both by name, the earlier first.
        summary: how many tensors changed, came and went.
        modules, tensors: the most changed first; left_out: tensors there were too many of.
        keys: added, removed, reshaped and retyped.
        still: modules none of whose weights changed.
        settings: plain values that differ; settings_left_out: there were too many of.
        says: what to keep in mind.
        problem: why nothing is compared, or empty.
    """

    path: str
    other: str
    choices: tuple[tuple[str, str], ...]
    title: str = ""
    summary: str = ""
    modules: tuple[ChangeRow, ...] = ()
    tensors: tuple[ChangeRow, ...] = ()
    left_out: int = 0
    keys: tuple[KeyRow, ...] = ()
    keys_left_out: int = 0
    still: tuple[str, ...] = ()
    settings: tuple[SettingRow, ...] = ()
    settings_left_out: int = 0
    says: tuple[str, ...] = ()
    problem: str = ""

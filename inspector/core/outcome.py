"""How a piece of background work ended: exactly one of Done, Failed, Cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The work gave its value."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """The work gave up; `sentence` is fit to show, `detail` is a traceback or empty.

    `limited` is whether a limit was in its way that generous limits lift.
    """

    sentence: str
    detail: str = ""
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The work was asked to stop, or a newer request took its place."""


Outcome: TypeAlias = Done[T] | Failed | Cancelled

"""What a viewer offers: whether it fits a run, what it asks a reader for, and who prepares its scene."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import msgspec

from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState


class Fit(IntEnum):
    """How well a viewer fits a run."""

    NO = 0
    POSSIBLE = 1
    MADE_FOR = 2


class Verdict(msgspec.Struct, frozen=True):
    """A viewer's answer; `because` is shown also when it is no."""

    fit: Fit
    because: str


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the catalogue.

    Attributes:
        key: the viewer's one name everywhere.
        title: the tab's text.
        judge: pure, reads no file.
        ask: the frozen request of what is to be shown now; None where there is nothing to show.
        ask_type, scene_type: the structs that travel to and from a reader.
        prepare: module with `prepare(ask, pulse) -> scene`, which only a reader imports.
        next_ask: the ask that is likely to follow one, from it and the one before it; None where none is. What it is
            prepared to in advance, `prepare` keeps until it is asked for.
        badge: the small count beside the tab's title, empty for none.
        tabbed: whether it is a tab; the timeline and the resume preview stand elsewhere in the window, and what has a
            dot in its key (`weights.tensor`) is a part of the tab before the dot.
        slow: it may read for long, so a reader of its own prepares it and nothing waits behind it.
        lane: slow offers that name the same one share that reader, so that none scans what another has scanned.
        scans: it may scan a dump, too: parts in a lane are asked for when what it made of it is kept.
    """

    key: str
    title: str
    judge: Callable[[Run], Verdict]
    ask: Callable[[Run, RunState, ViewState], msgspec.Struct | None]
    ask_type: type[msgspec.Struct]
    scene_type: type[msgspec.Struct]
    prepare: str
    next_ask: Callable[[Any, Any], msgspec.Struct | None] | None = None
    badge: Callable[[Run, RunState], str] = lambda _run, _state: ""
    tabbed: bool = True
    slow: bool = False
    lane: str = ""
    scans: bool = False


Scene = Any
"""A frozen struct of the viewer's own `scene_type`."""

"""What commands do with the shown view: what it shows is switched, or the view is told to do something itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from inspector.app.desk import Desk
from inspector.app.tabs import Tabs
from inspector.display.nearest import entry_at
from inspector.formats.facts import DumpFacts
from inspector.session.intents import ViewChanged

SMOOTHING = 0.6
"""That is switched on."""


class ViewActions:
    """Switches of the view's state, and calls of methods that the shown view may have."""

    def __init__(self, desk: Desk, tabs: Tabs) -> None:
        self._desk = desk
        self._tabs = tabs

    def doing(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its key."""
        return {
            "next_finding": partial(self._call, "step_finding", 1),
            "previous_finding": partial(self._call, "step_finding", -1),
            "show_dismissed": partial(self._call, "toggle_dismissed"),
            "filter": partial(self._call, "focus_filter"),
            "next_sample": partial(self._step_sample, 1),
            "previous_sample": partial(self._step_sample, -1),
            "next_layer": partial(self._call, "next_layer"),
            "previous_layer": partial(self._call, "previous_layer"),
            "fit": partial(self._call, "fit"),
            "hide_dead": self._switch_dead,
            "zoom_error": partial(self._call, "zoom_to_error"),
            "grid": self._switch_grid,
            "point_plots": self._switch_plots,
            "smoothing": self._switch_smoothing,
            "log_axis": self._switch_log_axis,
        }

    def solo_slot(self, number: int) -> None:
        """Show one slot alone; the same again shows all."""
        self._change(solo_slot=None if self._desk.state.view.solo_slot == number else number)

    def _switch_dead(self) -> None:
        self._change(hide_dead=not self._desk.state.view.hide_dead)

    def _switch_grid(self) -> None:
        """Many samples or one."""
        self._change(point_layout="single" if self._desk.state.view.point_layout == "grid" else "grid")

    def _switch_plots(self) -> None:
        """The plots of all points, or many samples."""
        self._change(point_layout="grid" if self._desk.state.view.point_layout == "plots" else "plots")

    def _switch_smoothing(self) -> None:
        self._change(smoothing=0.0 if self._desk.state.view.smoothing else SMOOTHING)

    def _switch_log_axis(self) -> None:
        self._change(y_scale="linear" if self._desk.state.view.y_scale == "log" else "log")

    def _step_sample(self, by: int) -> None:
        chosen = self._desk.chosen()
        if chosen is None or self._call("step_sample", by):
            return
        entry = entry_at(*chosen, DumpFacts)
        count = entry.facts.samples if entry and isinstance(entry.facts, DumpFacts) else None
        if count:
            self._change(sample=min(max(self._desk.state.view.sample + by, 0), count - 1))

    def _change(self, **changes: Any) -> None:
        self._desk.dispatch(ViewChanged(changes))

    def _call(self, method: str, *arguments: object) -> object:
        return call_shown(self._desk, self._tabs, method, *arguments)


def call_shown(desk: Desk, tabs: Tabs, method: str, *arguments: object) -> object:
    """What a method of the shown view gives, None where the view has none of that name."""
    act = getattr(tabs.made(desk.state.tab), method, None)
    return None if act is None else act(*arguments)

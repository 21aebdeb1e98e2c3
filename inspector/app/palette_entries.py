"""What the palette finds: commands first, then what is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from PySide6.QtGui import QAction

from inspector.app.commands import COMMANDS
from inspector.app.desk import Desk
from inspector.app.palette import Entry
from inspector.app.tabs import TABBED
from inspector.core.texts import visible
from inspector.display.curves.filtering import filter_for
from inspector.session.intents import GalleryChanged, RunChosen, TabChosen, ViewChanged
from inspector.session.reduce import chosen_run
from inspector.session.sample_lists import SavedFilter


def entries(desk: Desk, actions: Mapping[str, QAction]) -> list[Entry]:
    """Commands, views, named filters, runs and their files, and the curves and settings of the chosen run."""
    return [*_commands(actions), *_views(desk), *_filters(desk), *_runs(desk), *_of_chosen(desk)]


def _commands(actions: Mapping[str, QAction]) -> Iterator[Entry]:
    for command in COMMANDS:
        if command.key != "palette":
            keys = command.shortcuts[0] if command.shortcuts else ""
            yield Entry(command.title, "command", keys, actions[command.key].trigger)


def _views(desk: Desk) -> Iterator[Entry]:
    for offer in TABBED:
        yield Entry(offer.title, "view", "", partial(desk.dispatch, TabChosen(offer.key)))


def _filters(desk: Desk) -> Iterator[Entry]:
    for saved in desk.state.sample_lists.filters:
        yield Entry(visible(saved.name, 200), "filter", "", partial(_show_filtered, desk, saved))


def _show_filtered(desk: Desk, saved: SavedFilter) -> None:
    desk.dispatch(TabChosen(saved.viewer))
    desk.dispatch(GalleryChanged(saved.viewer, {"filter": saved.filter, "ranges": saved.ranges}))


def _runs(desk: Desk) -> Iterator[Entry]:
    for state in desk.state.runs:
        run = desk.run(state.key)
        if run is None:
            continue
        yield Entry(visible(run.name, 200), "run", "", partial(desk.dispatch, RunChosen(run.key)))
        for entry in run.files:
            choose = partial(desk.dispatch, RunChosen(run.key, entry.path))
            yield Entry(visible(entry.name, 200), "file", "", choose)


def _of_chosen(desk: Desk) -> Iterator[Entry]:
    chosen = chosen_run(desk.state)
    run = desk.run(chosen.key) if chosen else None
    if run is None:
        return
    for series in run.series:
        yield Entry(visible(series.tag, 200), "curve", "", partial(_show_curve, desk, series.tag))
    for path in run.settings.values:
        yield Entry(visible(path, 200), "setting", "", partial(_show_setting, desk, path))


def _show_curve(desk: Desk, tag: str) -> None:
    desk.dispatch(TabChosen("curves"))
    desk.dispatch(ViewChanged({"series_filter": filter_for(tag)}))


def _show_setting(desk: Desk, path: str) -> None:
    desk.dispatch(TabChosen("settings"))
    desk.dispatch(ViewChanged({"settings_filter": path}))

"""What is brought to the window by a drop, a paste, a menu or the command line becomes runs, or parts of one."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.core.language import tr, tr_counted, tr_many
from inspector.core.outcome import Done, Failed, Outcome
from inspector.core.texts import visible
from inspector.formats.fleet import FleetRun
from inspector.jobs.readers import Ticket
from inspector.runs.fitting import fit_of
from inspector.runs.groups import Grouping, fleet_of
from inspector.session.intents import PathsJoined, RunsJoined

MOST_OPENED = 16
"""Of a folder of more runs a table is shown, and none is opened until it is chosen there."""


class Arrivals(QObject):
    """Asks a reader which runs there are, and has the desk open them.

    Signals:
        looked: the Grouping of what is dragged over the window.
        many: folder, tuple of FleetRun: more runs than are opened at once.
    """

    looked = Signal(object)
    many = Signal(str, object)

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._look: Ticket | None = None
        desk.run_opened.connect(self._offer_to_join)

    def look(self, paths: tuple[str, ...]) -> None:
        """Find out what would be opened; `looked` tells it."""
        self.look_away()
        self._look = self._desk.finder.find(paths, self._on_looked)

    def look_away(self) -> None:
        """Want to know it no more."""
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def bring(self, paths: tuple[str, ...], into: str | None = None) -> None:
        """Open what is among some paths, or make it part of the run with a key."""
        if paths:
            self._desk.finder.find(paths, partial(self._brought, into))

    def _on_looked(self, outcome: Outcome[Grouping]) -> None:
        if isinstance(outcome, Done):
            self.looked.emit(outcome.value)

    def _brought(self, into: str | None, outcome: Outcome[Grouping]) -> None:
        if isinstance(outcome, Done):
            self._take(outcome.value, into)
        elif isinstance(outcome, Failed):
            self._desk.message.emit(Message(outcome.sentence, outcome.detail))

    def _take(self, grouping: Grouping, into: str | None) -> None:
        run = self._desk.run(into)
        if run is not None:
            plain = tuple(path for group in grouping.groups if not group.archive for path in group.paths)
            added = tuple(path for path in plain if not _holds(run.paths, path))
            if plain and not added:
                sentence = tr("{run} holds this already").format(run=visible(run.name, 80))
                self._desk.message.emit(Message(sentence, good=True))
            elif added:
                self._desk.dispatch(PathsJoined(run.key, added, run.name))
        fleets = many_of(grouping) if run is None else {}
        for folder, runs in fleets.items():
            self.many.emit(folder, runs)
        for place, group in enumerate(grouping.groups):
            if (run is None and group.folder not in fleets) or group.archive:
                self._desk.open(
                    group.paths,
                    name=group.name if group.folder or group.archive else "",
                    folder=group.folder,
                    place=place,
                    packed=group.archive,
                    chosen=place == 0,
                )

    def _offer_to_join(self, key: str) -> None:
        """Offer to put together a log and checkpoints that were opened apart, where they fit."""
        run = self._desk.run(key)
        if run is None or run.record is not None:
            return
        for state in self._desk.state.runs:
            other = self._desk.run(state.key)
            if other is None or other.key == key or state.folder:
                continue
            because = fit_of(other, run)
            if because:
                sentence = tr("{run} seems to belong to {other}: {because}").format(
                    run=visible(run.name, 80), other=visible(other.name, 80), because=because
                )
                join = RunsJoined(other.key, key, other.name)
                self._desk.message.emit(Message(sentence, good=True, action=tr("Join"), intent=join))
                return


def _holds(paths: tuple[str, ...], path: str) -> bool:
    """Whether a path is one of some, or within one of them."""
    return any(path == known or Path(path).is_relative_to(known) for known in paths)


def many_of(grouping: Grouping) -> dict[str, tuple[FleetRun, ...]]:
    """The runs of each folder that holds more of them than are opened at once."""
    homes = Counter(group.folder for group in grouping.groups if group.folder and not group.archive)
    return {
        folder: fleet_of(group for group in grouping.groups if group.folder == folder)
        for folder, count in homes.items()
        if count > MOST_OPENED
    }


def effect_text(grouping: Grouping, run_name: str = "") -> str:
    """What dropping would do: `Opens as 2 runs`, `Opens train.log`, `Joins clevr-slots-a`."""
    groups = grouping.groups
    packed = sum(group.archive for group in groups)
    if run_name and packed < len(groups):
        if not packed:
            return joining_text(run_name)
        text = tr_many("Joins {run}, {packed} opens beside it", "Joins {run}, {packed} open beside it", packed)
        return text.format(run=visible(run_name, 60), packed=tr_counted(packed, "packed run"))
    if (fleets := many_of(grouping)) and not run_name:
        return tr("Opens a table of {runs}").format(runs=tr_counted(sum(map(len, fleets.values())), "run"))
    if len(groups) != 1:
        runs = tr_counted(len(groups), "run")
        folders = {group.folder for group in groups}
        folder = folders.pop() if len(folders) == 1 else ""
        if not folder:
            return tr("Opens as {runs}").format(runs=runs)
        return tr("Opens as {runs} under {folder}").format(runs=runs, folder=visible(Path(folder).name, 60))
    name, files = visible(groups[0].name, 60), len(groups[0].paths)
    if groups[0].archive:
        return tr("Unpacks and opens {name}").format(name=name)
    if files < 2:
        return tr("Opens {name}").format(name=name)
    return tr("Opens {name} from {files}").format(name=name, files=tr_counted(files, "file"))


def joining_text(run_name: str) -> str:
    """That what is dropped becomes part of a run."""
    return tr("Joins {run}").format(run=visible(run_name, 60))

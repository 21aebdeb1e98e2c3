"""The page of a folder of many runs: shown in place of all others, filled by readers, left for a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.openings import Order
from inspector.core.language import tr
from inspector.core.outcome import Done, Failed, Outcome
from inspector.core.texts import visible
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.jobs.reach import folder_there
from inspector.runs.groups import Grouping, fleet_of
from inspector.session.intents import FleetShown, RunChosen, RunsCompared, TabChosen

if TYPE_CHECKING:
    from inspector.views.fleet.view import FleetView

COMPARED_IN = "curves"


class FleetDesk(QObject):
    """Shows the table of many runs, and opens what is chosen in it.

    Args:
        desk: opens runs.
        pages: of the window; those of welcome and of open runs, and from the first fleet on its page.
        runs_page: that of open runs.
        parent: what it goes with.
    """

    def __init__(self, desk: Desk, pages: QStackedWidget, runs_page: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pages = pages
        self._runs_page = runs_page
        self._view: FleetView | None = None
        self._folder = ""
        self._last = desk.state.fleet
        self._places: dict[str, int] = {}
        self._awaited: set[str] = set()
        self._compared: tuple[str, ...] = ()
        desk.survey.read.connect(self._on_read)
        desk.survey.ended.connect(self._on_ended)
        desk.run_opened.connect(self._on_run_opened)
        desk.runs.not_opened.connect(self._on_not_opened)
        pages.currentChanged.connect(self._tell)

    @property
    def shown(self) -> bool:
        """Whether its page is."""
        return self._view is not None and self._pages.currentWidget() is self._view

    @property
    def busy(self) -> bool:
        """Whether rows of the shown page are awaited."""
        return self.shown and self._desk.survey.busy

    @property
    def view(self) -> FleetView:
        """The page; made when it is first wanted."""
        if self._view is None:
            from inspector.views.fleet.view import FleetView

            self._view = FleetView()
            self._pages.addWidget(self._view)
            self._view.opened.connect(self._open)
            self._view.compared.connect(self._compare)
            self._view.stopped.connect(self._stop)
            self._view.closed.connect(self.leave)
        return self._view

    def show_fleet(self, folder: str, runs: Sequence[FleetRun]) -> None:
        """Show the runs of a folder, and have them read."""
        self._folder = folder
        self._places = {run.key: place for place, run in enumerate(runs)}
        self._awaited, self._compared = set(), ()
        view = self.view
        view.show_runs(folder, runs)
        view.offer_back(bool(self._desk.state.runs))
        self._pages.setCurrentWidget(view)
        view.table.setFocus()
        self._tell()
        self._desk.survey.begin(folder, runs)

    def show_around(self) -> None:
        """Show the runs of the folder that the chosen run is in, as it is now; without one the last that was shown."""
        chosen = self._desk.chosen()
        if chosen is not None:
            self.show_folder(chosen[1].folder or str(Path(chosen[0].root).parent))
        elif self._folder:
            self.view.offer_back(bool(self._desk.state.runs))
            self._pages.setCurrentWidget(self.view)

    def restore(self) -> None:
        """Show the table that the last session ended with, where its folder is still there."""
        if self._last and folder_there(self._last):
            self.show_folder(self._last)

    def show_folder(self, folder: str) -> None:
        """Show the runs of a folder as it is now, where it holds several."""
        self._desk.finder.find((folder,), partial(self._on_looked, folder))

    def leave(self) -> None:
        """Show the open runs again, where there are any."""
        if self.shown and self._desk.state.runs:
            self._pages.setCurrentIndex(self._runs_page)

    def _on_looked(self, folder: str, outcome: Outcome[Grouping]) -> None:
        if isinstance(outcome, Failed):
            self._desk.message.emit(Message(outcome.sentence, outcome.detail))
        elif isinstance(outcome, Done):
            runs = fleet_of(outcome.value.groups)
            if len(runs) > 1:
                self.show_fleet(folder, runs)
            else:
                name = visible(Path(folder).name, 80)
                sentence = tr("{folder} holds no other run to put into a table").format(folder=name)
                self._desk.message.emit(Message(sentence, good=True))

    def _tell(self) -> None:
        """Have the session know whether a table is shown, and of what."""
        self._desk.dispatch(FleetShown(self._folder if self.shown else ""))

    def _on_read(self, rows: tuple[FleetRow, ...]) -> None:
        self.view.take(rows)

    def _on_ended(self) -> None:
        self.view.end()

    def _stop(self) -> None:
        self._desk.survey.stop()
        self.view.end()

    def _open(self, row: FleetRow) -> None:
        self._awaited, self._compared = {row.run.key}, ()
        self._order(row, chosen=True)

    def _compare(self, rows: tuple[FleetRow, ...]) -> None:
        self._compared = tuple(row.run.key for row in rows)
        self._awaited = set(self._compared)
        self._desk.dispatch(TabChosen(COMPARED_IN))
        for row in rows:
            self._order(row, chosen=row is rows[0])

    def _order(self, row: FleetRow, *, chosen: bool) -> None:
        run = row.run
        place = self._places.get(run.key, 0)
        self._desk.open(run.paths, name=run.name, folder=self._folder, place=place, chosen=chosen)

    def _on_run_opened(self, key: str) -> None:
        if key not in self._awaited:
            return
        self._awaited.discard(key)
        if not self._compared or key == self._compared[0]:
            self._desk.dispatch(RunChosen(key))
            self._pages.setCurrentIndex(self._runs_page)
        self._compare_when_all()

    def _on_not_opened(self, order: Order) -> None:
        if order.key in self._awaited:
            self._awaited.discard(order.key)
            self._compare_when_all()

    def _compare_when_all(self) -> None:
        """Draw runs side by side once all that were chosen are open."""
        if self._compared and not self._awaited:
            compared, self._compared = self._compared, ()
            self._desk.dispatch(RunsCompared(compared))

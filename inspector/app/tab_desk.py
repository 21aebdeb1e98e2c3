"""Which tab is shown: the one that the user chose, else what fits the chosen run."""

from __future__ import annotations

from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.tabs import fitting_tab
from inspector.session.intents import TabChosen
from inspector.session.values import State


class TabDesk(QObject):
    """Chooses tabs.

    Attributes:
        fixed: stay on a view that has nothing to show of a run that was opened.
    """

    def __init__(self, desk: Desk, parent: QObject, *, fixed: bool = False) -> None:
        super().__init__(parent)
        self._desk = desk
        self.fixed = fixed
        # The tab that nobody has chosen yet: it gives way to what fits a run best.
        self._unchosen = "" if desk.state.runs or desk.state.tab != State().tab else desk.state.tab

    def choose(self, viewer: str) -> None:
        """Show the tab that the user pressed."""
        self._unchosen = ""
        self._desk.dispatch(TabChosen(viewer))

    def fit(self) -> None:
        """Show a view that was made for the chosen run where the shown one has nothing of it.

        A run that is being resumed will have its curves in a moment.
        """
        chosen = self._desk.chosen()
        if chosen is None or self.fixed or chosen[1].parent is not None:
            return
        tab = self._desk.state.tab
        tab = fitting_tab(chosen[0], "" if tab == self._unchosen else tab) or tab
        if tab != self._desk.state.tab:
            self._unchosen = tab
            self._desk.dispatch(TabChosen(tab))

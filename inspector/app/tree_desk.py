"""What the user does with runs in their tree: choose, compare, close."""

from __future__ import annotations

from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.run_tree import RunTree
from inspector.session.intents import RunChosen, RunClosed, RunCompared, RunsCompared, TabChosen


class TreeDesk(QObject):
    """Tells a desk what is pressed in the tree."""

    def __init__(self, desk: Desk, tree: RunTree, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        tree.chosen.connect(self._choose)
        tree.toggled.connect(self._toggle)
        tree.compared.connect(self._compare)
        tree.closed.connect(self._close)

    def _choose(self, key: str, file: str | None) -> None:
        self._desk.dispatch(RunChosen(key, file))

    def _toggle(self, key: str) -> None:
        self._desk.dispatch(RunCompared(key, key not in self._desk.state.compared))

    def _compare(self, keys: tuple[str, ...]) -> None:
        self._desk.dispatch(RunsCompared(keys))
        self._desk.dispatch(TabChosen("curves"))

    def _close(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self._desk.dispatch(RunClosed(key))

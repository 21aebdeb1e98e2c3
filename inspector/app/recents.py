"""What was opened, kept for the welcome page of the next time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.welcome import Welcome
from inspector.core.language import tr
from inspector.session.store import add_recent
from inspector.session.writing import writing


class Recents(QObject):
    """Puts what is opened on top of the recent list, once: a run, or the folder of many."""

    def __init__(self, desk: Desk, welcome: Welcome, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._welcome = welcome
        self._remembered: set[str] = set()
        desk.run_changed.connect(self._remember)

    def _remember(self, key: str) -> None:
        run = self._desk.run(key)
        state = next((state for state in self._desk.state.runs if state.key == key), None)
        if run is None or state is None:
            return
        name, paths = (Path(state.folder).name, (state.folder,)) if state.folder else (run.name, state.paths)
        if "|".join(paths) in self._remembered:
            return
        self._remembered.add("|".join(paths))
        try:
            added = writing(partial(add_recent, name, paths))
        except OSError as error:
            sentence = tr("Recent runs are not kept for the next start: {why}").format(why=error.strerror)
            self._desk.message.emit(Message(sentence))
            return
        if added is not None:
            self._welcome.show_recent(added.value)

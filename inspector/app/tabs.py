"""The middle of the window: the tabs, and under them the chosen viewer's widget, made on first use."""

from __future__ import annotations

import importlib
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from inspector.app.commands import BY_KEY
from inspector.app.recordable import VIEWS, checkpoint_to_record
from inspector.app.tab_strip import TabStrip
from inspector.core.language import tr
from inspector.display.catalogue import CATALOGUE
from inspector.display.dumps import dumps_of
from inspector.display.offer import Fit, Offer, Scene
from inspector.runs.values import Run
from inspector.session.values import RunState, State
from inspector.views.controls import Button
from inspector.views.view import View

TABBED = tuple(offer for offer in CATALOGUE if offer.tabbed)

_OF_DUMPS = "slots"
TRIAGE = "triage"


def parts_of(tab: str) -> tuple[str, ...]:
    """Keys of the viewers that prepare a part of a tab, in the order of the catalogue."""
    return tuple(offer.key for offer in CATALOGUE if offer.key.startswith(f"{tab}."))


def fitting_tab(run: Run, tab: str) -> str:
    """The tab where it has something of a run; else the one that fits best.

    Dumps that none shows are shown in one that says how they could be.
    """
    fits = {offer.key: offer.judge(run).fit for offer in TABBED}
    if fits.get(tab, Fit.NO) is not Fit.NO:
        return tab
    if any(fits.values()):
        return best_tab(run)
    return _OF_DUMPS if dumps_of(run) and tab not in VIEWS else tab


def best_tab(run: Run) -> str:
    """The tab that fits a run best, the first of several; triage of what it was not made for comes last."""
    fits = {offer.key: offer.judge(run).fit for offer in TABBED}
    return max(fits, key=lambda key: (fits[key], key != TRIAGE or fits[key] is Fit.MADE_FOR))


class Tabs(QWidget):
    """Tab strip and views.

    Attributes:
        badges: counts beside titles that more tells than the run.

    Signals:
        intent: what a view asks for.
        chosen: key of the tab that was pressed.
        command: key of a command that a view asks for.
        finding: id of a finding that was pressed on a picture.
        stopped: key of a part (`weights.state`) that is no longer wanted; again: that is wanted after all.
        drawn: key of a tab whose view shows another scene.
        sample: what the shown view tells of the chosen sample (SampleTold); None where it has none.
    """

    intent = Signal(object)
    chosen = Signal(str)
    command = Signal(str)
    finding = Signal(str)
    stopped = Signal(str)
    again = Signal(str)
    drawn = Signal(str)
    sample = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = TabStrip(TABBED)
        self.strip.chosen.connect(self.chosen)
        self.stack = QStackedWidget()
        self.badges: dict[str, str] = {}
        self._views: dict[str, View] = {}
        self._over: tuple[QWidget, str] | None = None
        self._buttons: dict[tuple[str, str], Button] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)

    def view(self, key: str) -> View:
        """A viewer's widget; its module, and what that needs, is imported now at the latest.

        Raises:
            KeyError: there is no such viewer.
        """
        if key not in self._views:
            if key not in {offer.key for offer in TABBED}:
                raise KeyError(key)
            view: View = importlib.import_module(f"inspector.views.{key}.view").make(self)
            view.intent.connect(self.intent)
            view.command.connect(self.command)
            view.finding.connect(self.finding)
            view.stopped.connect(self.stopped)
            view.again.connect(self.again)
            self.stack.addWidget(view)
            self._views[key] = view
        return self._views[key]

    def end(self, key: str) -> None:
        """End a viewer's widget, and all that it holds; a new one is made when it is next wanted."""
        view = self._views.pop(key, None)
        if view is not None:
            self._buttons = {pair: button for pair, button in self._buttons.items() if pair[0] != key}
            self.stack.removeWidget(view)
            view.deleteLater()

    def made(self, key: str) -> View | None:
        """A viewer's widget if it has been made."""
        return self._views.get(key)

    def lay_over(self, page: QWidget, tab: str) -> None:
        """Show a page in place of the views, under the head of a tab."""
        if self.stack.indexOf(page) < 0:
            self.stack.addWidget(page)
        self._over = (page, tab)
        self.stack.setCurrentWidget(page)
        self.strip.choose(tab)

    def take_away(self) -> None:
        """Show the views again; which, `show_tab` is told next."""
        self._over = None

    @property
    def over(self) -> QWidget | None:
        """The page that is shown in place of the views."""
        return self._over[0] if self._over else None

    def show_tab(self, state: State, run: Run | None, run_state: RunState | None) -> View:
        """Bring the chosen viewer to the front and set its controls."""
        key = state.tab if any(offer.key == state.tab for offer in TABBED) else TABBED[0].key
        page, head = self._over or (None, key)
        self.strip.choose(head)
        view = self.view(key)
        self.stack.setCurrentWidget(page or view)
        view.set_state(run_state, state.view)
        view.reflect_samples(state.view, state.triage, state.sample_lists)
        if run is not None and run_state is not None:
            for offer in TABBED:
                self.strip.show_tab(offer.key, offer.judge(run), self._badge(offer, run, run_state))
            verdict = next(offer for offer in TABBED if offer.key == key).judge(run)
            if verdict.fit is Fit.NO:
                yet = tr("Nothing to show yet") if run.live else tr("Nothing to show here")
                can_record = key in VIEWS and checkpoint_to_record(run, run_state) is not None
                view.show_message(f"{yet}\n{verdict.because}", self.button(key, "record") if can_record else None)
        self._tell_sample(view)
        return view

    def show_badge(self, key: str, badge: str) -> None:
        """Show a count beside a tab's title."""
        if badge != self.badges.get(key, ""):
            self.badges[key] = badge
            self.strip.show_badge(key, badge)

    def _badge(self, offer: Offer, run: Run, run_state: RunState) -> str:
        return self.badges.get(offer.key, "") or offer.badge(run, run_state)

    def button(self, key: str, command: str) -> Button:
        """A command of the window that a view offers in place of a scene, as a button of that view."""
        if (key, command) not in self._buttons:
            button = self._buttons[key, command] = Button(BY_KEY[command].title, primary=True)
            button.setToolTip(BY_KEY[command].tip)
            button.clicked.connect(partial(self.command.emit, command))
        return self._buttons[key, command]

    def show_scene(self, key: str, scene: Scene) -> None:
        """Hand a scene to its viewer, one of a part to the view that it is a part of."""
        tab, _, part = key.partition(".")
        view = self._views.get(tab)
        if view is not None and part:
            view.show_part(part, scene)
        elif view is not None:
            view.show_scene(scene)
            self.drawn.emit(tab)
        self._tell_sample(view)

    def _tell_sample(self, view: View | None) -> None:
        """Tell what the shown view says of the chosen sample."""
        if view is not None and view is self.stack.currentWidget():
            self.sample.emit(view.told_sample())

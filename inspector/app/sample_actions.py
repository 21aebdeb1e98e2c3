"""What commands do with the samples of the shown view."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QApplication, QMainWindow

from inspector.app.desk import Desk
from inspector.app.findings_panel import FindingsPanel
from inspector.app.tabs import Tabs
from inspector.app.view_actions import call_shown
from inspector.session.intents import ViewChanged


class SampleActions:
    """Marks, selects, sorts and filters samples, where the shown view has some.

    Args:
        dismiss: puts the chosen finding aside.
    """

    def __init__(self, window: QMainWindow, desk: Desk, tabs: Tabs, dismiss: Callable[[], None]) -> None:
        self._window = window
        self._desk = desk
        self._tabs = tabs
        self._dismiss = dismiss

    def doing(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its key."""
        return {
            "flag": partial(self._call, "flag_samples"),
            "reject": partial(self._call, "reject_samples"),
            "tag": partial(self._call, "tag_samples"),
            "note": partial(self._call, "note_samples"),
            "select_next": partial(self._call, "extend_selection", 1),
            "select_previous": partial(self._call, "extend_selection", -1),
            "worst_first": partial(self._call, "sort_worst_first"),
            "save_filter": partial(self._call, "save_filter"),
            "select_all": self._select_all,
            "auto_advance": self._switch_advance,
            "reject_or_dismiss": self._reject_or_dismiss,
        }

    def give_own_tag(self, place: int) -> None:
        """Give the selected samples one of the user's own tags, or take it."""
        self._call("give_own_tag", place)

    def _switch_advance(self) -> None:
        """Marked samples give way to the next, or stay."""
        self._desk.dispatch(ViewChanged({"auto_advance": not self._desk.state.view.auto_advance}))

    def _reject_or_dismiss(self) -> None:
        """Reject the selected samples, unless there are none or the keyboard is among the findings."""
        focused, findings = QApplication.focusWidget(), self._window.findChild(FindingsPanel)
        among_findings = focused is not None and findings is not None and findings.isAncestorOf(focused)
        if among_findings or not self._call("reject_samples"):
            self._dismiss()

    def _select_all(self) -> None:
        """All samples, else all in what has the focus."""
        if not self._call("select_all"):
            select = getattr(QApplication.focusWidget(), "selectAll", None)
            if select is not None:
                select()

    def _call(self, method: str, *arguments: object) -> object:
        return call_shown(self._desk, self._tabs, method, *arguments)

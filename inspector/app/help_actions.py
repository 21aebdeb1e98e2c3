"""Help: which page is shown, and the pages of findings, which a reader hands over when they are first wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from inspector.app.desk import Desk
from inspector.app.news import Message
from inspector.app.palette_search import Group
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.display.help.pages import CONTENTS, FINDING, FINDINGS, HelpPage, HelpPages
from inspector.jobs.reader import Reader
from inspector.jobs.requests import HelpAsk

if TYPE_CHECKING:
    from inspector.app.help_page import HelpSheet

PAGES = {
    "all_findings": FINDINGS,
    "shortcuts": "shortcuts",
    "metrics": "metrics",
    "own_model": "record",
    "own_recipe": "own_recipe",
    "any_script": "resume_any_script",
}
"""The page that each command shows."""


class HelpActions(QObject):
    """Shows pages of help over a window.

    Attributes:
        sheet: where they are shown, None before the first.
    """

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._findings: dict[str, HelpPage] = {}
        self._waiting: list[Callable[[], None]] = []
        self._reader: Reader | None = None
        self.sheet: HelpSheet | None = None

    def doing(self) -> dict[str, Callable[[], None]]:
        """What each command does."""
        return {command: partial(self.show, name) for command, name in PAGES.items()}

    def show_finding(self, finding: str) -> None:
        """The page of a kind of finding, by its id; the contents where it is empty."""
        self.show(FINDING + finding if finding else CONTENTS)

    def show(self, name: str) -> None:
        """Show the page of that name; a finding that has none is of the user's own rules, which have one together.

        Raises:
            FileNotFoundError: there is no page of that name.
        """
        if name == FINDINGS or name.startswith(FINDING):
            if not self._findings:
                self._sheet().show_page(
                    HelpPage(name=name, title=tr("Help"), text=tr("Gathering the pages of findings…"))
                )
            self._with_findings(partial(self._show_finding_page, name))
        else:
            from inspector.app.help_pages import standing_page

            self._sheet().show_page(standing_page(name, self._desk.state.preferences))

    def pages(self, on_more: Callable[[Group], None]) -> Group:
        """What the palette finds of help.

        Args:
            on_more: hears of the pages of findings where they are not known yet.
        """
        from inspector.app.help_pages import LISTED, standing_page

        by_command = frozenset(PAGES.values())
        listed = [standing_page(one.name) for one in LISTED if one.name not in by_command]
        if self._findings:
            return self._group([*listed, *self._findings.values()])
        self._with_findings(partial(self._tell_more, on_more))
        return self._group(listed)

    def _tell_more(self, on_more: Callable[[Group], None]) -> None:
        on_more(self._group(list(self._findings.values())))

    def _group(self, pages: list[HelpPage]) -> Group:
        return Group(tr("help"), [page.title for page in pages], lambda place: self.show(pages[place].name))

    def _show_finding_page(self, name: str) -> None:
        from inspector.app.help_pages import findings_page, standing_page

        if name == FINDINGS:
            page = findings_page(self._findings.values())
        else:
            page = self._findings.get(name.removeprefix(FINDING)) or standing_page("own_rules")
        self._sheet().show_page(page)

    def _sheet(self) -> HelpSheet:
        if self.sheet is None:
            from inspector.app.help_page import HelpSheet

            self.sheet = HelpSheet(self._window)
            self.sheet.wanted.connect(self.show)
        return self.sheet

    def _with_findings(self, then: Callable[[], None]) -> None:
        """Do something once the pages of findings are here."""
        if self._findings:
            then()
            return
        self._waiting.append(then)
        if self._reader is None:
            self._reader = self._desk.file_work.reader(())
            self._reader.ask("help", HelpAsk(), HelpPages, self._gathered)

    def _gathered(self, outcome: Outcome[HelpPages]) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        waiting, self._waiting = self._waiting, []
        match outcome:
            case Done(pages):
                self._findings = {page.name.removeprefix(FINDING): page for page in pages.pages}
                for then in waiting:
                    then()
            case Failed(sentence):
                self._desk.message.emit(
                    Message(tr("The pages of findings cannot be shown: {why}").format(why=sentence))
                )
            case Cancelled():
                pass

"""The findings as a card: a line each, how many there are, and those that were put aside."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr, tr_counted
from inspector.display.triage.scene import FindingRow, TriageScene
from inspector.views.controls import Button, Card
from inspector.views.few_a_turn import FewATurn
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, take_out
from inspector.views.triage.finding_line import FindingLine
from inspector.views.triage.lines_layout import LinesLayout
from inspector.views.wrapped import show_wrapped, wrapped

_AT_ONCE = 3
"""So many new lines are made in the turn in which they come, the others a few a turn."""


class FindingsList(Card):
    """Findings by weight.

    Signals:
        chosen, opened, staged, shown: id of a finding.
        dismissed: id of a finding and the note why; brought_back: id of one.
        toggled: those that were put aside are to be shown, or not.

    Attributes:
        lines: by the id of their finding, those that have been made; rows: what they show, in order.
    """

    chosen = Signal(str)
    opened = Signal(str)
    staged = Signal(str)
    shown = Signal(str)
    dismissed = Signal(str, str)
    brought_back = Signal(str)
    toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Findings"), parent, ink="dim")
        self.column.setContentsMargins(0, 0, 0, 1)
        self.column.setSpacing(0)
        self.head.setContentsMargins(14, 6, 8, 6)
        self.count = Label(ink="dim", size_px=SMALL_PX)
        self.aside = Button("")
        self.aside.setCheckable(True)
        self.aside.setToolTip(tr("Show them too, or not (Shift+X)"))
        self.aside.clicked.connect(self.toggled)
        self.head.addWidget(self.count)
        self.head.addWidget(self.aside)
        self.nothing = wrapped("", ink="dim")
        self.nothing.setContentsMargins(14, 6, 14, 12)
        self.column.addWidget(self.nothing)
        self._listed = QWidget()
        self._lines = LinesLayout(self._listed)
        self.column.addWidget(self._listed)
        self.lines: dict[str, FindingLine] = {}
        self.rows: tuple[FindingRow, ...] = ()
        self._width_px = 0
        self._chosen = ""
        self._making = FewATurn(self)

    def show_scene(self, scene: TriageScene, *, with_dismissed: bool) -> None:
        """Show the findings of a scene; lines of those that stay are kept, with what is being written in them."""
        aside = sum(row.dismissed for row in scene.findings)
        open_count = len(scene.findings) - aside
        shown = [row for row in scene.findings if not row.dismissed]
        shown += [row for row in scene.findings if row.dismissed and with_dismissed]
        self.count.setText("" if scene.looking else tr("{count} open").format(count=open_count))
        self.aside.setText(tr("{count} dismissed").format(count=aside))
        self.aside.setVisible(bool(aside))
        self.aside.setChecked(with_dismissed)
        self.aside.updateGeometry()
        show_wrapped(self.nothing, _nothing_text(scene))
        self.nothing.setVisible(not open_count)
        self.rows = tuple(shown)
        self._making.stop()
        self._keep({row.id for row in shown})
        known = [row for row in shown if row.id in self.lines]
        for place, row in enumerate(known):
            line = self.lines[row.id]
            if line.row is not row:
                line.show_row(row)
            if self._lines.indexOf(line) != place:
                self._lines.insert(place, line)
        new = [row.id for row in shown if row.id not in self.lines]
        for finding in new[:_AT_ONCE]:
            self.line(finding)
        for finding in new[_AT_ONCE:]:
            self._making.add(finding, partial(self.line, finding))
        self._listed.setVisible(bool(shown))

    @property
    def busy(self) -> bool:
        """Whether lines of a long list are still to be made, a few a turn."""
        return self._making.busy

    def line(self, finding: str) -> FindingLine:
        """The line of a finding that is in `rows`, made now at the latest.

        Raises:
            KeyError: it is not.
        """
        if finding not in self.lines:
            places = {row.id: place for place, row in enumerate(self.rows)}
            row = self.rows[places[finding]]
            before = sum(one.id in self.lines for one in self.rows[: places[finding]])
            self._lines.insert(before, self._made(row))
        return self.lines[finding]

    def fit(self, width_px: int) -> None:
        """Leave out of the lines what has no room in so many pixels."""
        self._width_px = width_px
        for line in self.lines.values():
            line.fit(width_px)

    def choose(self, chosen: str) -> None:
        """Show one as chosen, none where there is none of that id."""
        self._chosen = chosen
        if chosen in {row.id for row in self.rows}:
            self.line(chosen)
        for finding, line in self.lines.items():
            line.choose(chosen=finding == chosen)

    def _made(self, row: FindingRow) -> FindingLine:
        line = self.lines[row.id] = FindingLine(row, self._listed)
        line.fit(self._width_px)
        line.choose(chosen=row.id == self._chosen)
        line.pressed.connect(partial(self.chosen.emit, row.id))
        line.opened.connect(partial(self.opened.emit, row.id))
        line.staged.connect(partial(self.staged.emit, row.id))
        line.shown.connect(partial(self.shown.emit, row.id))
        line.asked.connect(line.ask_why)
        line.dismissed.connect(partial(self.dismissed.emit, row.id))
        line.brought_back.connect(partial(self.brought_back.emit, row.id))
        return line

    def _keep(self, ids: set[str]) -> None:
        for finding in tuple(self.lines):
            if finding not in ids and not self.lines[finding].writing:
                self._drop(finding)

    def _drop(self, finding: str) -> None:
        line = self.lines.pop(finding, None)
        if line is not None:
            take_out(line, self._lines)


def _nothing_text(scene: TriageScene) -> str:
    """What is said where no finding is open."""
    if scene.looking:
        return tr("What is found stands here in a moment")
    if not scene.passed:
        return tr("No check had what it needs") if scene.not_assessable else tr("There was nothing to look at")
    subjects = dict.fromkeys(one.subject.lower() for one in scene.passed)
    return tr("{checks} found nothing: {subjects}").format(
        checks=tr_counted(len(scene.passed), "check"), subjects=", ".join(subjects)
    )

"""The right side: findings at the cursor or the evidence of the chosen one, the chosen sample, and what is staged."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from inspector.app.evidence_panel import EvidenceColumn
from inspector.app.finding_card import FindingCard
from inspector.app.sample_card import SampleCard
from inspector.app.staged_card import StagedCard
from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.diagnosis.values import Diagnosis, Finding
from inspector.display.triage.scene import FindingRow
from inspector.views.controls import Card
from inspector.views.elided import ElidedLabel
from inspector.views.few_a_turn import FewATurn
from inspector.views.fonts import SMALL_PX
from inspector.views.surfaces import Label, scrolled, take_out
from inspector.views.wrapped import wrapped

WIDTH_PX = 336
_LEAST_PX = 300
_AT_ONCE = 4
"""So many new cards are made in the turn in which they come, the others a few a turn."""


class FindingsPanel(QWidget):
    """The whole right side.

    Signals:
        chosen: id of the finding that was clicked.
        staged, shown, dismissed, explained: id of the finding whose button was pressed.
    """

    chosen = Signal(str)
    staged = Signal(str)
    shown = Signal(str)
    dismissed = Signal(str)
    explained = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findings")
        self.heading = ElidedLabel(tr("Findings"), ink="dim", size_px=SMALL_PX)
        head = QHBoxLayout()
        head.setContentsMargins(14, 12, 14, 8)
        head.addWidget(self.heading)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 0, 12, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self.evidence = EvidenceColumn()
        self._pages = QStackedWidget()
        for page in (self._list, self.evidence):
            self._pages.addWidget(scrolled(page, tr("Findings and evidence")))
        self.sample_card, self.staged_card = SampleCard(), StagedCard()
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 12)
        box.setSpacing(10)
        box.addWidget(self.sample_card)
        box.addWidget(self.staged_card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        column.addLayout(box)
        self._cards: dict[str, FindingCard] = {}
        self._ids: tuple[str, ...] = ()
        self._making = FewATurn(self)
        self._extra: list[QWidget] = []
        self._closed_with: object = None
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._list.setAutoFillBackground(False)
        self.setMinimumWidth(_LEAST_PX)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 500)

    def show_evidence(self, row: FindingRow) -> None:
        """Show all that is said of one finding, in place of the list."""
        self.heading.setText(visible(tr("Evidence · {finding}").format(finding=row.title)))
        self.evidence.show_row(row)
        self._pages.setCurrentIndex(1)

    def show_list(self, heading: str) -> None:
        """Show the list of findings."""
        self.heading.setText(heading)
        self._pages.setCurrentIndex(0)

    def show_findings(self, findings: tuple[Finding, ...], diagnosis: Diagnosis | None, chosen: str | None) -> None:
        """Show findings, worst first, then what could not be assessed; cards that say the same as before are kept.

        Args:
            findings: those that were not dismissed.
            diagnosis: the whole answer; None while it is being made.
            chosen: id of the finding whose reasons are shown.
        """
        self._making.stop()
        first = findings[0].id if findings else ""
        said = {one.id: (one, one.id == chosen, one.id == first) for one in findings}
        for finding, card in tuple(self._cards.items()):
            if said.get(finding) != (card.finding, card.chosen, card.first):
                take_out(self._cards.pop(finding), self._column)
        self._ids = tuple(said)
        for place, card in enumerate(self.cards):
            if self._column.indexOf(card) != place:
                self._column.insertWidget(place, card)
        missing = [finding for finding in self._ids if finding not in self._cards]
        for finding in missing[:_AT_ONCE]:
            self._make(*said[finding])
        for finding in missing[_AT_ONCE:]:
            self._making.add(finding, partial(self._make, *said[finding]))
        rest = None if diagnosis is None else msgspec.structs.replace(diagnosis, findings=())
        closing = (bool(findings), bool(diagnosis and diagnosis.findings), rest)
        if closing != self._closed_with:
            self._closed_with = closing
            for widget in self._extra:
                take_out(widget, self._column)
            self._extra = self._closing(findings, diagnosis)
            for widget in self._extra:
                self._column.insertWidget(self._column.count() - 1, widget)

    @property
    def cards(self) -> list[FindingCard]:
        """The cards that have been made, in the order shown."""
        return [self._cards[finding] for finding in self._ids if finding in self._cards]

    @property
    def busy(self) -> bool:
        """Whether cards of a long list are still to be made, a few a turn."""
        return self._making.busy

    def _make(self, finding: Finding, chosen: bool, first: bool) -> None:
        card = self._cards[finding.id] = FindingCard(finding, chosen=chosen, first=first)
        card.pressed.connect(partial(self.chosen.emit, finding.id))
        card.staged.connect(partial(self.staged.emit, finding.id))
        card.shown.connect(partial(self.shown.emit, finding.id))
        card.dismissed.connect(partial(self.dismissed.emit, finding.id))
        card.explained.connect(partial(self.explained.emit, finding.id))
        self._column.insertWidget(self.cards.index(card), card)

    def _closing(self, findings: tuple[Finding, ...], diagnosis: Diagnosis | None) -> list[QWidget]:
        if diagnosis is None:
            return [Label(tr("Looking for what went wrong…"), ink="dim", wrap=True)]
        widgets: list[QWidget] = []
        if not diagnosis.complete:
            widgets.append(Label(tr("Looking further…"), ink="dim", wrap=True))
        elif not diagnosis.checked:
            widgets.append(Label(tr("Nothing could be assessed"), ink="dim", wrap=True))
        elif not findings:
            nothing = tr("Nothing found that was not dismissed") if diagnosis.findings else tr("Nothing found")
            widgets.append(Label(nothing, ink="dim", wrap=True))
        if diagnosis.not_assessable:
            card = Card(tr("Not assessable"), surface="raised", ink="dim")
            for one in diagnosis.not_assessable:
                card.column.addWidget(wrapped(f"{one.title} — {one.because}", ink="dim", size_px=SMALL_PX))
            widgets.append(card)
        widgets += [wrapped(note, ink="dim", size_px=SMALL_PX) for note in diagnosis.notes]
        return widgets

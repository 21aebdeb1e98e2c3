"""The right side while a resume is being set up: what the trainer found, what to know, what is to be expected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.findings_panel import WIDTH_PX
from inspector.app.plan import Plan
from inspector.app.trial_texts import left_out_lines, plan_lines
from inspector.core.language import tr
from inspector.core.texts import begun, visible
from inspector.diagnosis.values import Severity
from inspector.views.controls import Card
from inspector.views.fonts import SMALL_PX
from inspector.views.severity_mark import SeverityMark
from inspector.views.surfaces import Label, scrolled, take_out
from inspector.views.wrapped import wrapped

_LONGEST_TITLE = 90


class TrialPanel(QWidget):
    """Cards, as wide as the panel of findings whose place it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = Label("", ink="dim", size_px=SMALL_PX)
        self.heading.setContentsMargins(14, 12, 14, 8)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 0, 12, 12)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self.cards: list[Card] = []
        self._expected = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(scrolled(self._list, tr("What the trainer says")), 1)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAccessibleName(tr("Trainer"))

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 500)

    def texts(self) -> tuple[str, ...]:
        """What the cards say, from above."""
        return tuple(label.text() for card in self.cards for label in card.findChildren(Label) if label.text())

    def show_waiting(self, what: str) -> None:
        """Say what is awaited of the trainer; what stood there is of another question."""
        self._show(tr("Trainer"), [_card(what)])

    def show_nothing(self, why: str) -> None:
        """Say why a trainer is not asked; nothing is to be expected of it."""
        expected, self._expected = self._expected, ""
        self._show(tr("Trainer"), [_card(why)])
        self._expected = expected

    def show_plan(self, plan: Plan, told: Sequence[str] = ()) -> None:
        """Show an answer, and sentences of the window's own about it."""
        where = visible(plan.device, 40)
        cards = [_card(*plan_lines(plan))]
        cards += [_warning(sentence, Severity.WARNING) for sentence in (*told, *plan.warnings)]
        if plan.tensors.left_out:
            left = _card(*left_out_lines(plan.tensors.left_out))
            left.set_title(tr("Won't load"))
            cards.append(left)
        cards += [_warning(sentence, Severity.INFO) for sentence in plan.notes]
        heading = tr("Dry run on {device}") if plan.trial else tr("Trainer on {device}")
        self._show(heading.format(device=where), cards)

    def show_failed(self, sentence: str) -> None:
        """Say why there is no answer; it stays until there is one."""
        self._show(tr("Trainer"), [_warning(sentence, Severity.ERROR)])

    def show_expected(self, text: str) -> None:
        """Say what will come of the resume, below all else."""
        self._expected = text

    def _show(self, heading: str, cards: list[Card]) -> None:
        self.heading.setText(heading)
        for card in self.cards:
            take_out(card, self._column)
        if self._expected:
            expected = _card(self._expected)
            expected.set_title(tr("Expected"))
            cards = [*cards, expected]
        self.cards = cards
        for card in cards:
            self._column.insertWidget(self._column.count() - 1, card)


def _card(*lines: str) -> Card:
    card = Card("", surface="raised", weight="semibold")
    card.column.setSpacing(4)
    for line in lines:
        card.column.addWidget(wrapped(line, ink="dim", size_px=SMALL_PX))
    return card


def _warning(sentence: str, severity: Severity) -> Card:
    """A sentence whose first part is its title."""
    title, _, rest = sentence.partition("; ")
    if len(title) > _LONGEST_TITLE:
        title, rest = sentence, ""
    card = _card(*([_begun(rest)] if rest else []))
    line = QHBoxLayout()
    line.setSpacing(6)
    line.addWidget(SeverityMark(severity), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(wrapped(_begun(title), weight="semibold" if rest else "regular"), 1)
    card.column.insertLayout(0, line)
    card.setAccessibleName(sentence)
    return card


def _begun(text: str) -> str:
    """A sentence with its first letter large, unless it begins with the path of a setting or a name."""
    first = text.partition(" ")[0]
    return text if set(first) & set("._/:,") else begun(text)

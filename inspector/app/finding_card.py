"""One finding as a card: its title and figures, its reasons where it is chosen, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.diagnosis.values import Finding
from inspector.display.triage.evidence_text import evidence_texts, evidence_words
from inspector.display.triage.since import since_text
from inspector.views.controls import Button, Card, is_click
from inspector.views.flow import FlowLayout
from inspector.views.fonts import SMALL_PX
from inspector.views.more import and_more
from inspector.views.severity_mark import SeverityMark
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.wrapped import wrapped

_MOST_EVIDENCE = 6


def help_button() -> Button:
    """Leads to the page of help of a finding."""
    button = Button(tr("Help"))
    button.setToolTip(tr("How it is told, its thresholds, and what helps (F1)"))
    return button


class FindingCard(Card):
    """One finding with its buttons.

    Signals:
        pressed: it was clicked beside its buttons.
        staged, shown, dismissed, explained: its buttons.
    """

    pressed = Signal()
    staged = Signal()
    shown = Signal()
    dismissed = Signal()
    explained = Signal()

    def __init__(self, finding: Finding, *, chosen: bool, first: bool, parent: QWidget | None = None) -> None:
        super().__init__("", parent, surface="raised")
        self.finding = finding
        self.chosen, self.first = chosen, first
        self.column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(SeverityMark(finding.severity), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(wrapped(finding.title, weight="semibold"), 1)
        self.column.addLayout(line)
        self.column.addWidget(wrapped(finding.summary, ink="dim", size_px=SMALL_PX))
        if chosen:
            self._add_more(finding)
        buttons = FlowLayout(gap_px=6)
        if finding.cures:
            stage = Button(tr("Stage cure"), primary=first or chosen)
            stage.setToolTip(visible(finding.cures[0].title))
            stage.clicked.connect(self.staged)
            buttons.addWidget(stage)
        show = Button(tr("Evidence"))
        show.clicked.connect(self.shown)
        buttons.addWidget(show)
        dismiss = Button(tr("Dismiss"))
        dismiss.clicked.connect(self.dismissed)
        buttons.addWidget(dismiss)
        self.column.addLayout(buttons)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{tr(finding.severity.word)}: {finding.title}")

    def _add_more(self, finding: Finding) -> None:
        """What the chosen finding says beyond its figures."""
        since = since_text(finding, ())
        words = [tr(finding.severity.word), tr(finding.sureness.value), since, finding.own_text]
        self._add_text(" · ".join(word for word in words if word))
        for heading, texts in (
            (tr("Evidence"), _evidence_texts(finding)),
            (tr("Why it matters"), [finding.why]),
            (tr("What would confirm it"), [finding.confirm]),
            (tr("A false alarm if"), [finding.false_alarm]),
            (tr("Baseline"), [finding.baseline]),
            (tr("What follows from it"), list(finding.consequences)),
            (tr("Thresholds set for this run"), [finding.thresholds]),
            (tr("Cures"), [cure.title for cure in finding.cures]),
        ):
            written = [text for text in texts if text]
            if written:
                self.column.addWidget(Label(heading, size_px=SMALL_PX, weight="medium"))
            for text in written:
                self._add_text(text)
        explain = help_button()
        explain.clicked.connect(self.explained)
        self.column.addWidget(explain, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_text(self, text: str) -> None:
        self.column.addWidget(wrapped(text, ink="dim", size_px=SMALL_PX))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if is_click(event, self):
            self.pressed.emit()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.chosen:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(colour(tokens().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def _evidence_texts(finding: Finding) -> list[str]:
    texts = evidence_texts(map(evidence_words, finding.evidence))
    more = len(texts) - _MOST_EVIDENCE
    return [*texts[:_MOST_EVIDENCE], and_more(more)] if more > 0 else texts

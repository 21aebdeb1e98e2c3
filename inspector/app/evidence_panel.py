"""The chosen finding beside the triage view: its evidence large, why it matters, and its cures, better ones first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.app.finding_card import help_button
from inspector.core.language import tr
from inspector.diagnosis.values import Severity
from inspector.display.triage.scene import CureRow, EvidenceRow, FindingRow
from inspector.views.controls import Button, Card, is_click
from inspector.views.fonts import SMALL_PX
from inspector.views.keys import PRESS, keeper
from inspector.views.more import and_more
from inspector.views.surfaces import Label, take_out
from inspector.views.wrapped import wrapped

_FIRST_PX, _OTHER_PX, _IMAGE_PX = 150, 96, 200
"""How high the first picture is, those after it, and one of masks."""

_MOST_LINES = 6
"""Of what is told in words alone: one finding may have hundreds of tensors."""


class EvidenceCard(Card):
    """One piece of evidence: its picture and its sentence.

    Signals:
        pressed: it was clicked.
    """

    pressed = Signal()
    focus_ringed = True

    def __init__(self, evidence: EvidenceRow, severity: Severity, *, first: bool, summary: str = "") -> None:
        super().__init__("", surface="raised")
        picture = evidence.picture
        if not picture.blank:
            from inspector.views.triage.evidence_picture import EvidencePicture

            large = EvidencePicture(large=True)
            large.setFixedHeight(_IMAGE_PX if picture.image.size else (_FIRST_PX if first else _OTHER_PX))
            large.show_picture(picture, severity)
            self.column.addWidget(large)
        for text in (summary, evidence.text):
            if text:
                self.column.addWidget(wrapped(text, ink="dim", size_px=SMALL_PX))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(tr("Show it where it was recorded"))
        self.setAccessibleName(tr("Evidence: {text}").format(text=summary or evidence.text))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.installEventFilter(keeper(PRESS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in PRESS:
            self.pressed.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if is_click(event, self):
            self.pressed.emit()


class EvidenceLine(QWidget):
    """A piece of evidence in words.

    Signals:
        pressed: it was clicked.
    """

    pressed = Signal()

    def __init__(self, evidence: EvidenceRow) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(wrapped(evidence.text, ink="dim", size_px=SMALL_PX), 1)
        show = Button(tr("Show"))
        show.clicked.connect(self.pressed)
        row.addWidget(show, 0, Qt.AlignmentFlag.AlignTop)


class EvidenceColumn(QWidget):
    """What there is to say of one finding, as cards one below the other.

    Signals:
        shown: place of the evidence that was clicked.
        staged: place of the cure whose button was pressed.
        explained: id of the finding whose page of help is wanted.
    """

    shown = Signal(int)
    staged = Signal(int)
    explained = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 0, 12, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self._row: FindingRow | None = None
        self.cards: list[Card] = []

    def show_row(self, row: FindingRow) -> None:
        """Show a finding; nothing is made anew where it is the one that is shown."""
        if row is self._row:
            return
        self._row = row
        for card in self.cards:
            take_out(card, self._column)
        first, *others = self._evidence(row)
        self.cards = [first, *self._why(row), *self._cures(row), *others, *self._more(row)]
        for place, card in enumerate(self.cards):
            self._column.insertWidget(place, card)

    def _evidence(self, row: FindingRow) -> list[Card]:
        """A card for each picture, the first with the summary, and one for what is told in words alone."""
        pictured = [one for one in row.evidence if not one.picture.blank]
        cards: list[Card] = []
        for place, one in enumerate(pictured):
            card = EvidenceCard(one, row.severity, first=not place, summary="" if place else row.summary)
            card.pressed.connect(partial(self.shown.emit, one.place))
            cards.append(card)
        told = [one for one in row.evidence if one.picture.blank]
        if told or not pictured:
            also = Card(tr("Also") if pictured else "", surface="raised", weight="semibold")
            if not pictured:
                also.column.addWidget(wrapped(row.summary, ink="dim", size_px=SMALL_PX))
            for one in told[:_MOST_LINES]:
                line = EvidenceLine(one)
                line.pressed.connect(partial(self.shown.emit, one.place))
                also.column.addWidget(line)
            if len(told) > _MOST_LINES:
                also.column.addWidget(Label(and_more(len(told) - _MOST_LINES), ink="dim", size_px=SMALL_PX))
            cards.append(also)
        return cards

    def _why(self, row: FindingRow) -> list[Card]:
        cards = _told(
            tr("Why it matters"),
            ("", (row.why,)),
            (tr("What follows from it"), row.consequences),
            (tr("A false alarm if"), (row.false_alarm,)),
        )
        for card in cards:
            more = help_button()
            more.clicked.connect(partial(self.explained.emit, row.id))
            card.head.addWidget(more)
        return cards

    def _cures(self, row: FindingRow) -> list[Card]:
        if row.dismissed:
            return []
        if not row.cures:
            return _told(tr("What helps"), ("", (row.remedy,)))
        card = Card(tr("Cures") if len(row.cures) > 1 else tr("Cure"), surface="raised", weight="semibold")
        for place, cure in enumerate(row.cures):
            head = QHBoxLayout()
            head.addWidget(wrapped(cure.title, size_px=SMALL_PX, weight="medium"), 1)
            stage = Button(tr("Stage"), primary=not place)
            stage.setAccessibleName(tr("Stage: {cure}").format(cure=cure.title))
            stage.clicked.connect(partial(self.staged.emit, place))
            head.addWidget(stage, 0, Qt.AlignmentFlag.AlignTop)
            card.column.addLayout(head)
            for text in _edit_texts(cure):
                card.column.addWidget(wrapped(text, ink="dim", size_px=SMALL_PX))
        return [card]

    def _more(self, row: FindingRow) -> list[Card]:
        return _told(
            tr("More about it"),
            (tr("What would confirm it"), (row.confirm,)),
            (tr("Baseline"), (row.baseline,)),
            (tr("Source"), (row.source,)),
            (tr("Found by"), (row.own,)),
        )


def _edit_texts(cure: CureRow) -> list[str]:
    """`optim.lr 4e-4 → 1e-4: why`, one an edit."""
    return [f"{edit.path} {edit.old} → {edit.new}{f': {edit.reason}' if edit.reason else ''}" for edit in cure.edits]


def _told(title: str, *parts: tuple[str, Sequence[str]]) -> list[Card]:
    """A card of texts by their headings, none where there are no texts; what has an empty heading stands under none."""
    written = [(heading, [text for text in texts if text]) for heading, texts in parts if any(texts)]
    if not written:
        return []
    card = Card(title, surface="raised", weight="semibold")
    for heading, texts in written:
        if heading:
            card.column.addWidget(Label(heading, size_px=SMALL_PX, weight="medium"))
        for text in texts:
            card.column.addWidget(wrapped(text, ink="dim", size_px=SMALL_PX))
    return [card]

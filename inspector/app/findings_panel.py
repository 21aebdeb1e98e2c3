"""The right side: findings at the cursor, the evidence of the chosen one, and what is staged."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from inspector.core.texts import breakable, visible
from inspector.diagnosis.values import Diagnosis, Finding, Severity
from inspector.display.tokens import Tokens
from inspector.formats.settings import value_text
from inspector.session.values import StagedEdit
from inspector.views.controls import Button, Card, PrimaryButton
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import BASE_PX, SMALL_PX, Weight
from inspector.views.surfaces import Ink, Label, Rule, scrolled
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

WIDTH_PX = 336
_LEAST_PX = 300
_PATH_PX, _VALUE_PX = 100, 68
"""What a staged edit's path has at least, and its old and its new value at most."""

_LONGEST_PART = 28
"""So many characters without a dot, slash or underscore fit on a line of the narrowest panel."""

SEVERITY_WORDS = {
    Severity.CRITICAL: "critical",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "note",
}


def severity_colour(severity: Severity, theme: Tokens) -> str:
    """The colour of a severity; its shape and word tell it too."""
    return {
        Severity.CRITICAL: theme.critical,
        Severity.ERROR: theme.critical,
        Severity.WARNING: theme.warning,
        Severity.INFO: theme.dim,
    }[severity]


def _wrapped(text: str, *, ink: Ink = "text", size_px: int = BASE_PX, weight: Weight = "regular") -> Label:
    """Lines of text as wide as the panel, whatever names are in it; the tool tip has those that were cut."""
    shown = breakable(visible(text), _LONGEST_PART)
    label = Label(shown, ink=ink, size_px=size_px, weight=weight, wrap=True)
    if shown.count("…") > text.count("…"):
        label.setToolTip(visible(text))
    # Else the widest word is the least width, and the card runs past the panel.
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    return label


class SeverityMark(QWidget):
    """A square for critical, a disc for error, a triangle for warning, a ring for a note."""

    def __init__(self, severity: Severity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severity = severity
        self.setFixedSize(12, 16)
        self.setToolTip(SEVERITY_WORDS[severity])
        self.setAccessibleName(SEVERITY_WORDS[severity])

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = colour(severity_colour(self._severity, tokens()))
        area = QRectF(1.5, 4, 8.5, 8.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        match self._severity:
            case Severity.CRITICAL:
                painter.drawRect(area)
            case Severity.ERROR:
                painter.drawEllipse(area)
            case Severity.WARNING:
                painter.drawPolygon([area.bottomLeft(), area.bottomRight(), (area.topLeft() + area.topRight()) / 2])
            case Severity.INFO:
                painter.setPen(ink)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(area)


class FindingCard(Card):
    """One finding with its buttons.

    Signals:
        pressed: it was clicked beside its buttons.
        staged, shown, dismissed: its buttons.
    """

    pressed = Signal()
    staged = Signal()
    shown = Signal()
    dismissed = Signal()

    def __init__(self, finding: Finding, *, chosen: bool, first: bool, parent: QWidget | None = None) -> None:
        super().__init__("", parent, surface="raised")
        self.finding = finding
        self.chosen = chosen
        self.column.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(SeverityMark(finding.severity), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(_wrapped(finding.title, weight="semibold"), 1)
        self.column.addLayout(line)
        self.column.addWidget(_wrapped(finding.summary, ink="dim", size_px=SMALL_PX))
        if chosen:
            self._add_more(finding)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        if finding.cures:
            stage = PrimaryButton("Stage cure") if first or chosen else Button("Stage cure")
            stage.setToolTip(visible(finding.cures[0].title))
            stage.clicked.connect(self.staged)
            buttons.addWidget(stage)
        show = Button("Evidence")
        show.clicked.connect(self.shown)
        buttons.addWidget(show)
        dismiss = Button("Dismiss")
        dismiss.clicked.connect(self.dismissed)
        buttons.addWidget(dismiss)
        buttons.addStretch(1)
        self.column.addLayout(buttons)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(f"{SEVERITY_WORDS[finding.severity]}: {finding.title}")

    def _add_more(self, finding: Finding) -> None:
        """What the chosen finding says beyond its figures."""
        since = f"since epoch {finding.since_epoch:g}" if finding.since_epoch is not None else ""
        if not since and finding.since_step is not None:
            since = f"since step {finding.since_step:,.0f}"
        words = [SEVERITY_WORDS[finding.severity], finding.sureness.value, since]
        self._add_text(" · ".join(word for word in words if word))
        for heading, texts in (
            ("Evidence", [evidence.text for evidence in finding.evidence]),
            ("Why it matters", [finding.why]),
            ("What would confirm it", [finding.confirm]),
            ("A false alarm if", [finding.false_alarm]),
            ("Baseline", [finding.baseline]),
            ("Cures", [cure.title for cure in finding.cures]),
        ):
            written = [text for text in texts if text]
            if written:
                self.column.addWidget(Label(heading, size_px=SMALL_PX, weight="medium"))
            for text in written:
                self._add_text(text)

    def _add_text(self, text: str) -> None:
        self.column.addWidget(_wrapped(text, ink="dim", size_px=SMALL_PX))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.chosen:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(colour(tokens().accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


class StagedCard(Card):
    """The edits that wait for a resume: old struck through, new in green.

    Signals:
        unstaged: the path whose edit is taken back.
        resumed, cleared: its buttons.
    """

    unstaged = Signal(str)
    resumed = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Staged edits", parent, surface="raised", weight="semibold")
        self._rows = QGridLayout()
        self._rows.setColumnStretch(0, 1)
        self._rows.setHorizontalSpacing(12)
        self._rows.setVerticalSpacing(4)
        self.column.addLayout(self._rows)
        self._widgets: list[QWidget] = []
        self.resume = PrimaryButton("Resume…")
        self.resume.clicked.connect(self.resumed)
        self.clear = Button("Clear")
        self.clear.clicked.connect(self.cleared)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.resume)
        buttons.addWidget(self.clear)
        buttons.addStretch(1)
        self.column.addLayout(buttons)

    def show_edits(self, edits: tuple[StagedEdit, ...], resume_text: str, why_not: str = "") -> None:
        """Show the staged edits; the button is off, and says why, where the run cannot be resumed."""
        self.resume.setEnabled(not why_not)
        self.resume.setToolTip(why_not)
        for widget in self._widgets:
            self._rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._widgets = []
        for row, edit in enumerate(edits):
            self._add_row(row * 2, edit)
        self.clear.setVisible(bool(edits))
        self.resume.setText(resume_text)
        self.resume.updateGeometry()
        self.set_title("Staged edits" if edits else "Nothing staged")

    def _add_row(self, row: int, edit: StagedEdit) -> None:
        path = ElidedLabel(visible(edit.path), mono=True, size_px=SMALL_PX, middle=True)
        path.setToolTip("\n".join(visible(text) for text in (edit.path, edit.reason) if text))
        old = ElidedLabel(visible(value_text(edit.old), 40), ink="faint", size_px=SMALL_PX)
        font = old.font()
        font.setStrikeOut(True)
        old.setFont(font)
        new = ElidedLabel(visible(value_text(edit.new), 40), ink="good", size_px=SMALL_PX)
        for label, value in ((old, edit.old), (new, edit.new)):
            label.setToolTip(visible(value_text(value)))
            label.setMaximumWidth(_VALUE_PX)
        path.setMinimumWidth(min(path.sizeHint().width(), _PATH_PX))
        back = Button(icon_name="x")
        back.setToolTip(f"Take back {edit.path}")
        back.setAccessibleName(f"Take back {edit.path}")
        back.setFixedSize(18, 18)
        back.clicked.connect(partial(self.unstaged.emit, edit.path))
        for column, widget in enumerate((path, old, new, back)):
            self._rows.addWidget(widget, row, column)
            self._widgets.append(widget)
        rule = Rule()
        self._rows.addWidget(rule, row + 1, 0, 1, 4)
        self._widgets.append(rule)


class FindingsPanel(QWidget):
    """The whole right side.

    Signals:
        chosen: id of the finding that was clicked.
        staged, shown, dismissed: id of the finding whose button was pressed.
    """

    chosen = Signal(str)
    staged = Signal(str)
    shown = Signal(str)
    dismissed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findings")
        self.heading = Label("Findings", ink="dim", size_px=SMALL_PX)
        self.heading.setContentsMargins(14, 12, 14, 8)
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 0, 12, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        scroll = scrolled(self._list)
        self.staged_card = StagedCard()
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 12)
        box.addWidget(self.staged_card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(scroll, 1)
        column.addLayout(box)
        self.cards: list[FindingCard] = []
        self._extra: list[QWidget] = []
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._list.setAutoFillBackground(False)
        self.setMinimumWidth(_LEAST_PX)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, 500)

    def show_findings(self, findings: tuple[Finding, ...], diagnosis: Diagnosis | None, chosen: str | None) -> None:
        """Show findings, worst first, then what could not be assessed.

        Args:
            findings: those that were not dismissed.
            diagnosis: the whole answer; None while it is being made.
            chosen: id of the finding whose reasons are shown.
        """
        for widget in (*self.cards, *self._extra):
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.cards, self._extra = [], []
        for index, finding in enumerate(findings):
            card = FindingCard(finding, chosen=finding.id == chosen, first=index == 0)
            card.pressed.connect(partial(self.chosen.emit, finding.id))
            card.staged.connect(partial(self.staged.emit, finding.id))
            card.shown.connect(partial(self.shown.emit, finding.id))
            card.dismissed.connect(partial(self.dismissed.emit, finding.id))
            self.cards.append(card)
            self._insert(card)
        for widget in self._closing(findings, diagnosis):
            self._extra.append(widget)
            self._insert(widget)

    def _insert(self, widget: QWidget) -> None:
        self._column.insertWidget(self._column.count() - 1, widget)

    def _closing(self, findings: tuple[Finding, ...], diagnosis: Diagnosis | None) -> list[QWidget]:
        if diagnosis is None:
            return [Label("Looking for what went wrong…", ink="dim", wrap=True)]
        widgets: list[QWidget] = []
        if not findings:
            put_aside = " that was not dismissed" if diagnosis.findings else ""
            widgets.append(Label(f"Nothing found{put_aside}", ink="dim", wrap=True))
        if diagnosis.not_assessable:
            card = Card("Not assessable", surface="raised", ink="dim")
            for one in diagnosis.not_assessable:
                card.column.addWidget(_wrapped(f"{one.title} — {one.because}", ink="dim", size_px=SMALL_PX))
            widgets.append(card)
        return widgets

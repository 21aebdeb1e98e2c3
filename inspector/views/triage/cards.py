"""What could not be looked at, and the settings that differ from good ones."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.triage.scene import LookedAt, SettingsAgainst
from inspector.views.controls import Card
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.more import and_more
from inspector.views.surfaces import Ink, Label, Rule, take_out
from inspector.views.wrapped import wrapped

_MOST_VALUE_PX = 96


class ListCard(Card):
    """A card whose rows are made anew where they have changed."""

    def __init__(self, title: str) -> None:
        super().__init__(title, ink="dim", weight="regular")
        self._body: QWidget | None = None
        self._shown: object = None
        self.column.addStretch(1)

    def _show(self, shown: object, body: QWidget) -> None:
        self._shown = shown
        if self._body is not None:
            take_out(self._body, self.column)
        self._body = body
        self.column.insertWidget(1, body)
        body.show()


def grid_of(stretches: Iterable[int], *, gap_px: int = 5) -> tuple[QWidget, QGridLayout]:
    """A body for a card whose rows stand in columns, each with its share of the room that is left."""
    body = QWidget()
    grid = QGridLayout(body)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(gap_px)
    for column, stretch in enumerate(stretches):
        grid.setColumnStretch(column, stretch)
    return body, grid


class NotAssessableCard(ListCard):
    """Checks that lack their inputs, by what is lacking."""

    def __init__(self) -> None:
        super().__init__(tr("Not assessable"))

    def show_rows(self, rows: tuple[LookedAt, ...]) -> None:
        """Show what could not be looked at; hidden where there is nothing."""
        self.setVisible(bool(rows))
        if rows == self._shown:
            return
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        for because, titles in _grouped((row.because, row.title) for row in rows):
            both = QVBoxLayout()
            both.setSpacing(0)
            both.addWidget(wrapped(titles, size_px=SMALL_PX))
            both.addWidget(wrapped(because, size_px=SMALL_PX, ink="dim"))
            column.addLayout(both)
        self._show(rows, body)


class PassedCard(ListCard):
    """Checks that looked and found nothing, by their subjects."""

    def __init__(self) -> None:
        super().__init__(tr("Looked for and not found"))

    def show_rows(self, rows: tuple[LookedAt, ...]) -> None:
        """Show what was not found; hidden where there is nothing."""
        self.setVisible(bool(rows))
        if rows == self._shown:
            return
        body, grid = grid_of((0, 1))
        for place, (subject, titles) in enumerate(_grouped((row.subject, row.title) for row in rows)):
            grid.addWidget(Label(subject, size_px=SMALL_PX), place, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(wrapped(titles, ink="dim", size_px=SMALL_PX), place, 1)
        self._show(rows, body)


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Texts with those that belong to each, in the order of the first: `Loss`, `Overfitting · Training loss rises`."""
    found: dict[str, list[str]] = {}
    for of, text in pairs:
        found.setdefault(of, []).append(text)
    return [(of, " · ".join(texts)) for of, texts in found.items()]


class SettingsCard(ListCard):
    """Settings that differ: there at the left, here at the right."""

    def __init__(self) -> None:
        super().__init__(tr("Settings"))
        self.note = Label(tr("differences only"), ink="dim", size_px=SMALL_PX)
        self.head.addWidget(self.note)

    def show_differences(self, against: SettingsAgainst | None) -> None:
        """Show what differs; hidden where there is nothing to compare with."""
        self.setVisible(against is not None)
        if against is None or against == self._shown:
            return
        self.set_title(tr("Settings against {run}").format(run=against.name))
        body, grid = grid_of((1, 0, 0), gap_px=4)
        _add_values(grid, 1, [row.there for row in against.rows], "dim")
        _add_values(grid, 2, [row.here for row in against.rows], "warning")
        for place, row in enumerate(against.rows):
            path = ElidedLabel(row.path, mono=True, size_px=SMALL_PX, middle=True)
            grid.addWidget(path, 2 * place, 0)
            grid.addWidget(Rule(), 2 * place + 1, 0, 1, 3)
        closing = "" if against.rows else tr("They are the same")
        closing = and_more(against.more) if against.more else closing
        if closing:
            grid.addWidget(Label(closing, ink="dim", size_px=SMALL_PX), 2 * len(against.rows), 0)
        self._show(against, body)


def _add_values(grid: QGridLayout, column: int, texts: list[str], ink: Ink) -> None:
    """A column of values, as wide as the widest, within limits."""
    labels = [ElidedLabel(text, ink=ink, size_px=SMALL_PX, right=True) for text in texts]
    widest_px = max((label.sizeHint().width() for label in labels), default=0)
    for place, (label, text) in enumerate(zip(labels, texts, strict=True)):
        label.setFixedWidth(min(widest_px, _MOST_VALUE_PX))
        label.setToolTip(text)
        grid.addWidget(label, 2 * place, column, Qt.AlignmentFlag.AlignRight)


class Below(QWidget):
    """The cards below the findings, two side by side where there are as many."""

    def __init__(self) -> None:
        super().__init__()
        self.not_assessable, self.settings, self.passed = NotAssessableCard(), SettingsCard(), PassedCard()
        for card in (self.not_assessable, self.settings, self.passed):
            card.setParent(self)
            card.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(14)
        for column in range(2):
            self._grid.setColumnStretch(column, 1)

    def show_looked_at(self, lacking: tuple[LookedAt, ...], passed: tuple[LookedAt, ...]) -> None:
        """Show what could not be looked at, and what was not found."""
        self.not_assessable.show_rows(lacking)
        self.passed.show_rows(passed)
        self._arrange()

    def show_differences(self, against: SettingsAgainst | None) -> None:
        """Show the settings that differ."""
        self.settings.show_differences(against)
        self._arrange()

    def _arrange(self) -> None:
        for card in (self.not_assessable, self.passed, self.settings):
            self._grid.removeWidget(card)
        shown = [card for card in (self.not_assessable, self.passed) if not card.isHidden()]
        for row, card in enumerate(shown):
            beside = not row and not self.settings.isHidden()
            self._grid.addWidget(card, row, 0, 1, 1 if beside else 2)
        self._grid.addWidget(self.settings, 0, int(bool(shown)), 1, 1 if shown else 2)

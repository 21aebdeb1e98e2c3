"""Numbers of a sample under one another: name, value, and what to read it against."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from inspector.core.language import tr
from inspector.display.slots.scene import Figure
from inspector.views.fonts import SMALL_PX, Weight, elided, text_width, write
from inspector.views.spoken import Role
from inspector.views.theme import colour, tokens
from inspector.views.tips import plain_tip
from inspector.views.view import guarded

ROW_PX = 19
LEAST_ROW_PX = 16
LEAST_PX = 150
"""As narrow as names and values are still told apart."""

TWO_COLUMNS_PX = 256
FULL_PX = 340
_VALUE_PX = 50
_NAME_PX = 100
_MEAN_PX = 44
_REMARK_LEAST_PX = 80
_GAP_PX = 10
_USUAL: tuple[int, Weight] = SMALL_PX, "regular"
_STRONG: tuple[int, Weight] = SMALL_PX, "semibold"
_SMALL: tuple[int, Weight] = 11, "regular"


class Figures(QWidget):
    """A table that is painted; where it is narrow, remarks are told by its tool tips alone."""

    spoken_role = Role.Table

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Figure, ...] = ()
        self.setAccessibleName(tr("Numbers of the sample"))
        self._means: dict[str, str] = {}
        self._means_of = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_figures(self, figures: tuple[Figure, ...]) -> None:
        """Show these numbers."""
        if figures != self._figures:
            self._figures = figures
            self.update()

    def spoken_text(self) -> str:
        """The numbers with what is remarked on each."""
        return "; ".join(f"{one.name} {one.value} {one.remark}".strip() for one in self._figures)

    def replace(self, figures: tuple[Figure, ...]) -> None:
        """Show these in place of those of the same names."""
        by_name = {one.name: one for one in figures}
        self.show_figures(tuple(by_name.get(one.name, one) for one in self._figures))

    def show_means(self, means: dict[str, str], means_of: str) -> None:
        """Show beside them the means over samples, by column; `means_of` says over which."""
        if (means, means_of) != (self._means, self._means_of):
            self._means, self._means_of = means, means_of
            self.update()

    def mean(self, figure: Figure) -> str:
        """The mean of a figure over samples, empty where it is not known."""
        return self._means.get(figure.column, "")

    def texts(self) -> tuple[tuple[str, ...], ...]:
        """What is shown, row by row."""
        return tuple((one.name, one.value, one.remark) for one in self._figures)

    def columns(self) -> int:
        """How many columns the rows go into at the present height."""
        rows = max(1, self.height() // LEAST_ROW_PX)
        return max(1, math.ceil(len(self._figures) / rows))

    def row_px(self) -> float:
        """The height of a row: as much as there is, within limits."""
        return max(LEAST_ROW_PX, min(ROW_PX, self.height() / max(self._rows(), 1)))

    def figure_at(self, position: QPointF) -> Figure | None:
        """The row under a point."""
        column = int(position.x() // max(self.width() / self.columns(), 1))
        row = int(position.y() // self.row_px())
        index = column * self._rows() + row
        return self._figures[index] if 0 <= row < self._rows() and 0 <= index < len(self._figures) else None

    def tip(self, figure: Figure) -> str:
        """What is told of a row."""
        mean = f"{self._means_of}: {self.mean(figure)}" if self.mean(figure) else ""
        lines = (f"{figure.name} {figure.value}", figure.remark, mean, *figure.details)
        return plain_tip("\n".join(filter(None, lines)))

    def _rows(self) -> int:
        return math.ceil(len(self._figures) / self.columns())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            figure = self.figure_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self.tip(figure) if figure else "", self)
            return True
        return super().event(event)

    def least_height(self) -> int:
        """So much lets all rows stand in one column."""
        return len(self._figures) * LEAST_ROW_PX

    def sizeHint(self) -> QSize:
        return QSize(FULL_PX, len(self._figures) * ROW_PX)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens()
        across, rows, row_px = self.width() / self.columns(), self._rows(), self.row_px()
        for index, figure in enumerate(self._figures):
            column, row = divmod(index, rows)
            line = QRectF(column * across, row * row_px, across - (12 if column + 1 < self.columns() else 0), row_px)
            mean_px = _MEAN_PX if self._means and line.width() >= _NAME_PX + _VALUE_PX + _MEAN_PX else 0
            told = line.width() >= _NAME_PX + _VALUE_PX + mean_px + _GAP_PX + _REMARK_LEAST_PX
            end = line.left() + _NAME_PX + _VALUE_PX if told else line.right() - mean_px
            value = QRectF(line.left(), line.top(), end - line.left(), row_px)
            _write(painter, _STRONG, getattr(theme, figure.ink), value, figure.value, right=True)
            room = end - line.left() - text_width(figure.value, *_STRONG) - 6
            _write(painter, _USUAL, theme.dim, QRectF(line.left(), line.top(), room, row_px), figure.name)
            if mean_px:
                _write(
                    painter, _USUAL, theme.dim, QRectF(end, line.top(), mean_px, row_px), self.mean(figure), right=True
                )
            if told:
                left = end + mean_px + _GAP_PX
                rest = QRectF(left, line.top(), line.right() - left, row_px)
                _write(painter, _SMALL, theme.faint, rest, figure.remark)


def _write(
    painter: QPainter, font: tuple[int, Weight], ink: str, area: QRectF, text: str, *, right: bool = False
) -> None:
    painter.setPen(colour(ink))
    at = area.right() if right else area.left(), area.center().y()
    write(painter, at, elided(text, area.width() + 0.5, *font), *font, ends=right)

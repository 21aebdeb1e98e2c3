"""The titles of a table's columns, painted from the tokens."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from inspector.views.fonts import SMALL_PX, cut_to, text_font
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_ARROW_PX = 7.0
_BESIDE_PX = 5
_LEAST_PX = 40


class Headings(QHeaderView):
    """Titles over the cells of their columns, dim; the one that rows are sorted by with an arrow.

    Args:
        high_px: as high as a row.
        padding_px: that the cells have at their sides.
    """

    def __init__(self, high_px: int, padding_px: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._padding_px = padding_px
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(_LEAST_PX)
        self.setFixedHeight(high_px)
        self.setSortIndicatorShown(True)
        self.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.viewport().setAutoFillBackground(False)

    @guarded
    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        theme, told = tokens(), self.model().headerData
        title = str(told(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or "")
        side = told(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        sorts = self.sortIndicatorSection() == section
        inside = QRectF(rect).adjusted(self._padding_px, 0, -self._padding_px, 0)
        arrow = _ARROW_PX + _BESIDE_PX if sorts else 0
        painter.setFont(text_font(SMALL_PX, "medium" if sorts else "regular"))
        metrics = QFontMetricsF(painter.font())
        shown = cut_to(metrics, title, Qt.TextElideMode.ElideRight, inside.width() - arrow)
        width = metrics.horizontalAdvance(shown)
        rightmost = isinstance(side, Qt.AlignmentFlag) and bool(side & Qt.AlignmentFlag.AlignRight)
        left = inside.right() - width - arrow if rightmost else inside.left()
        painter.setPen(colour(theme.text if sorts else theme.dim))
        painter.drawText(QRectF(left, inside.top(), width + 2, inside.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if sorts:
            falling = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            _paint_arrow(painter, QPointF(left + width + _BESIDE_PX, inside.center().y()), falling=falling)


def _paint_arrow(painter: QPainter, at: QPointF, *, falling: bool) -> None:
    """A triangle whose left end is there: upwards where the least comes first."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(tokens().dim))
    half = _ARROW_PX / 2
    foot, tip = (-half / 2, half / 2) if falling else (half / 2, -half / 2)
    painter.drawPolygon(
        [at + QPointF(0, foot), at + QPointF(_ARROW_PX, foot), at + QPointF(half, tip)],
    )
    painter.restore()

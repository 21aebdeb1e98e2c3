"""A row of widgets that becomes a column where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget


class FoldingRow(QWidget):
    """Widgets side by side, or one below the other in less than a width.

    Args:
        least_px: the width from which they stand side by side.
        gap_px: between two of them.
    """

    def __init__(self, least_px: int, parent: QWidget | None = None, *, gap_px: int = 12) -> None:
        super().__init__(parent)
        self._least_px = least_px
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(gap_px)
        self._spaces: list[QWidget] = []

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Add a widget at the end."""
        self._row.addWidget(widget, stretch)

    def add_space(self) -> None:
        """Let what comes after it stand at the right end, where they stand side by side."""
        space = QWidget()
        self._row.addWidget(space, 1)
        self._spaces.append(space)

    def folded(self) -> bool:
        """Whether they stand one below the other."""
        return self._row.direction() == QBoxLayout.Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        items = [self._row.itemAt(place) for place in range(self._row.count())]
        widths = [item.minimumSize().width() for item in items if item is not None]
        return QSize(max(widths, default=0), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        way = ways.LeftToRight if self.width() >= self._least_px else ways.TopToBottom
        if way != self._row.direction():
            self._row.setDirection(way)
            for space in self._spaces:
                space.setHidden(self.folded())
            self.updateGeometry()

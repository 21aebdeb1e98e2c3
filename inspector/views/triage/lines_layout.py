"""Lines one below the other, each as high as it needs to be."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayoutItem, QWidget

from inspector.views.items_layout import ItemsLayout


class LinesLayout(ItemsLayout):
    """Lays lines out from the top down and squeezes none, so that one that is added moves none of those above it.

    A box would share too little room among all of them until all around it has grown, for every line that is added.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)

    def insert(self, place: int, line: QWidget) -> None:
        """Put a line at a place among the others, also one that is among them already."""
        if self.indexOf(line) >= 0:
            self.removeWidget(line)
        self.addWidget(line)
        self._items.insert(place, self._items.pop())

    def heightForWidth(self, width: int) -> int:
        return sum(_height_px(item, width) for item in self._items)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        widths = [item.minimumSize().width() for item in self._items]
        return QSize(max(widths, default=0), 0)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        top = rect.top()
        for item in self._items:
            height_px = _height_px(item, rect.width())
            item.setGeometry(QRect(rect.left(), top, rect.width(), height_px))
            top += height_px


def _height_px(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()

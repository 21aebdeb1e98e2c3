"""A row of controls that goes on below where it does not fit."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.views.items_layout import ItemsLayout
from inspector.views.surfaces import Label

_ROW_GAP_PX = 8


class FlowLayout(ItemsLayout):
    """Lays items side by side at their own size, and begins a new row where the width ends.

    Args:
        gap_px: between two items of a row.
    """

    def __init__(self, parent: QWidget | None = None, *, gap_px: int = 10) -> None:
        super().__init__(parent)
        self._gap_px = gap_px
        self._heights_px: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)

    def invalidate(self) -> None:
        self._heights_px.clear()
        super().invalidate()

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights_px:  # Qt asks several times a layout, for every layout around this one
            self._heights_px[width] = self._laid(QRect(0, 0, width, 0), place=False)
        return self._heights_px[width]

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._laid(rect, place=True)

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._items]
        heights = [item.sizeHint().height() for item in self._items]
        return QSize(sum(widths) + self._gap_px * max(len(widths) - 1, 0), max(heights, default=0))

    def minimumSize(self) -> QSize:
        widths = [item.minimumSize().width() for item in self._items]
        heights = [item.sizeHint().height() for item in self._items]
        return QSize(max(widths, default=0), max(heights, default=0))

    def _laid(self, area: QRect, *, place: bool) -> int:
        """The height that the rows take; with `place` the items are put there, in the middle of their row."""
        shown = [item for item in self._items if (widget := item.widget()) is None or not widget.isHidden()]
        row_px = max((item.sizeHint().height() for item in shown), default=0)
        x, y = area.left(), area.top()
        for item in shown:
            size = item.sizeHint().boundedTo(QSize(max(area.width(), item.minimumSize().width()), row_px))
            if x > area.left() and x + size.width() > area.right() + 1:
                x, y = area.left(), y + row_px + _ROW_GAP_PX
            if place:
                item.setGeometry(QRect(QPoint(x, y + (row_px - size.height()) // 2), size))
            x += size.width() + self._gap_px
        return y + row_px - area.top()


def labelled(text: str, control: QWidget) -> QWidget:
    """A control with its label before it, as one item of a row."""
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(10)
    row.addWidget(Label(text, ink="dim"))
    row.addWidget(control)
    return whole

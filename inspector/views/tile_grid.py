"""Tiles in rows of equal cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from inspector.views.pictures import PictureTile


class TileGrid(QWidget):
    """Tiles in rows of equal cells; tiles are kept when their number changes.

    Args:
        columns: of the grid, or None to fit cells of about `tile_px`.
        fit: shrink the cells until all rows fit the height; otherwise the grid asks for the height it needs, for
            use in a scroll area.
        kind: of its tiles.

    Signals:
        clicked, opened: the index of a tile.
    """

    clicked = Signal(int)
    opened = Signal(int)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        columns: int | None = None,
        tile_px: int = 128,
        gap_px: int = 8,
        fit: bool = False,
        smooth: bool = False,
        kind: type[PictureTile] = PictureTile,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._columns, self._tile_px, self._gap_px, self._fit, self._smooth = columns, tile_px, gap_px, fit, smooth
        self._aspect = 1.0
        self._count = 0
        self._tiles: list[PictureTile] = []

    def set_count(self, count: int) -> None:
        """Show so many tiles."""
        if count == self._count:
            return
        while len(self._tiles) < count:
            tile = self._kind(len(self._tiles), self, smooth=self._smooth)
            tile.clicked.connect(self._on_clicked)
            tile.opened.connect(self._on_opened)
            self._tiles.append(tile)
        self._count = count
        for index, tile in enumerate(self._tiles):
            tile.setVisible(index < count)
        self._arrange()

    def set_shape(self, columns: int | None = None, aspect: float = 1.0) -> None:
        """Change the number of columns and the cells' width over height."""
        shape = columns, aspect if math.isfinite(aspect) and aspect > 0 else 1.0
        if shape != (self._columns, self._aspect):
            self._columns, self._aspect = shape
            self._arrange()

    def set_selected(self, index: int | None) -> None:
        """Show which tile is the chosen one."""
        for place, tile in enumerate(self.tiles()):
            tile.set_selected(selected=place == index)

    def tiles(self) -> Sequence[PictureTile]:
        """The tiles that are shown, in order."""
        return self._tiles[: self._count]

    def tile(self, index: int) -> PictureTile:
        """One of the tiles that are shown."""
        return self._tiles[index]

    def columns(self) -> int:
        """How many stand in a row."""
        fitting = (self.width() + self._gap_px) // (self._tile_px + self._gap_px)
        return max(1, self._columns or fitting)

    def _arrange(self) -> None:
        columns = self.columns()
        rows = math.ceil(self._count / columns)
        width = (self.width() - (columns - 1) * self._gap_px) / columns
        if self._fit and rows:
            height = (self.height() - (rows - 1) * self._gap_px) / rows
            width = min(width, height * self._aspect)
        width = max(width, 8.0)
        height = width / self._aspect
        for index, tile in enumerate(self.tiles()):
            row, column = divmod(index, columns)
            left, top = column * (width + self._gap_px), row * (height + self._gap_px)
            tile.setGeometry(
                round(left), round(top), round(left + width) - round(left), round(top + height) - round(top)
            )
        needed = max(0, math.ceil(rows * height + (rows - 1) * self._gap_px))
        self.setMinimumHeight(0 if self._fit else needed)

    def _on_clicked(self, index: int) -> None:
        self.clicked.emit(index)

    def _on_opened(self, index: int) -> None:
        self.opened.emit(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(4 * self._tile_px, max(self.minimumHeight(), self._tile_px))

"""One tile a channel, painted only where the scroll area shows it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from inspector.core.arrays import AnyArray
from inspector.core.language import tr, tr_counted
from inspector.display.features.scene import ChannelTile
from inspector.views.features.layers import STATE_INKS
from inspector.views.fonts import SMALL_PX, text_font
from inspector.views.keys import MOVE, keeper
from inspector.views.pictures import qimage
from inspector.views.spoken import MOST_TOLD, Role
from inspector.views.surfaces import Ink, outline_colour, quiet, rounded
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

TILE_PX = 112
_GAP_PX = 8
_CAPTION_PX = 22
_RADIUS_PX = 5

# Captions lie on a dark foot whatever the theme, so their inks are those of the dark theme.
_CAPTION_INKS: dict[Ink, str] = {"critical": "#f2777a", "warning": "#e8b04b", "good": "#c3c8d0", "faint": "#c3c8d0"}


class ChannelGrid(QWidget):
    """Tiles in rows; hundreds of channels cost no more than those on the screen.

    Signals:
        chosen: the place of a tile in the scene.
    """

    chosen = Signal(int)

    spoken_role = Role.List

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: tuple[ChannelTile, ...] = ()
        self.selected: int | None = None
        self.ringed: frozenset[int] = frozenset()
        self._maps: AnyArray = np.zeros((0, 1, 1, 4), np.uint8)
        self._images: dict[int, QImage] = {}
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Channels"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_tiles(self, tiles: tuple[ChannelTile, ...], maps: AnyArray) -> None:
        """Show these channels."""
        self.tiles, self._maps = tiles, maps
        self._images.clear()
        self.selected = None
        self._arrange()
        self.update()

    def spoken_text(self) -> str:
        """How many channels there are, and what the first say."""
        first = "; ".join(f"{tile.channel} {tile.text}".strip() for tile in self.tiles[:MOST_TOLD])
        return f"{tr_counted(len(self.tiles), 'channel')}: {first}"

    def select(self, place: int | None) -> None:
        """Mark one tile."""
        self.selected = place
        self.update()

    def ring(self, channels: frozenset[int]) -> None:
        """Put a ring around the tiles of these channels."""
        self.ringed = channels
        self.update()

    def columns(self) -> int:
        """How many tiles stand in a row."""
        return max(1, (self.width() + _GAP_PX) // (TILE_PX + _GAP_PX))

    def area_of(self, place: int) -> QRect:
        """Where a tile lies."""
        columns = self.columns()
        row, column = divmod(place, columns)
        pitch = (self.width() + _GAP_PX) / columns
        left, right = round(column * pitch), round((column + 1) * pitch) - _GAP_PX
        return QRect(left, row * (self._height() + _GAP_PX), right - left, self._height())

    def place_at(self, position: QPoint) -> int | None:
        """The tile under a point."""
        columns = self.columns()
        row = position.y() // (self._height() + _GAP_PX)
        column = int(position.x() * columns // max(self.width() + _GAP_PX, 1))
        place = row * columns + column
        inside = 0 <= place < len(self.tiles) and self.area_of(place).contains(position)
        return place if inside else None

    def _height(self) -> int:
        """Tiles take the shape of the maps, within limits."""
        aspect: float = self._maps.shape[1] / max(self._maps.shape[2], 1)
        width = (self.width() + _GAP_PX) / self.columns() - _GAP_PX
        return max(1, round(width * min(max(aspect, 0.4), 1.6)))

    def _arrange(self) -> None:
        rows = math.ceil(len(self.tiles) / self.columns())
        self.setMinimumHeight(max(0, rows * (self._height() + _GAP_PX) - _GAP_PX))

    def _image(self, tile: ChannelTile) -> QImage:
        if tile.map_index not in self._images:
            self._images[tile.map_index] = qimage(self._maps[tile.map_index])
        return self._images[tile.map_index]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().toPoint())
        QToolTip.showText(event.globalPosition().toPoint(), self.tiles[place].detail if place is not None else "", self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(4 * TILE_PX, self.minimumHeight())

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(text_font(SMALL_PX))
        pitch, columns = self._height() + _GAP_PX, self.columns()
        first = max(0, event.rect().top() // pitch) * columns
        last = min(len(self.tiles), (event.rect().bottom() // pitch + 1) * columns)
        for place in range(first, last):
            self._paint_tile(painter, QRectF(self.area_of(place)), self.tiles[place], place == self.selected)

    def _paint_tile(self, painter: QPainter, area: QRectF, tile: ChannelTile, selected: bool) -> None:
        theme = tokens()
        image = self._image(tile)
        outline = rounded(area, _RADIUS_PX)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(outline)
        if image.hasAlphaChannel():
            painter.fillRect(area, QBrush(colour(theme.void), Qt.BrushStyle.BDiagPattern))
        painter.drawImage(area, image)
        foot = QRectF(area.left(), area.bottom() - _CAPTION_PX, area.width(), _CAPTION_PX)
        painter.fillRect(foot, colour("#000000", 0.62))
        painter.restore()
        line = foot.adjusted(7, 0, -7, 0)
        painter.setPen(colour("#f2f4f7"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, str(tile.channel))
        painter.setPen(colour(_CAPTION_INKS[STATE_INKS[tile.state]]))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(tile.text, Qt.TextElideMode.ElideRight, line.width() - 24)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        told = STATE_INKS[tile.state] in {"critical", "warning"}
        ring = colour(getattr(theme, STATE_INKS[tile.state])) if told else outline_colour()
        strong = selected or tile.channel in self.ringed
        painter.setPen(QPen(colour(theme.accent) if strong else ring, 2 if strong else 1))
        painter.drawPath(outline)


class ChannelScroll(QScrollArea):
    """The grid with a scroll bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Channels of the layer"))
        self.grid = ChannelGrid()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.grid)
        quiet(self)
        self.grid.setAutoFillBackground(False)
        self.installEventFilter(keeper(MOVE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a tile, the first where none is chosen."""
        columns, at = self.grid.columns(), self.grid.selected
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        place = 0 if at is None else at + step
        if 0 <= place < len(self.grid.tiles):
            self.grid.chosen.emit(place)

    def show_tiles(self, tiles: tuple[ChannelTile, ...], maps: AnyArray) -> None:
        """Show these channels."""
        self.grid.show_tiles(tiles, maps)

    def ring(self, channels: frozenset[int]) -> None:
        """Put a ring around the tiles of these channels, and bring the first of them into sight."""
        self.grid.ring(channels)
        first = next((place for place, tile in enumerate(self.grid.tiles) if tile.channel in channels), None)
        if first is not None and self.grid.selected is None:
            self._show(first)

    def select(self, place: int) -> None:
        """Mark one tile and bring it into sight."""
        self.grid.select(place)
        self._show_selected()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_selected()

    def _show_selected(self) -> None:
        if self.grid.selected is not None:
            self._show(self.grid.selected)

    def _show(self, place: int) -> None:
        area = self.grid.area_of(place)
        self.ensureVisible(area.center().x(), area.center().y(), 0, area.height())

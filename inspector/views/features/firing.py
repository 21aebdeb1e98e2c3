"""Layers down, their channels across in as many lines as they need; colours tell how often each fires."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.features.scene import FeaturesScene, FiringRow
from inspector.views.elided import ElidedLabel
from inspector.views.features.layers import dead_rgba
from inspector.views.fonts import SMALL_PX, mono_font, text_font
from inspector.views.pictures import qimage
from inspector.views.spoken import Role
from inspector.views.surfaces import Card, scrolled
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

LEAST_CELL_PX, MOST_CELL_PX = 11, 26
_HEAD_PX, _GAP_PX = 20, 12


class FiringMap(QWidget):
    """One cell a channel; thousands cost no more than an image.

    Signals:
        chosen: a layer's name, and a channel of it.
    """

    chosen = Signal(str, int)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[FiringRow, ...] = ()
        self.marked: tuple[str, int] = ("", -1)
        self._images: dict[tuple[int, str], QImage] = {}
        self._tops: list[int] = []
        self.cell_px = LEAST_CELL_PX
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("How often each channel fires"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: tuple[FiringRow, ...], layer: str, channel: int) -> None:
        """Show layers, one channel of them marked."""
        self.rows, self.marked = rows, (layer, channel)
        self._arrange()

    def spoken_text(self) -> str:
        """What the head of each layer says."""
        return "; ".join(f"{row.layer} {row.said}" for row in self.rows)

    def columns(self) -> int:
        """Cells in a line."""
        return max(1, self.width() // self.cell_px)

    def cell_area(self, row: int, channel: int) -> QRect:
        """Where a channel of a layer is."""
        line, column = divmod(channel, self.columns())
        return QRect(
            column * self.cell_px, self._tops[row] + _HEAD_PX + line * self.cell_px, self.cell_px, self.cell_px
        )

    def cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """The layer's row and the channel under a point."""
        row = int(np.searchsorted(self._tops, position.y(), "right")) - 1
        if not 0 <= row < len(self.rows) or not 0 <= position.x() < self.columns() * self.cell_px:
            return None
        line = (position.y() - self._tops[row] - _HEAD_PX) // self.cell_px
        channel = line * self.columns() + position.x() // self.cell_px
        return (row, channel) if line >= 0 and channel < len(self.rows[row].shares) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position().toPoint())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.rows[found[0]].layer, found[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position().toPoint())
        text = "" if found is None else self.rows[found[0]].details[found[1]]
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        widest = max((len(row.shares) for row in self.rows), default=1)
        # As large as lets every layer stand on one line, within limits.
        self.cell_px = min(max(self.width() // max(widest, 1), LEAST_CELL_PX), MOST_CELL_PX)
        top, columns = 0, self.columns()
        self._images.clear()
        self._tops = []
        for row in self.rows:
            self._tops.append(top)
            top += _HEAD_PX + -(-len(row.shares) // columns) * self.cell_px + _GAP_PX
        self.setFixedHeight(max(top, 1))
        self.update()

    def _image(self, place: int) -> QImage:
        """The cells of a layer, a pixel each, broken into lines."""
        key = place, tokens().critical
        if key not in self._images:
            row, columns = self.rows[place], self.columns()
            cells = np.zeros((-(-len(row.cells) // columns) * columns, 4), np.uint8)
            cells[: len(row.cells)] = row.cells
            cells[list(row.dead)] = dead_rgba()
            self._images[key] = qimage(cells.reshape(-1, columns, 4))
        return self._images[key]

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens()
        for place, row in enumerate(self.rows):
            top = self._tops[place]
            image = self._image(place)
            area = QRect(0, top + _HEAD_PX, image.width() * self.cell_px, image.height() * self.cell_px)
            if area.bottom() < event.rect().top() or top > event.rect().bottom():
                continue
            painter.setFont(mono_font())
            painter.setPen(colour(theme.text))
            painter.drawText(QRect(0, top, self.width(), _HEAD_PX), Qt.AlignmentFlag.AlignVCenter, row.layer)
            name_px = QFontMetricsF(painter.font()).horizontalAdvance(row.layer)
            painter.setFont(text_font(SMALL_PX))
            painter.setPen(colour(theme.dim))
            beside = QRect(round(name_px) + 12, top, self.width(), _HEAD_PX)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, row.said)
            painter.drawImage(area, image)
            self._paint_gaps(painter, place)
            if row.layer == self.marked[0] and 0 <= self.marked[1] < len(row.shares):
                painter.setPen(QPen(colour(theme.text), 2))
                painter.drawRect(self.cell_area(place, self.marked[1]).adjusted(0, 0, -1, -1))

    def _paint_gaps(self, painter: QPainter, place: int) -> None:
        """Lines between the cells, in the colour of what is behind them."""
        image, top = self._image(place), self._tops[place] + _HEAD_PX
        ink = colour(tokens().panel)
        for column in range(1, image.width() + 1):
            painter.fillRect(column * self.cell_px - 1, top, 1, image.height() * self.cell_px, ink)
        for line in range(1, image.height() + 1):
            painter.fillRect(0, top + line * self.cell_px - 1, image.width() * self.cell_px, 1, ink)


class FiringPage(Card):
    """The map of all layers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent, ink="dim", weight="regular")
        self.map = FiringMap()
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.map)
        box.addStretch(1)
        inks = tr("dead channels in the colour of critical findings, unknown ones grey")
        self.head.addWidget(ElidedLabel(inks, ink="faint", right=True), 100)  # the stretch keeps next to nothing
        self.column.addWidget(scrolled(page, tr("Channels of all layers")), 1)

    def show_scene(self, scene: FeaturesScene, channel: int) -> None:
        """Show the layers of a scene, the chosen channel marked."""
        self.set_title(scene.firing_means)
        self.map.show_rows(scene.firing, scene.layer, channel)

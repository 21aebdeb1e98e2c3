"""Where a layer fires: this sample's map over its image, and the mean over samples."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.units import percent_text
from inspector.display.features.scene import FeaturesScene, SpatialMap
from inspector.views.elided import ElidedLabel
from inspector.views.fonts import SMALL_PX
from inspector.views.pictures import PictureTile
from inspector.views.surfaces import Card, Label


class ShareTile(PictureTile):
    """A map that tells the share of channels under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("map", parent, smooth=True)
        self._map: SpatialMap | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def show_map(self, shown: SpatialMap) -> None:
        """Show a map."""
        self._map = shown
        self.setAccessibleName(shown.title)
        self.set_picture(shown.rgba)

    def spoken_text(self) -> str:
        """What is said below the map."""
        return self._map.said if self._map is not None else ""

    def text_at(self, position: QPointF) -> str:
        """What the cell of the layer under a point says; empty beside the map."""
        pixel = self.pixel_at(position)
        if self._map is None or pixel is None:
            return ""
        rows, columns = self._map.shares.shape
        row = pixel[0] * rows // max(self.image().height(), 1)
        column = pixel[1] * columns // max(self.image().width(), 1)
        share = float(self._map.shares[row, column])
        where = tr("row {row}, column {column}").format(row=row, column=column)
        if math.isnan(share):
            return tr("{place}: padding, or nothing finite").format(place=where)
        return tr("{place}: {share} of the channels fire").format(place=where, share=percent_text(share))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position()), self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()


class _MapCard(Card):
    def __init__(self) -> None:
        super().__init__(" ", ink="dim", weight="regular")
        self.tile = ShareTile()
        self.said = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.column.addWidget(self.tile, 1)
        self.column.addWidget(self.said)


class SpatialPage(QWidget):
    """Two maps side by side on one scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = (_MapCard(), _MapCard())
        self.problem = Label(ink="dim", wrap=True)
        self.problem.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(12)
        for card in self.cards:
            row.addWidget(card, 1)
        column.addLayout(row, 1)
        column.addWidget(self.problem)

    def show_scene(self, scene: FeaturesScene) -> None:
        """Show the maps of a scene, or why it has none."""
        self.problem.setText(scene.spatial_problem)
        self.problem.setVisible(bool(scene.spatial_problem))
        for place, card in enumerate(self.cards):
            shown = place < len(scene.spatial)
            card.setVisible(shown)
            if shown:
                one = scene.spatial[place]
                card.set_title(one.title)
                card.said.setText(one.said)
                card.tile.show_map(one)

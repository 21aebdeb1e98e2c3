"""A map of how much each layer changed from checkpoint to checkpoint, painted."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_counted
from inspector.core.pulse import Progress
from inspector.core.units import number_text
from inspector.display.weights.trend.scene import TrendScene
from inspector.views.fonts import mono_font, text_font
from inspector.views.pictures import qimage
from inspector.views.spoken import MOST_TOLD, Role
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded
from inspector.views.waiting import Waiting

_ROW_PX, _FOOT_PX = 20, 20
_GAP_PX = 12
_WIDEST_CELL_PX = 64


class TrendMap(QWidget):
    """Layers down, checkpoints across; the tool tip tells the figures of a cell."""

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: TrendScene | None = None
        self._image = QImage()
        self._label_px = self._said_px = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Change of each layer from checkpoint to checkpoint"))

    def show_scene(self, scene: TrendScene) -> None:
        """Show a map."""
        self._scene = scene
        self._image = qimage(scene.cells) if scene.cells.size else QImage()
        names, texts = QFontMetricsF(mono_font()), QFontMetricsF(text_font(11))
        self._label_px = max((names.horizontalAdvance(layer) for layer in scene.layers), default=0.0)
        self._said_px = max((texts.horizontalAdvance(text) for text in scene.said), default=0.0)
        self.setFixedHeight(len(scene.layers) * _ROW_PX + _FOOT_PX)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, self.minimumHeight())

    def spoken_text(self) -> str:
        """How many layers and checkpoints there are, and which layers stand still."""
        scene = self._scene
        if scene is None:
            return ""
        still = [f"{layer} {said}" for layer, said in zip(scene.layers, scene.said, strict=True) if said]
        counts = tr("{layers} over {checkpoints}").format(
            layers=tr_counted(len(scene.layers), "layer"), checkpoints=tr_counted(len(scene.places), "checkpoint")
        )
        return "; ".join((counts, *still[:MOST_TOLD]))

    def map_area(self) -> QRectF:
        """Where the cells lie."""
        scene = self._scene
        count = len(scene.places) if scene else 0
        left = min(self._label_px + _GAP_PX, self.width() * 0.45)
        room = max(self.width() - left - (self._said_px + _GAP_PX if self._said_px else 0), 20)
        return QRectF(left, 0, min(room, count * _WIDEST_CELL_PX), (len(scene.layers) if scene else 0) * _ROW_PX)

    def text_at(self, position: QPointF) -> str:
        """What the cell under a point says, empty beside the map."""
        scene, area = self._scene, self.map_area()
        if scene is None or not area.contains(position) or not scene.places:
            return ""
        row = min(int(position.y() // _ROW_PX), len(scene.layers) - 1)
        column = min(int((position.x() - area.left()) / area.width() * len(scene.places)), len(scene.places) - 1)
        change, norm = float(scene.changes[row, column]), float(scene.norms[row, column])
        lines = [scene.layers[row], scene.places[column], tr("norm {norm}").format(norm=number_text(norm))]
        if math.isfinite(change):
            lines.append(tr("changed by {change} of its norm").format(change=number_text(change)))
        return "\n".join(lines)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        scene = self._scene
        if scene is None or not scene.places:
            return
        theme, painter, area = tokens(), QPainter(self), self.map_area()
        painter.fillRect(area, colour(theme.void))
        painter.drawImage(area, self._image)
        cell = area.width() / len(scene.places)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        first = max(0, event.rect().top() // _ROW_PX)
        for row in range(first, min(len(scene.layers), event.rect().bottom() // _ROW_PX + 1)):
            top = row * _ROW_PX
            painter.fillRect(QRectF(area.left(), top + _ROW_PX - 1, area.width(), 1), colour(theme.panel))
            painter.setFont(mono_font())
            painter.setPen(colour(theme.dim))
            names = QFontMetricsF(painter.font())
            label = names.elidedText(scene.layers[row], Qt.TextElideMode.ElideMiddle, area.left() - 8)
            painter.drawText(QRectF(2, top, area.left(), _ROW_PX), flags, label)
            painter.setFont(text_font(11))
            painter.setPen(colour(theme.warning))
            painter.drawText(QRectF(area.right() + 8, top, self.width(), _ROW_PX), flags, scene.said[row])
        for column in range(1, len(scene.places)):
            painter.fillRect(QRectF(area.left() + column * cell, 0, 1, area.height()), colour(theme.panel))
        self._paint_places(painter, scene, area, cell)

    def _paint_places(self, painter: QPainter, scene: TrendScene, area: QRectF, cell: float) -> None:
        """As many names of checkpoints as do not run into one another."""
        painter.setFont(text_font(11))
        painter.setPen(colour(tokens().dim))
        metrics = QFontMetricsF(painter.font())
        end = -math.inf
        for column, text in enumerate(scene.places):
            width = metrics.horizontalAdvance(text)
            left = min(max(area.left() + (column + 0.5) * cell - width / 2, 0.0), self.width() - width)
            if left > end + 10:
                painter.drawText(QPointF(left, area.bottom() + 4 + metrics.ascent()), text)
                end = left + width


class TrendPanel(QWidget):
    """The map with its scale and what to keep in mind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = Waiting()
        self.map = TrendMap()
        self.said = Label(ink="faint", size_px=12, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.waiting, self.map, self.said):
            column.addWidget(widget)

    def wait(self, progress: Progress) -> None:
        """Say how far the work is."""
        self.waiting.wait(progress)

    def show_trend(self, scene: TrendScene) -> None:
        """Show a run's map."""
        self.waiting.done()
        self.map.setVisible(not scene.problem)
        self.map.show_scene(scene)
        ends = tr("dark {low} · bright {high} of the norm, log scale").format(
            low=number_text(scene.low), high=number_text(scene.high)
        )
        parts = [scene.problem or (ends if math.isfinite(scene.high) else tr("no layer changed")), *scene.says]
        self.said.setText(" · ".join(parts))

"""The list of layers: name, share of zeros, and a bar with the share that the activation gives by itself."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.features.scene import ChannelState, FeaturesScene, LayerBar
from inspector.views.controls import Card
from inspector.views.fonts import mono_font, text_font
from inspector.views.spoken import Role
from inspector.views.surfaces import RADIUS_PX, Ink, Label, scrolled
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

STATE_INKS: dict[ChannelState, Ink] = {
    "dead": "critical",
    "nearly dead": "warning",
    "saturated": "warning",
    "dormant": "warning",
    "duplicate": "warning",
    "sparse": "warning",
    "healthy": "good",
    "unknown": "faint",
}


def dead_rgba() -> tuple[int, int, int, int]:
    """The colour of a dead channel's cell in the theme shown."""
    red, green, blue = bytes.fromhex(tokens().critical.removeprefix("#"))
    return red, green, blue, 255


_ROW_PX = 42
_INSET_PX = 10
_SIDE_PX = 6
_KEY_FROM_PX, _LINES_FROM_PX, _FIGURE_FROM_PX = 380, 260, 150
_LAYERS_PX = 200
"""So much holds two layers and the figure of the network, beside the lines below it."""


class LayerList(QWidget):
    """One row a layer.

    Signals:
        chosen: the name of a layer.
    """

    chosen = Signal(str)

    spoken_role = Role.List
    focus_ringed = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers: tuple[LayerBar, ...] = ()
        self.shown = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Layers"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_layers(self, layers: tuple[LayerBar, ...], shown: str) -> None:
        """Show these layers, one of them chosen."""
        self.layers, self.shown = layers, shown
        self.setFixedHeight(_ROW_PX * len(layers))
        self.update()

    def spoken_text(self) -> str:
        """The share of zeros of each layer, and which one is shown."""
        rows = "; ".join(f"{layer.name} {layer.sparsity_text}" for layer in self.layers)
        return tr("{rows}. Shown: {shown}").format(rows=rows, shown=self.shown)

    def layer_at(self, y: float) -> LayerBar | None:
        """The layer whose row holds a height."""
        row = int(y // _ROW_PX)
        return self.layers[row] if 0 <= row < len(self.layers) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self.layer_at(event.position().y())
        if layer is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(layer.name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        layer = self.layer_at(event.position().y())
        QToolTip.showText(event.globalPosition().toPoint(), layer.detail if layer else "", self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        names = [layer.name for layer in self.layers]
        if step is None or self.shown not in names:
            super().keyPressEvent(event)
            return
        place = names.index(self.shown) + step
        if 0 <= place < len(names):
            self.chosen.emit(names[place])

    def sizeHint(self) -> QSize:
        return QSize(220, _ROW_PX * len(self.layers))

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, layer in enumerate(self.layers):
            self._paint_row(painter, QRectF(0, row * _ROW_PX, self.width(), _ROW_PX), layer)

    def _paint_row(self, painter: QPainter, area: QRectF, layer: LayerBar) -> None:
        theme = tokens()
        ink = colour(getattr(theme, STATE_INKS[layer.state]))
        painter.setPen(Qt.PenStyle.NoPen)
        if layer.name == self.shown:
            painter.setBrush(colour(theme.selection))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), RADIUS_PX, RADIUS_PX)
        inner = area.adjusted(_INSET_PX, 0, -_INSET_PX, 0)
        line = QRectF(inner.left(), area.top() + 7, inner.width(), 16)
        painter.setFont(text_font())
        share_px = QFontMetricsF(painter.font()).horizontalAdvance(layer.sparsity_text)
        painter.setPen(ink)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, layer.sparsity_text)
        painter.setFont(mono_font())
        room = line.adjusted(0, 0, -share_px - 8, 0)
        name = QFontMetricsF(painter.font()).elidedText(layer.name, Qt.TextElideMode.ElideLeft, room.width())
        painter.setPen(colour(theme.text))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, name)
        groove = QRectF(inner.left(), area.bottom() - 13, inner.width(), 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.line))
        painter.drawRoundedRect(groove, 2, 2)
        if math.isfinite(layer.sparsity) and layer.sparsity > 0:
            painter.setBrush(ink)
            painter.drawRoundedRect(
                QRectF(groove.topLeft(), QSize(1, 4)).adjusted(0, 0, max(groove.width() * layer.sparsity, 4) - 1, 0),
                2,
                2,
            )
        if math.isfinite(layer.baseline):
            at = groove.left() + groove.width() * layer.baseline
            painter.fillRect(QRectF(at - 0.75, groove.top() - 3, 1.5, 10), colour(theme.dim))


class LayersCard(Card):
    """The layers, and the network as a whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Layers"), parent, ink="dim", weight="regular")
        self.list = LayerList()
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.list)
        box.addStretch(1)
        self.area = scrolled(page, tr("Layers of the model"))
        self.area.verticalScrollBar().rangeChanged.connect(self._reveal)
        self.place = Label(ink="faint", size_px=11)
        self.place.setContentsMargins(_INSET_PX, 0, 0, 0)
        self.whole = Label(tr("Whole network"), ink="dim")
        self.figure = Label(size_px=24, weight="semibold")
        self.lines = Label(ink="dim", wrap=True)
        self.key = Label(ink="faint", size_px=11, wrap=True)
        self.column.setContentsMargins(_SIDE_PX, 12, _SIDE_PX, 12)
        self.column.setSpacing(4)
        self.column.addWidget(self.place)
        self.column.addWidget(self.area, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(_INSET_PX, 4, _INSET_PX, 0)
        foot.setSpacing(2)
        for label in (self.whole, self.figure, self.lines, self.key):
            foot.addWidget(label)
        self.column.addLayout(foot)
        self.title.setContentsMargins(_INSET_PX, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """Where it is low, or much is to say, the layers go before what is said of all."""
        width_px = self.width() - 2 * (_SIDE_PX + _INSET_PX)
        said_px = sum(label.heightForWidth(width_px) for label in (self.lines, self.key))
        self.key.setVisible(self.height() >= _KEY_FROM_PX and self.height() - said_px >= _LAYERS_PX)
        self.lines.setVisible(self.height() >= _LINES_FROM_PX)
        for label in (self.whole, self.figure):
            label.setVisible(self.height() >= _FIGURE_FROM_PX)

    def show_scene(self, scene: FeaturesScene) -> None:
        """Show the layers and the figures of the whole network."""
        self.place.setText(scene.place)
        is_new = scene.layer != self.list.shown
        self.list.show_layers(scene.layers, scene.layer)
        self.figure.setText(scene.sparsity_text)
        self.figure.set_ink(STATE_INKS[scene.whole_state])
        self.lines.setText("\n".join(scene.whole_lines))
        self.key.setText("\n".join(filter(None, (scene.elsewhere, scene.evidence))))
        self._give_room()
        if is_new:
            self._reveal()

    def _reveal(self) -> None:
        """Bring the chosen layer onto the screen, which need not be the first."""
        names = [layer.name for layer in self.list.layers]
        if self.list.shown in names:
            middle = round((names.index(self.list.shown) + 0.5) * _ROW_PX)
            self.area.verticalScrollBar().setValue(0)  # where it may be seen as well
            self.area.ensureVisible(0, middle, 0, _ROW_PX // 2)

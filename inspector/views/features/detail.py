"""One channel looked at closely: its numbers, its samples, its weights and its way through the dumps."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr, tr_many
from inspector.display.features.channel.scene import ChannelScene
from inspector.display.features.history.scene import HistoryScene
from inspector.views.charts import BarChart
from inspector.views.controls import Segmented
from inspector.views.elided import ElidedLabel
from inspector.views.features.history import firing_text
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.pictures import PictureTile
from inspector.views.surfaces import Card, Ink, Label, scrolled
from inspector.views.tile_grid import TileGrid
from inspector.views.waiting import Waiting

HIGH_PX = 308
_NUMBERS_PX, _WEIGHTS_PX, _HISTORY_PX = 220, 132, 150
_WEIGHTS_FROM_PX, _HISTORY_FROM_PX = 760, 600
"""The card's width from which they stand beside the samples."""

_TILE_PX = 74
_ORDERS = (("strongest", tr("Strongest")), ("in order", tr("In order")))


class _Figures(QWidget):
    """Names and figures in two columns; labels are kept when their number changes."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._labels: list[tuple[ElidedLabel, Label]] = []

    def show_lines(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Show these lines."""
        while len(self._labels) < len(lines):
            pair = ElidedLabel(ink="dim", size_px=SMALL_PX), Label(size_px=SMALL_PX)
            row = len(self._labels)
            for column, label in enumerate(pair):
                self._grid.addWidget(label, row, column)
            self._labels.append(pair)
        for place, (name, figure) in enumerate(self._labels):
            shown = place < len(lines)
            name.setVisible(shown)
            figure.setVisible(shown)
            name.setText(lines[place][0] if shown else "")
            figure.setText(lines[place][1] if shown else "")

    def lines(self) -> list[tuple[str, str]]:
        """What is shown."""
        return [(name.text(), figure.text()) for name, figure in self._labels if not name.isHidden()]


class ChannelCard(Card):
    """The card of one channel.

    Signals:
        closed: it is no longer wanted.
        sample_chosen: the sample of a tile.
    """

    closed = Signal()
    sample_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent)
        self.scene: ChannelScene | None = None
        self._history: HistoryScene | None = None
        self._layer, self._channel = "", -1
        self._beside: list[tuple[int, QWidget]] = []
        self.kind = ElidedLabel(ink="dim", size_px=SMALL_PX)
        self.close_button = IconButton("x", tr("Close the channel"))
        self.head.insertWidget(1, self.kind, 100)
        self.head.addWidget(self.close_button)
        self.waiting = Waiting()
        self.figures = _Figures()
        self.hints = Label(ink="warning", size_px=SMALL_PX, wrap=True)
        self.order = Segmented(_ORDERS, label=tr("Samples"))
        self.order.set_value("strongest")
        self.looked_at = ElidedLabel(ink="faint", size_px=11)
        self.tiles = TileGrid(tile_px=_TILE_PX, gap_px=6)
        self.weights = PictureTile("weights")
        self.weights.setCursor(Qt.CursorShape.ArrowCursor)
        self.weights_said = ElidedLabel(ink="faint", size_px=11, middle=True)
        self.history = BarChart()
        self.history_said = ElidedLabel(ink="faint", size_px=11)
        self._lay_out()
        self.close_button.clicked.connect(self.closed)
        self.order.chosen.connect(self._show_tiles)
        self.tiles.clicked.connect(self._on_tile)

    def _lay_out(self) -> None:
        numbers = QWidget()
        column = QVBoxLayout(numbers)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.hints)
        column.addWidget(self.figures)
        column.addStretch(1)
        left = scrolled(numbers, tr("Numbers of the channel"))
        left.setFixedWidth(_NUMBERS_PX)
        samples = QVBoxLayout()
        samples.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.order)
        head.addWidget(self.looked_at, 1)
        samples.addLayout(head)
        samples.addWidget(scrolled(self.tiles, tr("Maps of all samples")), 1)
        weights = QVBoxLayout()
        weights.addWidget(ElidedLabel(tr("Incoming weights"), ink="dim", size_px=SMALL_PX))
        weights.addWidget(self.weights, 1)
        weights.addWidget(self.weights_said)
        history = QVBoxLayout()
        history.addWidget(ElidedLabel(tr("Fires, by dump"), ink="dim", size_px=SMALL_PX))
        history.addWidget(self.history, 1)
        history.addWidget(self.history_said)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(left)
        row.addLayout(samples, 1)
        for part, width, from_px in (
            (weights, _WEIGHTS_PX, _WEIGHTS_FROM_PX),
            (history, _HISTORY_PX, _HISTORY_FROM_PX),
        ):
            holder = QWidget()
            part.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(part)
            holder.setFixedWidth(width)
            row.addWidget(holder)
            self._beside.append((from_px, holder))
        self.column.addWidget(self.waiting)
        self.column.addLayout(row, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for from_px, holder in self._beside:
            holder.setVisible(self.width() >= from_px)

    def choose(self, layer: str, channel: int, kind: str) -> None:
        """Be of a channel; what was shown of another goes."""
        if (layer, channel) == (self._layer, self._channel):
            return
        self._layer, self._channel = layer, channel
        self.set_title(tr("Channel {channel}, {layer}").format(channel=channel, layer=layer))
        self.kind.setText(kind)
        if self.scene is not None and (self.scene.layer, self.scene.channel) != (layer, channel):
            self._clear()
        self._show_history()

    def _clear(self) -> None:
        self.scene = None
        self.figures.show_lines(())
        self.hints.setText("")
        self.tiles.set_count(0)
        self.weights.set_picture(None)
        self.weights_said.setText("")
        self.looked_at.setText("")

    def show_channel(self, scene: ChannelScene) -> None:
        """Show what was read of a channel; that of another is no longer wanted."""
        if (scene.layer, scene.channel) != (self._layer, self._channel):
            return
        self.waiting.done()
        self.scene = scene
        self.kind.setText(scene.kind_said)
        self.figures.show_lines(scene.lines)
        self.looked_at.setText(" · ".join((scene.samples_said, *scene.notes)))
        self.weights.set_picture(scene.weights if scene.weights.size else None)
        self.weights.setVisible(bool(scene.weights.size))
        self.weights_said.setText(scene.weights_said)
        self._show_tiles(self.order.value() or "strongest")
        self._show_history()

    def show_history(self, scene: HistoryScene) -> None:
        """Show the channel over the dumps."""
        self._history = scene
        self._show_history()

    def _show_tiles(self, order: str) -> None:
        scene = self.scene
        if scene is None:
            return
        tiles = scene.strongest if order == "strongest" else scene.in_order
        if scene.pictures.size:
            self.tiles.set_shape(aspect=scene.pictures.shape[2] / max(scene.pictures.shape[1], 1))
        self.tiles.set_count(len(tiles))
        for widget, tile in zip(self.tiles.tiles(), tiles, strict=True):
            widget.set_picture(scene.pictures[tile.picture])
            widget.set_caption(f"{tile.sample + 1:,}", tile.text)
            widget.setToolTip(
                tr("Sample {sample:,}: largest |a| {value}").format(sample=tile.sample + 1, value=tile.text)
            )

    def _on_tile(self, place: int) -> None:
        scene = self.scene
        if scene is None:
            return
        tiles = scene.strongest if self.order.value() == "strongest" else scene.in_order
        if place < len(tiles):
            self.sample_chosen.emit(tiles[place].sample)

    def _show_history(self) -> None:
        """The share of values that are not zero in each dump, and what happened when it died."""
        history = self._history
        known = history is not None and history.layer == self._layer and 0 <= self._channel < len(history.shares)
        hints = list(self.scene.hints) if self.scene is not None else []
        if not known or history is None:
            self.history.set_bars([])
            self.history_said.setText("")
        else:
            shares, silent = history.shares[self._channel], history.silent[self._channel]
            inks: list[Ink] = ["critical" if dead else "accent" for dead in silent]
            texts = [
                f"{place}: {firing_text(float(share), dead=bool(dead))}"
                for place, share, dead in zip(history.places, shares, silent, strict=True)
            ]
            # A dead channel's bar is drawn full, in the colour that says so: an empty place would say nothing.
            top = max([float(share) for share in shares if math.isfinite(share)], default=1.0) or 1.0
            heights = [top if dead else float(share) for share, dead in zip(shares, silent, strict=True)]
            self.history.set_bars(heights, inks=inks, say=texts.__getitem__, top=top)
            death = next((one for one in history.deaths if self._channel in one.channels), None)
            self.history_said.setText(self._since(history, silent.tolist()))
            if death is not None:
                hints += [*filter(None, (death.rate_said,)), *death.hints]
        self.hints.setText("\n".join(hints))
        self.hints.setVisible(bool(hints))

    @staticmethod
    def _since(history: HistoryScene, silent: list[int]) -> str:
        """`dead since epoch 70`, `alive at epoch 90`."""
        if not silent or not silent[-1]:
            return tr("alive at {dump}").format(dump=history.places[-1]) if history.places else ""
        first = len(silent)
        while first and silent[first - 1]:
            first -= 1
        if first:
            return tr("dead since {dump}").format(dump=history.places[first])
        if len(silent) > 1:
            return tr_many("dead in {count} dump", "dead in all {count} dumps", len(silent)).format(count=len(silent))
        return tr("dead in the only dump")

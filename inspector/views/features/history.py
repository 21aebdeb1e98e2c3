"""The layers over the dumps of a run: sparsity, learning rate, and when each channel died."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QVBoxLayout, QWidget

from inspector.analysis.pyramid import pyramid_of
from inspector.core.language import tr, tr_counted
from inspector.core.units import percent_text
from inspector.display.features.history.scene import HistoryScene
from inspector.views.canvas import CurveCanvas
from inspector.views.features.layers import dead_rgba
from inspector.views.fonts import SMALL_PX, elided, text_font, text_width
from inspector.views.legend import Legend, LegendEntry
from inspector.views.pictures import qimage
from inspector.views.plot.drawing import Drawing
from inspector.views.spoken import Role
from inspector.views.surfaces import Card, Label, scrolled
from inspector.views.theme import colour, tokens
from inspector.views.traces import Flag, Trace
from inspector.views.view import guarded
from inspector.views.waiting import Waiting

_ROW_PX = 14
_MOST_ROWS_PX = 12 * _ROW_PX
_LABEL_PX, _LABEL_SHARE = 84, 0.3
_LABEL_GAP_PX, _LABEL_TEXT_PX = 8, 11
_MOST_DEATHS = 12
_LEAST_PLOT_PX, _LEAST_SAID_PX = 90, 40


class ChannelHistory(QWidget):
    """Dumps down, channels across; a channel that is dead there has the colour of critical findings.

    Signals:
        chosen: a channel.
    """

    chosen = Signal(int)

    spoken_role = Role.Chart

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: HistoryScene | None = None
        self._image = QImage()
        self._painted_in = ""
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("How often each channel fires in each dump"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scene(self, scene: HistoryScene) -> None:
        """Show the channels of a layer."""
        self._scene = scene
        self._image = QImage()
        self.setFixedHeight(max(1, min(_MOST_ROWS_PX, _ROW_PX * len(scene.places))))
        self.update()

    def map_area(self) -> QRectF:
        """Where the cells lie, beside the names of the dumps."""
        places = self._scene.places if self._scene is not None else ()
        widest = max((text_width(place, _LABEL_TEXT_PX) for place in places), default=0.0) + _LABEL_GAP_PX
        left = min(max(_LABEL_PX, math.ceil(widest)), max(round(self.width() * _LABEL_SHARE), _LABEL_PX))
        return QRectF(left, 0, max(self.width() - left, 1), self.height())

    def cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """The channel and the dump under a point."""
        scene, area = self._scene, self.map_area()
        if scene is None or not scene.cells.size or not area.contains(position):
            return None
        channels, dumps = scene.shares.shape
        channel = int((position.x() - area.left()) / area.width() * channels)
        dump = int(position.y() / area.height() * dumps)
        return min(channel, channels - 1), min(dump, dumps - 1)

    def spoken_text(self) -> str:
        """When the layer died, or that it lives."""
        return self._scene.summary if self._scene is not None else ""

    def text_at(self, position: QPoint) -> str:
        """What the cell under a point says."""
        found, scene = self.cell_at(position), self._scene
        if found is None or scene is None:
            return ""
        said = firing_text(float(scene.shares[found]), dead=bool(scene.silent[found]))
        return tr("channel {channel}, {dump}: {said}").format(channel=found[0], dump=scene.places[found[1]], said=said)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position().toPoint())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(found[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.text_at(event.position().toPoint()), self)

    def leaveEvent(self, _event: QEvent) -> None:
        QToolTip.hideText()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        scene = self._scene
        if scene is None or not scene.cells.size:
            return
        if self._image.isNull() or self._painted_in != tokens().critical:
            self._painted_in = tokens().critical
            cells = scene.cells.copy()
            cells[scene.silent.astype(bool)] = dead_rgba()
            self._image = qimage(cells.transpose(1, 0, 2))
        painter, area = QPainter(self), self.map_area()
        # More channels than pixels: none is to be left out.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scene.shares.shape[0] > area.width())
        painter.fillRect(area, colour(tokens().void))
        painter.drawImage(area, self._image)
        painter.setFont(text_font(_LABEL_TEXT_PX))
        painter.setPen(colour(tokens().dim))
        high = area.height() / len(scene.places)
        every = max(1, math.ceil(_ROW_PX / high))
        for place in range(0, len(scene.places), every):
            text = elided(scene.places[place], area.left() - _LABEL_GAP_PX, _LABEL_TEXT_PX)
            painter.drawText(QRectF(0, place * high, area.left(), high), Qt.AlignmentFlag.AlignVCenter, text)


class HistoryPage(QWidget):
    """Two plots over one axis, the channels below, and what is said of those that died.

    Signals:
        chosen: a channel of the layer.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.waiting = Waiting()
        self.summary = Label(wrap=True)
        self.sparsity, self.rate = CurveCanvas(), CurveCanvas()
        self.names, self.rate_names = Legend(), Legend()
        self.channels = ChannelHistory()
        self.deaths = Label(ink="dim", size_px=SMALL_PX, wrap=True)
        self.sparsity_card = Card(tr("Sparsity of the layers"), ink="dim", weight="regular")
        self.rate_card = Card(tr("Learning rate"), ink="dim", weight="regular")
        self.channel_card = Card(" ", ink="dim", weight="regular")
        for card, names, canvas in (
            (self.sparsity_card, self.names, self.sparsity),
            (self.rate_card, self.rate_names, self.rate),
        ):
            canvas.setMinimumHeight(_LEAST_PLOT_PX)
            card.column.addWidget(names)
            card.column.addWidget(canvas, 1)
        self.channel_card.column.addWidget(self.channels)
        said = QWidget()
        box = QVBoxLayout(said)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.deaths)
        box.addStretch(1)
        deaths = scrolled(said, tr("What died when"))
        deaths.setMinimumHeight(_LEAST_SAID_PX)
        self.channel_card.column.addWidget(deaths, 1)
        sheet = QWidget()
        cards = QVBoxLayout(sheet)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(12)
        for card, share in ((self.sparsity_card, 4), (self.rate_card, 3), (self.channel_card, 4)):
            cards.addWidget(card, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.waiting)
        column.addWidget(self.summary)
        column.addWidget(scrolled(sheet, tr("Layers over the dumps")), 1)
        self.sparsity.ranged.connect(self._on_sparsity_ranged)
        self.rate.ranged.connect(self._on_rate_ranged)
        self.sparsity.fitted.connect(self._on_fitted)
        self.rate.fitted.connect(self._on_fitted)
        self.channels.chosen.connect(self.chosen)

    def show_history(self, scene: HistoryScene) -> None:
        """Show a run's layers."""
        self.waiting.done()
        nothing = bool(scene.problem)
        self.summary.setText("\n".join([scene.problem or scene.summary, *scene.says]))
        for card in (self.sparsity_card, self.channel_card):
            card.setVisible(not nothing)
        self.rate_card.setVisible(bool(scene.rates))
        self.channel_card.set_title(tr("How often each channel fires, {layer}").format(layer=scene.layer))
        self._draw_curves(scene)
        self.channels.show_scene(scene)
        self.deaths.setText("\n".join(deaths_lines(scene)))

    def _draw_curves(self, scene: HistoryScene) -> None:
        first, last = (float(scene.steps[0]), float(scene.steps[-1])) if scene.steps.size else (0.0, 1.0)
        starts = [float(line.steps[0]) for line in scene.rates if line.steps.size]
        ends = [float(line.steps[-1]) for line in scene.rates if line.steps.size]
        fit_x = (min([first, *starts]), max([last, *ends]))
        flags = tuple(
            Flag(x=float(step), kind="dump", label=place) for step, place in zip(scene.steps, scene.places, strict=True)
        )
        lines = sorted(enumerate(scene.lines), key=lambda pair: pair[1].layer != scene.layer)
        traces = tuple(
            Trace(
                label=line.layer,
                ink=number,
                parts=(pyramid_of(scene.steps, line.sparsity),),
                dim=line.layer != scene.layer,
            )
            for number, line in lines
        )
        # A range of no extent has nothing to fit.
        ends_x = fit_x if fit_x[0] < fit_x[1] else None
        self.sparsity.show_drawing(Drawing(traces=traces, flags=flags, fit_x=ends_x, fit_y=(0.0, 1.0)))
        self.names.set_entries(
            [LegendEntry(label=line.layer, ink=number, dim=line.layer != scene.layer) for number, line in lines]
        )
        rates = tuple(
            Trace(label=line.tag, ink=place, parts=(pyramid_of(line.steps, line.rates),), dim=place > 0)
            for place, line in enumerate(scene.rates)
        )
        self.rate.show_drawing(Drawing(traces=rates, flags=flags, fit_x=ends_x))
        self.rate_names.set_entries(
            [LegendEntry(label=line.tag, ink=place, dim=place > 0) for place, line in enumerate(scene.rates)]
        )

    def _on_sparsity_ranged(self) -> None:
        self.rate.set_x_range(*self.sparsity.x_range())

    def _on_rate_ranged(self) -> None:
        self.sparsity.set_x_range(*self.rate.x_range())

    def _on_fitted(self) -> None:
        self.sparsity.fit()
        self.rate.fit()


def firing_text(share: float, *, dead: bool) -> str:
    """How often a channel fires in a dump, of the share of its values that are not zero."""
    if dead:
        return tr("dead")
    if math.isnan(share):
        return tr("not in this dump")
    return tr("{share} of its values are not zero").format(share=percent_text(share))


def deaths_lines(scene: HistoryScene) -> list[str]:
    """A line for each group of channels that died together, with the rate then and what may have done it."""
    lines = [" · ".join((one.said, *filter(None, (one.rate_said,)), *one.hints)) for one in scene.deaths[:_MOST_DEATHS]]
    more = len(scene.deaths) - _MOST_DEATHS
    return [*lines, tr("and {groups}").format(groups=tr_counted(more, "more group"))] if more > 0 else lines

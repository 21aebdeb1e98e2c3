"""What a log holds beside its curves: the list at the left, what is chosen at the right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.core.language import tr
from inspector.core.texts import visible
from inspector.core.units import number_text
from inspector.display.media.scene import HistogramBars, MediaScene
from inspector.session.intents import CursorMoved, ViewChanged
from inspector.views.charts import BarChart
from inspector.views.controls import Button
from inspector.views.fonts import SMALL_PX, mono_font
from inspector.views.media.lines import CurvePane
from inspector.views.media.tags import TagList
from inspector.views.media.unpacking import unpacked
from inspector.views.pictures import PictureTile, rgba_of
from inspector.views.surfaces import Card, Label, quiet, scrolled
from inspector.views.view import View

_LIST_PX = 260
_MAP_PX = 160


class HistogramPane(QWidget):
    """Bars of one step, and below them the same over all steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bars = BarChart()
        self.map = PictureTile(smooth=False)
        self.map.setFixedHeight(_MAP_PX)
        self.map.setCursor(Qt.CursorShape.ArrowCursor)
        self.legend = Label(ink="faint", size_px=SMALL_PX, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.bars, 1)
        column.addWidget(self.map)
        column.addWidget(self.legend)

    def show_histogram(self, histogram: HistogramBars) -> None:
        """Show this histogram."""
        self.bars.set_bars(
            histogram.heights, edges=histogram.edges, ticks=histogram.ticks, say=partial(_said, histogram)
        )
        several = histogram.over_steps is not None
        self.map.set_picture(histogram.over_steps)
        self.map.setVisible(several)
        self.legend.setText(histogram.legend)
        self.legend.setVisible(several)


def _said(histogram: HistogramBars, bar: int) -> str:
    low, high = (number_text(float(edge)) for edge in histogram.edges[bar : bar + 2])
    return tr("{count} from {low} to {high}").format(
        count=number_text(float(histogram.counts[bar])), low=low, high=high
    )


class TablePane(QScrollArea):
    """Names and values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        quiet(self)
        self.lines: tuple[tuple[str, str], ...] = ()

    def show_table(self, lines: tuple[tuple[str, str], ...]) -> None:
        """Show these lines."""
        if lines == self.lines:
            return
        self.lines = lines
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(lines):
            grid.addWidget(Label(name, mono=True, size_px=SMALL_PX, ink="dim"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(value, mono=True, size_px=SMALL_PX, wrap=True), row, 1)
        grid.setRowStretch(len(lines), 1)
        self.setWidget(page)
        page.setAutoFillBackground(False)


class MediaView(View):
    """Pictures, histograms, texts and settings of a log."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = TagList()
        self.list.chosen.connect(self._choose)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.list)
        box.addStretch(1)
        scroll = scrolled(page, tr("Media of the tag"))
        tags = Card(tr("Beside the curves"), ink="dim", weight="regular")
        tags.setFixedWidth(_LIST_PX)
        tags.column.addWidget(scroll, 1)
        self.where = Label(ink="dim", size_px=SMALL_PX)
        self.before = _arrow("chevron-left", tr("Earlier"))
        self.after = _arrow("chevron-right", tr("Later"))
        self.before.clicked.connect(partial(self._go, "before"))
        self.after.clicked.connect(partial(self._go, "after"))
        self.card = Card("")
        for widget in (self.where, self.before, self.after):
            self.card.head.addWidget(widget)
        self.picture = PictureTile()
        self.picture.setCursor(Qt.CursorShape.ArrowCursor)
        self.histogram = HistogramPane()
        self.curve = CurvePane()
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setFont(mono_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        quiet(self.text)
        self.table = TablePane()
        self.note = Label(ink="dim", wrap=True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        for pane in (self.note, self.picture, self.histogram, self.curve, self.text, self.table):
            self.stack.addWidget(pane)
        self.card.column.addWidget(self.stack, 1)
        row = QHBoxLayout(self.body)
        row.setContentsMargins(14, 10, 14, 10)
        row.setSpacing(10)
        row.addWidget(tags)
        row.addWidget(self.card, 1)

    def draw(self, scene: MediaScene) -> None:
        self.list.show_rows(scene.rows, scene.chosen)
        self.card.set_title(scene.title)
        self.where.setText(scene.where)
        self.before.setEnabled(scene.before is not None)
        self.after.setEnabled(scene.after is not None)
        self.stack.setCurrentWidget(self._filled(scene))

    def _filled(self, scene: MediaScene) -> QWidget:
        """The pane that shows what is chosen, with it."""
        self.picture.set_picture(None)
        if scene.picture is not None:
            image, why = unpacked(scene.picture)
            if not image.isNull():
                self.picture.set_picture(rgba_of(image))
                return self.picture
            self.note.setText(visible(why))
            return self.note
        if scene.histogram is not None:
            self.histogram.show_histogram(scene.histogram)
            return self.histogram
        if scene.curve is not None:
            self.curve.show_curve(scene.curve)
            return self.curve
        if scene.text:
            self.text.setPlainText(scene.text)
            return self.text
        if scene.table:
            self.table.show_table(scene.table)
            return self.table
        self.note.setText(scene.note)
        return self.note

    def _choose(self, key: str) -> None:
        self.tell(ViewChanged({"media_tag": key}))

    def _go(self, side: str) -> None:
        step = getattr(self.scene, side, None)
        if step is not None:
            self.tell(CursorMoved(step))


def _arrow(icon: str, name: str) -> Button:
    button = Button(icon_name=icon)
    button.setFixedSize(22, 22)
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button


def make(parent: QWidget | None = None) -> MediaView:
    """The media viewer's widget."""
    return MediaView(parent)

"""The list of what there is: tag, and how many of what kind."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.display.media.scene import MediaRow
from inspector.views.fonts import mono_font, text_font
from inspector.views.surfaces import RADIUS_PX
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_ROW_PX = 42
_INSET_PX = 10


class TagList(QWidget):
    """One row a tag; only the rows that can be seen are painted.

    Signals:
        chosen: the key of a row.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[MediaRow, ...] = ()
        self.shown = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Tags"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: tuple[MediaRow, ...], shown: str) -> None:
        """Show these rows, one of them chosen."""
        self.rows, self.shown = rows, shown
        self.setFixedHeight(_ROW_PX * len(rows))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = int(event.position().y() // _ROW_PX)
        if event.button() == Qt.MouseButton.LeftButton and 0 <= row < len(self.rows):
            self.chosen.emit(self.rows[row].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        keys = [row.key for row in self.rows]
        if step is None or self.shown not in keys:
            super().keyPressEvent(event)
            return
        place = keys.index(self.shown) + step
        if 0 <= place < len(keys):
            self.chosen.emit(keys[place])

    def sizeHint(self) -> QSize:
        return QSize(240, _ROW_PX * len(self.rows))

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = event.rect().top() // _ROW_PX, event.rect().bottom() // _ROW_PX
        for place in range(max(first, 0), min(last + 1, len(self.rows))):
            self._paint_row(painter, QRectF(0, place * _ROW_PX, self.width(), _ROW_PX), self.rows[place])

    def _paint_row(self, painter: QPainter, area: QRectF, row: MediaRow) -> None:
        theme = tokens()
        if row.key == self.shown:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.selection))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), RADIUS_PX, RADIUS_PX)
        for text, font, ink, top_px in (
            (row.tag, mono_font(), theme.text, 5),
            (row.detail, text_font(11), theme.dim, 22),
        ):
            line = QRectF(area.left() + _INSET_PX, area.top() + top_px, area.width() - 2 * _INSET_PX, 16)
            painter.setFont(font)
            painter.setPen(colour(ink))
            shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)

"""The panels in a grid that scrolls; one cursor and one stretch of x for all of them."""

from __future__ import annotations

from PySide6.QtCore import QRect, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from inspector.display.curves.scene import CurvesScene
from inspector.views.canvas import CurveCanvas
from inspector.views.curves.card import PanelCard
from inspector.views.surfaces import quiet

_GAP_PX = 12
_MIN_CARD_PX = 250
_MAX_CARD_PX = 380
_TWO_COLUMNS_PX = 700


class PanelGrid(QScrollArea):
    """Cards two by two, each with its curves.

    Signals:
        cursor_moved: x where the user put the cursor.
    """

    cursor_moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self._holder = QWidget()
        self.setWidget(self._holder)
        self.setWidgetResizable(False)
        self._cards: list[PanelCard] = []
        self._scene: CurvesScene | None = None
        self._cursor_x: float | None = None
        self._moved = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._make_one)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def show_scene(self, scene: CurvesScene) -> None:
        """Show the panels of a scene; where the user has moved the camera on the same axis, it stays."""
        keep = self._moved and self._scene is not None and self._scene.x_axis == scene.x_axis
        self._moved = keep
        self._scene = scene
        known = {card.key(): card for card in self._cards}
        cards = [known[panel.key] if panel.key in known else self._new_card() for panel in scene.panels]
        for gone in self._cards:
            if gone not in cards:
                gone.hide()
                gone.deleteLater()
        self._cards = cards
        for card, panel in zip(cards, scene.panels, strict=True):
            card.show_panel(panel, scene, keep_camera=keep)
            card.show()
        self._arrange()
        self.set_cursor(self._cursor_x)

    def set_cursor(self, x: float | None) -> None:
        """Put the cursor of every panel at x."""
        self._cursor_x = x
        for card in self._cards:
            if card.canvas is not None:
                card.canvas.set_cursor(x)
            card.show_values(x)

    def fit(self) -> None:
        """Show everything in every panel."""
        self._moved = False
        for canvas in self.canvases():
            canvas.fit()

    def canvases(self) -> list[CurveCanvas]:
        """The canvases that have been made, in the order of the panels."""
        return [card.canvas for card in self._cards if card.canvas is not None]

    def cards(self) -> list[PanelCard]:
        """The cards, in the order of the panels."""
        return self._cards

    def busy(self) -> bool:
        """Whether a card in sight still lacks its curves."""
        return self._waiting() is not None

    def _new_card(self) -> PanelCard:
        card = PanelCard(self._holder)
        card.made.connect(self._on_made)
        return card

    def _on_made(self, canvas: CurveCanvas) -> None:
        canvas.set_cursor(self._cursor_x)
        canvas.cursor_moved.connect(self._on_cursor_moved)
        canvas.ranged.connect(self._on_ranged)
        canvas.fitted.connect(self.fit)
        canvas.pointed.connect(self._on_pointed)
        others = [other for other in self.canvases() if other is not canvas]
        if self._moved and others:
            canvas.set_x_range(*others[0].x_range())

    def _on_cursor_moved(self, x: float) -> None:
        self.set_cursor(x)
        self.cursor_moved.emit(x)

    def _on_ranged(self, low: float, high: float) -> None:
        self._moved = True
        for canvas in self.canvases():
            if canvas is not self.sender():
                canvas.set_x_range(low, high)

    def _on_pointed(self, x: float | None) -> None:
        for card in self._cards:
            card.show_values(self._cursor_x if x is None else x)

    def _on_scrolled(self) -> None:
        self._soon.start()

    def _arrange(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        columns = 2 if width >= _TWO_COLUMNS_PX and len(self._cards) > 1 else 1
        rows = -(-len(self._cards) // columns)
        wished = (height - (rows - 1) * _GAP_PX) // max(rows, 1)
        card_height = min(max(wished, _MIN_CARD_PX), _MAX_CARD_PX if len(self._cards) > 1 else height)
        card_width = (width - (columns - 1) * _GAP_PX) // columns
        for index, card in enumerate(self._cards):
            row, column = divmod(index, columns)
            left, top = column * (card_width + _GAP_PX), row * (card_height + _GAP_PX)
            card.setGeometry(QRect(left, top, card_width, card_height))
        self._holder.resize(width, max(rows * (card_height + _GAP_PX) - _GAP_PX, 0))
        self._soon.start()

    def _waiting(self) -> PanelCard | None:
        top = self.verticalScrollBar().value()
        sight = QRect(0, top, self.viewport().width(), self.viewport().height())
        return next((card for card in self._cards if card.canvas is None and card.geometry().intersects(sight)), None)

    def _make_one(self) -> None:
        """Make one canvas, then let the window breathe."""
        card = self._waiting()
        if card is not None and self.isVisible():
            card.make_canvas()
            card.show_values(self._cursor_x)
            self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

"""The table at the pointer, and those that were kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QTimer
from PySide6.QtWidgets import QWidget

from inspector.views.curves.card import PanelCard
from inspector.views.curves.hover import HoverOrder, HoverTable


class Hovering(QObject):
    """Hover tables over a widget: one that follows the pointer, and any number that stay where they were pinned."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._table: HoverTable | None = None
        self._kept: list[tuple[HoverTable, PanelCard, QPointF]] = []
        self._at: tuple[PanelCard, QPointF] | None = None
        self.order: HoverOrder = "nearness"
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.renew)

    def point(self, card: PanelCard | None, pixel: QPointF | None) -> None:
        """Show what the curves of a card are worth at a pixel of its canvas; nothing for None."""
        before = self._at[0] if self._at is not None else None
        self._at = (card, pixel) if card is not None and pixel is not None else None
        if before is not None and before is not card:
            before.canvas.set_dots(())
        if self._at is None:
            if self._table is not None:
                self._table.hide()
            return
        if self._table is None:
            self._table = HoverTable(self._over)
        self._show(self._table, *self._at)
        self._table.follow(self._place(*self._at))

    def pin(self, card: PanelCard, pixel: QPointF) -> None:
        """Keep a table of what the curves are worth at a pixel."""
        table = HoverTable(self._over)
        self._show(table, card, pixel)
        table.follow(self._place(card, pixel))
        table.pin()
        table.closed.connect(self._on_closed)
        table.order_wanted.connect(self.sort)
        # x is kept and not the pixel: the camera may move below the table.
        self._kept.append((table, card, QPointF(card.canvas.x_at(pixel), pixel.y())))

    def sort(self, order: HoverOrder) -> None:
        """Sort the rows of every table by nearness to the pointer or by value."""
        self.order = order
        self.renew()

    def renew(self) -> None:
        """Say what the curves are worth now."""
        for table, card, place in self._kept:
            self._show(table, card, QPointF(card.canvas.pixel_of(place.x(), 1.0).x(), place.y()))
        if self._at is not None and self._table is not None and self._table.isVisible():
            self._show(self._table, *self._at)

    def renew_soon(self) -> None:
        """As `renew`, in a turn of the event loop after that in which the curves came."""
        self._soon.start()

    def forget(self, card: PanelCard) -> None:
        """Take off the tables of a card that goes."""
        if self._at is not None and self._at[0] is card:
            self._at = None
            if self._table is not None:
                self._table.hide()
        for kept in [kept for kept in self._kept if kept[1] is card]:
            self._take_off(kept)

    def tables(self) -> list[HoverTable]:
        """The tables that are seen, the one at the pointer first."""
        moving = [self._table] if self._table is not None and self._table.isVisible() else []
        return [*moving, *(table for table, _, _ in self._kept)]

    def _show(self, table: HoverTable, card: PanelCard, pixel: QPointF) -> None:
        table.show_text(card.hover_text(pixel), self.order)

    def _place(self, card: PanelCard, pixel: QPointF) -> QPoint:
        return card.canvas.mapTo(self._over, pixel.toPoint())

    def _on_closed(self) -> None:
        for kept in [kept for kept in self._kept if kept[0] is self.sender()]:
            self._take_off(kept)

    def _take_off(self, kept: tuple[HoverTable, PanelCard, QPointF]) -> None:
        self._kept.remove(kept)
        kept[0].hide()
        kept[0].deleteLater()

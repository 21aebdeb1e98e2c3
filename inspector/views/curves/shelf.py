"""Where the cards stand: in columns that scroll, made only where they are seen, and given up far from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from inspector.core.language import tr
from inspector.views.curves.card import CardState, PanelCard
from inspector.views.curves.holder import Holder
from inspector.views.curves.layout import Cell, Layout, PanelSize, headed, layout, pinned_first
from inspector.views.surfaces import quiet

# Cards farther away than so many heights of the window are given up; there may be ten thousand.
_KEPT_HEIGHTS = 4
_AHEAD_PX = 200

_PINNED = tr("Pinned")


class CardShelf(QScrollArea):
    """Cards by the keys of their panels; what they show is for a subclass, by `new_card`, `join` and `leave`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        quiet(self)
        self.holder = Holder()
        self.setWidget(self.holder)
        self.setWidgetResizable(False)
        self._made: dict[str, PanelCard] = {}
        self._groups: Mapping[str, str] = {}
        self._layout = Layout()
        self._pinned: tuple[str, ...] = ()
        self._folded: frozenset[str] = frozenset()
        self._size: PanelSize = "medium"
        self._alone = ""
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._make_one)
        self.verticalScrollBar().valueChanged.connect(self._on_moved)

    def new_card(self, key: str) -> PanelCard:
        """The card of a panel, which will stand on the holder."""
        raise NotImplementedError

    def join(self, card: PanelCard) -> None:
        """Let a new card show what the others do."""

    def leave(self, card: PanelCard) -> None:
        """Forget a card that is about to go."""

    def set_panels(self, groups: Mapping[str, str]) -> None:
        """Have cards for these panels, each with its group, in their order; `arrange_now` puts them into place."""
        self._groups = groups
        for key in [key for key in self._made if key not in groups]:
            self._give_up(key)
        if self._alone not in groups:
            self._alone = ""

    def set_arrangement(self, pinned: Sequence[str], folded: Sequence[str], size: PanelSize) -> None:
        """Put pinned cards first, fold others, at one of three sizes."""
        wanted = (tuple(pinned), frozenset(folded), size)
        if wanted != (self._pinned, self._folded, self._size):
            self._pinned, self._folded, self._size = wanted
            self.arrange_now()

    def cards(self) -> list[PanelCard]:
        """The cards that have been made, in their order."""
        return [self._made[cell.key] for cell in self._layout.cells if cell.key in self._made]

    def made(self) -> tuple[PanelCard, ...]:
        """All of them, also those that are hidden while one is alone."""
        return tuple(self._made.values())

    def card(self, key: str) -> PanelCard | None:
        """The card of a panel; None where it has not been made."""
        return self._made.get(key)

    def card_of(self, canvas: object) -> PanelCard | None:
        """The card of a canvas."""
        return next((card for card in self._made.values() if card.canvas is canvas), None)

    def taken(self) -> str:
        """Key of the card under the pointer, or of the one with the keyboard; empty where there is none."""
        focus = QApplication.focusWidget()
        cards = self.cards()
        held = [card for card in cards if focus is not None and card.isAncestorOf(focus)]
        return next((card.panel.key for card in (*(one for one in cards if one.underMouse()), *held)), "")

    def unfolded(self) -> list[str]:
        """Keys of the cards whose curves are seen, in their order."""
        folded = frozenset() if self._alone else self._folded
        return [cell.key for cell in self._layout.cells if cell.key not in folded]

    def waits(self) -> bool:
        """Whether a card in sight is still to be made."""
        return self._waiting() is not None

    def make_all(self) -> None:
        """Make at once every card in sight that is still to be made."""
        while self.isVisible() and self.waits():
            self._make_one()

    def show_alone(self, key: str) -> None:
        """Show one card only; all of them where the key is empty."""
        self._alone = key if key in self._groups else ""
        self.arrange_now()
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # Esc leads back

    def alone(self) -> str:
        """The key of the only card that is shown; empty where all are."""
        return self._alone

    def arrange_now(self) -> None:
        """Put every card into its place, and make those that are now seen."""
        keys = [self._alone] if self._alone else pinned_first(list(self._groups), self._pinned)
        folded = frozenset() if self._alone else self._folded
        room = self.viewport().size()
        self._layout = layout(keys, folded, self._size, room.width(), room.height(), self._headings(keys))
        self.holder.set_headings(self._layout.headings)
        placed = {cell.key: cell for cell in self._layout.cells}
        for key, card in self._made.items():
            cell = placed.get(key)
            card.setVisible(cell is not None)
            if cell is not None:
                self._put(card, cell)
        self.holder.resize(room.width(), self._layout.height)
        self._soon.start()

    def _headings(self, keys: Sequence[str]) -> Sequence[str]:
        """The group of each card, where they are to have headings."""
        groups = [_PINNED if key in self._pinned else self._groups[key] for key in keys]
        return groups if headed(groups) else ()

    def _put(self, card: PanelCard, cell: Cell) -> None:
        card.set_state(
            CardState(cell.key in self._pinned, cell.key in self._folded and not self._alone, bool(self._alone))
        )
        card.setGeometry(QRect(cell.left, cell.top, cell.width, cell.height))

    def _sight(self, ahead_px: int) -> tuple[int, int]:
        top = self.verticalScrollBar().value()
        return top - ahead_px, top + self.viewport().height() + ahead_px

    def _waiting(self) -> Cell | None:
        top, bottom = self._sight(0 if not self._made else _AHEAD_PX)
        return next(
            (
                cell
                for cell in self._layout.cells
                if cell.key not in self._made and cell.top <= bottom and cell.top + cell.height >= top
            ),
            None,
        )

    def _make_one(self) -> None:
        """Make one card, then let the window breathe."""
        cell = self._waiting()
        if cell is None or not self.isVisible():
            return
        card = self._made[cell.key] = self.new_card(cell.key)
        self.join(card)
        self._put(card, cell)
        card.show()
        self._forget_far()
        self._soon.start()

    def _forget_far(self) -> None:
        """Give up cards that are far out of sight."""
        top, bottom = self._sight(_KEPT_HEIGHTS * max(self.viewport().height(), 400))
        for cell in self._layout.cells:
            if cell.key in self._made and not (cell.top <= bottom and cell.top + cell.height >= top):
                self._give_up(cell.key)

    def _give_up(self, key: str) -> None:
        card = self._made.pop(key)
        self.leave(card)
        card.hide()
        card.deleteLater()

    def _on_moved(self) -> None:
        self._soon.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._alone:
            self.show_alone("")
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange_now()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

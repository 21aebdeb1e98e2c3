"""The tiles beside the composite, as one stop of Tab: keys go from tile to tile, shut eyes and press."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.views.keys import LIST, keep
from inspector.views.slots.slot_picture import SlotPicture
from inspector.views.spoken import Role
from inspector.views.tile_grid import TileGrid


class SlotTiles(TileGrid):
    """Tiles of slots and of the pictures beside them.

    Arrows, Home and End go from one to another, Space opens or shuts the eye of a slot, Enter is a press.

    Signals:
        eye_wanted: the index of a tile.
    """

    eye_wanted = Signal(int)

    spoken_role = Role.List

    def __init__(self, parent: QWidget, *, gap_px: int) -> None:
        super().__init__(parent, gap_px=gap_px, fit=True, smooth=True, kind=SlotPicture)
        self._at = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Slots"))

    def spoken_text(self) -> str:
        """The tile where the keys are."""
        return self.tile(self._at).accessibleName() if self._at < len(self.tiles()) else tr("no slots")

    def event(self, event: QEvent) -> bool:
        keep(event, LIST)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, columns = len(self.tiles()) - 1, self.columns()
        to = {
            Qt.Key.Key_Left: self._at - 1,
            Qt.Key.Key_Right: self._at + 1,
            Qt.Key.Key_Up: self._at - columns if self._at >= columns else self._at,
            Qt.Key.Key_Down: self._at + columns if self._at + columns <= last else self._at,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if to is not None:
            self._at = min(max(to, 0), max(last, 0))
            self._show_keys()
        elif event.key() == Qt.Key.Key_Space:
            self.eye_wanted.emit(self._at)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(self._at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._at = min(self._at, max(len(self.tiles()) - 1, 0))
        self._show_keys()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_keys()

    def _show_keys(self) -> None:
        self.setAccessibleDescription(self.spoken_text())
        for place, tile in enumerate(self.tiles()):
            if isinstance(tile, SlotPicture):
                tile.set_keyed(keyed=self.hasFocus() and place == self._at)

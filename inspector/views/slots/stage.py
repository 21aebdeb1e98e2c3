"""The composite and, beside it, one tile a slot, as large as both fit."""

from __future__ import annotations

import math
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QResizeEvent, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.core.language import tr
from inspector.core.units import number_text
from inspector.display.slots.scene import SlotLabel, SlotsScene
from inspector.display.tokens import TOKENS
from inspector.views.fonts import text_font
from inspector.views.pictures import TextRun
from inspector.views.slots.plan import BETWEEN_PX, GAP_PX, plan
from inspector.views.slots.slot_picture import SlotPicture
from inspector.views.slots.slot_tiles import SlotTiles
from inspector.views.theme import colour
from inspector.views.tips import plain_tip
from inspector.views.zoomed_picture import WHOLE, Look, ZoomedPicture

_LABEL_PX = 13
_HALO_PX = 3.5
_FINER = 8.0
"""How much larger a halo is made than it is painted, so that its curves stay round."""

TWO_LINES_FROM_PX = 150
"""Width of a tile from which entropy and overlap stand below its name; in a narrower one its label does."""

TWO_LINES_HIGH_PX = 120
"""Height from which they do: in a lower one two lines would hide the half of the picture."""

SHORT_BELOW_PX = 104
"""Width below which a slot is named by its number, and its label told by the colour alone."""

BARE_BELOW_PX = 62
"""Width below which no share is written, and the colour of a slot is that of its border."""

TOLD_SLOTS = 3
"""Slots whose weights are written out for the pixel under the pointer."""

INK_OF = {"critical": TOKENS["dark"].critical, "warning": TOKENS["dark"].warning}
"""Captions stand on dark, whatever the theme."""

_UNDER = {"image", "reconstruction"}
_PRESSABLE = {*_UNDER, "token"}


def paint_labels(labels: tuple[SlotLabel, ...], painter: QPainter, area: QRectF, _scale: float) -> None:
    """Write the slots' numbers over the composite, white on a dark halo."""
    for label in labels:
        text, halo = _label_shapes(label.text)
        place = QPointF(area.left() + label.x * area.width(), area.top() + label.y * area.height())
        painter.translate(place)
        painter.fillPath(halo, colour("#000000", 0.8))
        painter.fillPath(text, colour("#ffffff"))
        painter.translate(-place)


@lru_cache(maxsize=256)
def _label_shapes(text: str) -> tuple[QPainterPath, QPainterPath]:
    """A slot's number around (0, 0), and its halo: what a pen would paint around it, which takes far longer."""
    shape = QPainterPath()
    shape.addText(QPointF(0, 0), text_font(_LABEL_PX, "semibold"), text)
    middle = shape.boundingRect().center()
    shape.translate(-middle)
    pen = QPainterPathStroker()
    pen.setWidth(_HALO_PX * _FINER)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    fine = pen.createStroke(QTransform.fromScale(_FINER, _FINER).map(shape)).simplified()
    return shape, QTransform.fromScale(1 / _FINER, 1 / _FINER).map(fine)


class Stage(QWidget):
    """The upper half of the view: all its pictures look at one part, and point at one place.

    Signals:
        slot_clicked, eye_pressed: the number of a slot.
        side_clicked: `image` or `reconstruction`.
        token_chosen: the place of the token that is to look, x and y in 0..1; None for the first one again.
    """

    slot_clicked = Signal(int)
    eye_pressed = Signal(int)
    side_clicked = Signal(str)
    token_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composite = ZoomedPicture("composite", self, smooth=True)
        self.composite.setCursor(Qt.CursorShape.ArrowCursor)
        self.composite.clicked.connect(self._on_composite)
        self.composite.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.grid = SlotTiles(self, gap_px=GAP_PX)
        self.grid.clicked.connect(self._on_clicked)
        self.grid.eye_wanted.connect(self._on_eye)
        self._scene: SlotsScene | None = None
        self._marked: frozenset[int] = frozenset()
        self._pointed: tuple[float, float] | None = None
        self._aspect = 1.0
        self._cell_px = 0.0
        self._looked_after: set[ZoomedPicture] = set()
        self._look_after(self.composite)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_scene(self, scene: SlotsScene) -> None:
        """Show the composite, the slots and the pictures beside them."""
        self._scene = scene
        self._aspect = scene.composite.shape[1] / max(scene.composite.shape[0], 1) or 1.0
        self.composite.set_picture(scene.composite)
        self.composite.setToolTip(plain_tip(f"{scene.place}\n{scene.score_text}"))
        _shape_pointer(self.composite, pressable=bool(scene.token_dataset))
        self.composite.set_overlay(partial(paint_labels, scene.labels) if scene.labels else None)
        self.grid.set_count(self._count())
        for place, slot in enumerate(scene.slots):
            tile = self._tile(place)
            tile.set_picture(slot.picture)
            tile.set_slot(slot.centroid, eyed=True, shut=slot.slot in scene.hidden)
            alone = scene.solo is not None and slot.slot != scene.solo
            tile.set_dimmed(dimmed=alone or (scene.solo is None and slot.slot in scene.hidden))
            tile.setToolTip(plain_tip("\n".join((slot.name, *slot.details))))
            _shape_pointer(tile, pressable=True)
        for place, side in enumerate(scene.sides, start=len(scene.slots)):
            tile = self._tile(place)
            tile.set_picture(side.picture)
            tile.set_slot(side.mark, eyed=False, shut=False)
            tile.set_dimmed(dimmed=False)
            tile.setToolTip(plain_tip(side.tip))
            _shape_pointer(tile, pressable=side.key in _PRESSABLE)
        for place in range(self._count()):
            self._look_after(self._tile(place))
        self._ring()
        self._arrange()
        self._write(None)

    def mark(self, slots: frozenset[int]) -> None:
        """Put a ring around the tiles of these slots, while none is shown alone."""
        if slots != self._marked:
            self._marked = slots
            self._ring()

    def _ring(self) -> None:
        scene = self._scene
        ringed = frozenset() if scene is None else self._marked if scene.solo is None else frozenset((scene.solo,))
        for place in range(self._count()):
            slot = scene.slots[place].slot if scene is not None and place < len(scene.slots) else None
            self._tile(place).set_selected(selected=slot in ringed)

    def fit(self) -> None:
        """Show the whole pictures."""
        self._on_looked(WHOLE)

    def height_in(self, width: int, height: int) -> int:
        """How much of a height the stage makes use of."""
        count = self._count()
        return math.ceil(plan(count, width, height, self._aspect).height_px(count, self._aspect))

    def _count(self) -> int:
        return len(self._scene.slots) + len(self._scene.sides) if self._scene is not None else 1

    def _tile(self, place: int) -> SlotPicture:
        tile = self.grid.tile(place)
        assert isinstance(tile, SlotPicture)
        return tile

    def _look_after(self, picture: ZoomedPicture) -> None:
        if picture in self._looked_after:
            return
        self._looked_after.add(picture)
        picture.stand_on_window()
        picture.set_look(self.composite.look)
        picture.looked.connect(self._on_looked)
        picture.pointed.connect(self._on_pointed)
        if isinstance(picture, SlotPicture):
            picture.eye_pressed.connect(self._on_eye)

    def _arrange(self) -> None:
        chosen = plan(self._count(), self.width(), self.height(), self._aspect)
        height, width = round(chosen.composite_px), round(chosen.composite_px * self._aspect)
        self._cell_px = chosen.cell_px
        self.composite.setGeometry(0, 0, width, height)
        if chosen.below:
            top = height + BETWEEN_PX
            self.grid.setGeometry(0, top, self.width(), max(self.height() - top, 1))
        else:
            left = width + BETWEEN_PX
            self.grid.setGeometry(left, 0, max(self.width() - left, 1), height)
        self.grid.set_shape(chosen.columns, self._aspect)

    def _holds_two_lines(self) -> bool:
        return self._cell_px >= TWO_LINES_FROM_PX and self._cell_px >= TWO_LINES_HIGH_PX * self._aspect

    def _write(self, place: tuple[float, float] | None) -> None:
        """Captions: of the slots, or of their weights at a place."""
        scene = self._scene
        if scene is None:
            return
        weights = weights_at(scene, place)
        room, bare = self._cell_px >= SHORT_BELOW_PX, self._cell_px < BARE_BELOW_PX
        for index, slot in enumerate(scene.slots):
            tile, ink = self._tile(index), INK_OF.get(slot.ink, "")
            called = f"{slot.name} {slot.word} {slot.share_text}"
            right = slot.share_text if weights is None else number_text(weights[index], 3 if room else 2)
            if bare:
                tile.set_caption([(str(slot.slot), ink)], called=called)
            elif not room:
                tile.set_caption([(str(slot.slot), ink)], right, slot.colour, called=called)
            else:
                healthy, wide = slot.kind == "healthy", self._holds_two_lines()
                left: list[TextRun] = (
                    [(slot.name, "")] if healthy or not wide else [(slot.name, ""), (f" · {slot.word}", ink)]
                )
                second: list[TextRun] = [(slot.numbers, "")] if wide else [] if healthy else [(slot.word, ink)]
                tile.set_caption(left, right, slot.colour, below=second, called=called)
            tile.set_border(slot.colour if bare else "")
        for index, side in enumerate(scene.sides, start=len(scene.slots)):
            tile, called = self._tile(index), f"{side.name} {side.value}".strip()
            tile.set_caption("" if bare else side.name, side.value if room else "", called=called)
            tile.set_border("")
        below = "" if weights is None or place is None else place_text(scene, place, weights)
        self.composite.set_caption(scene.place, scene.score_text, below=below)

    def _on_looked(self, look: Look) -> None:
        for picture in (self.composite, *map(self._tile, range(self._count() if self._scene else 0))):
            picture.set_look(look)

    def _on_composite(self) -> None:
        scene, place = self._scene, self._pointed
        if scene is None or not scene.token_dataset or place is None:
            return
        before = scene.choice.token_at
        again = before is not None and cell_at(scene, before) == cell_at(scene, place)
        self.token_chosen.emit(None if again else place)

    def _on_pointed(self, place: tuple[float, float] | None) -> None:
        self._pointed = place
        if self._scene is None:
            return
        for picture in (self.composite, *map(self._tile, range(self._count()))):
            picture.set_marker(place if picture is not self.sender() else None)
        self._write(place)

    def _on_clicked(self, index: int) -> None:
        if self._scene is None:
            return
        slots, sides = self._scene.slots, self._scene.sides
        if index < len(slots):
            self.slot_clicked.emit(slots[index].slot)
        elif index < self._count() and sides[index - len(slots)].key in _UNDER:
            self.side_clicked.emit(sides[index - len(slots)].key)
        elif index < self._count() and sides[index - len(slots)].key == "token":
            self.token_chosen.emit(None)

    def _on_eye(self, index: int) -> None:
        if self._scene is not None and index < len(self._scene.slots):
            self.eye_pressed.emit(self._scene.slots[index].slot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._write(None)

    def sizeHint(self) -> QSize:
        return QSize(900, 420)


def _shape_pointer(picture: ZoomedPicture, *, pressable: bool) -> None:
    """The pointer over a picture; each time that it is set, Qt tells the widget and the screen."""
    shape = Qt.CursorShape.PointingHandCursor if pressable else Qt.CursorShape.ArrowCursor
    if picture.cursor().shape() != shape:
        picture.setCursor(shape)


def weights_at(scene: SlotsScene, place: tuple[float, float] | None) -> list[float] | None:
    """The recorded weight of each slot at a place of the picture, x and y in 0..1; None without a place."""
    if place is None:
        return None
    row, column = cell_at(scene, place)
    return [float(weight) for weight in scene.masks[:, row, column]]


def cell_at(scene: SlotsScene, place: tuple[float, float]) -> tuple[int, int]:
    """Row and column of the mask's cell at a place."""
    _slots, rows, columns = scene.masks.shape
    return min(int(place[1] * rows), rows - 1), min(int(place[0] * columns), columns - 1)


def place_text(scene: SlotsScene, place: tuple[float, float], weights: list[float]) -> str:
    """`x 12, y 30 · slot 3 0.71 · slot 0 0.2 · sum 1`: the cell, its largest weights, and the sum of all."""
    row, column = cell_at(scene, place)
    known = [slot for slot in range(len(weights)) if math.isfinite(weights[slot])]
    largest = sorted(known, key=lambda slot: -weights[slot])[:TOLD_SLOTS]
    told = [f"{scene.slots[slot].name} {number_text(weights[slot], 3)}" for slot in largest]
    total = tr("sum {value}").format(value=number_text(sum(weights)))
    return " · ".join((f"x {column}, y {row}", *told, total))

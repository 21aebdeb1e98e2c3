"""Controls for the convention of one kind of points: unit, image, order."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.formats.point_conventions import Convention, Frame, Unit
from inspector.views.controls import Segmented

UNITS = ((Unit.PIXELS, tr("Pixels")), (Unit.SHARES, tr("0 to 1")), (Unit.SIGNED, tr("−1 to 1")))
FRAMES = ((Frame.ORIGINAL, tr("Original")), (Frame.RESIZED, tr("Resized")), (Frame.LETTERBOXED, tr("Letterboxed")))
_ORDERS = (("xy", tr("x first")), ("yx", tr("y first")))


class ReadingChoice(QWidget):
    """One row of choices.

    Signals:
        chosen: the convention as it is wished (Convention).
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._convention = Convention()
        self.unit = Segmented(UNITS, label=tr("Unit"))
        self.frame = Segmented(FRAMES, label=tr("Image"))
        self.order = Segmented(_ORDERS, label=tr("Order"))
        tips = (tr("The image as it was before anything was done to it"), tr("Stretched to what the network was given"),
                tr("Scaled to fit into what the network was given, the rest left free on both sides"))  # fmt: skip
        for (value, _text), tip in zip(FRAMES, tips, strict=True):
            self.frame.segment(value).setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for one in (self.unit, self.frame, self.order):
            row.addWidget(one)
            one.chosen.connect(self._on_chosen)
        row.addStretch(1)

    def show_convention(self, convention: Convention) -> None:
        """Show what holds now, without a signal."""
        self._convention = convention
        self.unit.set_value(convention.unit)
        self.frame.set_value(convention.frame)
        self.order.set_value("yx" if convention.is_yx else "xy")

    def _on_chosen(self, _value: str) -> None:
        wished = msgspec.structs.replace(
            self._convention,
            unit=Unit(self.unit.value() or Unit.PIXELS),
            frame=Frame(self.frame.value() or Frame.ORIGINAL),
            is_yx=self.order.value() == "yx",
        )
        self.chosen.emit(wished)

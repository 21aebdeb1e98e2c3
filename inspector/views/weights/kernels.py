"""Small pictures in rows, and the choice of the input that they show."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QWidget

from inspector.core.arrays import AnyArray
from inspector.core.language import tr, tr_counted
from inspector.display.colour_maps import COLOUR_MAPS
from inspector.display.weights.tensor.scene import STRONGEST
from inspector.views.controls import Button
from inspector.views.fonts import text_font
from inspector.views.pictures import qimage
from inspector.views.spoken import MOST_TOLD, Role
from inspector.views.surfaces import Label
from inspector.views.theme import colour, tokens
from inspector.views.view import guarded

_KERNEL_PX = 24
_GAP_PX = 4
_TEXT_PX, _LEAST_TEXT_PX = 12, 60
_STRIP_PX, _STRIP_GAP_PX = 56, 6
_MATRIX_PX = 200
_LEAST_MATRIX_PX = 24
"""The thin side of a long matrix, so that it is more than a line, and one element of a small one at most."""


class KernelStrip(QWidget):
    """Small pictures in rows, as many a row as fit; the tool tip names the one under the pointer."""

    spoken_role = Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Pictures of the weight"))

    def set_kernels(self, kernels: AnyArray, names: tuple[str, ...]) -> None:
        """Show (pictures, height, width, 4) uint8."""
        self._images = [qimage(kernel) for kernel in kernels]
        self._names = names
        self.setVisible(bool(self._images))
        self._fit_height()
        self.update()

    def spoken_text(self) -> str:
        """How many pictures there are, with the names of the first."""
        return f"{tr_counted(len(self._images), 'picture')}: {', '.join(self._names[:MOST_TOLD])}"

    def areas(self) -> list[QRectF]:
        """Where each picture stands."""
        if len(self._images) == 1:
            image = self._images[0]
            scale = min(_MATRIX_PX / image.height(), self.width() / image.width(), _LEAST_MATRIX_PX)
            width, height = (max(side * scale, _LEAST_MATRIX_PX) for side in (image.width(), image.height()))
            return [QRectF(0, 0, width, height)]
        columns = max(1, (self.width() + _GAP_PX) // (_KERNEL_PX + _GAP_PX))
        stride = _KERNEL_PX + _GAP_PX
        places = (divmod(index, columns) for index in range(len(self._images)))
        return [QRectF(column * stride, row * stride, _KERNEL_PX, _KERNEL_PX) for row, column in places]

    def name_at(self, position: QPointF) -> str:
        """The name of the picture under a point, empty beside them."""
        areas = zip(self.areas(), self._names, strict=True)
        return next((name for area, name in areas if area.contains(position)), "")

    def _fit_height(self) -> None:
        areas = self.areas()
        self.setFixedHeight(math.ceil(max((area.bottom() for area in areas), default=0)))

    def sizeHint(self) -> QSize:
        return QSize(320, self.height())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.name_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for area, image in zip(self.areas(), self._images, strict=True):
            if image.hasAlphaChannel():
                painter.fillRect(area, colour(tokens().void))
            painter.drawImage(area, image)


class Scale(QWidget):
    """The diverging map as a strip between the values at its ends."""

    spoken_role = Role.Graphic

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strip = qimage(COLOUR_MAPS["diverging"][None])
        self._ends = ("", "")
        self.setFont(text_font(_TEXT_PX))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_reach(self, reach: float) -> None:
        """Show a map from −reach to reach."""
        self._ends = (f"−{reach:.3g}", f"{reach:.3g}")
        self.setAccessibleName(tr("blue {low}, grey 0, orange {high}").format(low=self._ends[0], high=self._ends[1]))
        self.setToolTip(self.accessibleName())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        texts_px = sum(metrics.horizontalAdvance(end) for end in self._ends)
        return QSize(math.ceil(texts_px) + _STRIP_PX + 2 * _STRIP_GAP_PX, math.ceil(metrics.height()))

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(colour(tokens().faint))
        left = QFontMetricsF(self.font()).horizontalAdvance(self._ends[0]) + _STRIP_GAP_PX
        painter.drawImage(QRectF(left, self.height() / 2 - 4, _STRIP_PX, 8), self._strip)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self._ends[0])
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self._ends[1])


class InputChoice(QWidget):
    """Which input of a convolution is pictured: each output's strongest, or the same one of all.

    Signals:
        chosen: the number of an input, or STRONGEST.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inputs, self._input = 0, STRONGEST
        self.before = Button(icon_name="chevron-left")
        self.after = Button(icon_name="chevron-right")
        self.before.setAccessibleName(tr("Previous input"))
        self.after.setAccessibleName(tr("Next input"))
        self.shown = Label(ink="dim", size_px=_TEXT_PX)
        self.shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.shown.setMinimumWidth(_LEAST_TEXT_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.before, self.shown, self.after):
            row.addWidget(widget)
        self.before.clicked.connect(self._on_before)
        self.after.clicked.connect(self._on_after)

    def set_inputs(self, inputs: int, chosen: int) -> None:
        """Show a choice of so many inputs; hidden where there is none."""
        self._inputs, self._input = inputs, chosen
        self.setVisible(inputs > 1)
        text = tr("strongest input of each") if chosen == STRONGEST else tr("input {input} of {inputs:,}")
        self.shown.setText(text.format(input=chosen, inputs=inputs))

    def _step(self, by: int) -> None:
        """Through STRONGEST and all inputs, round and round."""
        self.chosen.emit((self._input + 1 + by) % (self._inputs + 1) - 1)

    def _on_before(self) -> None:
        self._step(-1)

    def _on_after(self) -> None:
        self._step(1)

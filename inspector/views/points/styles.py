"""How large and how opaque each kind of what is drawn of points is: a button, and the small sheet it opens."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from inspector.core.language import tr
from inspector.session.values import PointStyle
from inspector.views.controls import Button, Card, LabelledSlider
from inspector.views.menu_button import MenuButton, show_below
from inspector.views.surfaces import Label

KINDS = (
    ("gt", tr("GT")),
    ("prediction", tr("Prediction")),
    ("error_line", tr("Error line")),
    ("threshold", tr("Threshold ring")),
    ("marked", tr("Marked")),
    ("labels", tr("Labels")),
)
SIZES = (0.5, 2.5)
_FIELDS = (
    ("size", tr("Size"), tr("Size of {kind}"), SIZES, 1),
    ("opacity", tr("Opacity"), tr("Opacity of {kind}"), (0.0, 1.0), 2),
)
"""A field of `PointStyle`, its head, its name for screen readers, its range, and how many decimals are shown."""


class StyleSheet(Card):
    """A slider for the size and one for the opacity of each kind.

    Signals:
        changed: the styles that are not the usual ones (tuple of PointStyle).
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent, surface="raised")
        self.setWindowFlags(Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._styles = {kind: PointStyle(kind=kind) for kind, _text in KINDS}
        self.sliders: dict[tuple[str, str], LabelledSlider] = {}
        self.reset = Button(tr("Usual sizes"))
        self.reset.clicked.connect(self._on_reset)
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        for column, (_field, head, *_rest) in enumerate(_FIELDS, start=1):
            grid.addWidget(Label(head, ink="faint"), 0, column)
        for row, (kind, text) in enumerate(KINDS, start=1):
            grid.addWidget(Label(text, ink="dim"), row, 0)
            for column, (field, _head, name, (low, high), decimals) in enumerate(_FIELDS, start=1):
                slider = LabelledSlider("", low=low, high=high, decimals=decimals)
                slider.track.setAccessibleName(name.format(kind=text))
                slider.moved.connect(partial(self._on_moved, kind, field))
                self.sliders[kind, field] = slider
                grid.addWidget(slider, row, column)
        self.column.addLayout(grid)
        self.column.addWidget(self.reset)
        self.show_styles(())

    def show_styles(self, styles: tuple[PointStyle, ...]) -> None:
        """Set the sliders, without a signal."""
        known = {style.kind: style for style in styles}
        for kind in self._styles:
            style = self._styles[kind] = known.get(kind, PointStyle(kind=kind))
            self.sliders[kind, "size"].set_value(style.size)
            self.sliders[kind, "opacity"].set_value(style.opacity)

    def _on_moved(self, kind: str, field: str, value: float) -> None:
        self._styles[kind] = msgspec.structs.replace(self._styles[kind], **{field: round(value, 3)})
        self._tell()

    def _on_reset(self) -> None:
        self.show_styles(())
        self._tell()

    def _tell(self) -> None:
        unusual = (style for kind, style in self._styles.items() if style != PointStyle(kind=kind))
        self.changed.emit(tuple(unusual))


class StyleButton(MenuButton):
    """Opens the sheet below itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Style"), parent, says=tr("Size and opacity of each kind"))
        self.sheet = StyleSheet(self)

    def open(self) -> None:
        """Show the sheet, within the window."""
        show_below(self, self.sheet)

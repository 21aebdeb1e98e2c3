"""Names and values in a grid whose labels stay: new ones for every tensor would hold up the window's frames."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from inspector.display.weights.tensor.scene import Line
from inspector.views.elided import ElidedLabel
from inspector.views.surfaces import Label

_TEXT_PX = 12


class LineGrid(QGridLayout):
    """A name and a value each.

    Args:
        pairs: so many stand side by side.
    """

    def __init__(self, *, pairs: int) -> None:
        super().__init__()
        self._pairs = pairs
        self._labels: list[tuple[ElidedLabel, Label]] = []
        self._shown = 0
        self.setHorizontalSpacing(10)
        self.setVerticalSpacing(6)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        while len(self._labels) < len(lines):
            self._add()
        for (name, value), line in zip(self._labels, lines, strict=False):
            name.setText(line.name)
            value.setText(line.value)
            value.set_ink("critical" if line.worrying else "text")
            value.setWordWrap(line.wide)
        for number, labels in enumerate(self._labels):
            for label in labels:
                label.setVisible(number < len(lines))
        self._shown = len(lines)

    def texts(self) -> dict[str, str]:
        """The values that are shown, by their names."""
        return {name.text(): value.text() for name, value in self._labels[: self._shown]}

    def _add(self) -> None:
        row, pair = divmod(len(self._labels), self._pairs)
        parent = self.parentWidget()
        name = ElidedLabel("", parent, ink="dim", size_px=_TEXT_PX)
        value = Label("", parent, size_px=_TEXT_PX)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.addWidget(name, row, 2 * pair, Qt.AlignmentFlag.AlignTop)
        self.addWidget(value, row, 2 * pair + 1)
        self._labels.append((name, value))

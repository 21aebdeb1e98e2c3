"""Says which one mistake is behind the errors of all points, and shows the points without it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.display.points.pattern.scene import PatternScene
from inspector.views.controls import Button
from inspector.views.surfaces import Card, Label

UNDO, UNDONE = tr("Undo it"), tr("Undone")


class PatternStrip(Card):
    """Shows itself where there is such a mistake.

    Signals:
        undone: whether predictions are to be shown without it (bool).
    """

    undone = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.what = Label(ink="warning", weight="medium", wrap=True)
        self.said = Label(ink="dim", wrap=True)
        self.undo = Button(UNDO)
        self.undo.setCheckable(True)
        self.undo.setToolTip(tr("Show the predictions without this mistake; no file is changed"))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.what)
        texts.addWidget(self.said)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addLayout(texts, 1)
        row.addWidget(self.undo)
        self.column.addLayout(row)
        self.undo.clicked.connect(self.undone)
        self.hide()

    def show_scene(self, scene: PatternScene) -> None:
        """Say what it is, or go where there is none."""
        self.what.setText(scene.title)
        self.said.setText(tr("{text}; shown without it").format(text=scene.text) if scene.undone else scene.text)
        self.undo.setVisible(scene.can_undo)
        self.undo.setChecked(scene.undone)
        self.undo.setText(UNDONE if scene.undone else UNDO)
        self.undo.updateGeometry()
        self.setVisible(bool(scene.title))

"""The Slots tab: toolbar, stage, and what stands below it."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.display.slots.scene import SlotsScene
from inspector.session.intents import ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import LabelledSlider, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.slots.below import Below
from inspector.views.slots.stage import Stage
from inspector.views.surfaces import Label
from inspector.views.view import View

_STYLES = (("image", "Image"), ("masks", "Masks"), ("contours", "Contours"), ("argmax", "Argmax"))
_SOURCES = (("encoder", "encoder"), ("decoder", "decoder"))
_MOST_ITERATIONS = 12


_GAP_PX = 12


class _Panes(QWidget):
    """The stage as high as it can make use of, and below it the rest."""

    def __init__(self, stage: Stage, below: Below) -> None:
        super().__init__()
        self.stage, self.below = stage, below
        for pane in (stage, below):
            pane.setParent(self)
        self.setMinimumHeight(below.minimumHeight() + 120)

    def arrange(self) -> None:
        """Place both."""
        foot = self.below.minimumHeight()
        height = self.stage.height_in(self.width(), max(self.height() - foot - _GAP_PX, 1))
        self.stage.setGeometry(0, 0, self.width(), height)
        self.below.setGeometry(0, height + _GAP_PX, self.width(), foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()


class SlotsView(View):
    """Which slot wins which pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.style_choice = Segmented(_STYLES, label="Style")
        self.opacity = LabelledSlider("Opacity", decimals=None)
        self.iteration = Segmented(label="Iteration")
        self.source = Segmented(_SOURCES, label="Source of the masks")
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        self.stage = Stage()
        self.below = Below()
        self.panes = _Panes(self.stage, self.below)
        self.notes = Label(ink="warning", wrap=True)
        self._iterations = 1
        self._lay_out()
        self.style_choice.chosen.connect(self._on_style)
        self.opacity.moved.connect(self._on_opacity)
        self.iteration.chosen.connect(self._on_iteration)
        self.source.chosen.connect(self._on_source)
        self.stage.slot_clicked.connect(self._on_slot)
        self.below.sample_clicked.connect(self._on_sample)

    def _lay_out(self) -> None:
        controls = FlowLayout()
        for widget in (self.style_choice, self.opacity, labelled("Iteration", self.iteration), self.source):
            controls.addWidget(widget)
        bar = QHBoxLayout()
        bar.setSpacing(10)
        bar.addLayout(controls, 1)
        bar.addWidget(self.position)
        bar.addWidget(self.of)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(_GAP_PX)
        column.addLayout(bar)
        column.addWidget(self.notes)
        column.addWidget(self.panes, 1)

    def draw(self, scene: SlotsScene) -> None:
        self._iterations = scene.iterations
        shown = np.unique(np.linspace(0, scene.iterations - 1, min(scene.iterations, _MOST_ITERATIONS)).round())
        self.iteration.set_choices([(str(int(index)), str(int(index) + 1)) for index in shown])
        self.iteration.set_value(str(scene.iteration))
        self.iteration.setEnabled(scene.iterations > 1)
        self.iteration.setToolTip("" if scene.iterations > 1 else "These masks are of the last iteration alone")
        self.source.set_value(scene.source)
        for source, _text in _SOURCES:
            present = source in scene.sources
            self.source.segment(source).setEnabled(present)
            self.source.segment(source).setToolTip("" if present else f"This dump has no {source} masks")
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(f"of {scene.samples:,}")
        self.notes.setText("\n".join(scene.notes))
        self.notes.setVisible(bool(scene.notes))
        self.stage.show_scene(scene)
        self.below.show_scene(scene)
        self.panes.arrange()

    def reflect(self, _run_state: RunState | None, view_state: ViewState) -> None:
        self.style_choice.set_value(view_state.mask_style)
        self.opacity.set_value(view_state.opacity)
        self.opacity.setEnabled(view_state.mask_style in {"masks", "argmax"})

    def _on_style(self, style: str) -> None:
        self.tell(ViewChanged({"mask_style": style}))

    def _on_opacity(self, opacity: float) -> None:
        self.tell(ViewChanged({"opacity": opacity}))

    def _on_iteration(self, index: str) -> None:
        last = int(index) == self._iterations - 1
        self.tell(ViewChanged({"iteration": -1 if last else int(index)}))

    def _on_source(self, source: str) -> None:
        self.tell(ViewChanged({"mask_source": source}))

    def _on_slot(self, slot: int) -> None:
        solo = self.scene.solo if self.scene is not None else None
        self.tell(ViewChanged({"solo_slot": None if slot == solo else slot}))

    def _on_sample(self, sample: int) -> None:
        self.tell(ViewChanged({"sample": sample}))


def make(parent: QWidget | None = None) -> SlotsView:
    """The widget of the Slots tab."""
    return SlotsView(parent)

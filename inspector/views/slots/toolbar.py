"""The controls above the stage: how the masks are drawn, and which of them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.units import percent_text
from inspector.display.slots.scene import SlotsScene
from inspector.session.values import ViewState
from inspector.views.controls import LabelledSlider, Segmented
from inspector.views.flow import FlowLayout
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.slots.index_choice import IndexChoice
from inspector.views.surfaces import Label

_STYLES = (
    ("image", "Image"),
    ("masks", "Soft"),
    ("threshold", "Threshold"),
    ("argmax", "Argmax"),
    ("contours", "Contours"),
)
_SOURCES = (("encoder", "encoder"), ("decoder", "decoder"))
_COVERING = {"masks", "threshold", "argmax"}

_SCALES = (
    ("recorded", "As recorded, 0 to 1"),
    ("slot", "Each slot up to its own largest"),
    ("shared", "Up to the largest of all"),
)
_UPSAMPLINGS = (("smooth", "Smooth"), ("nearest", "Nearest, cells of the mask"))
_OVER = (("image", "The image"), ("reconstruction", "Its reconstruction"))
_AREAS = (0.001, 0.005, 0.01, 0.02, 0.05)
_GROUPS = (
    ("mask_scale", "Brightness of masks", _SCALES),
    ("mask_upsampling", "Enlarging", _UPSAMPLINGS),
    ("masks_over", "Under the masks", _OVER),
    (
        "active_area",
        "A slot is active above",
        tuple((str(area), f"{percent_text(area)} of the pixels") for area in _AREAS),
    ),
)


KEPT_COLOURS = "slot_reference"
"""Field of the masks that give the colours; the toolbar tells `keep` or `drop` of it."""


def _colour_items(view_state: ViewState) -> list[MenuItem]:
    """Whose slots give the colours, in this run and in others."""
    kept, group = view_state.slot_reference, KEPT_COLOURS
    items = [
        MenuItem(
            key=f"{group}:drop", text="As in the run's last dump", on=kept is None, group=group, heading="Slot colours"
        )
    ]
    if kept is not None:
        items.append(MenuItem(key=f"{group}:", text=f"As in {kept.name}, in every run", on=True, group=group))
    return [*items, MenuItem(key=f"{group}:keep", text="As shown now, in every run", group=group)]


class SlotsToolbar(QWidget):
    """One or more rows of controls, and the number of the sample at their right.

    Signals:
        changed: field of `ViewState` and its new value (str, object).
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.style_choice = Segmented(_STYLES, label="Style")
        self.opacity = LabelledSlider("Opacity", decimals=None)
        self.threshold = LabelledSlider("Threshold", decimals=2)
        self.iteration = IndexChoice("Iteration")
        self.head = IndexChoice("Head", every="all")
        self.source = Segmented(_SOURCES, label="Source of the masks")
        self.display = MenuButton("Display", says="Brightness, enlarging, and when a slot is active")
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        self._iterations = 1
        controls = FlowLayout()
        for widget in (
            self.style_choice,
            self.opacity,
            self.threshold,
            self.iteration,
            self.head,
            self.source,
            self.display,
        ):
            controls.addWidget(widget)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(10)
        bar.addLayout(controls, 1)
        bar.addWidget(self.position)
        bar.addWidget(self.of)
        self.iteration.hide()
        self.head.hide()
        self.threshold.hide()
        self.style_choice.chosen.connect(self._on_style)
        self.opacity.moved.connect(self._on_opacity)
        self.threshold.moved.connect(self._on_threshold)
        self.iteration.chosen.connect(self._on_iteration)
        self.head.chosen.connect(self._on_head)
        self.source.chosen.connect(self._on_source)
        self.display.chosen.connect(self._on_display)

    def show_scene(self, scene: SlotsScene) -> None:
        """Offer what the dump has."""
        self._iterations = scene.iterations
        self.iteration.set_count(scene.iterations)
        self.iteration.set_value(scene.iteration)
        self.iteration.setVisible(scene.iterations > 1)
        self.head.set_count(scene.heads)
        self.head.set_value(scene.head)
        self.head.setVisible(scene.heads > 1)
        self.source.set_value(scene.source)
        for source, _text in _SOURCES:
            present = source in scene.sources
            self.source.segment(source).setEnabled(present)
            self.source.segment(source).setToolTip("" if present else f"This dump has no {source} masks")
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(f"of {scene.samples:,}")

    def reflect(self, view_state: ViewState) -> None:
        """Set the controls to what the session holds."""
        self.style_choice.set_value(view_state.mask_style)
        self.opacity.set_value(view_state.opacity)
        self.opacity.setEnabled(view_state.mask_style in _COVERING)
        self.threshold.set_value(view_state.mask_threshold)
        self.threshold.setVisible(view_state.mask_style == "threshold")
        self.display.set_items(
            [
                MenuItem(
                    key=f"{field}:{value}",
                    text=text,
                    on=str(getattr(view_state, field)) == value,
                    group=field,
                    heading=title if place == 0 else "",
                )
                for field, title, choices in _GROUPS
                for place, (value, text) in enumerate(choices)
            ]
            + _colour_items(view_state)
        )

    def _on_style(self, style: str) -> None:
        self.changed.emit("mask_style", style)

    def _on_opacity(self, opacity: float) -> None:
        self.changed.emit("opacity", opacity)

    def _on_threshold(self, threshold: float) -> None:
        self.changed.emit("mask_threshold", threshold)

    def _on_iteration(self, index: int) -> None:
        self.changed.emit("iteration", -1 if index == self._iterations - 1 else index)

    def _on_head(self, index: int) -> None:
        self.changed.emit("mask_head", index)

    def _on_source(self, source: str) -> None:
        self.changed.emit("mask_source", source)

    def _on_display(self, key: str) -> None:
        field, _, value = key.partition(":")
        self.changed.emit(field, float(value) if field == "active_area" else value)

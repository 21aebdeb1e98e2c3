"""The controls above the stage: how the masks are drawn, and which of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import begun
from inspector.core.units import percent_text
from inspector.display.slots.scene import MaskOption, SlotsScene
from inspector.session.values import ViewState
from inspector.views.controls import CONTROL_PX, LabelledSlider, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.slots.index_choice import IndexChoice
from inspector.views.surfaces import Label

_STYLES = (
    ("image", tr("Image")),
    ("masks", tr("Soft")),
    ("threshold", tr("Threshold")),
    ("argmax", tr("Argmax")),
    ("contours", tr("Contours")),
)
_SOURCES = (
    ("encoder", tr("encoder"), tr("This dump has no encoder masks")),
    ("decoder", tr("decoder"), tr("This dump has no decoder masks")),
)
"""A part of the model, how it reads, and what is said where its masks are missing."""

_TILES = (("masks", tr("masks")), ("reconstructions", tr("reconstructions")))
_MASKS, _TOKENS = "masks", "tokens"
"""Groups of datasets to choose from."""

_COVERING = {"masks", "threshold", "argmax"}

_SCALES = (
    ("auto", tr("As recorded, unless each slot sums to 1 over positions")),
    ("recorded", tr("As recorded, 0 to 1")),
    ("slot", tr("Each slot up to its own largest")),
    ("shared", tr("Up to the largest of all")),
)
_UPSAMPLINGS = (("smooth", tr("Smooth")), ("nearest", tr("Nearest, cells of the mask")))
_OVER = (("image", tr("The image")), ("reconstruction", tr("Its reconstruction")))
_AREAS = (0.001, 0.005, 0.01, 0.02, 0.05)
_GROUPS = (
    ("mask_scale", tr("Brightness of masks"), _SCALES),
    ("mask_upsampling", tr("Enlarging"), _UPSAMPLINGS),
    ("masks_over", tr("Under the masks"), _OVER),
    (
        "active_area",
        tr("A slot is active above"),
        tuple((str(area), tr("{share} of the pixels").format(share=percent_text(area))) for area in _AREAS),
    ),
)


KEPT_COLOURS = "slot_reference"
"""Field of the masks that give the colours; the toolbar tells `keep` or `drop` of it."""


def _colour_items(view_state: ViewState) -> list[MenuItem]:
    """Whose slots give the colours, in this run and in others."""
    kept, group = view_state.slot_reference, KEPT_COLOURS
    items = [
        MenuItem(
            key=f"{group}:drop",
            text=tr("As in the run's last dump"),
            on=kept is None,
            group=group,
            heading=tr("Slot colours"),
        )
    ]
    if kept is not None:
        items.append(
            MenuItem(
                key=f"{group}:", text=tr("As in {name}, in every run").format(name=kept.name), on=True, group=group
            )
        )
    return [*items, MenuItem(key=f"{group}:keep", text=tr("As shown now, in every run"), group=group)]


class SlotsToolbar(QWidget):
    """One or more rows of controls, and the number of the sample at their right.

    Signals:
        changed: field of `ViewState` and its new value (str, object).
        masks_chosen: the part of the model whose masks are wanted, and the path of one of its datasets; empty for the
            first of them (str, str).
        tokens_chosen: the path of the attention between tokens that is wanted beside them; empty for none (str).
    """

    changed = Signal(str, object)
    masks_chosen = Signal(str, str)
    tokens_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.style_choice = Segmented(_STYLES, label=tr("Style"))
        self.opacity = LabelledSlider(tr("Opacity"), decimals=None)
        self.threshold = LabelledSlider(tr("Threshold"), decimals=2)
        self.frame = IndexChoice(tr("Frame"))
        self.layer = IndexChoice(tr("Layer"))
        self.iteration = IndexChoice(tr("Iteration"))
        self.head = IndexChoice(tr("Head"), every=tr("all"))
        self.source = Segmented(
            [(source, text) for source, text, _missing in _SOURCES], label=tr("Source of the masks")
        )
        self.tiles = Segmented(_TILES, label=tr("What the tiles of slots show"))
        self._tiles_row = labelled(tr("Tiles"), self.tiles)
        self.dataset = MenuButton(says=tr("Which masks or attention of the dump are shown"))
        self.display = MenuButton(tr("Display"), says=tr("Brightness, enlarging, and when a slot is active"))
        self.position = Label(weight="semibold")
        self.of = Label(ink="dim")
        self._layers = self._iterations = 1
        self._source_of: dict[str, str] = {}
        controls = FlowLayout()
        for widget in (
            self.style_choice,
            self.opacity,
            self.threshold,
            self.frame,
            self.layer,
            self.iteration,
            self.head,
            self.source,
            self.dataset,
            self._tiles_row,
            self.display,
        ):
            controls.addWidget(widget)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(10)
        bar.addLayout(controls, 1)
        for label in (self.position, self.of):
            label.setMinimumHeight(CONTROL_PX)
            bar.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        for widget in (
            self.frame,
            self.layer,
            self.iteration,
            self.head,
            self.dataset,
            self._tiles_row,
            self.threshold,
        ):
            widget.hide()
        self.style_choice.chosen.connect(self._on_style)
        self.opacity.moved.connect(self._on_opacity)
        self.threshold.moved.connect(self._on_threshold)
        self.frame.chosen.connect(self._on_frame)
        self.layer.chosen.connect(self._on_layer)
        self.iteration.chosen.connect(self._on_iteration)
        self.head.chosen.connect(self._on_head)
        self.source.chosen.connect(self._on_source)
        self.tiles.chosen.connect(self._on_tiles)
        self.dataset.chosen.connect(self._on_dataset)
        self.display.chosen.connect(self._on_display)

    def show_scene(self, scene: SlotsScene) -> None:
        """Offer what the dump has."""
        choice = scene.choice
        self._layers, self._iterations = scene.layers, scene.iterations
        for index, count, value in (
            (self.frame, scene.frames, choice.frame),
            (self.layer, scene.layers, choice.layer),
            (self.iteration, scene.iterations, choice.iteration),
            (self.head, scene.heads, choice.head),
        ):
            index.set_count(count)
            index.set_value(value)
            index.setVisible(count > 1)
        self._show_datasets(scene)
        self.tiles.set_value(scene.tiles)
        self._tiles_row.setVisible(len(scene.tile_kinds) > 1)
        self.source.setVisible(scene.choice.source != "truth")
        self.source.set_value(scene.choice.source)
        for source, _text, missing in _SOURCES:
            present = source in scene.sources
            self.source.segment(source).setEnabled(present)
            self.source.segment(source).setToolTip("" if present else missing)
        self.position.setText(f"{scene.sample + 1:,}")
        self.of.setText(tr("of {samples:,}").format(samples=scene.samples))
        # Of what has a size of its own, no text has Qt lay all anew; figures have one width.
        self.position.setFixedSize(self.position.sizeHint().width(), CONTROL_PX)

    def _show_datasets(self, scene: SlotsScene) -> None:
        """Offer the datasets by name, where a part of the model has several, and attention between tokens."""
        chosen = next((one.name for one in scene.options if one.path == scene.choice.dataset), "")
        self._source_of = {one.path: one.source or "" for one in scene.options}
        items = _items(scene.options, scene.choice.dataset, _MASKS)
        if scene.token_options:
            nothing = MaskOption(path="", name=tr("None"), kind=scene.token_options[0].kind, source=None)
            items += _items((nothing, *scene.token_options), scene.token_dataset, _TOKENS)
        self.dataset.set_items(items)
        self.dataset.set_text(chosen)
        several = len(scene.options) > len(set(self._source_of.values()))
        self.dataset.setVisible(several or bool(scene.token_options))

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

    def _on_frame(self, index: int) -> None:
        self.changed.emit("frame", index)

    def _on_layer(self, index: int) -> None:
        self.changed.emit("mask_layer", -1 if index == self._layers - 1 else index)

    def _on_iteration(self, index: int) -> None:
        self.changed.emit("iteration", -1 if index == self._iterations - 1 else index)

    def _on_head(self, index: int) -> None:
        self.changed.emit("mask_head", index)

    def _on_source(self, source: str) -> None:
        self.masks_chosen.emit(source, "")

    def _on_tiles(self, kind: str) -> None:
        self.changed.emit("slot_tiles", kind)

    def _on_dataset(self, key: str) -> None:
        group, _, path = key.partition(":")
        if group == _TOKENS:
            self.tokens_chosen.emit(path)
        else:
            self.masks_chosen.emit(self._source_of[path], path)

    def _on_display(self, key: str) -> None:
        field, _, value = key.partition(":")
        self.changed.emit(field, float(value) if field == "active_area" else value)


def _items(options: Sequence[MaskOption], chosen: str, group: str) -> list[MenuItem]:
    """Datasets to choose from, those of a kind together under its name."""
    kinds = list(dict.fromkeys(one.kind for one in options))
    ordered = sorted(options, key=lambda one: kinds.index(one.kind))
    return [
        MenuItem(
            key=f"{group}:{one.path}",
            text=one.name,
            on=one.path == chosen,
            group=group,
            heading=begun(one.kind) if place == 0 or ordered[place - 1].kind != one.kind else "",
        )
        for place, one in enumerate(ordered)
    ]

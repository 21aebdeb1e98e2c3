"""One panel of curves: a card with its title, its legend and its canvas."""

from __future__ import annotations

import math
from functools import partial

import msgspec
import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from inspector.core.language import tr
from inspector.display.curves.scene import CurvesScene, Panel
from inspector.display.x_texts import clock_text, duration_text, x_text
from inspector.formats.metric_meanings import tip_of
from inspector.runs.placing import place_text
from inspector.views.canvas import CurveCanvas
from inspector.views.curves.drawing import count_of, drawing_of, hidden_lines, legend_of, shown_lines
from inspector.views.curves.hover import HoverRow, HoverText, value_texts
from inspector.views.fonts import SMALL_PX
from inspector.views.icon_button import IconButton
from inspector.views.legend import Legend
from inspector.views.surfaces import Card, Label
from inspector.views.tips import broken_tip
from inspector.views.traces import Nearest

ALONE, ALL_CARDS = tr("Show only this card"), tr("Show all cards")
_PIN, _UNPIN = tr("Pin this card before the others"), tr("Let this card stand in its own place")
_FOLD, _UNFOLD = tr("Fold this card"), tr("Unfold this card")
_VALUE, _SMOOTHED = (tr("value"),), (tr("smoothed"), tr("logged"))
_HEAD_PX = 40


class CardState(msgspec.Struct, frozen=True):
    """How a card stands among the others: first, folded, the only one."""

    pinned: bool = False
    folded: bool = False
    alone: bool = False


class PanelCard(Card):
    """A card with curves.

    Signals:
        pin_wanted, fold_wanted, alone_wanted: the state is to be switched.
        hidden_changed: labels of the lines that are hidden (frozenset).
    """

    pin_wanted = Signal()
    fold_wanted = Signal()
    alone_wanted = Signal()
    hidden_changed = Signal(object)

    def __init__(self, panel: Panel, scene: CurvesScene, parent: QWidget | None = None) -> None:
        super().__init__(panel.title, parent, middle=True)
        self.panel = panel
        self._scene = scene
        self.setAccessibleName(panel.title)
        self._state = CardState()
        self._hidden_labels: frozenset[str] = frozenset()
        self._hidden_runs: frozenset[str] = frozenset()
        self.count = Label(ink="faint", size_px=SMALL_PX)
        self.pin = IconButton("pin", _PIN, switch=True)
        self.alone = IconButton("maximize-2", ALONE)
        self.fold = IconButton("chevron-down", _FOLD)
        self.head.setSpacing(2)
        self.head.insertWidget(1, self.count)
        for button in (self.pin, self.alone, self.fold):
            self.head.addWidget(button)
        self.legend = Legend()
        self.canvas = CurveCanvas()
        self.column.setSpacing(4)
        self.column.addWidget(self.legend)
        self.column.addWidget(self.canvas, 1)
        self.pin.clicked.connect(self.pin_wanted)
        self.alone.clicked.connect(self.alone_wanted)
        self.fold.clicked.connect(self.fold_wanted)
        self.legend.toggled.connect(self._on_toggled)
        self.legend.soloed.connect(self._on_soloed)
        self.legend.pointed.connect(self._on_legend_pointed)
        self.show_panel(panel, scene, keep_camera=False)

    def show_panel(self, panel: Panel, scene: CurvesScene, *, keep_camera: bool) -> None:
        """Show a panel of a scene."""
        self.panel, self._scene = panel, scene
        self.set_title(panel.title)
        self.title.setToolTip(broken_tip("\n".join(part for part in (panel.title, tip_of(panel.key)) if part)))
        count = count_of(panel)
        self.count.setText(f"  {count}" if count else "")
        self.legend.set_entries(legend_of(panel), self.hidden())
        self.canvas.show_drawing(drawing_of(panel, scene), keep_camera=keep_camera)
        self.canvas.set_hidden(self.hidden())

    def set_state(self, state: CardState) -> None:
        """Show how the card stands among the others."""
        if state == self._state:
            return
        self._state = state
        self.pin.setChecked(state.pinned)
        self.pin.say(_UNPIN if state.pinned else _PIN)
        self.alone.set_icon("minimize-2" if state.alone else "maximize-2")
        self.alone.say(ALL_CARDS if state.alone else ALONE)
        self.fold.set_icon("chevron-right" if state.folded else "chevron-down")
        self.fold.say(_UNFOLD if state.folded else _FOLD)
        self.legend.setVisible(not state.folded)
        self.canvas.setVisible(not state.folded)

    def set_hidden(self, labels: frozenset[str], runs: frozenset[str] = frozenset()) -> None:
        """Hide the lines of these labels, and all of these runs."""
        self._hidden_labels, self._hidden_runs = labels, runs
        hidden = self.hidden()
        self.legend.set_hidden(hidden)
        self.canvas.set_hidden(hidden)

    def choose_run(self, run: str) -> None:
        """Let the lines of all other runs step back; none where it is empty."""
        lines = shown_lines(self.panel)
        mine = frozenset(index for index, line in enumerate(lines) if line.run == run)
        self.canvas.set_chosen(mine if run and mine else None)

    def show_values(self, x: float | None) -> None:
        """Write what the curves are worth at x into the legend."""
        self.legend.set_values(() if x is None else self.canvas.values_at(x))

    def hidden(self) -> frozenset[int]:
        """Indices of the lines that are hidden."""
        return hidden_lines(self.panel, self._hidden_labels, self._hidden_runs)

    def hover_text(self, pixel: QPointF) -> HoverText:
        """What every curve is worth at a pixel of the canvas, and what else is there."""
        found = self.canvas.nearest_to(pixel.x())
        self.canvas.set_dots(found)
        smoothed = any(line.stretches and line.stretches[0].logged is not None for line in shown_lines(self.panel))
        says = self.canvas.says_at(pixel)
        x = self.canvas.x_at(pixel)
        beside = self._beside(x)
        return HoverText(
            title=" · ".join([f"{self._scene.x_label} {x_text(x, self._scene.x_axis)}", *beside]),
            notes=(says,) if says else (),
            columns=(*(_SMOOTHED if smoothed else _VALUE), self._scene.x_label),
            rows=tuple(self._row(one, pixel, smoothed=smoothed) for one in found),
        )

    def _row(self, one: Nearest, pixel: QPointF, *, smoothed: bool) -> HoverRow:
        line = self.panel.lines[one.trace]
        away = abs(self.canvas.pixel_of(one.x, one.shown).y() - pixel.y())
        return HoverRow(
            trace=one.trace,
            name=line.label,
            ink=line.ink,
            dim=line.dim,
            value=one.shown,
            cells=(*value_texts(one.shown, one.logged, smoothed=smoothed), x_text(one.x, self._scene.x_axis)),
            away_px=away if math.isfinite(away) else math.inf,
        )

    def _beside(self, x: float) -> list[str]:
        """Step, epoch and time of an x, as far as the run's files tell."""
        scene = self._scene
        step = x
        said: list[str] = []
        if scene.x_axis != "step":
            if not scene.cursor_x.size:
                return []
            step = float(np.interp(x, scene.cursor_x, scene.cursor_steps))
            said.append(place_text(step, None))
        for kind, values, text in (
            ("epoch", scene.clock_epochs, partial(place_text, None)),
            ("time", scene.clock_times, duration_text),
            ("wall", scene.clock_times, clock_text),
        ):
            if kind == scene.x_axis or not values.size:
                continue
            value = float(np.interp(step, scene.clock_steps, values, left=math.nan, right=math.nan))
            if math.isfinite(value):
                known = value - scene.clock_origin if kind == "time" else value
                said.append(text(known))
        return said

    def _on_toggled(self, index: int) -> None:
        lines = shown_lines(self.panel)
        if index < len(lines):
            self._hide(self._hidden_labels ^ {lines[index].label})

    def _on_soloed(self, index: int) -> None:
        lines = shown_lines(self.panel)
        if index < len(lines):
            others = frozenset(line.label for line in lines if line.label != lines[index].label)
            self._hide(frozenset() if self._hidden_labels >= others else others)

    def _hide(self, labels: frozenset[str]) -> None:
        self.set_hidden(labels, self._hidden_runs)
        self.hidden_changed.emit(labels)

    def _on_legend_pointed(self, index: int) -> None:
        self.canvas.set_chosen(frozenset((index,)) if 0 <= index < len(shown_lines(self.panel)) else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().y() < _HEAD_PX and event.button() == Qt.MouseButton.LeftButton:
            self.alone_wanted.emit()

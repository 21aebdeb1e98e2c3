"""The widget of curves: a toolbar over panels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from inspector.core.texts import visible
from inspector.display.curves.scene import CurvesScene
from inspector.session.intents import CursorMoved, RunCompared, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Label, LabelledSlider, SearchField, Segmented
from inspector.views.flow import FlowLayout, labelled
from inspector.views.view import View

if TYPE_CHECKING:  # pyqtgraph takes 0.4 s to load, so it comes with the first scene
    from inspector.views.curves.grid import PanelGrid

_TYPING_MS = 200
_MAX_SMOOTHING = 0.99
_USUAL_SMOOTHING = 0.6
_ADD = "+"
_NAME_LENGTH = 20
_FILTER_PX = 120


class RunChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A run that can be drawn beside the chosen one."""

    key: str
    name: str
    shown: bool


class CurvesView(View):
    """Every series of a run in panels that share the x axis and the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: PanelGrid | None = None
        self._state = ViewState()
        self._cursor_step: float | None = None
        self._choices: tuple[RunChoice, ...] = ()
        self._last_smoothing = _USUAL_SMOOTHING
        self.x_axis = Segmented([("step", "step"), ("epoch", "epoch"), ("time", "time")], label="X axis")
        self.smoothing = LabelledSlider("Smoothing", high=_MAX_SMOOTHING)
        self.switches = Segmented(
            [("log_y", "log y"), ("ignore_outliers", "ignore outliers")], several=True, label="Y axis"
        )
        self.compare = Segmented(several=True, label="Compared runs")
        self.filter = SearchField("filter", mono=True)
        self._hidden = Label(ink="faint")
        self._notes = Label(ink="warning")
        self._nothing = Label(ink="dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        self.x_axis.chosen.connect(self._on_axis)
        self.smoothing.moved.connect(self._on_smoothing)
        self.switches.chosen.connect(self._on_switch)
        self.compare.chosen.connect(self._on_compare)
        self.filter.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._on_filter)

    def _lay_out(self) -> None:
        self.filter.setFixedWidth(_FILTER_PX)
        controls = FlowLayout(gap_px=12)
        for control in (labelled("X", self.x_axis), self.smoothing, self.switches, self.compare):
            controls.addWidget(control)
        bar = QHBoxLayout()
        bar.setSpacing(12)
        bar.addLayout(controls, 1)
        bar.addWidget(self._hidden)
        bar.addWidget(self.filter)
        self.compare.hide()
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(14, 10, 14, 12)
        self._column.setSpacing(10)
        self._column.addLayout(bar)
        self._column.addWidget(self._nothing, 1)
        self._column.addWidget(self._notes)
        self._notes.hide()

    def set_runs(self, choices: Sequence[RunChoice]) -> None:
        """Offer runs to compare with: those shown stand in the toolbar, the others behind `+ compare`."""
        self._choices = tuple(choices)
        shown = [choice for choice in choices if choice.shown]
        segments = [(choice.key, _short(choice.name)) for choice in shown]
        if len(shown) < len(choices):
            segments.append((_ADD, "+ compare"))
        self.compare.set_choices(segments)
        self.compare.set_values([choice.key for choice in shown])
        self.compare.setVisible(bool(segments))

    def draw(self, scene: CurvesScene) -> None:
        if self._grid is None:
            from inspector.views.curves.grid import PanelGrid

            self._grid = PanelGrid()
            self._grid.cursor_moved.connect(self._on_cursor)
            self._column.insertWidget(2, self._grid, 1)
        self._grid.setVisible(bool(scene.panels))
        self._nothing.setVisible(not scene.panels)
        self._nothing.setText(_empty_text(scene, self.filter.text()))
        self._hidden.setText(f"{scene.hidden} hidden" if scene.hidden else "")
        self._hidden.setVisible(bool(scene.hidden))
        self.filter.set_wrong(wrong=bool(scene.filter_error))
        self.filter.setToolTip(scene.filter_error or "A regular expression, searched in the names of series")
        self._notes.setVisible(bool(scene.notes))
        more = f" (and {len(scene.notes) - 1} more)" if len(scene.notes) > 1 else ""
        self._notes.setText(f"{scene.notes[0]}{more}" if scene.notes else "")
        self._notes.setToolTip("\n".join(scene.notes))
        self.x_axis.set_value(scene.x_axis)
        self._grid.show_scene(scene)
        self._place_cursor()

    def reflect(self, run_state: RunState | None, view_state: ViewState) -> None:
        self._state = view_state
        self._cursor_step = run_state.cursor_step if run_state is not None else None
        shown = cast("CurvesScene | None", self.scene)
        self.x_axis.set_value(shown.x_axis if shown is not None else view_state.x_axis)
        self.smoothing.set_value(view_state.smoothing)
        if view_state.smoothing > 0:
            self._last_smoothing = view_state.smoothing
        switched = {"log_y": view_state.y_scale == "log", "ignore_outliers": view_state.ignore_outliers}
        self.switches.set_values([name for name, on in switched.items() if on])
        if not self._typing.isActive() and self.filter.text() != view_state.series_filter:
            self.filter.blockSignals(True)
            self.filter.setText(view_state.series_filter)
            self.filter.blockSignals(False)
        self._place_cursor()

    def pending(self) -> bool:
        return super().pending() or (self._grid is not None and self._grid.isVisible() and self._grid.busy())

    def fit(self) -> None:
        """Show everything in every panel."""
        if self._grid is not None:
            self._grid.fit()

    def toggle_log(self) -> None:
        """Logarithmic y axes, or linear ones."""
        self._change(y_scale="linear" if self._state.y_scale == "log" else "log")

    def toggle_smoothing(self) -> None:
        """No smoothing, or as much as there was last."""
        self._change(smoothing=0.0 if self._state.smoothing > 0 else self._last_smoothing)

    def focus_filter(self) -> None:
        """Type into the filter next."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def grid(self) -> PanelGrid | None:
        """The panels; None before the first scene."""
        return self._grid

    def _change(self, **changes: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
        self.tell(ViewChanged(changes))

    def _on_axis(self, value: str) -> None:
        self._change(x_axis=value)

    def _on_smoothing(self, value: float) -> None:
        self._change(smoothing=round(value, 3))

    def _on_switch(self, name: str) -> None:
        on = name in self.switches.values()
        self._change(**({"y_scale": "log" if on else "linear"} if name == "log_y" else {name: on}))

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_filter(self) -> None:
        self._change(series_filter=self.filter.text())

    def _on_compare(self, key: str) -> None:
        if key == _ADD:
            self.compare.set_values([choice.key for choice in self._choices if choice.shown])
            self._offer_runs()
        else:
            self.tell(RunCompared(key, shown=False))

    def _offer_runs(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for choice in self._choices:
            if not choice.shown:
                menu.addAction(choice.name).setData(choice.key)
        menu.triggered.connect(self._on_run_offered)
        segment = self.compare.segment(_ADD)
        menu.popup(segment.mapToGlobal(QPoint(0, segment.height() + 2)))

    def _on_run_offered(self, action: Any) -> None:
        self.tell(RunCompared(action.data(), shown=True))

    def _on_cursor(self, x: float) -> None:
        self.tell(CursorMoved(self._step_at(x)))

    def _step_at(self, x: float) -> float:
        scene = cast("CurvesScene", self.scene)
        if scene.cursor_x.size:
            return float(round(np.interp(x, scene.cursor_x, scene.cursor_steps)))
        return float(round(min(max(x, scene.fit_x[0]), scene.last_x)))

    def _place_cursor(self) -> None:
        scene = cast("CurvesScene | None", self.scene)
        if self._grid is None or scene is None:
            return
        if self._cursor_step is None:
            self._grid.set_cursor(scene.last_x if np.isfinite(scene.last_x) else None)
        elif scene.cursor_steps.size:
            self._grid.set_cursor(float(np.interp(self._cursor_step, scene.cursor_steps, scene.cursor_x)))
        else:
            self._grid.set_cursor(self._cursor_step)


def _short(name: str) -> str:
    shown = visible(name)
    return shown if len(shown) <= _NAME_LENGTH else f"{shown[: _NAME_LENGTH - 1]}…"


def _empty_text(scene: CurvesScene, wanted: str) -> str:
    if scene.hidden:
        return f"No series is called “{wanted}”; {scene.hidden} are hidden"
    return "These logs hold no numbers over time"


def make(parent: QWidget | None = None) -> CurvesView:
    """The widget of this viewer."""
    return CurvesView(parent)

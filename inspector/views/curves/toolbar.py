"""What stands above the curves: the axes, the smoothing, the runs, the filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.core.texts import short, visible
from inspector.session.values import ViewState
from inspector.views.controls import CONTROL_PX, LabelledSlider, SearchField, Segmented
from inspector.views.curves.compare_row import CompareRow, RunChoice
from inspector.views.curves.formulas import Formulas
from inspector.views.flow import FlowLayout, labelled
from inspector.views.icon_button import IconButton
from inspector.views.menu_button import MenuButton, MenuItem
from inspector.views.surfaces import Label
from inspector.views.tips import plain_tip

_TYPING_MS = 200
_MAX_SMOOTHING = 0.99
_USUAL_SMOOTHING = 0.6
_FILTER_PX = 120
_GAP_PX = 12
_FILTER_TIP = tr("Parts of names, globs as val/*, or one regular expression as /loss|lr/")
_MOST_METRICS = 60
_NAME_LENGTH = 20

_NEAR_AXES = {"step": tr("step"), "epoch": tr("epoch"), "time": tr("time")}
_FAR_AXES = {"wall": tr("wall time"), "samples": tr("samples")}
_KINDS = {"ema": tr("running average"), "gaussian": tr("Gaussian"), "median": tr("median")}
_SCALES = {"linear": tr("linear"), "log": tr("logarithmic"), "symlog": tr("symmetric logarithmic")}
_SIZES = {"small": tr("small"), "medium": tr("medium"), "large": tr("large")}
_SPREADS = {"range": tr("least to greatest"), "deviation": tr("standard deviation")}
_METRIC = "metric:"
_UNFOLD, _ADD_EXPRESSION = "unfold", "expression"


class Toolbar(QWidget):
    """The controls of curves.

    Signals:
        changed: fields of `ViewState` with their new values (dict).
        run_toggled: key of a run, and whether it is to be drawn beside the chosen one.
        unfold_wanted: all cards are to be unfolded.
    """

    changed = Signal(object)
    run_toggled = Signal(str, bool)
    unfold_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ViewState()
        self._tags: tuple[str, ...] = ()
        self._choices: tuple[RunChoice, ...] = ()
        self._last_smoothing = _USUAL_SMOOTHING
        self.x_axis = Segmented(list(_NEAR_AXES.items()), label=tr("X axis"))
        self.x_more = MenuButton(tr("more"), says=tr("Wall time, samples or a metric as x"))
        self.smoothing = LabelledSlider(tr("Smoothing"), high=_MAX_SMOOTHING)
        self.switches = Segmented(
            [("log_y", tr("log y")), ("ignore_outliers", tr("ignore outliers"))], several=True, label=tr("Y axis")
        )
        self.more = MenuButton(tr("View"), says=tr("Expressions, smoothing, scales, ranges and cards"))
        self.compare = CompareRow()
        self.table = IconButton("table-2", tr("Show a table: best, last and at the cursor"), switch=True)
        self.formulas = Formulas()
        self.filter = SearchField(tr("filter"), mono=True)
        self.hidden = Label(ink="faint")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.filter.setFixedWidth(_FILTER_PX)
        self.table.setFixedSize(CONTROL_PX, CONTROL_PX)
        controls = FlowLayout(gap_px=10)
        for control in (
            labelled("X", self.x_axis),
            self.x_more,
            self.smoothing,
            self.switches,
            self.more,
            self.compare,
            self.hidden,
        ):
            controls.addWidget(control)
        bar = QHBoxLayout()
        bar.setSpacing(_GAP_PX)
        bar.addLayout(controls, 1)
        bar.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        bar.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.formulas)
        self.hidden.hide()

    def _connect(self) -> None:
        self.x_axis.chosen.connect(self._on_axis)
        self.x_more.chosen.connect(self._on_far_axis)
        self.smoothing.moved.connect(self._on_smoothing)
        self.switches.chosen.connect(self._on_switch)
        self.more.chosen.connect(self._on_more)
        self.compare.toggled.connect(self.run_toggled)
        self.compare.grouped.connect(self._on_grouped)
        self.table.clicked.connect(self._on_table)
        self.formulas.changed.connect(self._on_expressions)
        self.filter.textChanged.connect(self._on_typed)
        self._typing.timeout.connect(self._on_filter)

    def reflect(self, state: ViewState, shown_axis: str) -> None:
        """Show what the session holds; the axis is the one that the scene has."""
        self._state = state
        self.x_axis.set_value(shown_axis)
        far = state.x_metric if shown_axis == "metric" else _FAR_AXES.get(shown_axis, "")
        self.x_more.set_text(short(far, _NAME_LENGTH) or tr("more"))
        self.smoothing.set_value(state.smoothing)
        if state.smoothing > 0:
            self._last_smoothing = state.smoothing
        self.table.setChecked(state.curves_page == "table")
        switched = {"log_y": state.y_scale == "log", "ignore_outliers": state.ignore_outliers}
        self.switches.set_values([name for name, on in switched.items() if on])
        if not self._typing.isActive():
            self.filter.show_text(state.series_filter)
        self._set_menus(shown_axis)
        self.set_runs(self._choices)

    def set_tags(self, tags: Sequence[str]) -> None:
        """The series that x may be."""
        if tuple(tags) != self._tags:
            self._tags = tuple(tags)
            self._set_menus(self._state.x_axis)

    def set_runs(self, choices: Sequence[RunChoice]) -> None:
        """Offer runs to compare with."""
        self._choices = tuple(choices)
        self.compare.set_runs(choices, group_seeds=self._state.group_seeds)

    def say_of_filter(self, hidden: int, error: str) -> None:
        """How many series the filter leaves out, and what is wrong with it."""
        self.filter.set_wrong(wrong=bool(error))
        self.filter.setToolTip(plain_tip(error) or _FILTER_TIP)
        self.hidden.set_ink("critical" if error else "faint")
        count = tr("{count:,} hidden").format(count=hidden) if hidden else ""
        self.hidden.setText(tr("not a regular expression") if error else count)
        self.hidden.setToolTip(plain_tip(error))
        self.hidden.setVisible(bool(hidden or error))

    def toggle_smoothing(self) -> None:
        """No smoothing, or as much as there was last."""
        self._change(smoothing=0.0 if self._state.smoothing > 0 else self._last_smoothing)

    def toggle_log(self) -> None:
        """Logarithmic y axes, or linear ones."""
        self._change(y_scale="linear" if self._state.y_scale == "log" else "log")

    def focus_filter(self) -> None:
        """Type into the filter next."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.compare.set_room(self.width() - _FILTER_PX - CONTROL_PX - 2 * _GAP_PX)

    def _change(self, **changes: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
        self.changed.emit(changes)

    def _set_menus(self, shown_axis: str) -> None:
        state = self._state
        metrics = [
            MenuItem(
                key=f"{_METRIC}{tag}",
                text=visible(tag, 80),
                group="x",
                on=shown_axis == "metric" and state.x_metric == tag,
                heading="" if index else tr("A metric"),
            )
            for index, tag in enumerate(self._tags[:_MOST_METRICS])
        ]
        far = [MenuItem(key=key, text=text, group="x", on=shown_axis == key) for key, text in _FAR_AXES.items()]
        self.x_more.set_items([*far, *metrics])
        self.more.set_items(
            [
                MenuItem(key=_ADD_EXPRESSION, text=tr("Add expression…")),
                *_choices("smoothing_kind", _KINDS, state.smoothing_kind, tr("Smoothing")),
                *_choices("y_scale", _SCALES, state.y_scale, tr("Y axis")),
                *_choices("x_scale", _SCALES, state.x_scale, tr("X axis")),
                *_choices("seed_spread", _SPREADS, state.seed_spread, tr("Band of seeds")),
                MenuItem(key="shared_y", text=tr("One range for each group"), on=state.shared_y, heading=tr("Ranges")),
                MenuItem(key="from_zero", text=tr("Zero on every linear axis"), on=state.from_zero),
                MenuItem(key="expected_bands", text=tr("What such runs usually do"), on=state.expected_bands),
                *_choices("panel_size", _SIZES, state.panel_size, tr("Cards")),
                MenuItem(key=_UNFOLD, text=tr("Unfold all"), enabled=bool(state.collapsed_panels)),
            ]
        )

    def _on_axis(self, value: str) -> None:
        self._change(x_axis=value)

    def _on_far_axis(self, key: str) -> None:
        if key.startswith(_METRIC):
            self._change(x_axis="metric", x_metric=key.removeprefix(_METRIC))
        else:
            self._change(x_axis=key)

    def _on_smoothing(self, value: float) -> None:
        self._change(smoothing=round(value, 3))

    def _on_switch(self, name: str) -> None:
        on = name in self.switches.values()
        self._change(**({"y_scale": "log" if on else "linear"} if name == "log_y" else {name: on}))

    def _on_more(self, key: str) -> None:
        field, _, value = key.partition(":")
        if field == _UNFOLD:
            self.unfold_wanted.emit()
        elif field == _ADD_EXPRESSION:
            self.formulas.start()
        elif value:
            self._change(**{field: value})
        else:
            self._change(**{field: not getattr(self._state, field)})

    def _on_table(self) -> None:
        self._change(curves_page="table" if self.table.isChecked() else "cards")

    def _on_grouped(self, on: bool) -> None:
        self._change(group_seeds=on)

    def _on_expressions(self, expressions: tuple[str, ...]) -> None:
        self._change(expressions=expressions)

    def _on_typed(self) -> None:
        self._typing.start()

    def _on_filter(self) -> None:
        self._change(series_filter=self.filter.text())


def _choices(field: str, texts: dict[str, str], chosen: str, heading: str = "") -> list[MenuItem]:
    return [
        MenuItem(key=f"{field}:{value}", text=text, group=field, on=value == chosen, heading="" if index else heading)
        for index, (value, text) in enumerate(texts.items())
    ]

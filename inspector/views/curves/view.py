"""The widget of curves: a toolbar over cards, or over a table of the same curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from inspector.core.language import tr
from inspector.diagnosis.values import Finding
from inspector.display.curves.markers import with_evidence
from inspector.display.curves.scene import CurvesScene
from inspector.session.intents import CursorMoved, RunChosen, RunCompared, ViewChanged
from inspector.session.values import RunState, ViewState
from inspector.views.controls import Button, Label
from inspector.views.curves.compare_row import RunChoice
from inspector.views.curves.toolbar import Toolbar
from inspector.views.legend import Legend, LegendEntry
from inspector.views.more import first_of
from inspector.views.surfaces import ground_warning
from inspector.views.tips import plain_tip
from inspector.views.traces import Flag
from inspector.views.view import View

if TYPE_CHECKING:  # what draws is loaded with the first scene
    from inspector.views.curves.grid import PanelGrid
    from inspector.views.curves.table import CurvesTable

__all__ = ["CurvesView", "RunChoice", "make"]


class CurvesView(View):
    """Every series of a run in cards that share the x axis and the cursor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: PanelGrid | None = None
        self._table: CurvesTable | None = None
        self._state = ViewState()
        self._run_key = ""
        self._cursor_step: float | None = None
        self._exported = ""
        self._marked: Finding | None = None
        self.bar = Toolbar()
        self.runs = Legend()
        self.runs.hide()
        self._notes = Label(ink="warning")
        ground_warning(self._notes)
        self._nothing = Label(ink="dim")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(14, 10, 14, 12)
        self._column.setSpacing(10)
        for widget in (self.bar, self.runs):
            self._column.addWidget(widget)
        self._column.addWidget(self._nothing, 1)
        self._column.addWidget(self._notes)
        self._notes.hide()
        self.bar.changed.connect(self._on_changed)
        self.bar.run_toggled.connect(self._on_run)
        self.bar.unfold_wanted.connect(self._on_unfold)
        self.runs.toggled.connect(self._on_run_toggled)
        self.runs.soloed.connect(self._on_run_soloed)
        self.runs.pointed.connect(self._on_run_pointed)

    def set_runs(self, choices: Sequence[RunChoice]) -> None:
        """Offer runs to compare with."""
        self.bar.set_runs(choices)

    def draw(self, scene: CurvesScene) -> None:
        grid = self._made_grid()
        self._nothing.setVisible(not scene.panels)
        self._nothing.setText(_empty_text(scene, self.bar.filter.text()))
        self.bar.set_tags(scene.tags)
        self.bar.say_of_filter(scene.hidden, scene.filter_error)
        self.bar.formulas.show_expressions(self._state.expressions, scene.expression_errors)
        self.bar.smoothing.setToolTip(scene.smoothing_text)
        self.bar.reflect(self._state, scene.x_axis)
        self._show_runs(scene)
        self._say_notes(scene)
        grid.show_scene(with_evidence(scene, self._marked))
        if self._table is not None:
            self._table.rows.show_scene(scene)
        self._show_page()
        self._place_cursor()

    def _made_grid(self) -> PanelGrid:
        if self._grid is None:
            from inspector.views.curves.grid import PanelGrid

            self._grid = PanelGrid()
            self._grid.cursor_moved.connect(self._on_cursor)
            self._grid.opened.connect(self._on_opened)
            self._grid.pin_wanted.connect(self._on_pin)
            self._grid.fold_wanted.connect(self._on_fold)
            self._grid.hidden_changed.connect(self._on_hidden)
            self._grid.export_wanted.connect(self._on_export)
            self._column.insertWidget(2, self._grid, 1)
            self._arrange()
        return self._grid

    def _made_table(self) -> CurvesTable:
        if self._table is None:
            from inspector.views.curves.table import CurvesTable

            self._table = CurvesTable()
            self._table_page = QWidget()
            copy = Button(tr("Copy as TSV"))
            copy.clicked.connect(self._table.copy)
            row = QHBoxLayout()
            row.addStretch(1)
            row.addWidget(copy)
            column = QVBoxLayout(self._table_page)
            column.setContentsMargins(0, 0, 0, 0)
            column.addWidget(self._table, 1)
            column.addLayout(row)
            self._column.insertWidget(2, self._table_page, 1)
            if self.scene is not None:
                self._table.rows.show_scene(cast("CurvesScene", self.scene))
        return self._table

    def _show_page(self) -> None:
        table = self._state.curves_page == "table"
        scene = cast("CurvesScene | None", self.scene)
        filled = scene is not None and bool(scene.panels)
        if table:
            self._made_table()
        if self._table is not None:
            self._table_page.setVisible(filled and table)
        if self._grid is not None:
            self._grid.setVisible(filled and not table)
        self._place_cursor()

    def _show_runs(self, scene: CurvesScene) -> None:
        several = len(scene.runs) > 1
        inks = scene.run_inks or tuple(range(len(scene.runs)))
        entries = [LegendEntry(label=name, ink=ink) for name, ink in zip(scene.runs, inks, strict=False)]
        if tuple(entries) != self.runs.entries():
            self.runs.set_entries(entries)
        self.runs.setVisible(several and bool(scene.run_inks))
        self._show_hidden()

    def _say_notes(self, scene: CurvesScene) -> None:
        notes = (*((tr("Reading: {reading}").format(reading=scene.reading),) if scene.reading else ()), *scene.notes)
        self._notes.setText(first_of(notes))
        self._notes.setToolTip(plain_tip("\n".join(notes)))
        self._notes.setVisible(bool(notes))

    def reflect(self, run_state: RunState | None, view_state: ViewState) -> None:
        self._state = view_state
        self._run_key = run_state.key if run_state is not None else ""
        self._cursor_step = run_state.cursor_step if run_state is not None else None
        shown = cast("CurvesScene | None", self.scene)
        self.bar.reflect(view_state, shown.x_axis if shown is not None else view_state.x_axis)
        self.bar.formulas.show_expressions(view_state.expressions, shown.expression_errors if shown is not None else ())
        self._arrange()
        self._show_hidden()
        self._show_page()

    def mark(self, finding: Finding | None, place: int) -> None:  # noqa: ARG002 - its curves stand together
        if finding is not self._marked:
            self._marked = finding
            if self._grid is not None and self.scene is not None:
                self._grid.show_scene(with_evidence(cast("CurvesScene", self.scene), finding))

    def pending(self) -> bool:
        return super().pending() or (self._grid is not None and self._grid.isVisible() and self._grid.busy())

    def fit(self) -> None:
        """Show everything in every panel."""
        if self._grid is not None:
            self._grid.fit()

    def toggle_log(self) -> None:
        """Logarithmic y axes, or linear ones."""
        self.bar.toggle_log()

    def toggle_smoothing(self) -> None:
        """No smoothing, or as much as there was last."""
        self.bar.toggle_smoothing()

    def focus_filter(self) -> None:
        """Type into the filter next."""
        self.bar.focus_filter()

    def grid(self) -> PanelGrid | None:
        """The cards; None before the first scene."""
        return self._grid

    def table(self) -> CurvesTable | None:
        """The table; None until it is first wanted."""
        return self._table

    def taken(self) -> str:
        """Key of the card that an export is of: the one whose menu was used, under the pointer, or with the keyboard.

        Empty where it is of all of them.
        """
        return self._exported or (self._grid.taken() if self._grid is not None and self._grid.isVisible() else "")

    def _on_export(self, command: str, key: str) -> None:
        self._exported = key
        self.command.emit(command)
        self._exported = ""

    def _arrange(self) -> None:
        if self._grid is not None:
            state = self._state
            self._grid.arrange(state.pinned_panels, state.collapsed_panels, state.panel_size, shared_y=state.shared_y)

    def _change(self, **changes: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **changes)
        self._arrange()
        if "curves_page" in changes:
            self._show_page()
        self.tell(ViewChanged(changes))

    def _on_changed(self, changes: dict[str, Any]) -> None:
        self._change(**changes)

    def _on_pin(self, key: str) -> None:
        self._change(pinned_panels=_switched(self._state.pinned_panels, key))

    def _on_fold(self, key: str) -> None:
        self._change(collapsed_panels=_switched(self._state.collapsed_panels, key))

    def _on_unfold(self) -> None:
        self._change(collapsed_panels=())

    def _on_run(self, key: str, shown: bool) -> None:
        self.tell(RunCompared(key, shown=shown))

    def _show_hidden(self) -> None:
        """Strike out what is hidden; of one run alone nothing says that it is, so it is drawn."""
        names = [entry.label for entry in self.runs.entries()]
        hidden = frozenset(names).intersection(self._state.hidden_runs) if len(names) > 1 else frozenset()
        self.runs.set_hidden(frozenset(index for index, name in enumerate(names) if name in hidden))
        if self._grid is not None:
            self._grid.set_hidden(self._state.hidden_series, hidden)

    def _on_hidden(self, key: str, labels: frozenset[str]) -> None:
        others = {panel: names for panel, names in self._state.hidden_series.items() if panel != key}
        self._hide(hidden_series={**others, key: tuple(sorted(labels))} if labels else others)

    def _on_run_toggled(self, index: int) -> None:
        self._hide(hidden_runs=_switched(self._state.hidden_runs, self.runs.entries()[index].label))

    def _on_run_soloed(self, index: int) -> None:
        others = tuple(entry.label for place, entry in enumerate(self.runs.entries()) if place != index)
        self._hide(hidden_runs=() if set(self._state.hidden_runs) >= set(others) else others)

    def _hide(self, **changes: Any) -> None:
        self._change(**changes)
        self._show_hidden()

    def _on_run_pointed(self, index: int) -> None:
        if self._grid is not None:
            self._grid.choose_run(self.runs.entries()[index].label if index >= 0 else "")

    def _on_opened(self, flag: Flag) -> None:
        if flag.kind == "finding":
            self.finding.emit(flag.opens)
        elif self._run_key:
            self.tell(RunChosen(self._run_key, flag.opens))

    def _on_cursor(self, x: float) -> None:
        self.tell(CursorMoved(self._step_at(x)))

    def _step_at(self, x: float) -> float:
        scene = cast("CurvesScene", self.scene)
        if scene.cursor_x.size:
            return float(round(np.interp(x, scene.cursor_x, scene.cursor_steps)))
        return float(round(min(max(x, scene.fit_x[0]), scene.last_x)))

    def _place_cursor(self) -> None:
        x = self._cursor_x()
        if self._grid is not None and self.scene is not None:
            self._grid.set_cursor(x)
        if self._table is not None:
            self._table.rows.set_cursor(x)

    def _cursor_x(self) -> float | None:
        scene = cast("CurvesScene | None", self.scene)
        if scene is None:
            return None
        if self._cursor_step is None:
            return scene.last_x if np.isfinite(scene.last_x) else None
        if scene.cursor_steps.size:
            return float(np.interp(self._cursor_step, scene.cursor_steps, scene.cursor_x))
        return self._cursor_step


def _switched(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    """Keys without one of them, or with it at their end."""
    return tuple(one for one in keys if one != key) if key in keys else (*keys, key)


def _empty_text(scene: CurvesScene, wanted: str) -> str:
    if scene.hidden:
        return tr("No series is called “{wanted}”; {hidden} are hidden").format(wanted=wanted, hidden=scene.hidden)
    return tr("These logs hold no numbers over time")


def make(parent: QWidget | None = None) -> CurvesView:
    """The widget of this viewer."""
    return CurvesView(parent)

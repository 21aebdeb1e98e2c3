"""What is asked for when points of the curves are written."""

from __future__ import annotations

from typing import cast

from inspector.app.desk import Desk
from inspector.display.catalogue import offer_of
from inspector.display.curves.export import DataAsk, DataForm, DataRun
from inspector.display.curves.merge import distinct_names
from inspector.display.curves.scene import CurvesAsk
from inspector.display.offer import Fit
from inspector.runs.values import Run
from inspector.session.reduce import chosen_run
from inspector.session.values import RunState

VIEW = "curves"


def shown_runs(desk: Desk) -> list[tuple[Run, RunState]]:
    """The chosen run, then those that are compared with it, as far as they have curves."""
    chosen = chosen_run(desk.state)
    if chosen is None:
        return []
    states = {state.key: state for state in desk.state.runs}
    keys = dict.fromkeys((chosen.key, *desk.state.compared))
    found = [(run, states[key]) for key in keys if key in states and (run := desk.run(key)) is not None]
    return [(run, state) for run, state in found if offer_of(VIEW).judge(run).fit is not Fit.NO]


def data_ask(
    desk: Desk, suffix: str, *, panels: tuple[str, ...] = (), x_range: tuple[float, float] | None = None
) -> DataAsk | None:
    """The points of the shown runs' curves, as the view filters and smooths them; None where no run has a curve.

    Args:
        desk: of the window.
        suffix: of the file's name, `.csv` or `.npz`.
        panels: keys or titles of cards; empty for all.
        x_range: the stretch of x, on the view's axis; None for every point.
    """
    runs = shown_runs(desk)
    names = distinct_names([run.name for run, _ in runs])
    asks = [offer_of(VIEW).ask(run, state, desk.state.view) for run, state in runs]
    found = tuple(
        DataRun(name, cast("CurvesAsk", ask)) for name, ask in zip(names, asks, strict=True) if ask is not None
    )
    form = cast("DataForm", suffix.lower().removeprefix("."))
    return DataAsk(runs=found, form=form, panels=panels, x_range=x_range) if found else None

"""`python -m tests.benchmarks.responsiveness [FOLDER]`: the window's longest pauses, action by action.

The window is the real one, off screen. It opens a checkpoint of 16,000 tensors, one of 3 GB with its statistics, and
the bundled run, presses every tab, pages, filters, scrolls and pans, and shows a table of a thousand runs. FOLDER keeps
the made checkpoints.
"""

from __future__ import annotations

import compileall
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import inspector
from inspector.app.launch import start_qt
from tests.benchmarks.checkpoints import LAYERS, make_checkpoint
from tests.long.many_runs import make_runs

if TYPE_CHECKING:
    from inspector.app.window import Window

_LARGE_MATRIX = 819 * 1024
_MANY_LAYERS = 400
_RUNS, _READ_RUNS = 1000, 20
_LATER_MS = 700
"""Longer than a table waits before it filters and sorts anew."""

_FILES = {"many.pt": (1024, _MANY_LAYERS), "large.pt": (_LARGE_MATRIX, LAYERS)}
"""Elements of a matrix, and layers."""


def measure(folder: Path) -> None:
    """Print a table: for every action the longest turn of the event loop, and what it did."""
    application = start_qt("offscreen")
    from inspector.app.launch import first_window
    from inspector.app.tabs import TABBED
    from inspector.session.intents import CursorMoved, PreferencesChanged, TabChosen, ViewChanged
    from inspector.session.values import State
    from tests.benchmarks.pauses import HEADING, Pauses

    pauses = Pauses()
    window = first_window(application, State(tab="weights"), remember=False)
    desk, commands = window.desk, window.commands

    def busy() -> bool:
        view = window.tabs.made(desk.state.tab)
        return desk.opening or desk.busy or (view is not None and view.pending())

    def change(**changes: object) -> Callable[[], None]:
        return partial(desk.dispatch, ViewChanged(changes))

    def tab(key: str) -> Callable[[], None]:
        return partial(desk.dispatch, TabChosen(key))

    many, large = (str(folder / name) for name in _FILES)
    watch = partial(pauses.watch, busy=busy)
    watch("show the window", window.show)
    gc.freeze()  # as the program does once it is up
    watch("open 16,000 tensors", partial(window.open_paths, (many,)))
    for text in ("l", "layers.3", "mlp", ""):
        watch(f"filter names by “{text}”", change(tensor_filter=text))
    scene = window.tabs.view("weights").scene
    assert scene is not None
    names = scene.tree.paths
    watch("choose a tensor", change(tensor=names[-40]))
    watch("choose another tensor", change(tensor=names[-400]))
    for page in ("objects", "imports", "compare", "tensors"):
        watch(f"page {page}", change(weights_page=page))
    watch("compare with the large one", change(weights_page="compare", compared_checkpoint=large))
    watch("page tensors", change(weights_page="tensors"))
    for key in (offer.key for offer in TABBED):
        watch(f"tab {key}, first", tab(key))
    watch("open the 3 GB checkpoint", partial(window.open_paths, (large,)))
    watch("other checkpoint", tab("weights"))
    watch("open the bundled run", partial(commands.run, "open_sample"))
    for round_ in ("first", "again"):
        for key in (offer.key for offer in TABBED):
            watch(f"the run's {key}, {round_}", tab(key))
    watch("curves", tab("curves"))
    watch("move the cursor", partial(desk.dispatch, CursorMoved(700)))
    watch("slots", tab("slots"))
    watch("next sample", partial(commands.run, "next_sample"))
    watch("theme", partial(desk.dispatch, PreferencesChanged({"theme": "light"})))
    watch("palette", partial(commands.run, "palette"))
    watch("resume sheet", partial(commands.run, "resume"))
    table_of_runs(window, partial(pauses.watch, quiet_ms=_LATER_MS), folder / "runs")
    window.close()
    print(HEADING)
    for action in pauses.actions:
        print(action.line())
    print(f"load {os.getloadavg()[0]:.1f}")


def table_of_runs(window: Window, watch: Callable[..., None], folder: Path) -> None:
    """Fill the table of many runs as readers do, sort it, filter it and go through it."""
    from PySide6.QtCore import Qt

    from inspector.core.pulse import QUIET
    from inspector.display.fleet.survey import survey
    from inspector.formats.fleet import FleetRun
    from inspector.runs.grouping import grouping_of

    if not folder.exists():
        make_runs(folder, _READ_RUNS)
    read = survey(tuple(FleetRun(one.name, one.paths) for one in grouping_of((folder,), QUIET).groups), QUIET)
    rows = []
    for number in range(_RUNS):
        one, name = read[number % len(read)], f"run_{number:04}"
        settings = {**one.settings, "train.seed": str(number)}
        rows.append(msgspec.structs.replace(one, run=FleetRun(name, (str(folder / name),)), settings=settings))
    view = window.fleet.view
    model, table = view.model, view.table

    def show() -> None:
        view.show_runs(str(folder), [row.run for row in rows])
        window.pages.setCurrentWidget(view)

    def still() -> bool:
        return False

    watch("table of 1,000 runs", show, still)
    watch("100 of them known", partial(view.take, rows[:100]), still)
    watch("4 of them read", partial(view.take, rows[100:104]), still)
    for first in range(104, _RUNS, 100):
        view.take(rows[first : first + 100])
    view.end()
    for place in (*range(model.columnCount() - 3, model.columnCount()), 0, 2, 3, 4):
        sort = partial(table.sortByColumn, place, Qt.SortOrder.DescendingOrder)
        watch(f"sort runs by {model.column(place).title}", sort, still)
    for text in ("d", "dead", "best<0.5", "lr>=1e-3 -finished", ""):
        watch(f"filter runs by “{text}”", partial(view.filter.setText, text), still)
    for share in (0.3, 0.35, 1.0):
        bar = table.verticalScrollBar()
        watch("scroll runs", partial(bar.setValue, int(share * bar.maximum())), still)
    watch("choose all runs", table.selectAll, still)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["RUN_INSPECTOR_HOME"] = home
        compileall.compile_dir(Path(inspector.__file__).parent, quiet=1)  # as an installation does
        kept = Path(sys.argv[1] if len(sys.argv) > 1 else home)
        for name, (elements, layers) in _FILES.items():
            if not (kept / name).exists():
                make_checkpoint(kept / name, matrix_elements=elements, layers=layers)
        began = time.perf_counter()
        measure(kept)
        print(f"{time.perf_counter() - began:.0f} s")

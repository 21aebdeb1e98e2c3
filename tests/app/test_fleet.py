"""A folder of many runs in the window: a table instead of readers, and from there to one run or several."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from inspector.app.arrivals import MOST_OPENED
from inspector.app.window import Window
from inspector.session.store import load_session

PATIENCE_MS = 60_000
COUNT = MOST_OPENED + 1


def write_runs(folder: Path) -> None:
    for number in range(COUNT):
        place = folder / f"run_{number:02}"
        place.mkdir(parents=True)
        rows = [f"{step},{1 / (1 + step) + number}" for step in range(0, 101, 10)]
        (place / "log.csv").write_text("\n".join(["step,val/loss", *rows, ""]))
        os.utime(place / "log.csv", (1.6e9, 1.6e9))


def test_many_runs_are_a_table_from_which_they_are_opened_and_compared(
    make_window: Callable[..., Window], qtbot: QtBot, tmp_path: Path
) -> None:
    write_runs(tmp_path / "runs")
    window = make_window(remember=True)
    window.open_paths((str(tmp_path / "runs"),))
    qtbot.waitUntil(lambda: window.fleet.shown and not window.fleet.busy, timeout=PATIENCE_MS)
    view, desk = window.fleet.view, window.desk
    assert view.model.read_count == COUNT
    assert not desk.state.runs
    assert [view.model.row(place).score.best for place in (0, 3)] == [1 / 101, 3 + 1 / 101]  # type: ignore[union-attr]

    view.table.selectRow(3)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.fleet.shown, timeout=PATIENCE_MS)
    assert [Path(run.key).name for run in desk.state.runs] == ["run_03"]
    assert desk.state.chosen == desk.state.runs[0].key

    window.commands.run("fleet")
    qtbot.waitUntil(lambda: window.fleet.shown and not window.fleet.busy, timeout=PATIENCE_MS)
    assert view.model.read_count == COUNT
    flags = QItemSelectionModel.SelectionFlag
    view.table.selectRow(1)
    for place in (3, 5):
        view.table.selectionModel().select(view.model.index(place, 0), flags.Select | flags.Rows)
    qtbot.mouseClick(view.compare, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(desk.state.compared) == 2, timeout=PATIENCE_MS)
    assert desk.state.tab == "curves"
    assert Path(desk.state.chosen or "").name == "run_01"
    assert [Path(key).name for key in desk.state.compared] == ["run_03", "run_05"]
    assert not window.fleet.shown

    window.commands.run("fleet")
    qtbot.waitUntil(lambda: window.fleet.shown and not window.fleet.busy, timeout=PATIENCE_MS)
    window.close()
    second = make_window(load_session(), remember=True)
    second.restore()
    qtbot.waitUntil(lambda: second.fleet.shown and not second.fleet.busy, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(second.desk.state.runs) == 3 and not second.desk.opening, timeout=PATIENCE_MS)
    assert second.fleet.shown
    assert second.fleet.view.model.read_count == COUNT
    second.fleet.leave()
    assert not second.desk.state.fleet

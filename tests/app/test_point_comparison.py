"""Points in the window: a mistake is undone, and two dumps of a run are held against each other, with real clicks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.formats.sample_table import SampleTable
from inspector.session.gallery import gallery_of
from inspector.session.intents import RunChosen, RunCompared
from inspector.views.points.view import PointsView
from tests.diagnosis.folders import write_dump

SAMPLES, SIZE = 60, (48, 64)


def truth() -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (SAMPLES, 2)) * SIZE[::-1]


def earlier() -> np.ndarray:
    """The first twenty samples are 20 px off."""
    return truth() + np.where(np.arange(SAMPLES) < 20, 20.0, 0.5)[:, None] * [1, 0]


def later() -> np.ndarray:
    """Samples 10 to 24 are 20 px off."""
    off = (np.arange(SAMPLES) >= 10) & (np.arange(SAMPLES) < 25)
    return truth() + np.where(off, 20.0, 0.5)[:, None] * [0, 1]


def write(folder: Path, step: int, predicted: np.ndarray) -> str:
    path = folder / f"step_{step:07d}.h5"
    images = np.full((SAMPLES, *SIZE, 3), 60, np.uint8)
    kept = {
        "samples/image": images,
        "samples/index": np.arange(SAMPLES),
        "gt/points": truth(),
        "pred/points": predicted,
    }
    write_dump(path, step, kept)
    return str(path)


@pytest.fixture
def opened(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> Callable[..., tuple[Window, PointsView]]:
    def open_run(**dumps: np.ndarray) -> tuple[Window, PointsView]:
        folder = tmp_path / "run"
        folder.mkdir()
        for step, predicted in dumps.items():
            write(folder, int(step[1:]), predicted)
        window = make_window()
        window.open_paths((str(folder),))
        qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
        settle(window)
        view = window.tabs.view("points")
        assert isinstance(view, PointsView)
        qtbot.waitUntil(lambda: view.gallery.ready() and view.gallery.table.whole, timeout=60_000)
        return window, view

    return open_run


def column(table: SampleTable, name: str) -> list[float]:
    found = table.column(name)
    return [] if found is None else found.values.tolist()


def test_swapped_axes_are_undone_by_a_click(opened: Callable[..., tuple[Window, PointsView]], qtbot: QtBot) -> None:
    _window, view = opened(s500=truth()[:, ::-1])
    qtbot.waitUntil(lambda: view.pattern.isVisible(), timeout=60_000)
    assert view.pattern.what.text() == "Predicted points have x and y swapped"
    assert max(column(view.gallery.table, "err_px")) > 10
    qtbot.mouseClick(view.pattern.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: max(column(view.gallery.table, "err_px")) < 0.01, timeout=60_000)
    qtbot.waitUntil(lambda: view.pattern.undo.isChecked(), timeout=60_000)
    qtbot.mouseClick(view.pattern.undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: max(column(view.gallery.table, "err_px")) > 10, timeout=60_000)


def test_samples_of_two_dumps_are_fixed_broken_or_same(
    opened: Callable[..., tuple[Window, PointsView]], qtbot: QtBot
) -> None:
    window, view = opened(s500=earlier(), s1000=later())
    strip, table = view.comparison.strip, lambda: view.gallery.table
    qtbot.waitUntil(lambda: len(view.comparison.button.items()) == 3, timeout=60_000)
    other = view.comparison.button.items()[1]
    assert other.text == "step_0000500.h5 · epoch 4"
    view.comparison.button.chosen.emit(other.key)
    assert strip.isVisible()
    qtbot.waitUntil(lambda: strip.words["fixed"].text() == "10 fixed", timeout=60_000)
    assert [strip.words[word].text() for word in ("broken", "same")] == ["5 broken", "45 same"]
    assert "60 samples matched by index" in strip.said.text()
    qtbot.waitUntil(lambda: bool(column(table(), "err_change_px")), timeout=60_000)
    assert column(table(), "err_change_px") == pytest.approx([-19.5] * 10 + [0] * 10 + [19.5] * 5 + [0] * 35, abs=1e-3)
    qtbot.mouseClick(strip.words["broken"], Qt.MouseButton.LeftButton)
    assert gallery_of(window.desk.state.view.galleries, "points").filter == "broken"
    view.select_all()
    assert sorted(view.gallery.grid.selected_samples().tolist()) == [20, 21, 22, 23, 24]
    qtbot.mouseClick(strip.close_button, Qt.MouseButton.LeftButton)
    assert window.desk.state.view.compared_dump == ""
    assert gallery_of(window.desk.state.view.galleries, "points").filter == ""
    assert not strip.isVisible()


def test_dumps_of_compared_runs_and_any_file_are_let_read(
    opened: Callable[..., tuple[Window, PointsView]],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other, third = (write(elsewhere, step, predicted) for step, predicted in ((500, earlier()), (250, later())))
    window, view = opened(s1000=later())
    first = window.desk.state.chosen
    assert first is not None
    window.open_paths((str(elsewhere),))
    qtbot.waitUntil(lambda: window.desk.state.chosen not in (None, first), timeout=60_000)
    second = window.desk.state.chosen
    assert second is not None
    for intent in (RunChosen(first), RunCompared(second, shown=True)):
        window.desk.dispatch(intent)
    settle(window)
    offered = {item.text: item.key for item in view.comparison.button.items()}
    assert offered["elsewhere · step_0000500.h5 · epoch 4"] == other
    view.comparison.button.chosen.emit(other)
    strip = view.comparison.strip
    qtbot.waitUntil(lambda: strip.words["fixed"].text() == "10 fixed", timeout=60_000)
    qtbot.waitUntil(lambda: bool(column(view.gallery.table, "err_change_px")), timeout=60_000)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (third, ""))
    window.commands.run("compare_dump")
    qtbot.waitUntil(lambda: strip.words["same"].text() == "60 same", timeout=60_000)

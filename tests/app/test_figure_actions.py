"""Figures, points, pictures and values taken out of the real window by its keys and menus."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.figure_actions import FIGURE_KINDS, IN_SIGHT
from inspector.app.window import Window
from inspector.session.store import load_folder
from inspector.session.values import State
from inspector.views.curves.exporting import EXPORTS

PATIENCE_MS = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier


class Dialogs:
    """Answers the question where to write, and remembers what was suggested."""

    def __init__(self) -> None:
        self.answer: tuple[str, str] = ("", "")
        self.suggested: list[str] = []

    def __call__(self, _window: object, _title: str, suggested: str, _kinds: str) -> tuple[str, str]:
        self.suggested.append(suggested)
        return self.answer


@pytest.fixture
def dialogs(monkeypatch: pytest.MonkeyPatch) -> Dialogs:
    made = Dialogs()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", made)
    return made


@pytest.fixture
def window(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> Window:
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [{"step": step, "train/loss": 1 / (step + 3), "val/loss": 2.0, "zebra": step / 7} for step in range(40)]
    rows[5]["train/loss"] = "NaN"
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = make_window(State(tab="curves"))
    made.open_paths((str(folder),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(made)
    return made


def said(window: Window) -> str:
    """The newest sentence of the message area."""
    return next(iter(window.messages.sentences()), "")


def press(qtbot: QtBot, window: Window, key: Qt.Key) -> None:
    window.activateWindow()
    qtbot.keyClick(window, key, CTRL)


def test_figures_points_pictures_and_values_leave_the_window(
    qtbot: QtBot, window: Window, dialogs: Dialogs, tmp_path: Path
) -> None:
    grid = window.tabs.view("curves").grid()
    assert [card.panel.key for card in grid.cards()] == ["loss", "zebra"]

    dialogs.answer = (str(tmp_path / "all"), next(kind.words for kind in FIGURE_KINDS if "svg" in kind.words))
    press(qtbot, window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: f"{tmp_path / 'all.svg'} written" in said(window), timeout=PATIENCE_MS)
    root = ET.fromstring((tmp_path / "all.svg").read_bytes())
    texts = {"".join(one.itertext()) for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"run", "Loss", "zebra", "train", "val"} <= texts
    assert Path(dialogs.suggested[0]).name == "curves.png"
    assert load_folder() == str(tmp_path)

    grid.cards()[0].legend.setFocus()
    dialogs.answer = (str(tmp_path / "one.png"), "")
    press(qtbot, window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: "one.png written" in said(window), timeout=PATIENCE_MS)
    assert dialogs.suggested[-1] == str(tmp_path / "Loss.png")
    assert QImage(str(tmp_path / "one.png")).size() == QSize(1800, 1120)

    press(qtbot, window, Qt.Key.Key_C)
    assert QGuiApplication.clipboard().image().size() == grid.cards()[0].size()

    grid.export_wanted.emit("copy_values", "loss")
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0] == ["step", "train", "val"]
    assert lines[3] == ["2", repr(1 / 5), "2.0"]
    assert math.isnan(float(lines[6][1]))
    assert len(lines) == 41

    grid.cards()[0].canvas.setFocus()
    dialogs.answer = (str(tmp_path / "sight.csv"), IN_SIGHT.words)
    grid._x_seen = (10.0, 12.5)
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: "sight.csv written: 6 points of 2 curves" in said(window), timeout=PATIENCE_MS)
    with (tmp_path / "sight.csv").open(newline="") as file:
        rows = [(row["tag"], row["step"], float(row["value"])) for row in csv.DictReader(file)]
    assert rows[:3] == [("train/loss", str(step), 1 / (step + 3)) for step in (10, 11, 12)]
    assert {tag for tag, *_ in rows} == {"train/loss", "val/loss"}


def test_what_fails_is_said_and_leaves_what_was_there(
    qtbot: QtBot, window: Window, dialogs: Dialogs, tmp_path: Path
) -> None:
    old = tmp_path / "old.png"
    old.write_bytes(b"old")
    figures = window.commands.figures
    dialogs.answer = (str(old), "")
    figures.save_figure()
    figures.cancel(-1)
    qtbot.wait(50)
    assert old.read_bytes() == b"old", "a figure that is not wanted any more is not written"
    dialogs.answer = (str(tmp_path / "gone" / "a.png"), "")
    figures.save_figure()
    qtbot.waitUntil(lambda: "a.png was not saved: No such file or directory" in said(window), timeout=PATIENCE_MS)
    for name, act in (("a.gif", figures.save_figure), ("a.xls", figures.export_data)):
        dialogs.answer = (str(tmp_path / name), "")
        act()
        assert f"{name} was not saved" in said(window)
    dialogs.answer = (str(tmp_path / "run" / "all.csv"), "")
    figures.export_data()
    assert "it would stand in the run that it is made from" in said(window)
    dialogs.answer = ("", "")
    figures.save_figure()
    figures.export_data()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.png", "run"]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["metrics.jsonl"]


def test_what_is_copied_in_the_middle_of_a_pan_is_the_whole_picture(qtbot: QtBot, window: Window) -> None:
    view = window.tabs.view("curves")
    grid = view.grid()
    canvas = grid.cards()[0].canvas
    canvas.set_x_range(5.0, 9.0)
    assert canvas.unfinished()
    grid.cards()[0].legend.setFocus()
    window.commands.figures.copy_picture()
    copied = QGuiApplication.clipboard().image()
    assert not canvas.unfinished()
    qtbot.waitUntil(lambda: not view.pending(), timeout=PATIENCE_MS)
    assert copied == grid.cards()[0].grab().toImage().convertToFormat(copied.format())

    view.setFocus()
    canvas.set_x_range(2.0, 30.0)
    window.commands.figures.copy_picture()
    whole = QGuiApplication.clipboard().image()
    assert not any(one.unfinished() for one in grid.canvases())
    qtbot.waitUntil(lambda: not view.pending(), timeout=PATIENCE_MS)
    assert whole == window.tabs.stack.grab().toImage().convertToFormat(whole.format())


def test_every_item_of_a_card_is_a_command() -> None:
    from inspector.app.commands import BY_KEY

    assert all(item.key in BY_KEY for item in EXPORTS)
    assert [BY_KEY[item.key].title for item in EXPORTS] == [item.text for item in EXPORTS]

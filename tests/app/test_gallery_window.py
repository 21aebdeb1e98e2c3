"""The gallery in the window: samples are sorted, marked, filtered and exported by the keyboard alone."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.triage import FILE_NAME
from inspector.session.triage_store import load_triage

PLAIN, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


class Keyboard:
    """A window on a copy of the sample run, and nothing to work it with but keys."""

    def __init__(self, window: Window, settle: Callable[[Window], None], qtbot: QtBot, folder: Path) -> None:
        shutil.copytree(resource("sample_run"), folder)
        self.window, self.folder = window, folder
        self._settle, self._qtbot = settle, qtbot
        window.open_paths((str(folder),))
        qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
        window.setFocus()

    def press(self, *keys: Qt.Key, held: Any = PLAIN) -> None:
        """Press keys where the focus is."""
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.window, key, held)
            QApplication.processEvents()

    def type(self, text: str) -> None:
        """Type a text, and Enter."""
        QTest.keyClicks(QApplication.focusWidget(), text)
        self.press(Qt.Key.Key_Return)

    def find(self, text: str) -> None:
        """Take what the palette finds."""
        self.press(Qt.Key.Key_K, held=CTRL)
        self.type(text)
        self._settle(self.window)

    @property
    def gallery(self) -> Any:
        """The gallery of the shown view, once there are samples."""
        gallery = self.window.tabs.view(self.window.desk.state.tab).gallery  # type: ignore[attr-defined]  # of samples
        self._qtbot.waitUntil(lambda: gallery.ready() and gallery.table.whole, timeout=60_000)
        return gallery

    @property
    def sample(self) -> int:
        """The chosen one."""
        return self.window.desk.state.view.sample


@pytest.fixture
def keyboard(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> Keyboard:
    return Keyboard(make_window(), settle, qtbot, tmp_path / "run")


def test_the_worst_ten_are_flagged_two_noted_the_flagged_filtered_and_exported(
    keyboard: Keyboard, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard.find("points")
    gallery = keyboard.gallery
    keyboard.press(Qt.Key.Key_W)
    errors = gallery.table.column("err_px").values
    worst = sorted(range(12), key=lambda sample: -errors[sample])
    assert (gallery.model.samples.tolist(), keyboard.sample) == (worst, worst[0])
    keyboard.find("advance after marking")
    for _ in range(10):
        keyboard.press(Qt.Key.Key_F)
    assert keyboard.sample == worst[10]
    keyboard.press(Qt.Key.Key_K)
    for note in ("far off", "hidden"):
        keyboard.press(Qt.Key.Key_K, Qt.Key.Key_N)
        keyboard.type(note)
    keyboard.press(Qt.Key.Key_X)
    keyboard.press(Qt.Key.Key_Z, held=CTRL)
    (said,) = load_triage(keyboard.folder / FILE_NAME).files.values()
    assert [sample for sample, mark in said.items() if mark.flagged] == sorted(worst[:10])
    assert {sample: mark.note for sample, mark in said.items() if mark.note} == {
        worst[8]: "far off",
        worst[7]: "hidden",
    }
    assert not any(mark.rejected for mark in said.values())
    keyboard.press(Qt.Key.Key_Slash)
    keyboard.type("flagged")
    assert gallery.model.samples.tolist() == worst[:10]
    assert gallery.said().full.endswith("of 10 shown · 10 of 12 flagged")
    out = tmp_path / "worst.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    keyboard.press(Qt.Key.Key_E, held=CTRL)
    keyboard.press(Qt.Key.Key_Return)
    qtbot.waitUntil(out.exists, timeout=60_000)
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {int(row["sample"]) - 1 for row in rows} == set(worst[:10])
    assert {row["note"] for row in rows} == {"", "far off", "hidden"}


def test_samples_are_selected_rejected_tagged_and_found_in_the_other_views(keyboard: Keyboard) -> None:
    for place, tab in enumerate(("slots", "features")):
        keyboard.find(tab)
        gallery = keyboard.gallery
        order = gallery.model.samples.tolist()
        keyboard.press(*[Qt.Key.Key_K] * 12)
        keyboard.press(*[Qt.Key.Key_J] * (4 * place))
        two = order[4 * place : 4 * place + 2]
        keyboard.press(Qt.Key.Key_J, held=SHIFT)
        keyboard.press(Qt.Key.Key_X)
        keyboard.press(Qt.Key.Key_T)
        keyboard.type(tab)
        keyboard.press(Qt.Key.Key_J)
        keyboard.press(Qt.Key.Key_1, held=SHIFT)
        third = order[4 * place + 2]
        assert all(gallery.marking.of(sample).rejected for sample in two)
        assert all(tab in gallery.marking.of(sample).tags for sample in two)
        assert "slots" in gallery.marking.of(third).tags, "the first of the own tags"
        keyboard.press(Qt.Key.Key_Z, held=CTRL)
        assert gallery.marking.of(third).tags == (), "what was done last is undone first"
        keyboard.press(Qt.Key.Key_Slash)
        keyboard.type(f"rejected #{tab}")
        assert sorted(gallery.model.samples.tolist()) == sorted(two)
        keyboard.press(Qt.Key.Key_A, held=CTRL)
        assert len(gallery.marking.selected()) == 2
        keyboard.press(Qt.Key.Key_Z, held=CTRL)
        assert len(gallery.model.samples) == 12, "a filter is undone, too"
        keyboard.press(Qt.Key.Key_Y, held=CTRL)
        assert len(gallery.model.samples) == 2
        keyboard.find("save filter")
        keyboard.type(f"of {tab}")
        keyboard.press(Qt.Key.Key_Slash, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
        assert len(gallery.model.samples) == 12
    keyboard.find("of slots")
    assert keyboard.window.desk.state.tab == "slots"
    assert len(keyboard.gallery.model.samples) == 2

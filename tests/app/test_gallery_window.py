"""The gallery in the window: from the scan of the sample run to a flag in a file, by the keyboard alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.triage import FILE_NAME
from inspector.session.intents import TabChosen
from inspector.session.triage_store import load_triage


def test_samples_are_stepped_worst_first_flagged_noted_and_found_again(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(resource("sample_run"), folder)
    window = make_window()
    window.open_paths((str(folder),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.desk.dispatch(TabChosen("points"))
    settle(window)
    gallery: Any = window.tabs.view("points").gallery  # type: ignore[attr-defined]  # of a view with samples
    qtbot.waitUntil(lambda: gallery.ready() and all(s in gallery.tiles for s in gallery.model.samples.tolist()))
    errors = gallery._table.column("err_px").values
    order = gallery.model.samples.tolist()
    assert order == sorted(range(12), key=lambda sample: -errors[sample])

    def press(key: Qt.Key) -> None:
        qtbot.keyClick(window, key)
        QApplication.processEvents()

    window.setFocus()
    place = order.index(window.desk.state.view.sample)
    press(Qt.Key.Key_K)
    assert window.desk.state.view.sample == order[max(place - 1, 0)]
    for _ in range(12):
        press(Qt.Key.Key_K)
    assert window.desk.state.view.sample == order[0]
    press(Qt.Key.Key_F)
    press(Qt.Key.Key_J)
    press(Qt.Key.Key_N)
    line = gallery.heads.mark_line.line
    assert QApplication.focusWidget() is line
    qtbot.keyClicks(line, "far off")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    (said,) = load_triage(folder / FILE_NAME).files.values()
    assert (said[order[0]].flagged, said[order[1]].note) == (True, "far off")
    press(Qt.Key.Key_Slash)
    qtbot.keyClicks(gallery.heads.head.filter, "flagged")
    assert gallery.model.samples.tolist() == [order[0]]


def test_keys_tag_flag_and_filter_in_every_view_of_samples(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(resource("sample_run"), folder)
    window = make_window()
    window.open_paths((str(folder),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    for place, tab in enumerate(("slots", "features", "points")):
        window.desk.dispatch(TabChosen(tab))
        settle(window)
        gallery: Any = window.tabs.view(tab).gallery  # type: ignore[attr-defined]  # of a view with samples
        qtbot.waitUntil(gallery.ready)
        gallery.grid.setFocus()
        qtbot.keyClick(gallery.grid, Qt.Key.Key_Home)
        for _ in range(place):
            qtbot.keyClick(gallery.grid, Qt.Key.Key_J)
        sample = window.desk.state.view.sample
        before = gallery.marking.of(sample).flagged
        qtbot.keyClick(gallery.grid, Qt.Key.Key_F)
        assert gallery.marking.of(sample).flagged is not before
        qtbot.keyClick(gallery.grid, Qt.Key.Key_T)
        line = gallery.heads.mark_line.line
        assert QApplication.focusWidget() is line
        qtbot.keyClicks(line, tab)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        assert tab in gallery.marking.of(sample).tags
        flagged = sorted(gallery.marking.marks.where(lambda mark: mark.flagged).tolist())
        for text, kept in ((f"#{tab}", [sample]), ("flagged", flagged)):
            qtbot.keyClick(gallery.grid, Qt.Key.Key_Slash)
            field = gallery.heads.head.filter
            assert QApplication.focusWidget() is field
            field.selectAll()
            qtbot.keyClicks(field, text)
            assert sorted(gallery.model.samples.tolist()) == kept
            gallery.grid.setFocus()

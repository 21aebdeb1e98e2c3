"""The sheet of preferences, and what a file of the user's own rules named there finds in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.commands import shortcut_groups
from inspector.app.preferences_rows import CacheRow, ChoiceRow, KeyRow, PythonFileRow, PythonRow, TagsRow
from inspector.app.window import Window
from inspector.formats import summary_cache
from inspector.formats.caches import cached_bytes
from inspector.session.intents import CursorMoved, PreferencesChanged
from inspector.session.preferences import DECLARED, Preferences
from inspector.session.preferences_store import load_preferences
from inspector.views.zoom import factor, zoom
from tests.app.conftest import PATIENCE_MS
from tests.app.test_commands import keys_of as keys_of_window
from tests.app.test_palette import listed
from tests.diagnosis.folders import write_curves
from tests.jobs.other_python import python_that_has
from tests.reader.own_rules import HEAD

FOUND = """
def look(material, pulse):
    last = material.curves["train/loss"].values[-1]
    return found(summary=f"{WORD} {last:g}", since_step=1.0)
CHECKS = (Check(abouts=(ABOUT,), function=look),)
"""


def _own(window: Window) -> list[tuple[str, str]]:
    return [(row.summary, row.own) for row in window.tabs.view("triage").rows() if row.own]


def _lacking(window: Window) -> list[str]:
    scene = window.tabs.view("triage").scene
    return [one.because for one in scene.not_assessable if one.title == "Rules of your own"] if scene else []


def test_the_rules_of_a_named_file_are_found_in_triage_and_followed_as_it_changes(
    tmp_path: Path,
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, file = tmp_path / "run", tmp_path / "mine.py"
    run.mkdir()
    write_curves(run, range(1, 41), train__loss=lambda step: float(step))
    (run / "rules.py").write_text("open(__file__ + '.ran', 'w'); CHECKS = ()")
    file.write_text(f"{HEAD}WORD = 'so'\n{FOUND}")
    window = make_window()
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(window)
    others = [row.id for row in window.tabs.view("triage").rows()]
    assert others

    window.commands.run("preferences")
    assert list(window.sheets.preferences.rows) == [field.path for field in DECLARED]
    row = window.sheets.preferences.rows["own_rules"]
    assert isinstance(row, PythonFileRow)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_told: (str(file), ""))
    qtbot.mouseClick(row.choose, Qt.MouseButton.LeftButton)
    assert row.asking.isVisible()
    assert row.warning.text().startswith("mine.py is a program")
    assert row.leave.hasFocus()
    qtbot.keyClick(row.leave, Qt.Key.Key_Space)  # and it is not wanted after all
    assert row.asking.isHidden()
    assert window.desk.state.preferences.own_rules == ""
    qtbot.mouseClick(row.choose, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row.use, Qt.MouseButton.LeftButton)
    qtbot.keyClick(window.sheets.preferences, Qt.Key.Key_Escape)
    mark = "your own rule, by mine.py"
    qtbot.waitUntil(lambda: _own(window) == [("so 40", mark)], timeout=PATIENCE_MS)
    assert [row.id for row in window.tabs.view("triage").rows() if not row.own] == others
    assert not (run / "rules.py.ran").exists()

    window.desk.dispatch(CursorMoved(10.0))
    qtbot.waitUntil(lambda: _own(window) == [("so 10", mark)], timeout=PATIENCE_MS)
    window.desk.dispatch(CursorMoved(None))
    qtbot.waitUntil(lambda: _own(window) == [("so 40", mark)], timeout=PATIENCE_MS)

    for text, told in (("os.kill(os.getpid(), 9)", "gave no answer"), ("raise OSError('full')", "OSError: full in")):
        _rewrite(file, f"import os\n{text}")
        window.desk.diagnoses.own.look_around()
        qtbot.waitUntil(lambda told=told: any(told in one for one in _lacking(window)), timeout=PATIENCE_MS)
        assert [row.id for row in window.tabs.view("triage").rows()] == others
    _rewrite(file, f"{HEAD}WORD = 'anew'\n{FOUND}")
    window.desk.diagnoses.own.look_around()
    qtbot.waitUntil(lambda: _own(window) == [("anew 40", mark)], timeout=PATIENCE_MS)
    assert not _lacking(window)

    window.commands.run("preferences")
    qtbot.mouseClick(row.clear, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not _own(window), timeout=PATIENCE_MS)
    window.desk.dispatch(PreferencesChanged({"theme": "light"}))
    assert window.sheets.preferences.rows["theme"].value() == "light"


def _rewrite(file: Path, text: str) -> None:
    """As an editor does: a new file in its place, whose time is another."""
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.replace(file)


def test_the_palette_finds_each_preference_by_its_title_and_gives_it_the_keyboard(
    make_window: Callable[..., Window], qtbot: QtBot
) -> None:
    window = make_window()
    window.resize(800, 500)  # less than the page has
    for field in DECLARED:
        window.commands.run("palette")
        qtbot.keyClicks(window.palette_box.field, field.title)
        qtbot.waitUntil(lambda title=field.title: listed(window.palette_box)[:1] == [title])
        qtbot.keyClick(window.palette_box.field, Qt.Key.Key_Return)
        qtbot.waitUntil(window.palette_box.isHidden)  # it waits until all was looked through
        row = window.sheets.preferences.rows[field.path]
        focused = window.focusWidget()
        assert focused is not None
        assert focused is row or row.isAncestorOf(focused), field.path
        assert window.sheets.preferences.rect().contains(row.mapTo(window.sheets.preferences, row.rect().center()))
        assert window.rect().contains(window.sheets.preferences.geometry())
        qtbot.keyClick(window.sheets.preferences, Qt.Key.Key_Escape)
        assert field.description
        assert not field.description.endswith(".")
    window.commands.run("preferences")
    qtbot.mouseClick(window.sheets.preferences.help, Qt.MouseButton.LeftButton)
    assert window.commands.help.sheet.page.title == "Preferences"
    assert window.sheets.preferences.isHidden(), "the page has its place"


def test_every_size_of_text_holds_at_once_in_a_window_that_stays_as_large(
    make_window: Callable[..., Window], qtbot: QtBot, qapp: QApplication
) -> None:
    window = make_window()
    window.resize(1500, 1200)
    ratio, on_screen = window.devicePixelRatioF(), window.size() * window.devicePixelRatioF()
    window.commands.run("preferences")
    sheet = window.sheets.preferences
    row = sheet.rows["text_size"]
    assert isinstance(row, ChoiceRow)
    label = window.status.trainer
    drawn = label.grab().height()
    try:
        for size in (150, 200, 80, 100):
            qtbot.mouseClick(row.segment(str(size)), Qt.MouseButton.LeftButton)
            qtbot.waitUntil(lambda size=size: window.devicePixelRatioF() == pytest.approx(ratio * size / 100))
            assert window.isVisible()
            assert (window.size() * window.devicePixelRatioF() - on_screen).height() in range(-2, 2)
            assert label.grab().height() == pytest.approx(drawn * size / 100, abs=1)
            assert sheet.isVisible()
            qtbot.waitUntil(lambda: window.rect().contains(sheet.geometry()))
    finally:
        zoom(qapp, ratio / factor())
    assert qapp.quitOnLastWindowClosed()


def test_keys_are_chosen_by_pressing_them_and_those_of_another_command_are_refused(
    make_window: Callable[..., Window], qtbot: QtBot
) -> None:
    window = make_window(remember=True)
    window.commands.run("preferences")
    rows, actions = window.sheets.preferences.rows, window.commands.actions
    flag, reject = rows["flag_key"], rows["reject_key"]
    assert isinstance(flag, KeyRow)
    assert isinstance(reject, KeyRow)

    def press(row: KeyRow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> str:
        qtbot.mouseClick(row.key, Qt.MouseButton.LeftButton)
        qtbot.keyClick(row.key, key, modifier)
        return row.problem.text()

    assert press(flag, Qt.Key.Key_G) == "G is the key of: Grid or single"
    assert press(flag, Qt.Key.Key_X) == "X is the key of: Reject sample or dismiss finding"
    assert press(flag, Qt.Key.Key_3) == "3 is the key of: Show one slot alone"
    assert press(flag, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier) == "Ctrl+F is the key of: Find on this page"
    assert press(flag, Qt.Key.Key_Tab) == "Letters, figures, signs and F keys can be chosen"
    assert press(flag, Qt.Key.Key_Escape) == ""
    assert (flag.key.text(), window.sheets.preferences.isVisible()) == ("F", True)
    assert window.desk.state.preferences == Preferences()
    assert press(reject, Qt.Key.Key_Q) == ""
    assert press(flag, Qt.Key.Key_X) == "", "nothing else has it now"
    assert [actions[key].shortcut().toString() for key in ("flag", "reject_or_dismiss")] == ["X", "Q"]
    assert load_preferences()[0] == Preferences(flag_key="X", reject_key="Q")
    assert {key: count for key, count in keys_of_window(window).items() if count > 1} == {}
    assert {"X", "Q"} <= {key for one in shortcut_groups(load_preferences()[0])["Edit"] for key in one.keys} | {"Q"}
    window.status.show_hint("points", window.desk.state.preferences)
    assert "X flag · Q reject" in window.status.hint.text()

    qtbot.mouseClick(window.sheets.preferences.resets["reject_key"], Qt.MouseButton.LeftButton)
    shown = [actions[key].shortcut().toString() for key in ("flag", "reject_or_dismiss")]
    assert shown == ["F", "X"], "two commands never share a key"
    assert press(flag, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier) == "? is the key of: Keyboard shortcuts"
    qtbot.mouseClick(window.sheets.preferences.reset_all, Qt.MouseButton.LeftButton)
    assert load_preferences() == (Preferences(), "")
    assert all(reset.isHidden() for reset in window.sheets.preferences.resets.values())


def test_python_caches_and_tags_are_chosen_where_the_other_preferences_are(
    make_window: Callable[..., Window], qtbot: QtBot, tmp_path: Path
) -> None:
    python = python_that_has(tmp_path / "other", "99.1")
    summary_cache.CACHE.keep("0" * 64, bytes(40_000_000 // 2))
    window = make_window()
    window.commands.run("preferences")
    rows = window.sheets.preferences.rows
    trains, caches, tags = rows["interpreter"], rows["cache_mb"], rows["tags"]
    assert isinstance(trains, PythonRow)
    assert isinstance(caches, CacheRow)
    assert isinstance(tags, TagsRow)

    trains.row.field.setText(python)
    trains.row.field.finish()
    qtbot.waitUntil(lambda: window.desk.state.preferences.interpreter == python, timeout=30_000)
    assert trains.row.told.text() == "Python 3.12 · torch 99.1"
    assert not window.sheets.preferences.resets["interpreter"].isHidden()
    qtbot.mouseClick(window.sheets.preferences.resets["interpreter"], Qt.MouseButton.LeftButton)
    assert (window.desk.state.preferences.interpreter, trains.row.field.text()) == ("", "")

    assert caches.used.text() == "20.0 MB in use"
    qtbot.mouseClick(caches.room.segment("50"), Qt.MouseButton.LeftButton)
    assert window.desk.state.preferences.cache_mb == 50
    assert cached_bytes() > 20_000_000, "it is within its bounds"
    qtbot.mouseClick(caches.clear, Qt.MouseButton.LeftButton)
    assert (caches.used.text(), caches.clear.isEnabled(), cached_bytes()) == ("Nothing is kept", False, 0)

    window.activateWindow()
    tags.setFocus()
    qtbot.keyClicks(tags, "blurred, wrong label,, blurred")
    qtbot.keyClick(tags, Qt.Key.Key_Return)
    assert window.desk.state.sample_lists.tags == ("blurred", "wrong label")
    assert tags.text() == "blurred, wrong label"

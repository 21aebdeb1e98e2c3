"""The keys of the window, pressed for real on the sample run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inspector.app.commands import COMMANDS
from inspector.app.palette_entries import groups
from inspector.app.palette_search import looked_through
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.display.dumps import datasets
from inspector.formats.dump import Role
from inspector.formats.facts import layer_name
from inspector.session.intents import TabChosen
from tests.app.test_commands import keys_of

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def window(make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot) -> Window:
    made = make_window()
    made.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=60_000)
    settle(made)
    made.setFocus()
    return made


def _press(qtbot: QtBot, window: Window, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(window, key, modifier)
    QApplication.processEvents()


def test_samples_layers_slots_and_axes(qtbot: QtBot, window: Window, settle: Callable[[Window], None]) -> None:
    view = lambda: window.desk.state.view  # noqa: E731 - read anew each time
    _press(qtbot, window, Qt.Key.Key_J)
    _press(qtbot, window, Qt.Key.Key_Right)
    _press(qtbot, window, Qt.Key.Key_K)
    assert view().sample == 1
    for _ in range(30):
        _press(qtbot, window, Qt.Key.Key_J)
    assert view().sample == 11, "the last of twelve"
    _press(qtbot, window, Qt.Key.Key_2)
    assert view().solo_slot == 1
    _press(qtbot, window, Qt.Key.Key_2)
    assert view().solo_slot is None
    _press(qtbot, window, Qt.Key.Key_L)
    _press(qtbot, window, Qt.Key.Key_S)
    _press(qtbot, window, Qt.Key.Key_G)
    assert (view().y_scale, view().smoothing, view().point_layout) == ("log", 0.6, "single")
    window.desk.dispatch(TabChosen("features"))
    settle(window)
    before = window.tabs.view("features").scene.layer
    _press(qtbot, window, Qt.Key.Key_BracketRight)
    settle(window)
    assert window.tabs.view("features").scene.layer != before
    _press(qtbot, window, Qt.Key.Key_BracketLeft)
    settle(window)
    assert window.tabs.view("features").scene.layer == before


def test_the_cursor_steps_and_follows(qtbot: QtBot, window: Window) -> None:
    cursor = lambda: window.desk.chosen()[1].cursor_step  # noqa: E731 - read anew each time
    _press(qtbot, window, Qt.Key.Key_Left, CTRL)
    assert cursor() == 1050
    _press(qtbot, window, Qt.Key.Key_Left, CTRL)
    assert cursor() == 780
    _press(qtbot, window, Qt.Key.Key_Right, CTRL)
    assert cursor() == 1050
    _press(qtbot, window, Qt.Key.Key_End)
    assert cursor() is None


def test_a_cure_is_staged_undone_and_redone_by_key(qtbot: QtBot, window: Window) -> None:
    staged = lambda: [edit.path for edit in window.desk.chosen()[1].staged]  # noqa: E731 - read anew each time
    _press(qtbot, window, Qt.Key.Key_C)
    assert staged() == ["schedule.warmup"]
    _press(qtbot, window, Qt.Key.Key_Z, CTRL)
    assert staged() == []
    assert window.status.said.text() == "Undone: staging schedule.warmup"
    _press(qtbot, window, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert staged() == ["schedule.warmup"]
    assert window.status.said.text() == "Done again: staging schedule.warmup"
    _press(qtbot, window, Qt.Key.Key_Z, CTRL)
    _press(qtbot, window, Qt.Key.Key_Z, CTRL)
    assert window.status.said.text() == "There is nothing to undo"
    _press(qtbot, window, Qt.Key.Key_J)
    assert window.status.said.text() == ""


def test_what_is_set_and_hidden_in_a_view_is_seen_to_be_taken_back(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    window.desk.dispatch(TabChosen("curves"))
    settle(window)
    view: Any = window.tabs.view("curves")
    card = view.grid().cards()[0]
    card.legend.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_L, Qt.Key.Key_S):
        qtbot.keyClick(card.legend, key)
    settle(window)
    assert (len(card.hidden()), view.bar.smoothing.value() > 0, card.canvas.drawing().y.kind) == (1, True, "log")
    window.setFocus()
    for said in ("smoothing", "the scale of y", "hidden curves"):
        _press(qtbot, window, Qt.Key.Key_Z, CTRL)
        assert window.status.said.text() == f"Undone: changing {said}"
    settle(window)
    assert (len(card.hidden()), view.bar.smoothing.value(), card.canvas.drawing().y.kind) == (0, 0.0, "linear")


def test_a_finding_is_chosen_dismissed_with_a_note_and_brought_back_by_key(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    view: Any = window.tabs.view("triage")
    ids = [row.id for row in view.rows()]
    _press(qtbot, window, Qt.Key.Key_Down)
    _press(qtbot, window, Qt.Key.Key_Down)
    _press(qtbot, window, Qt.Key.Key_Up)
    assert view.chosen_row().id == window.desk.state.view.finding == ids[1]
    _press(qtbot, window, Qt.Key.Key_X)
    field = QApplication.focusWidget()
    assert field is view.findings.lines[ids[1]].note
    qtbot.keyClicks(field, "x r c, known")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle(window)
    state = window.desk.chosen()[1]
    assert (state.dismissed, state.dismissal_notes) == ((ids[1],), {ids[1]: "x r c, known"})
    assert [row.id for row in view.rows()] == [one for one in ids if one != ids[1]]
    assert view.findings.aside.text() == "1 dismissed"
    window.setFocus()
    _press(qtbot, window, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    assert view.rows()[-1].note == "x r c, known"
    _press(qtbot, window, Qt.Key.Key_Z, CTRL)
    settle(window)
    assert window.desk.chosen()[1].dismissed == ()
    assert [row.id for row in view.rows()] == ids


def test_areas_tabs_and_the_tree_of_runs_are_gone_through_by_key(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    tree, strip = window.tree.tree, window.tabs.strip

    def press(key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> QWidget:
        qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)
        return QApplication.focusWidget()

    visited = [press(Qt.Key.Key_F6) for _ in range(6)]
    assert visited[:3] == [window.top_bar.search, tree, strip.tab("triage")]
    assert window.tabs.stack.isAncestorOf(visited[3])
    assert window.side.isAncestorOf(visited[4])
    assert visited[5] is window.top_bar.search, "round again"
    assert press(Qt.Key.Key_F6) is tree
    state = lambda: window.desk.state  # noqa: E731 - read anew each time
    before = (state().view.sample, state().view.finding)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Up):
        press(key)
    assert (state().view.sample, state().view.finding, window.desk.chosen()[1].cursor_step) == (*before, None)
    assert tree.currentItem().text(0) == "step_0001050.h5"
    press(Qt.Key.Key_Return)
    settle(window)
    assert window.desk.chosen()[1].file.endswith("step_0001050.h5")
    assert press(Qt.Key.Key_F6) is strip.tab("triage")
    assert press(Qt.Key.Key_Right) is strip.tab("curves")
    assert press(Qt.Key.Key_Right) is strip.tab("slots")
    settle(window)
    assert (state().tab, state().view.sample) == ("slots", before[0])
    press(Qt.Key.Key_F6)
    assert press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier) is strip.tab("slots")
    assert press(Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier) is tree


def test_single_keys_do_not_fire_while_typing(qtbot: QtBot, window: Window) -> None:
    _press(qtbot, window, Qt.Key.Key_Slash)
    field = window.tabs.view("curves").bar.filter
    field.setFocus()
    before = window.desk.state
    qtbot.keyClicks(field, "lr|jks/1?gx")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    after = window.desk.state
    assert field.text() == "lr|jks/1?gx"
    assert (after.view.sample, after.runs, after.tab) == (before.view.sample, before.runs, before.tab)


def test_the_theme_changes_at_once(qtbot: QtBot, window: Window) -> None:
    _press(qtbot, window, Qt.Key.Key_M, ALT)
    assert window.desk.state.theme == "light"
    qtbot.wait(50)
    assert window.palette().window().color().name() == "#f4f5f7"


def test_the_palette_goes_to_each_kind_and_shows_it_marked_and_the_shortcuts_open(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    state = lambda: window.desk.state  # noqa: E731 - read anew each time
    view = lambda: window.tabs.view(state().tab)  # noqa: E731

    def find(text: str) -> str:
        window.setFocus()
        _press(qtbot, window, Qt.Key.Key_K, CTRL)
        palette = window.palette_box
        assert palette.isVisible()
        qtbot.keyClicks(palette.field, text)
        qtbot.waitUntil(lambda: not palette.looking)
        said = str(palette.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole))
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        settle(window)
        return said

    run = window.desk.chosen()[0]
    facts = {entry.name.rpartition("/")[2]: entry.facts for entry in run.files}
    layers, tensors = facts["step_0001400.h5"], [one.name for one in facts["step_0001400.pt"].tensors]
    found = {group.kind: group for group in groups(window.desk, window.commands.actions)}
    titles = {kind: set(group.titles) for kind, group in found.items()}
    assert titles["command"] == {one.title for one in COMMANDS if one.key != "palette"}
    assert titles["metric"] == {series.tag for series in run.series}
    assert len(found["sample"].titles) == layers.samples == 12
    assert titles["layer"] == {layer_name(one) for one in datasets(layers, Role.ACTIVATION)} != set()
    assert titles["tensor"] == set(tensors) != set()
    assert titles["setting"] >= {*run.settings.values, *(field.path for field in run.settings.fields)}
    assert titles["file"] == {entry.name for entry in run.files}
    assert titles["run"] == {run.name}
    for kind, group in found.items():
        for title in group.titles:
            best = list(looked_through(f"{kind} {title}", found.values()))[-1]
            assert (best[0].group.kind, best[0].group.titles[best[0].place]) == (kind, title)
            QApplication.processEvents()
    window.desk.dispatch(TabChosen("triage"))  # whose findings are gone through by the same key
    _press(qtbot, window, Qt.Key.Key_K, CTRL)
    qtbot.keyClick(window.palette_box.field, Qt.Key.Key_Down)
    assert (window.palette_box.list.currentRow(), state().view.finding) == (1, "")
    qtbot.keyClick(window.palette_box.field, Qt.Key.Key_Escape)
    assert find("dark or light") == "Dark or light, command, Alt+M"
    assert state().theme == "light"
    assert find("file step_0000700.pt") == "checkpoints/step_0000700.pt, file"
    assert window.desk.chosen()[1].file.endswith("step_0000700.pt")
    assert find("run sample_run") == "sample_run, run"
    assert window.desk.chosen()[1].file is None
    assert find("weights") == "Weights, view"
    assert state().tab == "weights"
    assert find("tensor convs.2.conv.weight") == "model.encoder.convs.2.conv.weight, tensor"
    assert view().tensor_name() == "model.encoder.convs.2.conv.weight"  # type: ignore[attr-defined]  # of weights
    assert find("layer encoder.conv2") == "encoder.conv2, layer"
    assert (state().tab, view().scene.layer) == ("features", "encoder.conv2")  # type: ignore[union-attr]
    assert find("sample 7") == "Sample 7, sample"
    assert (state().tab, view().scene.sample) == ("features", 6)  # type: ignore[union-attr]
    window.desk.dispatch(TabChosen("curves"))
    assert find("sample 9") == "Sample 9, sample"
    assert (state().tab, state().view.sample) == ("slots", 8)
    assert find("val/ari") == "val/ari, metric"
    assert (state().tab, state().view.series_filter) == ("curves", '"val/ari"')
    assert find("schedule.warmup") == "schedule.warmup, setting"
    assert (state().tab, state().view.settings_filter) == ("settings", "schedule.warmup")
    assert find("finding dead").startswith("Dead channels in 2 of 4 layers, finding")
    assert (state().tab, view().chosen_row().id) == ("triage", state().view.finding)  # type: ignore[attr-defined]
    assert find("rules of your") == "Rules of your own, preference"
    assert QApplication.focusWidget() is window.sheets.preferences.rows["own_rules"].choose  # type: ignore[union-attr]
    window.sheets.preferences.hide()
    assert find("dead channels").endswith(", help")
    assert window.commands.help.sheet is not None
    window.commands.help.sheet.hide()
    window.setFocus()
    _press(qtbot, window, Qt.Key.Key_Question)
    sheet = window.commands.help.sheet
    assert sheet.isVisible()
    assert sheet.page is not None
    assert sheet.page.title == "Keyboard shortcuts"
    assert max(keys_of(window).values()) == 1, "also with the views and sheets that are made by now"
    qtbot.keyClick(sheet.text, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_evidence_is_shown_where_it_is(qtbot: QtBot, window: Window, settle: Callable[[Window], None]) -> None:
    window.finding_desk.show("dead-channels")
    settle(window)
    assert window.desk.state.tab == "features"
    assert window.tabs.view("features").scene.layer == "encoder.conv2"
    window.finding_desk.show("overwritten-rate")
    settle(window)
    assert window.desk.state.tab == "curves"
    assert window.desk.state.view.series_filter.startswith('"lr/')


def test_a_file_of_the_tree_is_looked_at(qtbot: QtBot, window: Window, settle: Callable[[Window], None]) -> None:
    item = next(
        window.tree.tree.topLevelItem(0).child(row)
        for row in range(window.tree.tree.topLevelItem(0).childCount())
        if window.tree.tree.topLevelItem(0).child(row).text(0) == "step_0000350.h5"
    )
    window.desk.dispatch(TabChosen("slots"))
    rect = window.tree.tree.visualItemRect(item)
    qtbot.mouseClick(window.tree.tree.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    settle(window)
    assert "step_0000350.h5" in window.tabs.view("slots").scene.place
    assert "step_0000350.h5" in window.status.fact.text()

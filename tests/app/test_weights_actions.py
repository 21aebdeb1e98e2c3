"""What the buttons of the weights view do to the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.checkpoint_actions import check_text
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.verified import DamagedRecord, Verified
from inspector.session.values import State
from tests.display.weights.files import save

PATIENCE_MS = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot) -> Window:
    made = make_window(State(tab="weights"))
    made.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(made)
    return made


def answer(monkeypatch: pytest.MonkeyPatch, method: str, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, method, staticmethod(lambda *_arguments: (str(path), "")))


def press(qtbot: QtBot, widget: object) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_the_view_is_whole_and_its_parts_follow_what_is_chosen(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    view = window.tabs.view("weights")
    assert set(view.parts) == {"tensor", "state"}
    assert not view.state.flow.isHidden()
    before = view.scene
    view.tree.go_to("model.encoder.convs.1.conv.weight")
    view.tree.chosen.emit("model.encoder.convs.1.conv.weight")
    settle(window)
    assert view.parts["tensor"].name == "model.encoder.convs.1.conv.weight"
    assert view.scene is before, "the tree is sent once a file"
    press(qtbot, view.pages.segment("objects"))
    settle(window)
    assert view.parts["objects"].paths
    press(qtbot, view.pages.segment("compare"))
    settle(window)
    assert view.parts["compare"].title.endswith("step_0001400.pt")
    assert len(view.parts["trend"].places) == 3
    press(qtbot, view.pages.segment("tensors"))
    settle(window)
    assert view.page() == "tensors"


def test_verify_tells_its_result_in_the_summary(qtbot: QtBot, window: Window) -> None:
    view = window.tabs.view("weights")
    press(qtbot, view.verify)
    qtbot.waitUntil(lambda: bool(view.verified.text()), timeout=PATIENCE_MS)
    assert view.verified.text() == "CRC verified"


def test_damaged_records_are_counted_in_words() -> None:
    records = tuple(
        DamagedRecord(name=str(number), start=0, bytes=1, expected_crc=1, found_crc=2, problem="", tensor_count=0)
        for number in range(2)
    )
    assert check_text(Verified(path="a", checked="crc32", damaged=records, damaged_count=2)) == "2 records damaged"
    assert check_text(Verified(path="a", checked="crc32", damaged=records[:1], damaged_count=1)) == "1 record damaged"
    assert check_text(Verified(path="a", checked="no checksums")) == "no checksums, structure sound"


def test_the_shown_tensor_is_exported(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "weight.npy"
    answer(monkeypatch, "getSaveFileName", out)
    press(qtbot, window.tabs.view("weights").card.export)
    qtbot.waitUntil(out.exists, timeout=PATIENCE_MS)
    assert np.load(out).shape == (24, 3, 5, 5)


def test_a_clean_copy_is_written(qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "clean.pt"
    answer(monkeypatch, "getSaveFileName", out)
    window.commands.actions["save_clean_copy"].trigger()
    qtbot.waitUntil(out.exists, timeout=PATIENCE_MS)
    assert out.read_bytes()[:2] == b"PK"


def test_another_file_is_compared_with(
    qtbot: QtBot,
    window: Window,
    settle: Callable[[Window], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = save(tmp_path / "other.safetensors", {"model.extra": np.ones(3, np.float32)})
    answer(monkeypatch, "getOpenFileName", other)
    window.commands.actions["compare_file"].trigger()
    settle(window)
    view = window.tabs.view("weights")
    assert view.page() == "compare"
    assert view.parts["compare"].other == str(other)
    assert ("model.extra", "removed [3]") in [tuple(row) for row in view.compare.keys.table.texts()]


def test_ctrl_c_copies_the_path_in_the_tree_and_the_picture_elsewhere(qtbot: QtBot, window: Window) -> None:
    view = window.tabs.view("weights")
    view.tree.setFocus()
    qtbot.keyClick(view.tree, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == view.tree.current_path() != ""
    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == ""
    assert not QGuiApplication.clipboard().image().isNull()
    window.commands.actions["copy_path"].trigger()
    assert QGuiApplication.clipboard().text() == view.tensor_name()


def test_arrows_belong_to_the_tree_where_it_has_the_focus(qtbot: QtBot, window: Window) -> None:
    view = window.tabs.view("weights")
    view.tree.setFocus()
    sample = window.desk.state.view.sample
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(view.tree, key)
    assert window.desk.state.view.sample == sample
    assert window.desk.state.tab == "weights", "Enter opens a row, and no finding"


def test_a_stopped_part_stays_stopped_until_it_is_wanted_again(
    qtbot: QtBot, window: Window, settle: Callable[[Window], None]
) -> None:
    view = window.tabs.view("weights")
    window.scenes.unask("weights.state", window.desk.state.chosen)
    window.reflection.show_view()
    view.stopped.emit("weights.state")
    settle(window)
    assert "state" not in view.parts
    view.again.emit("weights.state")
    settle(window)
    assert "state" in view.parts


def test_commands_say_so_where_there_is_no_checkpoint(qtbot: QtBot, make_window: Callable[..., Window]) -> None:
    window = make_window()
    for key in ("verify", "save_clean_copy", "export_tensor", "compare_file", "read_on", "copy_path"):
        window.commands.actions[key].trigger()
    assert any("No checkpoint is open" in sentence for sentence in window.messages.sentences())

"""The datasets of a dump are listed with what they are taken for, and a choice holds at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import h5py
import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.app.convention_menu import short_text
from inspector.app.roles_sheet import GUESSED, MAX_ROWS, RolesSheet
from inspector.app.window import Window
from inspector.formats.facts import DatasetFacts
from inspector.formats.point_conventions import Convention, Frame, Unit, convention_text
from inspector.session.intents import TabChosen
from inspector.views.points.view import PointsView


def facts_of(window: Window, path: Path, name: str) -> DatasetFacts | None:
    run = window.desk.run(str(path))
    return next((one for one in run.files[0].facts.datasets if one.path == name), None) if run else None


def test_a_button_says_of_coordinates_what_a_note_on_the_file_says() -> None:
    every = product(Unit, Frame, (False, True), (None, (480, 1280)))
    read = [Convention(unit=unit, frame=frame, is_yx=is_yx, given_hw=size) for unit, frame, is_yx, size in every]
    assert [short_text(one) for one in read] == [convention_text(one) for one in read]
    assert short_text(None) == "as guessed"


def test_a_role_and_a_layout_are_chosen_and_taken_back(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "step_0012.h5"
    with h5py.File(path, "w") as file:
        file["blob"] = np.zeros((4, 3, 6, 6), np.float32)
        file["images"] = np.zeros((4, 6, 6, 3), np.uint8)
        for index in range(MAX_ROWS):
            file[f"config/{index}"] = index
    window = make_window()
    window.open_paths((str(path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.commands.run("dump_roles")
    sheet = window.findChild(RolesSheet)
    assert sheet.isVisible()
    assert "step_*.h5" in sheet.heading.text()
    assert f"The first {MAX_ROWS} of {MAX_ROWS + 2}" in sheet.heading.text()
    assert list(sheet.rows)[:2] == ["blob", "images"]
    row = sheet.rows["blob"]
    assert (row.role.text(), row.layout.text()) == ("unknown", "")

    row.role.chosen.emit("activation")
    qtbot.waitUntil(lambda: row.role.text() == "activation", timeout=60_000)
    assert (row.reason.text(), row.layout.text()) == ("chosen by hand", "NCHW")
    row.layout.setText("NCX")
    row.layout.editingFinished.emit()
    assert row.layout.wrong
    row.layout.setText("nhwc")
    row.layout.editingFinished.emit()
    qtbot.waitUntil(lambda: row.layout.text() == "NHWC", timeout=60_000)
    assert facts_of(window, path, "blob").layout == "NHWC"
    row.role.chosen.emit(GUESSED)
    qtbot.waitUntil(lambda: row.role.text() == "unknown", timeout=60_000)
    assert window.desk.state.role_corrections == ()
    settle(window)


def test_without_a_dump_the_sheet_says_so(make_window: Callable[..., Window]) -> None:
    window = make_window()
    window.commands.run("dump_roles")
    assert "No dump is open" in window.messages.sentences()[0]


def test_how_points_are_read_is_asked_answered_corrected_and_undone(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "step_0012.h5"
    with h5py.File(path, "w") as file:
        file["images"] = np.zeros((2, 40, 60, 3), np.uint8)
        file["gt_points"], file["pred_points"] = np.full((2, 2), 0.25), np.full((2, 2), 0.5)
    window = make_window()
    window.open_paths((str(path),))
    window.desk.dispatch(TabChosen("points"))
    qtbot.waitUntil(lambda: window.findChild(PointsView) is not None, timeout=60_000)
    view = window.findChild(PointsView)
    qtbot.waitUntil(lambda: view.scene is not None and not view.reading.isHidden(), timeout=60_000)
    assert view.scene.tile.pairs[0].label == "err=18px"  # 15 and 10 of 60 and 40

    qtbot.mouseClick(view.reading.unit.segment(Unit.SIGNED), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.reading.isHidden(), timeout=60_000)
    signed = Convention(unit=Unit.SIGNED)
    assert {facts_of(window, path, name).convention for name in ("gt_points", "pred_points")} == {signed}
    assert view.scene.tile.pairs[0].label == "err=9px"

    window.commands.run("dump_roles")
    row = window.findChild(RolesSheet).rows["pred_points"]
    assert row.convention.text() == "−1 to 1 over the original image, x first"
    row.convention.chosen.emit(f"unit={Unit.PIXELS}")
    qtbot.waitUntil(lambda: row.convention.text().startswith("pixels"), timeout=60_000)
    window.desk.undo()
    window.desk.undo()
    assert window.desk.state.role_corrections == ()
    qtbot.waitUntil(lambda: not view.reading.isHidden(), timeout=60_000)
    settle(window)

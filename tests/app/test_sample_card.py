"""The chosen sample stands in the right panel, and its buttons do what the commands do."""

from __future__ import annotations

from collections.abc import Callable

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.sample_card import SampleCard
from inspector.app.window import Window
from inspector.formats.marks import Mark
from inspector.session.intents import TabChosen, ViewChanged
from inspector.session.values import State
from inspector.views.surfaces import Label
from inspector.views.theme import apply_theme
from inspector.views.told import SampleTold

TOLD = SampleTold("Sample 3", (("all", "2 objects"),), (("", "gt"), ("1", "4, 5"), ("2", "6, 7")))


@pytest.fixture
def card(qtbot: QtBot, qapp: QApplication) -> SampleCard:
    apply_theme(qapp, "dark")
    made = SampleCard()
    qtbot.addWidget(made)
    made.show()
    return made


def shown(card: SampleCard) -> list[str]:
    return [line for label in card.findChildren(Label) if label.isVisible() for line in label.text().splitlines()]


def test_another_sample_takes_the_place_of_all_of_the_one_before(card: SampleCard) -> None:
    card.show_sample(TOLD)
    assert shown(card) == ["Sample 3", "all  2 objects", "   gt", "1  4, 5", "2  6, 7"]
    card.show_sample(SampleTold("Sample 4", (("err", "3 px"),)))
    assert shown(card) == ["Sample 4", "err  3 px"]
    card.show_sample(None)
    assert card.isHidden()


def test_what_was_said_of_a_sample_is_on_its_buttons(card: SampleCard) -> None:
    card.show_sample(TOLD)
    assert [card.flag.text(), card.note.text()] == ["Flag", "Add note"]
    assert card.copy.isHidden()
    card.show_sample(TOLD._replace(mark=Mark(flagged=True, note="too dark", tags=("hard",)), pictured=True))
    assert [card.flag.text(), card.note.text()] == ["★ Flagged", "Edit note"]
    assert card.copy.isVisible()


def test_of_very_many_objects_the_rest_is_counted(card: SampleCard) -> None:
    rows = (("", "gt"), *((str(number), "1, 2") for number in range(1, 1001)))
    card.show_sample(TOLD._replace(rows=rows))
    assert shown(card)[-2:] == ["200  1, 2", "and 800 more"]


def test_text_of_files_is_shown_as_plain_text(card: SampleCard) -> None:
    card.show_sample(SampleTold("Sample 1", (("a\x1b[31m", "b\u202ec"),)))
    assert not any(letter in text for text in shown(card) for letter in "\x1b\u202e")


def test_a_sample_is_flagged_and_copied_from_the_panel(
    make_window: Callable[..., Window],
    settle: Callable[[Window], None],
    qtbot: QtBot,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("run") / "step_0000010.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update(format="ri-dump", version=1, run_id="r", step=10, n_samples=2, complete=True)
        file["samples/image"] = np.full((2, 40, 60, 3), 128, np.uint8)
        file["samples/image"].attrs["layout"] = "NHWC"
        for name, points in (("gt", [[10, 10], [20, 20]]), ("pred", [[13, 14], [20, 30]])):
            file[f"{name}/points"] = np.array(points, np.float64)
            file[f"{name}/points_offsets"] = np.arange(3)
    window = make_window(State(tab="points"))
    window.open_paths((str(path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    card = window.findings.sample_card
    assert dict(card.texts()) == {"gt": "10, 10 px", "pred": "13, 14 px", "err": "5.0 px  L1 7.00"}
    window.desk.dispatch(ViewChanged({"sample": 1}))
    settle(window)
    assert dict(card.texts())["err"] == "10.0 px  L1 10"
    qtbot.mouseClick(card.flag, Qt.MouseButton.LeftButton)
    assert card.flag.text() == "★ Flagged"
    window.desk.undo()
    assert card.flag.text() == "Flag"
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(card.copy, Qt.MouseButton.LeftButton)
    image = QGuiApplication.clipboard().image()
    assert image.width() / image.height() == pytest.approx(60 / 40, abs=0.01)
    qtbot.keyClick(window, Qt.Key.Key_Z)
    settle(window)
    assert window.desk.state.view.point_layout == "single"
    assert window.desk.state.view.zoom_error
    window.desk.dispatch(TabChosen("settings"))
    settle(window)
    assert card.isHidden()

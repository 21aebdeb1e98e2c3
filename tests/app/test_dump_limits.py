"""What a limit leaves out of a dump is read when a button is pressed; a bomb is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.session.intents import ViewChanged
from inspector.session.values import State
from inspector.views.controls import Button

MAX_BYTES, GENEROUS_BYTES = 20_000, 100_000

LAUNCHER = f"""
import sys
from inspector.artifacts.dumps import read_bounds
from inspector.reader.__main__ import main
read_bounds.MAX_BYTES, read_bounds.GENEROUS_BYTES = {MAX_BYTES}, {GENEROUS_BYTES}
sys.exit(main(sys.argv[1:]))
"""
"""The program that starts readers, with limits that a small file passes."""


@pytest.fixture
def window(make_window: Callable[..., Window], monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window whose readers have these limits, in the view of slots."""
    monkeypatch.setattr("inspector.jobs.children.child_command", lambda _role: [sys.executable, "-c", LAUNCHER])
    return make_window(State(tab="slots"))


def open_dump(window: Window, path: Path, qtbot: QtBot, settle: Callable[[Window], None]) -> None:
    window.open_paths((str(path),))
    qtbot.waitUntil(lambda: window.desk.state.chosen == str(path), timeout=60_000)
    settle(window)


def buttons(window: Window) -> list[Button]:
    found = window.tabs.view("slots").findChildren(Button)
    return [button for button in found if button.text().startswith("Read on") and button.isVisible()]


def write(path: Path, *, samples: int, image_px: int) -> None:
    """Masks of 4 slots and images, each in one chunk that holds all samples."""
    rng = np.random.default_rng(3)
    with h5py.File(path, "w") as file:
        masks = rng.random((samples, 4, 16, 16), np.float32)
        masks /= masks.sum(1, keepdims=True)
        file.create_dataset("masks", data=masks, chunks=masks.shape, compression="gzip")
        images = rng.integers(0, 255, (samples, image_px, image_px, 3), np.uint8)
        file.create_dataset("images", data=images, chunks=images.shape, compression="gzip")


def test_what_a_limit_leaves_out_is_read_at_the_press_of_a_button_and_a_bomb_is_not(
    window: Window, settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    write(tmp_path / "masks.h5", samples=20, image_px=16)
    open_dump(window, tmp_path / "masks.h5", qtbot, settle)
    view = window.tabs.view("slots")
    assert "chunks of masks of at most 20.0 kB, found 81.9 kB" in view.message()
    (button,) = buttons(window)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.scene is not None, timeout=60_000)
    assert (view.message(), view.scene.notes, view.scene.samples) == ("", (), 20)
    assert view.scene.masks.shape == (4, 16, 16)
    assert buttons(window) == []

    write(tmp_path / "images.h5", samples=4, image_px=64)
    open_dump(window, tmp_path / "images.h5", qtbot, settle)
    assert "chunks of images of at most 20.0 kB, found 49.2 kB" in view.notes.text()
    grey = view.scene.composite
    (button,) = buttons(window)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not view.scene.limited, timeout=60_000)
    assert (view.notes.isVisible(), buttons(window)) == (False, [])
    assert not np.array_equal(view.scene.composite, grey)

    write(tmp_path / "bomb.h5", samples=40, image_px=8)
    open_dump(window, tmp_path / "bomb.h5", qtbot, settle)
    assert "chunks of masks of at most 100.0 kB, found 163.8 kB; store it with one sample" in view.message()
    assert buttons(window) == []
    window.commands.run("read_on")
    settle(window)
    assert "at most 100.0 kB" in view.message()


def test_a_dump_that_shrinks_while_it_is_shown_is_told(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "dump.h5"
    write(path, samples=40, image_px=64)
    window = make_window(State(tab="slots"))
    open_dump(window, path, qtbot, settle)
    os.truncate(path, 2_000)
    window.desk.dispatch(ViewChanged({"sample": 30}))
    qtbot.waitUntil(lambda: "breaks off: 2,000 of" in " ".join(window.messages.sentences()), timeout=60_000)
    window.desk.following.refresh(str(path))
    view = window.tabs.view("slots")
    qtbot.waitUntil(lambda: view.message().startswith("Nothing to show here"), timeout=60_000)
    settle(window)

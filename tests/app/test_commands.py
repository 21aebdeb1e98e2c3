"""One table of commands: every one does something, none shares a key, all are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QKeySequence

from inspector.app.commands import COMMANDS, MENUS, SLOT_KEYS, shortcut_lines
from inspector.app.window import Window

ROOT = Path(__file__).resolve().parents[2]


def test_every_command_does_something(make_window: Callable[..., Window]) -> None:
    assert make_window().commands.doing.keys() == {one.key for one in COMMANDS}


def test_no_two_commands_share_a_key() -> None:
    keys = [QKeySequence(keys).toString() for one in COMMANDS for keys in one.shortcuts] + list(SLOT_KEYS)
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(keys)


def test_names_are_unique_and_menus_known() -> None:
    assert max(Counter(one.key for one in COMMANDS).values()) == 1
    assert {one.menu for one in COMMANDS} <= {*MENUS, ""}


def test_texts_are_sentence_case_without_full_stop() -> None:
    for one in COMMANDS:
        assert one.tip
        assert not one.tip.endswith(".")
        assert not one.title.endswith(".")
        assert "!" not in one.title + one.tip


def test_the_keys_of_the_design_are_there() -> None:
    listed = "\n".join(shortcut_lines())
    for keys in ("Ctrl+O", "Ctrl+Shift+O", "Ctrl+K", "Ctrl+Shift+P", "?", "F5", "/", "Ctrl+Z", "Ctrl+Shift+Z", "Left",
                 "Right", "J", "K", "Ctrl+Left", "Ctrl+Right", "Space", "End", "X", "C", "Return", "R", "Ctrl+Return",
                 "S", "G", "[", "]", "L", "0", "Ctrl+C", "Ctrl+S", "Alt+M"):  # fmt: skip
        assert keys in listed

"""One table of commands: every one does something, none shares a key, all are listed."""

from __future__ import annotations

import ast
import runpy
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton

from inspector.app import commands
from inspector.app.commands import (
    COMMANDS,
    MENUS,
    SLOT_KEYS,
    TAG_KEYS,
    shortcut_groups,
    shortcut_lines,
    why_not_key,
)
from inspector.app.window import Window
from inspector.session.preferences import Preferences

TEXTS = runpy.run_path(str(Path(__file__).resolve().parents[2] / "packaging" / "make_texts.py"))


def keys_of(window: Window) -> Counter[str]:
    """How many things of a window each key is the shortcut of."""
    sequences = [
        *(keys for action in window.findChildren(QAction) for keys in action.shortcuts()),
        *(shortcut.key() for shortcut in window.findChildren(QShortcut)),
        *(button.shortcut() for button in window.findChildren(QAbstractButton)),
        *(QKeySequence.mnemonic(menu.text()) for menu in window.top_bar.menus.actions()),
    ]
    return Counter(keys.toString() for keys in sequences if not keys.isEmpty())


def test_every_command_does_something(make_window: Callable[..., Window]) -> None:
    assert make_window().commands.doing.keys() == {one.key for one in COMMANDS}


def test_nothing_in_the_window_shares_a_key_with_anything_else(make_window: Callable[..., Window]) -> None:
    keys = keys_of(make_window())
    assert {key for key, count in keys.items() if count > 1} == set()
    of_the_table = {*(keys for one in COMMANDS for keys in one.shortcuts), *SLOT_KEYS, *TAG_KEYS}
    assert {QKeySequence(keys).toString() for keys in of_the_table} <= keys.keys()
    assert all(of_the_table)


def test_what_has_the_keyboard_takes_no_key_of_a_command_but_what_moves_in_it() -> None:
    of_commands = {keys for one in COMMANDS for keys in one.shortcuts}
    of_focused = [rows for heading, rows in shortcut_groups().items() if heading.split()[0] in ("On", "In", "Among")]
    others = {
        keys for rows in of_focused for one in rows for keys in one.keys if one not in shortcut_groups()["In no menu"]
    }
    assert others & of_commands == {"Up", "Down", "Left", "Right", "Space"}


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


def test_every_text_of_a_command_is_listed_for_translators() -> None:
    listed = set(TEXTS["marked_texts"](ast.parse(Path(commands.__file__).read_text(encoding="utf-8"))))
    assert {text for one in COMMANDS for text in (one.title, one.tip)} | set(MENUS) <= listed


def test_a_key_is_told_to_be_taken_also_where_two_commands_are_called_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = tuple(msgspec.structs.replace(one, title="Öffnen") for one in COMMANDS)
    monkeypatch.setattr(commands, "COMMANDS", alike)
    assert why_not_key("flag", "Ctrl+O", Preferences()) == "Ctrl+O is the key of: Öffnen"

"""What typing finds, and in which order."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.app.palette import Entry, Palette, ranked, score


def _entries(*titles: str) -> list[Entry]:
    return [Entry(title, "command", "", lambda: None) for title in titles]


def test_letters_must_come_in_order() -> None:
    assert score("lr", "Learning rate") is not None
    assert score("rl", "Fit") is None


def test_beginnings_of_words_come_first() -> None:
    found = ranked("val ari", _entries("interval variation rise", "val/fg_ari", "val/ari"))
    assert [entry.title for entry in found][:1] == ["val/ari"]


def test_what_stands_there_as_typed_comes_first() -> None:
    found = ranked(
        "lr", _entries("train/loss_reconstruction", "optim.groups.encoder.lr_mult", "lr/encoder", "optim.lr")
    )
    assert {entry.title for entry in found[:2]} == {"lr/encoder", "optim.lr"}


def test_nothing_typed_shows_everything_in_order() -> None:
    entries = _entries("b", "a")
    assert ranked(" ", entries) == entries


def test_enter_takes_the_best_and_escape_takes_none(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    palette = Palette(window)
    window.show()
    taken: list[str] = []
    entries = [Entry(title, "view", "", lambda title=title: taken.append(title)) for title in ("Curves", "Slots")]
    palette.open_with(entries)
    qtbot.keyClicks(palette.field, "slo")
    assert palette.titles() == ["Slots"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert taken == ["Slots"]
    assert palette.isHidden()
    palette.open_with(entries)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert taken == ["Slots"]

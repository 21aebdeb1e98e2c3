"""What typing finds, in which order, and how the palette goes on."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inspector.app.palette import Palette
from inspector.app.palette_search import PIECE, Group, Match, Numbers, looked_through, matching


def _group(*titles: str, kind: str = "command", taken: list[str] | None = None) -> Group:
    return Group(kind, titles, lambda place: None if taken is None else taken.append(titles[place]))


def _found(wanted: str, *groups: Group, recent: tuple[tuple[str, str], ...] = ()) -> list[str]:
    return [found.title for found in list(looked_through(wanted, groups, recent))[-1]]


def listed(palette: Palette) -> list[str]:
    """What is to be read in the list, best first."""
    return [palette.list.item(row).text() for row in range(palette.list.count())]


@pytest.fixture
def around(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    return window


@pytest.fixture
def palette(around: QWidget, monkeypatch: pytest.MonkeyPatch) -> Palette:
    """One that looks through all in the turn in which it is typed, however long others hold the processor meanwhile."""
    monkeypatch.setattr("inspector.app.palette._TURN_S", math.inf)
    made = Palette(around)
    around.show()
    return made


@pytest.mark.parametrize(
    ("wanted", "title", "how"),
    [
        ("fit", "Fit", Match.EXACT),
        ("lear", "Learning rate", Match.PREFIX),
        ("rate", "Learning rate", Match.WORDS),
        ("ra le", "Learning rate", Match.WORDS),
        ("conv weight", "encoder.conv1.weight", Match.WORDS),
        ("arning", "Learning rate", Match.WITHIN),
        ("lr", "Learning rate", Match.LETTERS),
        ("rl", "Fit", None),
        ("a]b[^", "xa]b[^", Match.WITHIN),
        ("reduire", "Réduire…", Match.PREFIX),
        ("Öffnen", "offnen", Match.EXACT),
    ],
)
def test_how_a_title_answers(wanted: str, title: str, how: Match | None) -> None:
    assert matching(wanted)(title) is how


def test_exact_comes_first_then_beginnings_then_words_then_parts_then_letters() -> None:
    titles = ("flag redone", "unlr", "optim.lr", "lr/encoder", "lr", "log regret")
    assert _found("lr", _group(*titles)) == ["lr", "lr/encoder", "optim.lr", "unlr", "log regret", "flag redone"]


def test_what_was_taken_lately_comes_before_others_that_answer_as_well() -> None:
    recent = (("metric", "val/miou"), ("metric", "val/ari"))
    titles = ("val/ari", "val/fg_ari", "val/miou")
    assert _found("val", _group(*titles, kind="metric"), recent=recent) == ["val/miou", "val/ari", "val/fg_ari"]
    assert _found("", _group(*titles, kind="metric"), recent=recent) == ["val/miou", "val/ari", "val/fg_ari"]
    assert _found("fg", _group(*titles, kind="metric"), recent=recent) == ["val/fg_ari"]


def test_nothing_typed_shows_everything_in_order() -> None:
    assert _found(" ", _group("b", "a"), _group("c")) == ["b", "a", "c"]


def test_a_kind_before_a_title_finds_that_kind_alone() -> None:
    layers, tensors = _group("conv1", "conv2", kind="layer"), _group("conv2.weight", kind="tensor")
    assert _found("layer conv2", layers, tensors) == ["conv2"]
    assert _found("layer", layers, tensors, _group("Next layer")) == ["Next layer", "conv1", "conv2"]
    assert _found("run", _group("Runs of a table"), _group("a", "run", kind="run")) == ["run", "Runs of a table", "a"]
    in_two_words = _group("conv2.weight", kind="Gewichts Tensor")  # as a translator may call it
    assert _found("gewichts  tensor conv2", layers, in_two_words) == ["conv2.weight"]


def test_of_a_hundred_thousand_samples_the_one_is_found_by_its_number() -> None:
    samples = Group("sample", Numbers(100_000), lambda _place: None, shown_as="Sample {title}")
    assert len(samples.titles) == 100_000
    assert _found("4711", samples)[:3] == ["Sample 4711", "Sample 47110", "Sample 47111"]
    assert _found("sample 100000", samples) == ["Sample 100000"]
    assert _found("100001", samples) == []


def test_enter_takes_the_best_and_escape_takes_none(qtbot: QtBot, palette: Palette) -> None:
    taken: list[str] = []
    group = _group("Curves", "Slots", kind="view", taken=taken)
    palette.open_with([group])
    qtbot.keyClicks(palette.field, "slo")
    assert listed(palette) == ["Slots"]
    assert palette.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Slots, view"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert taken == ["Slots"]
    assert palette.isHidden()
    palette.open_with([group])
    assert listed(palette) == ["Slots", "Curves"], "what was taken last comes first"
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert taken == ["Slots"]


def test_enter_waits_until_all_was_looked_through(
    qtbot: QtBot, palette: Palette, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.app.palette._TURN_S", 0.0)
    taken: list[str] = []
    many = _group(*(f"xx the end {place}" for place in range(2 * PIECE)), "the end", taken=taken)
    palette.open_with([many])
    palette.field.setText("the end")
    assert palette.looking
    assert listed(palette)[0] == "xx the end 0"
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert (taken, palette.isVisible()) == ([], True)
    qtbot.waitUntil(palette.isHidden, timeout=60_000)
    assert taken == ["the end"]


def test_page_keys_go_through_what_was_found(qtbot: QtBot, palette: Palette) -> None:
    palette.open_with([_group(*(str(place) for place in range(50)))])
    qtbot.keyClick(palette.field, Qt.Key.Key_PageDown)
    seen = palette.list.currentRow()
    assert seen > 5
    qtbot.keyClick(palette.field, Qt.Key.Key_PageUp)
    assert palette.list.currentRow() == 0

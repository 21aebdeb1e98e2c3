"""Cards of curves: pinned, folded, alone, elided, and made only where they are seen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt

from inspector.session.intents import ViewChanged
from inspector.session.values import ViewState
from inspector.views.curves.drawing import MOST_LINES
from inspector.views.curves.layout import FOLDED_PX, GAP_PX, HEADING_PX, headed, layout, pinned_first
from inspector.views.tips import plain_tip
from tests.views.curves.acting import USUAL, intents, painted, scene_of, series, settled

TITLES = ["Learning rate", "Loss", "Gradient norm by module", "zebra"]


def titles(view) -> list[str]:
    return [card.title.text() for card in view.grid().cards()]


def shown(qtbot, view, *all_series, **state):
    scene = scene_of(*(all_series or USUAL))
    view.set_state(None, ViewState(**state))
    view.show_scene(scene)
    settled(qtbot, view)
    return scene


def test_pinned_cards_stand_first_in_the_order_in_which_they_were_pinned() -> None:
    assert pinned_first(["a", "b", "c", "d"], ["d", "gone", "b"]) == ["d", "b", "a", "c"]


def test_each_card_goes_to_the_column_that_ends_highest_up() -> None:
    found = layout(["a", "b", "c", "d"], frozenset("a"), "medium", 812, 600)
    placed, height = found.cells, found.height
    assert [(cell.key, cell.left) for cell in placed] == [("a", 0), ("b", 412), ("c", 0), ("d", 412)]
    assert placed[2].top == FOLDED_PX + GAP_PX
    assert height == max(cell.top + cell.height for cell in placed)


def test_sizes_are_columns_and_one_card_fills_the_room() -> None:
    keys = [str(index) for index in range(9)]
    columns = [
        len({cell.left for cell in layout(keys, frozenset(), size, 1000, 600).cells}) for size in ("small", "large")
    ]
    assert columns == [3, 1]
    wide = [len({cell.left for cell in layout(keys, frozenset(), "medium", width, 600).cells}) for width in (600, 2500)]
    assert wide == [1, 3]
    assert layout(["a"], frozenset(), "small", 1000, 600).cells[0].height == 600


def test_many_cards_that_belong_together_stand_under_headings() -> None:
    groups = ["Loss"] * 3 + ["Scores"] * 9
    assert headed(groups)
    assert not headed(groups[:6])
    assert not headed([str(index) for index in range(40)])
    found = layout([str(index) for index in range(12)], frozenset(), "medium", 812, 600, groups)
    assert [heading.text for heading in found.headings] == ["Loss", "Scores"]
    last_loss, first_score = found.cells[2], found.cells[3]
    assert found.headings[1].top >= last_loss.top + last_loss.height
    assert first_score.top == found.headings[1].top + HEADING_PX


def test_pressing_the_pin_asks_for_it_and_moves_the_card_first(qtbot, view):
    shown(qtbot, view)
    told = intents(view)
    key = view.grid().cards()[2].panel.key
    qtbot.mouseClick(view.grid().cards()[2].pin, Qt.MouseButton.LeftButton)
    assert told == [ViewChanged({"pinned_panels": (key,)})]
    assert titles(view)[0] == "Gradient norm by module"
    assert view.grid().cards()[0].pin.isChecked()
    qtbot.mouseClick(view.grid().cards()[0].pin, Qt.MouseButton.LeftButton)
    assert told[-1] == ViewChanged({"pinned_panels": ()})
    assert titles(view) == TITLES


def test_a_folded_card_is_its_title(qtbot, view):
    shown(qtbot, view)
    told = intents(view)
    card = view.grid().cards()[1]
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    assert told == [ViewChanged({"collapsed_panels": (card.panel.key,)})]
    assert card.height() == FOLDED_PX
    assert not card.canvas.isVisible()
    qtbot.mouseClick(card.fold, Qt.MouseButton.LeftButton)
    assert card.canvas.isVisible()


def test_a_double_click_on_the_title_shows_only_this_card_and_esc_all_of_them(qtbot, view):
    shown(qtbot, view)
    card = view.grid().cards()[1]
    qtbot.mouseDClick(card, Qt.MouseButton.LeftButton, pos=QPoint(150, 18))
    assert titles(view) == ["Loss"]
    assert card.width() == view.grid().viewport().width()
    assert [one.panel.key for one in view.grid().made() if one.isVisible()] == ["loss"]
    qtbot.keyClick(view.grid(), Qt.Key.Key_Escape)
    assert titles(view) == TITLES
    qtbot.mouseClick(card.alone, Qt.MouseButton.LeftButton)
    assert titles(view) == ["Loss"]
    qtbot.mouseClick(card.alone, Qt.MouseButton.LeftButton)
    assert titles(view) == TITLES


def test_the_buttons_of_a_card_are_reached_by_keys(qtbot, view):
    shown(qtbot, view)
    told = intents(view)
    card = view.grid().cards()[0]
    card.fold.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(card.fold, Qt.Key.Key_Space)
    assert told == [ViewChanged({"collapsed_panels": (card.panel.key,)})]


def test_alt_and_a_click_on_a_name_shows_it_alone_and_again_all(qtbot, view):
    shown(qtbot, view)
    card = view.grid().cards()[1]
    place = card.legend.entry_area(1).center().toPoint()
    qtbot.mouseClick(card.legend, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, place)
    assert [layer.trace for layer in painted(card.canvas)] == [1]
    qtbot.mouseClick(card.legend, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, place)
    assert [layer.trace for layer in painted(card.canvas)] == [1, 0]


def test_names_are_reached_by_keys(qtbot, view):
    shown(qtbot, view)
    card = view.grid().cards()[1]
    card.legend.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(card.legend, Qt.Key.Key_Right)
    qtbot.keyClick(card.legend, Qt.Key.Key_Space)
    assert [layer.trace for layer in painted(card.canvas)] == [0]


def test_pointing_at_a_name_lets_the_others_step_back(qtbot, view):
    shown(qtbot, view)
    card = view.grid().cards()[1]
    qtbot.mouseMove(card.legend, card.legend.entry_area(1).center().toPoint())
    assert [layer.share for layer in painted(card.canvas)] == [1.0, 0.18]
    card.legend.leaveEvent(None)
    assert [layer.share for layer in painted(card.canvas)] == [1.0, 1.0]


def test_a_long_name_loses_its_middle_and_its_tool_tip_says_all_of_it(qtbot, view):
    name = "block" * 60
    shown(qtbot, view, series(f"train/{name}/a", [1.0, 2.0]), series(f"train/{name}/b", [1.0, 2.0]))
    card = view.grid().cards()[0]
    assert card.legend.entry_area(0).width() < 400
    assert name[:50] in card.legend.tip_of(0)
    assert name[:50] in card.title.toolTip()
    assert card.title.width() < card.width()


def test_a_name_that_looks_like_markup_is_shown_as_it_is(qtbot, view):
    shown(qtbot, view, series("<b>zebra</b>", [1.0, 2.0]))
    card = view.grid().cards()[0]
    assert "<b>zebra" in card.title.text()
    assert card.title.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;zebra" in card.title.toolTip()
    assert plain_tip("train/loss\nval\x1b") == "train/loss\nval\\x1b"


def test_hidden_curves_stay_hidden_when_their_card_was_given_up(qtbot, view):
    many = [series(f"metric{index}/a", [1, 2]) for index in range(60)]
    shown(qtbot, view, *many, panel_size="large")
    card = view.grid().cards()[0]
    qtbot.mouseClick(card.legend, Qt.MouseButton.LeftButton, pos=card.legend.entry_area(0).center().toPoint())
    bar = view.grid().verticalScrollBar()
    for share in (0.5, 1.0):
        bar.setValue(int(bar.maximum() * share))
        settled(qtbot, view)
    assert card not in view.grid().cards()
    bar.setValue(0)
    settled(qtbot, view)
    assert painted(view.grid().cards()[0].canvas) == []


def test_ten_thousand_panels_are_laid_out_and_only_those_in_sight_are_made(qtbot, view):
    scene = scene_of(series("loss", [1.0, 0.5]))
    panels = tuple(type(scene.panels[0])(**{**_fields(scene.panels[0]), "key": str(index)}) for index in range(10_000))
    view.show_scene(type(scene)(**{**_fields(scene), "panels": panels}))
    settled(qtbot, view)
    assert 2 <= len(view.grid().cards()) < 20
    view.grid().verticalScrollBar().setValue(view.grid().verticalScrollBar().maximum())
    settled(qtbot, view)
    assert view.grid().cards()[-1].panel.key == "9999"
    assert len(view.grid().cards()) < 60


def _fields(struct) -> dict:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


def test_a_panel_of_thousands_of_curves_draws_the_first_ones_and_says_so(qtbot, view):
    scene = scene_of(series("loss", [1.0, 0.5]))
    panel = scene.panels[0]
    many = type(panel)(**{**_fields(panel), "lines": panel.lines * 3000})
    view.show_scene(type(scene)(**{**_fields(scene), "panels": (many,)}))
    settled(qtbot, view)
    card = view.grid().cards()[0]
    assert len(painted(card.canvas)) == MOST_LINES
    assert f"{MOST_LINES} of 3,000" in card.count.text()


def test_huge_and_tiny_numbers_are_shown(qtbot, view):
    values = ([1e300, -1e300, 1e299], [1e-300, 2e-300], [1e9 + 1e-3, 1e9], [np.inf, -np.inf, np.nan])
    shown(qtbot, view, *(series(f"metric{index}/x", one) for index, one in enumerate(values)))
    for card in view.grid().cards():
        painted(card.canvas)
        assert np.isfinite([*card.canvas.x_range(), *card.canvas.y_range()]).all()

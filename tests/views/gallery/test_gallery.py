"""A gallery is sorted, filtered, brushed and marked by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.formats.marks import Mark
from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.triage import SamplesFlagged, TriageRead
from inspector.views.gallery.gallery import Gallery
from inspector.views.gallery.texts import CountText, value_text
from inspector.views.theme import apply_theme
from tests.views.gallery.samples import PATH, missing, press, samples_scene, shown_gallery

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def brush(qtbot: QtBot, gallery: Gallery, start: float, end: float) -> None:
    histogram = gallery.heads.head.histogram
    first, last = (QPoint(round(share * (histogram.width() - 1)), 12) for share in (start, end))
    qtbot.mousePress(histogram, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(histogram, last)
    qtbot.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=last)


def test_only_what_is_on_the_screen_and_the_next_page_is_asked_for(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100_000)
    on_screen = len(gallery.grid.shown_rows())
    qtbot.waitUntil(lambda: len(gallery.tiles) >= 2 * on_screen)
    asked = [one.changes["wanted"] for one in keeping.intents if isinstance(one, GalleryChanged)]
    assert [sample for wanted in asked for sample in wanted] == list(range(2 * on_screen))


def test_after_a_jump_what_was_passed_over_is_never_asked_for(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100_000)
    keeping.intents.clear()
    bar = gallery.grid.verticalScrollBar()
    for value in range(0, bar.maximum(), bar.maximum() // 50):
        bar.setValue(value)
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: not missing(gallery))
    asked = {s for one in keeping.intents if isinstance(one, GalleryChanged) for s in one.changes["wanted"]}
    assert min(asked) > 100_000 - 2 * len(gallery.grid.shown_rows()) - gallery.grid.columns()


def test_the_first_row_is_never_cut_by_going_to_a_sample_or_by_a_change_of_width(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100, answers=False)
    grid, bar = gallery.grid, gallery.grid.verticalScrollBar()
    for sample in (0, 37, 99, 52, 98, 12):
        keeping.take(ViewChanged({"sample": sample}))
        row = gallery.model.row_of(sample)
        assert row is not None
        area = grid.area_of(row)
        assert 0 <= area.top() < area.bottom() < grid.viewport().height()
        assert bar.value() % grid.row_px() == 0
    first = grid.shown_rows().start
    for width in (1060, 800):
        gallery.resize(width, 260)
        assert first in grid.shown_rows()
        assert bar.value() % grid.row_px() == 0


def test_until_a_sample_is_chosen_the_first_ones_of_the_order_are_looked_at(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100, answers=False)
    grid = gallery.grid
    keeping.take(GalleryChanged("slots", {"order": "fg_ari", "descending": True}))
    assert gallery.model.row_of(0) == 99
    assert grid.shown_rows().start == 0
    keeping.take(ViewChanged({"sample": 1}))
    assert 98 in grid.shown_rows()
    keeping.take(GalleryChanged("slots", {"descending": False}))
    assert 1 in grid.shown_rows()
    keeping.take(GalleryChanged("slots", {"descending": True}))
    assert 98 in grid.shown_rows()


def test_a_step_says_which_sample_follows_in_the_order_shown(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 8)
    keeping.take(GalleryChanged("slots", {"order": "active_slots"}))
    assert gallery.model.samples.tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    gallery.step(1)
    assert keeping.state.view.after_sample == (4, 1)
    gallery.step(1)
    assert keeping.state.view.after_sample == (1, 5)
    gallery.step(-1)
    assert keeping.state.view.after_sample == (4, 0)
    gallery.grid.chosen.emit(3)
    assert keeping.state.view.after_sample == (3, 7)
    gallery.step(1)
    assert keeping.state.view.after_sample is None


def test_sorting_by_the_menu_and_its_direction(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 8)
    assert gallery.heads.head.order.text() == "FG-ARI ↑"
    gallery.heads.head.order.chosen.emit("by active_slots")
    assert gallery.model.samples.tolist() == [0, 4, 1, 5, 2, 6, 3, 7]
    gallery.heads.head.order.chosen.emit(">")
    assert gallery.model.samples.tolist() == [3, 7, 2, 6, 1, 5, 0, 4]
    assert gallery.heads.head.order.text() == "Active slots ↓"
    gallery.heads.head.order.chosen.emit("by ")
    assert gallery.model.samples.tolist() == [7, 6, 5, 4, 3, 2, 1, 0]


def test_brushing_keeps_a_range_shows_it_and_a_click_takes_it_away(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100)
    brush(qtbot, gallery, 0.0, 0.25)
    (one,) = keeping.state.view.galleries[0].ranges
    assert (one.column, one.low) == ("fg_ari", 0.0)
    assert one.high == pytest.approx(0.25, abs=0.01)
    assert gallery.model.samples.tolist() == [n for n in range(100) if n / 99 <= one.high]
    assert gallery.said().full.endswith("of 25 shown of 100 samples")
    chip = gallery.heads.head.chips[0]
    assert chip.text().startswith("FG-ARI 0 to 0.2")
    qtbot.mouseClick(gallery.heads.head.histogram, Qt.MouseButton.LeftButton)
    assert len(gallery.model.samples) == 100
    assert chip.isHidden()


def test_a_range_that_was_set_before_the_numbers_came_gets_its_name_with_them(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 10)
    head = gallery.heads.head
    state = GalleryState(viewer="slots", ranges=(NumberRange("fg_ari", 0.0, 0.5),))
    head.show_state(state, (), CountText(), (), None)
    assert head.chips[0].text().startswith("fg_ari 0 to 0.5")
    head.show_state(state, gallery.table.columns, CountText(), (), None)
    assert head.chips[0].text().startswith("FG-ARI 0 to 0.5")


def test_the_number_that_is_brushed_is_chosen_apart_from_the_order(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100)
    head = gallery.heads.head
    assert [item.text for item in head.brushed.items() if item.on] == ["As sorted"]
    assert head.brushed.text() == "FG-ARI"
    head.brushed.chosen.emit("active_slots")
    assert head.brushed.text() == "Active slots"
    brush(qtbot, gallery, 0.8, 1.0)
    (one,) = keeping.state.view.galleries[0].ranges
    assert (one.column, gallery.model.samples.tolist()) == ("active_slots", list(range(3, 100, 4)))
    assert head.order.text() == "FG-ARI ↑"
    brushed = keeping.state.view.galleries[0].ranges
    head.brushed.chosen.emit("")
    assert head.brushed.text() == "FG-ARI"
    assert keeping.state.view.galleries[0].ranges == brushed


def test_the_number_that_is_brushed_is_named_where_there_is_only_one(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 20)
    scene = samples_scene(20)
    one = msgspec.structs.replace(scene.table, columns=scene.table.columns[1:])
    gallery.show_samples(msgspec.structs.replace(scene, table=one))
    keeping.take(GalleryChanged("slots", {"order": ""}))
    assert (gallery.heads.head.order.text(), gallery.heads.head.brushed.text()) == ("Sample ↑", "Active slots")
    assert gallery.heads.head.brushed.isVisible()
    gallery.show_samples(msgspec.structs.replace(scene, table=msgspec.structs.replace(scene.table, columns=())))
    assert not gallery.heads.head.brushed.isVisible()


def test_a_narrow_row_leaves_the_name_of_the_brushed_number_to_its_menu_and_tip(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 20)
    gallery.resize(500, 260)
    head = gallery.heads.head
    assert head.brushed.text() == ""
    assert head.brushed.toolTip() == "Histogram of FG-ARI"
    assert head.histogram.accessibleName() == "Histogram of FG-ARI"
    gallery.setMinimumSize(320, 200)  # as views have one
    gallery.resize(350, 260)
    assert (head.count.text(), head.count.toolTip(), head.filters.text()) == ("1 of 20", "1 of 20 samples", "")
    gallery.resize(800, 260)
    assert (head.brushed.text(), head.count.text(), head.filters.text()) == ("FG-ARI", "1 of 20 samples", "Filters")


def test_a_chip_takes_its_range_away(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100)
    keeping.take(GalleryChanged("slots", {"ranges": (NumberRange("active_slots", 3.0, 3.0),)}))
    assert gallery.model.samples.tolist() == list(range(3, 100, 4))
    qtbot.mouseClick(gallery.heads.head.chips[0], Qt.MouseButton.LeftButton)
    assert len(gallery.model.samples) == 100


def test_the_filter_is_typed_and_what_it_does_not_know_is_told(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 100)
    qtbot.keyClicks(gallery.heads.head.filter, "active_slots=3 fg_ari<0.2")
    assert gallery.model.samples.tolist() == [3, 7, 11, 15, 19]
    assert not gallery.heads.head.filter.wrong
    qtbot.keyClicks(gallery.heads.head.filter, " aru<1")
    assert gallery.heads.head.filter.wrong
    assert "There is no number 'aru'" in gallery.heads.head.filter.toolTip()
    gallery.heads.head.filter.clear()
    assert "fg_ari<0.2" in gallery.heads.head.filter.toolTip()


def test_a_press_chooses_keys_move_and_enter_opens(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100)
    press(qtbot, gallery, 3)
    assert keeping.state.view.sample == 3
    columns = gallery.grid.columns()
    for key, sample in (
        (Qt.Key.Key_Right, 4),
        (Qt.Key.Key_Down, 4 + columns),
        (Qt.Key.Key_Up, 4),
        (Qt.Key.Key_End, 99),
        (Qt.Key.Key_Right, 99),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(gallery.grid, key)
        assert keeping.state.view.sample == sample
    with qtbot.waitSignal(gallery.opened) as opened:
        qtbot.keyClick(gallery.grid, Qt.Key.Key_Return)
    assert opened.args == [0]


def test_stepping_follows_the_order_shown(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 8)
    keeping.take(GalleryChanged("slots", {"order": "active_slots", "filter": "fg_ari>0.2"}))
    assert gallery.model.samples.tolist() == [4, 5, 2, 6, 3, 7]
    visited = []
    for _ in range(7):
        gallery.step(1)
        visited.append(keeping.state.view.sample)
    assert visited == [4, 5, 2, 6, 3, 7, 7]
    gallery.step(-1)
    assert keeping.state.view.sample == 3


def test_of_a_dump_with_fewer_samples_the_last_is_chosen_marked_and_gone_on_from(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, samples=12)
    keeping.take(ViewChanged({"sample": 8}))
    gallery.show_samples(samples_scene(3))
    assert gallery.grid.currentIndex().row() == gallery.model.row_of(2)
    gallery.marking.flag()
    assert list(keeping.state.triage[PATH]) == [2]
    gallery.show_samples(samples_scene(12))
    assert gallery.sample == 8
    gallery.show_samples(samples_scene(3))
    gallery.step(-1)
    assert keeping.state.view.sample == 1


def test_several_samples_are_flagged_together_unflagged_together_and_that_is_undone(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 100)
    press(qtbot, gallery, 2)
    press(qtbot, gallery, 5, SHIFT)
    press(qtbot, gallery, 9, CTRL)
    assert gallery.marking.selected().tolist() == [2, 3, 4, 5, 9]
    gallery.marking.flag()
    assert sorted(keeping.state.triage[PATH]) == [2, 3, 4, 5, 9]
    assert gallery.said().full == "10 of 100 samples · 5 selected · 5 of 100 flagged"
    press(qtbot, gallery, 4)
    gallery.marking.flag()
    assert not keeping.state.triage[PATH][4].flagged
    keeping.undo()
    keeping.undo()
    assert not any(mark.flagged for mark in keeping.state.triage[PATH].values())


def test_tags_and_notes_are_typed_in_place_of_the_controls(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 20)
    press(qtbot, gallery, 1)
    gallery.marking.tag()
    line = gallery.heads.mark_line.line
    assert gallery.heads.currentWidget() is gallery.heads.mark_line
    qtbot.keyClicks(line, "hard")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert keeping.state.triage[PATH][1].tags == ("hard",)
    assert gallery.heads.currentWidget() is gallery.heads.head
    gallery.marking.note()
    qtbot.keyClicks(line, "two objects touch")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert gallery.text_of(1) == "sample 2, FG-ARI 0.05, #hard, two objects touch"
    gallery.marking.note()
    assert line.text() == "two objects touch"
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert keeping.state.triage[PATH][1].note == "two objects touch"
    gallery.marking.tag()
    qtbot.keyClicks(line, "hard")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert keeping.state.triage[PATH][1].tags == ()


def test_marks_of_another_window_appear_and_filter(qtbot: QtBot) -> None:
    gallery, keeping = shown_gallery(qtbot, 20)
    keeping.take(GalleryChanged("slots", {"filter": "flagged"}))
    assert len(gallery.model.samples) == 0
    keeping.take(TriageRead({PATH: {7: Mark(flagged=True, flagged_s=5.0)}}))
    assert gallery.model.samples.tolist() == [7]
    keeping.take(SamplesFlagged("/another.h5", (8,), True, 6.0))
    assert gallery.model.samples.tolist() == [7]


def test_a_scan_that_goes_on_is_asked_for_more(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 20)
    with qtbot.waitSignal(gallery.more) as more:
        gallery.show_samples(samples_scene(20, scanned=5))
    assert more.args == ["slots.samples"]
    assert gallery.said().full.endswith("25% read")
    with qtbot.assertNotEmitted(gallery.more):
        gallery.show_samples(samples_scene(20))


def test_no_samples_at_all(qtbot: QtBot) -> None:
    gallery, _keeping = shown_gallery(qtbot, 0, answers=False)
    assert not gallery.ready()
    assert not gallery.grab().isNull()
    assert gallery.said().full == "0 samples"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.04, "", "0.04"),
        (-0.004, "", "0.00"),
        (9.998, "px", "10.0 px"),
        (-0.25, "", "−0.25"),
        (23.4, "px", "23.4 px"),
        (3.0, "", "3"),
        (float("nan"), "px", "–"),
    ],
)
def test_numbers_on_tiles_are_short(value: float, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_looks_as_stored(theme: Any, qtbot: QtBot, qapp: QApplication, check_picture: Callable[..., None]) -> None:
    apply_theme(qapp, theme)
    gallery, keeping = shown_gallery(qtbot, 60)
    keeping.take(SamplesFlagged(PATH, (2, 8), True, 1.0))
    keeping.take(TriageRead({PATH: {1: Mark(tags=("hard",), tags_s=1.0), 3: Mark(note="n", note_s=1.0)}}))
    keeping.take(GalleryChanged("slots", {"ranges": (NumberRange("fg_ari", 0.0, 0.5),)}))
    press(qtbot, gallery, 4)
    qtbot.waitUntil(lambda: not missing(gallery) and not gallery.pending())
    check_picture(gallery, f"gallery-{theme}")

"""Samples are rejected, tagged by key, selected together and filtered by a menu, and give way when they are marked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.session.gallery import GalleryState, NumberRange
from inspector.session.intents import GalleryChanged, ViewChanged
from inspector.session.sample_lists import SampleLists, SavedFilter
from inspector.session.triage import SamplesFlagged, SamplesSeen
from inspector.views.gallery.filter_menu import filter_items, toggled
from inspector.views.gallery.gallery import Gallery
from inspector.views.theme import apply_theme
from tests.views.gallery.samples import PATH, Keeping, press, samples_scene, shown_gallery

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def desk(qtbot: QtBot, samples: int = 20, **view: Any) -> tuple[Gallery, Keeping]:
    gallery, keeping = shown_gallery(qtbot, samples, answers=False)
    keeping.take(ViewChanged(view))
    return gallery, keeping


def said(keeping: Keeping, what: str) -> list[int]:
    return sorted(sample for sample, mark in keeping.state.triage.get(PATH, {}).items() if getattr(mark, what))


def menu_texts(gallery: Gallery) -> list[str]:
    return [item.text for item in gallery.heads.head.filters.items()]


def choose_filter(gallery: Gallery, key: str) -> None:
    gallery.heads.head.filters.chosen.emit(key)


def shown(gallery: Gallery) -> list[int]:
    found: list[int] = gallery.model.samples.tolist()
    return found


def test_samples_are_rejected_together_counted_filtered_and_that_is_undone(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    press(qtbot, gallery, 2)
    press(qtbot, gallery, 4, SHIFT)
    gallery.marking.reject()
    assert said(keeping, "rejected") == [2, 3, 4]
    assert gallery.said().full == "5 of 20 samples · 3 selected · 3 rejected"
    assert gallery.text_of(3) == "sample 4, FG-ARI 0.16, rejected"
    choose_filter(gallery, "term rejected")
    assert shown(gallery) == [2, 3, 4]
    gallery.marking.reject()
    assert said(keeping, "rejected") == []
    keeping.undo()
    keeping.undo()
    assert (said(keeping, "rejected"), len(shown(gallery))) == ([2, 3, 4], 20), "the filter is taken back, too"
    keeping.undo()
    assert said(keeping, "rejected") == []
    choose_filter(gallery, "all")
    assert len(shown(gallery)) == 20


def test_a_marked_sample_gives_way_to_the_next_only_where_that_is_switched_on(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, sample=3)
    gallery.marking.flag()
    assert keeping.state.view.sample == 3
    choose_filter(gallery, "advance")
    assert keeping.state.view.auto_advance
    gallery.marking.flag()
    assert (keeping.state.view.sample, said(keeping, "flagged")) == (3, []), "to take a flag stays"
    for act, sample in ((gallery.marking.flag, 4), (gallery.marking.reject, 5)):
        act()
        assert keeping.state.view.sample == sample
    gallery.marking.tag()
    qtbot.keyClicks(gallery.heads.mark_line.line, "hard")
    qtbot.keyClick(gallery.heads.mark_line.line, Qt.Key.Key_Return)
    assert keeping.state.view.sample == 6
    press(qtbot, gallery, 9, SHIFT)
    gallery.marking.flag()
    assert (keeping.state.view.sample, said(keeping, "flagged")) == (10, [3, 6, 7, 8, 9])
    keeping.take(ViewChanged({"sample": 19}))
    gallery.marking.flag()
    assert keeping.state.view.sample == 19, "the last one has no next"


def test_a_sample_that_a_mark_takes_out_of_the_filter_is_followed_by_the_one_after_it(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, sample=3)
    keeping.take(GalleryChanged("slots", {"filter": "-flagged"}))
    gallery.marking.flag()
    assert 3 not in shown(gallery)
    gallery.step(1)
    assert keeping.state.view.sample == 4
    gallery.marking.flag()
    gallery.step(-1)
    assert keeping.state.view.sample == 2
    keeping.take(ViewChanged({"auto_advance": True}))
    for sample in (5, 6, 7):
        keeping.take(ViewChanged({"sample": sample}))
        gallery.marking.flag()
        assert keeping.state.view.sample == sample + 1
    assert shown(gallery) == [0, 1, 2, *range(8, 20)]


def test_own_tags_have_a_number_in_the_order_of_their_first_use(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    for sample, typed in enumerate(("two objects", "#blurred")):
        keeping.take(ViewChanged({"sample": sample}))
        gallery.marking.tag()
        qtbot.keyClicks(gallery.heads.mark_line.line, typed)
        qtbot.keyClick(gallery.heads.mark_line.line, Qt.Key.Key_Return)
    keeping.take(ViewChanged({"sample": 5}))
    gallery.marking.give_own_tag(1)
    gallery.marking.give_own_tag(0)
    gallery.marking.give_own_tag(2)
    assert keeping.state.triage[PATH][5].tags == ("blurred", "two-objects")
    gallery.marking.give_own_tag(0)
    assert keeping.state.triage[PATH][5].tags == ("blurred",)
    choose_filter(gallery, "term #blurred")
    assert shown(gallery) == [1, 5]
    choose_filter(gallery, "untagged two-objects")
    assert keeping.state.sample_lists.tags == ("blurred",)
    assert keeping.state.triage[PATH][0].tags == ("two-objects",), "samples keep it"


def test_ctrl_adds_to_the_selection_and_takes_away_and_one_at_least_stays(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    press(qtbot, gallery, 2)
    press(qtbot, gallery, 5, CTRL)
    press(qtbot, gallery, 9, CTRL)
    assert (keeping.state.view.sample, gallery.marking.selected().tolist()) == (9, [2, 5, 9])
    press(qtbot, gallery, 9, CTRL)
    assert (keeping.state.view.sample, gallery.marking.selected().tolist()) == (5, [2, 5])
    press(qtbot, gallery, 2, CTRL)
    press(qtbot, gallery, 5, CTRL)
    assert (keeping.state.view.sample, gallery.marking.selected().tolist()) == (5, [5])


def test_keys_select_several_and_escape_leaves_the_chosen_one(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    press(qtbot, gallery, 4)
    for key, selected in (
        (Qt.Key.Key_Right, [4, 5]),
        (Qt.Key.Key_Right, [4, 5, 6]),
        (Qt.Key.Key_Left, [4, 5]),
        (Qt.Key.Key_End, list(range(4, 20))),
        (Qt.Key.Key_Home, [0, 1, 2, 3, 4]),
    ):
        qtbot.keyClick(gallery.grid, key, SHIFT)
        assert gallery.marking.selected().tolist() == selected
    gallery.grid.extend(-1)
    assert gallery.marking.selected().tolist() == [0, 1, 2, 3, 4], "there is none before the first"
    gallery.grid.extend(1)
    assert gallery.marking.selected().tolist() == [1, 2, 3, 4]
    qtbot.keyClick(gallery.grid, Qt.Key.Key_A, CTRL)
    assert gallery.marking.selected().tolist() == list(range(20))
    assert gallery.heads.head.count.text() == "2 of 20 samples · 20 selected"
    qtbot.keyClick(gallery.grid, Qt.Key.Key_Escape)
    assert (keeping.state.view.sample, gallery.marking.selected().tolist()) == (1, [1])


def test_samples_stay_selected_when_the_order_or_the_filter_changes(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    press(qtbot, gallery, 5)
    press(qtbot, gallery, 8, SHIFT)
    keeping.take(GalleryChanged("slots", {"order": "active_slots"}))
    assert shown(gallery)[:6] == [0, 4, 8, 12, 16, 1]
    assert sorted(gallery.marking.selected().tolist()) == [5, 6, 7, 8]
    keeping.take(GalleryChanged("slots", {"filter": "active_slots!=2"}))
    assert sorted(gallery.marking.selected().tolist()) == [5, 7, 8]
    gallery.step(1)
    assert gallery.marking.selected().tolist() == [12], "stepping on leaves the others"


def test_the_menu_of_a_tile_marks_it_or_all_that_are_selected_with_it(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    press(qtbot, gallery, 2)
    press(qtbot, gallery, 3, SHIFT)

    def texts(row: int) -> list[str]:
        where = gallery.grid.area_of(row).center()
        asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, QPoint())
        QApplication.sendEvent(gallery.grid.viewport(), asked)
        menu: Any = QApplication.activePopupWidget()
        found = [action.text() for action in menu.actions() if not action.isSeparator() or action.text()]
        next(action for action in menu.actions() if action.data() == "reject").trigger()
        menu.close()
        return found

    assert texts(2)[:3] == ["2 samples", "Flagged", "Rejected"]
    assert said(keeping, "rejected") == [2, 3]
    assert texts(7)[0] == "1 sample"
    assert said(keeping, "rejected") == [2, 3, 7]


def test_a_filter_is_saved_under_a_name_chosen_and_deleted(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    button = gallery.heads.head.filters
    gallery.filtering.save()
    assert gallery.heads.currentWidget() is gallery.heads.head, "there is nothing to save yet"
    keeping.take(GalleryChanged("slots", {"filter": "-flagged", "ranges": (NumberRange("active_slots", 2.0, 3.0),)}))
    choose_filter(gallery, "save")
    qtbot.keyClicks(gallery.heads.mark_line.line, "many slots")
    qtbot.keyClick(gallery.heads.mark_line.line, Qt.Key.Key_Return)
    assert button.text() == "many slots"
    choose_filter(gallery, "all")
    assert (button.text(), len(shown(gallery))) == ("Filters", 20)
    choose_filter(gallery, "saved many slots")
    assert shown(gallery) == [n for n in range(20) if n % 4 >= 2]
    choose_filter(gallery, "deleted many slots")
    assert "many slots" not in menu_texts(gallery)
    keeping.undo()
    assert button.text() == "many slots"


def test_quick_filters_are_terms_that_come_and_go() -> None:
    assert toggled("", "flagged") == "flagged"
    assert toggled("fg_ari<1 flagged", "flagged") == "fg_ari<1"
    assert toggled("rejected noted", "-rejected") == "noted -rejected"
    items = tuple(
        filter_items(GalleryState(viewer="slots", filter="noted -seen"), SampleLists(tags=("a", "b c")), advancing=True)
    )
    assert [item.text for item in items if item.on] == ["Noted", "Not seen", "Go to the next sample"]
    assert [item.text for item in items if item.text.startswith("#")] == [
        "#a",
        "#a from the own tags",
        "#b c from the own tags",
    ]
    other = SampleLists(filters=(SavedFilter(viewer="points", name="far"),))
    assert "far" not in [item.text for item in filter_items(GalleryState(viewer="slots"), other, advancing=False)]


def test_enter_goes_from_the_filter_to_what_it_keeps(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, sample=2)
    field = gallery.heads.head.filter
    for text, sample in (("active_slots=2", 2), ("active_slots=3", 3), ("flagged", 3)):
        field.setFocus()
        field.setText(text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert gallery.focusWidget() is gallery.grid
        assert keeping.state.view.sample == sample


def test_samples_that_were_left_are_seen_after_a_rest_and_leave_the_filter_of_unseen_ones(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot)
    keeping.take(GalleryChanged("slots", {"filter": "-seen"}))
    for _ in range(3):
        gallery.step(1)
    assert said(keeping, "seen") == [], "the list stands still while one steps"
    qtbot.waitUntil(lambda: said(keeping, "seen") == [0, 1, 2])
    assert (keeping.state.view.sample, shown(gallery)[:2]) == (3, [3, 4])
    gallery.hide()
    assert said(keeping, "seen") == [0, 1, 2, 3]
    assert [step.what for step in keeping.history.past] == ["changing the filter of samples"], "that is not undone"
    assert [len(one.samples) for one in keeping.intents if isinstance(one, SamplesSeen)] == [3, 1]


def test_samples_of_another_dump_are_seen_apart(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, sample=2)
    gallery.show_samples(msgspec.structs.replace(samples_scene(20), path="/other.h5"))
    gallery.step(1)
    gallery.hide()
    told = {path: sorted(marks) for path, marks in keeping.state.triage.items()}
    assert told == {PATH: [0, 2], "/other.h5": [2, 3]}


def test_the_worst_sample_comes_first_and_is_chosen_by_one_call(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, sample=7)
    keeping.take(GalleryChanged("slots", {"order": "active_slots", "descending": True}))
    gallery.sort_worst_first()
    assert (shown(gallery)[:2], keeping.state.view.sample) == ([0, 1], 0)


def test_marks_elsewhere_do_not_move_what_is_looked_at(qtbot: QtBot) -> None:
    gallery, keeping = desk(qtbot, samples=2000)
    keeping.take(GalleryChanged("slots", {"filter": "-flagged"}))
    bar = gallery.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    keeping.take(SamplesFlagged(PATH, (5,), True, 1.0))
    assert bar.value() > bar.maximum() // 2

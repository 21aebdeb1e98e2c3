"""Named filters and the user's own tags: kept for every run and window, and undone."""

from __future__ import annotations

import json
import math

from inspector.core.places import config_folder
from inspector.session.gallery import GalleryState, NumberRange, gallery_of, with_range
from inspector.session.history import History, applied, undone
from inspector.session.intents import FilterDeleted, FilterSaved, GalleryChanged, TagDeleted
from inspector.session.sample_lists import SampleLists, SavedFilter
from inspector.session.sample_lists_store import LISTS_FILE, keep_lists, load_lists
from inspector.session.store import load_session, save_session
from inspector.session.triage import SamplesTagged
from inspector.session.values import State

FAR = SavedFilter(viewer="points", name="far", filter="-rejected", ranges=(NumberRange("err_px", 20.0, 90.0),))


def after(*intents: object) -> History:
    history = History(State())
    for intent in intents:
        history = applied(history, intent)  # type: ignore[arg-type]  # any intent
    return history


def shown_as(saved: SavedFilter) -> GalleryChanged:
    return GalleryChanged(saved.viewer, {"filter": saved.filter, "ranges": saved.ranges})


def test_a_filter_gets_a_name_changes_under_it_and_its_deletion_is_undone() -> None:
    history = after(shown_as(FAR), FilterSaved("points", "far"))
    assert history.present.sample_lists.of_viewer("points") == (FAR,)
    assert history.present.sample_lists.of_viewer("slots") == ()
    again = applied(applied(history, GalleryChanged("points", {"filter": "noted"})), FilterSaved("points", "far"))
    assert [(one.name, one.filter) for one in again.present.sample_lists.filters] == [("far", "noted")]
    gone = applied(history, FilterDeleted("points", "far"))
    assert gone.present.sample_lists.filters == ()
    assert undone(gone).present.sample_lists.filters == (FAR,)
    assert gallery_of(undone(gone).present.view.galleries, "points").filter == "-rejected", "the view stays"


def test_tags_are_listed_in_the_order_they_were_first_given_and_only_the_list_forgets_them() -> None:
    history = after(*(SamplesTagged("/a.h5", (n,), tag, True, 1.0 + n) for n, tag in enumerate("zabz")))
    assert history.present.sample_lists.tags == ("z", "a", "b")
    assert undone(undone(history)).present.sample_lists.tags == ("z", "a")
    shorter = applied(history, TagDeleted("z")).present
    assert shorter.sample_lists.tags == ("a", "b")
    assert shorter.triage["/a.h5"][0].tags == ("z",)


def test_two_windows_keep_what_each_of_them_changed() -> None:
    start = SampleLists(filters=(FAR,), tags=("a",))
    keep_lists(SampleLists(), start)
    near = SavedFilter(viewer="points", name="near")
    keep_lists(start, SampleLists(filters=(FAR, near), tags=("a", "b")))
    keep_lists(start, SampleLists(tags=("a", "c")))  # another window, which knew only the start
    assert load_lists() == SampleLists(filters=(near,), tags=("a", "b", "c"))


def test_lists_come_with_the_next_session_and_not_from_its_file() -> None:
    keep_lists(SampleLists(), SampleLists(filters=(FAR,), tags=("a",)))
    save_session(State(sample_lists=SampleLists(tags=("elsewhere",))))
    assert load_session().sample_lists == SampleLists(filters=(FAR,), tags=("a",))


def test_a_damaged_file_of_lists_or_one_of_a_later_version_is_none() -> None:
    keep_lists(SampleLists(), SampleLists(tags=("a",)))
    file = config_folder() / LISTS_FILE
    for content in (b"{", b"[]", json.dumps({**json.loads(file.read_bytes()), "schema": "ri-sample-lists/2"}).encode()):
        file.write_bytes(content)
        assert load_lists() == SampleLists()


def test_a_range_without_an_end_comes_back_with_the_session() -> None:
    ranges = with_range((), "err_px", (20.0, math.inf))
    state = after(GalleryChanged("points", {"ranges": ranges})).present
    save_session(state)
    assert load_session().view.galleries == (
        GalleryState(viewer="points", order="err_px", descending=True, ranges=ranges),
    )
    assert ranges[0].high > 1e300

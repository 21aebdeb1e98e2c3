"""The session: pure steps from state to state, undo, and what the next start finds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.analysis.unit_limits import UnitLimits
from inspector.core import places
from inspector.session import intents as do
from inspector.session.history import History, applied, redone, undone
from inspector.session.preferences import Preferences
from inspector.session.preferences_store import PREFERENCES_FILE, keep_preferences, load_preferences
from inspector.session.reduce import chosen_run, reduce
from inspector.session.role_store import ROLES_FILE, keep_roles, load_roles
from inspector.session.sample_lists import SampleLists
from inspector.session.sample_lists_store import keep_lists, load_lists
from inspector.session.store import (
    RECENT_FILE,
    SESSION_FILE,
    add_recent,
    load_recent,
    load_session,
    may_come_back,
    save_session,
    set_aside_damaged,
)
from inspector.session.told import lost_text
from inspector.session.values import StagedEdit, State, ViewState


def test_preferences_are_kept_as_they_change_and_what_is_damaged_is_as_usual() -> None:
    assert load_preferences() == (Preferences(), "")
    light = Preferences(theme="light")
    keep_preferences(Preferences(), light)
    keep_preferences(Preferences(), Preferences(own_rules="/r.py"))  # of another window, which knows of no theme
    assert load_preferences() == (Preferences(theme="light", own_rules="/r.py"), "")
    assert load_session().preferences.own_rules == "/r.py"
    save_session(State(preferences=light))
    file = places.config_folder() / PREFERENCES_FILE
    file.write_text('{"theme": "purple", "own_rules": "/r.py", "of_a_later_version": 1}')
    kept, problem = load_preferences()
    assert kept == Preferences(own_rules="/r.py")
    assert "theme (Invalid enum value 'purple')" in problem
    keep_preferences(kept, light)
    assert msgspec.json.decode(file.read_bytes()) == {"theme": "light", "own_rules": "", "of_a_later_version": 1}
    for name, wrong in (("text_size", 137), ("text_size", "150"), ("smoothing", 0.6), ("cache_mb", -1), ("flag_key", 5),
                        ("interpreter", None)):  # fmt: skip
        file.write_bytes(msgspec.json.encode({name: wrong, "theme": "light"}))
        kept, problem = load_preferences()
        assert kept == Preferences(theme="light")
        assert problem.startswith(f"preferences.json: left as usual, as it could not be read: {name} (")
    for number, damage in enumerate((b"{", b"[]", b"\xff", b'{"theme": "\xff"}')):
        file.write_bytes(damage)
        kept, problem = load_preferences()
        assert kept == Preferences()
        assert problem.startswith("preferences.json could not be read, and all is as usual: ")
        (told,) = set_aside_damaged()
        assert told.startswith("preferences.json could not be read: ")
        aside = file.with_name(f"preferences.json.unread{number or ''}")
        assert (file.exists(), aside.read_bytes()) == (False, damage)
        assert load_preferences() == (Preferences(), "")


def test_the_first_run_in_a_window_begins_with_the_preferred_smoothing() -> None:
    state = reduce(State(preferences=Preferences(smoothing="0.6")), do.RunOpened("a", ("/a",)))
    assert state.view.smoothing == 0.6
    moved = reduce(state, do.ViewChanged({"smoothing": 0.2}))
    assert reduce(moved, do.RunOpened("b", ("/b",))).view.smoothing == 0.2, "what is seen stays as it is"
    assert reduce(reduce(moved, do.RunClosed("a")), do.RunOpened("a", ("/a",))).view.smoothing == 0.6
    last = reduce(State(view=ViewState(smoothing=0.2)), do.RunOpened("a", ("/a",)))
    assert last.view.smoothing == 0.2


def test_own_tags_are_kept_in_the_order_in_which_they_were_named() -> None:
    before = SampleLists(tags=("a", "b"))
    after = reduce(State(sample_lists=before), do.TagsNamed(("b", "c", "b", "a"))).sample_lists
    assert after.tags == ("b", "c", "a")
    keep_lists(SampleLists(), before)
    keep_lists(before, after)
    assert load_lists() == after
    keep_lists(SampleLists(), SampleLists(tags=("d",)))  # of another window, which knows of none of these
    keep_lists(after, SampleLists(tags=("c", "a")))
    assert load_lists().tags == ("c", "a", "d")


def test_a_preference_is_not_undone_with_what_was_staged() -> None:
    history = applied(History(_with_runs("a")), do.EditsStaged((StagedEdit(path="x", old=1, new=2),)))
    history = undone(applied(history, do.PreferencesChanged({"own_rules": "/r.py"})))
    assert history.present.preferences.own_rules == "/r.py"


def _with_runs(*keys: str) -> State:
    state = State()
    for key in keys:
        state = reduce(state, do.RunOpened(key, (key,)))
    return state


def test_an_opened_run_is_chosen() -> None:
    state = _with_runs("a", "b")
    assert state.chosen == "b"
    assert [run.key for run in state.runs] == ["a", "b"]


def test_a_resumed_run_is_drawn_beside_its_parent() -> None:
    state = reduce(_with_runs("a"), do.RunOpened("b", ("b",), parent="a"))
    assert state.compared == ("a",)


def test_closing_chooses_the_neighbour() -> None:
    state = reduce(_with_runs("a", "b", "c"), do.RunChosen("b"))
    assert reduce(state, do.RunClosed("b")).chosen == "c"
    assert reduce(_with_runs("a"), do.RunClosed("a")).chosen is None


def test_a_second_edit_of_a_path_keeps_the_first_old_value() -> None:
    state = _with_runs("a")
    state = reduce(state, do.EditsStaged((StagedEdit(path="optim.lr", old=1e-3, new=1e-4),)))
    state = reduce(state, do.EditsStaged((StagedEdit(path="optim.lr", old=1e-4, new=1e-5),)))
    run = chosen_run(state)
    assert run is not None
    assert [(edit.old, edit.new) for edit in run.staged] == [(1e-3, 1e-5)]


def test_an_edit_back_to_the_old_value_is_no_edit() -> None:
    state = reduce(_with_runs("a"), do.EditsStaged((StagedEdit(path="x", old=1, new=2),)))
    state = reduce(state, do.EditsStaged((StagedEdit(path="x", old=1, new=1),)))
    run = chosen_run(state)
    assert run is not None
    assert run.staged == ()


def test_moving_the_cursor_lets_go_of_a_chosen_file() -> None:
    state = reduce(_with_runs("a"), do.RunChosen("a", "a/last.pt"))
    run = chosen_run(reduce(state, do.CursorMoved(40.0)))
    assert run is not None
    assert (run.cursor_step, run.file) == (40.0, None)


def test_undo_takes_back_an_edit_but_not_the_view() -> None:
    history = History(_with_runs("a"))
    history = applied(history, do.EditsStaged((StagedEdit(path="x", old=1, new=2),)))
    history = applied(history, do.ViewChanged({"sample": 7}))
    back = undone(history)
    assert back.present.view.sample == 7
    assert chosen_run(back.present).staged == ()  # type: ignore[union-attr]
    assert chosen_run(redone(back).present).staged[0].new == 2  # type: ignore[union-attr]


def test_a_closed_run_comes_back() -> None:
    history = applied(History(_with_runs("a", "b")), do.RunClosed("a"))
    assert [run.key for run in undone(history).present.runs] == ["a", "b"]


def test_a_session_is_opened_again_beside_what_is_open_and_what_was_staged_since_stands() -> None:
    old, new = StagedEdit(path="x", old=1, new=2), StagedEdit(path="x", old=1, new=3)
    fallen = reduce(_with_runs("a", "b", "c"), do.EditsStaged((old,)))
    fallen = reduce(reduce(fallen, do.RunChosen("a")), do.EditsStaged((old,)))
    here = reduce(_with_runs("d", "c"), do.EditsStaged((new,)))
    history = applied(History(here), do.SessionReopened(fallen))
    staged = {run.key: run.staged for run in history.present.runs}
    assert staged == {"d": (), "c": (new,), "a": (old,), "b": ()}
    assert history.present.chosen == "a"
    assert undone(history).present.runs == here.runs


@settings(deadline=None)
@given(st.lists(st.sampled_from(["stage", "unstage", "dismiss", "undo", "redo", "view"]), max_size=30))
def test_undoing_everything_ends_where_it_began(steps: list[str]) -> None:
    start = History(_with_runs("a"))
    history = start
    for number, step in enumerate(steps):
        match step:
            case "stage":
                history = applied(history, do.EditsStaged((StagedEdit(path=f"p{number % 3}", old=0, new=number + 1),)))
            case "unstage":
                history = applied(history, do.EditUnstaged(None))
            case "dismiss":
                history = applied(history, do.FindingDismissed(f"f{number % 3}"))
            case "undo":
                history = undone(history)
            case "redo":
                history = redone(history)
            case _:
                history = applied(history, do.ViewChanged({"sample": number}))
    while history.past:
        history = undone(history)
    assert history.present.runs == start.present.runs


def test_a_run_whose_disk_is_not_mounted_is_named_until_it_is_there_again_or_forgotten(tmp_path: Path) -> None:
    disk, here = tmp_path / "disk", tmp_path / "train.log"
    disk.mkdir()
    here.write_text("Epoch 1 | Loss=0.5")
    edit = do.EditsStaged((StagedEdit(path="x", old=1, new=2),))
    keys = [str(here), str(disk), str(disk / "run"), str(here / "inside"), "a\0b"]
    save_session(reduce(reduce(_with_runs(*keys), do.RunChosen(str(disk / "run"))), edit))
    for _start in range(2):
        state = load_session()
        assert [run.key for run in state.runs] == [str(here)]
        assert [run.key for run in state.lost] == keys[1:]
        assert state.chosen == str(here)
        assert lost_text(state).startswith("Cannot be read now: disk, run, inside and 1 more; ")
        save_session(state)
    again = reduce(state, do.RunOpened(str(disk / "run"), (str(disk / "run"),)))
    fallen = reduce(_with_runs("d", str(disk)), do.SessionReopened(state))
    assert [run.key for run in fallen.lost] == keys[2:], "that of a window that fell are offered with it"
    (disk / "run").mkdir()
    (disk / "run" / "train.log").write_text("Epoch 1 | Loss=0.5")
    for there in (load_session(), again):
        assert chosen_run(reduce(there, do.RunChosen(str(disk / "run")))).staged == edit.edits  # type: ignore[union-attr]
        assert str(disk / "run") not in [run.key for run in there.lost]
    assert lost_text(reduce(state, do.LostForgotten())) == ""
    assert not may_come_back((str(here),))
    assert may_come_back((str(here), str(tmp_path / "gone")))


def test_limits_of_kinds_of_channels_come_back_and_those_of_before_are_the_usual_ones() -> None:
    limits = UnitLimits(saturated=0.3, duplicate=0.95)
    save_session(State(view=ViewState(unit_limits=limits)))
    assert load_session().view.unit_limits == limits
    (places.config_folder() / SESSION_FILE).write_text('{"view": {"dormant_tau": 0.1}}')
    assert load_session().view.unit_limits == UnitLimits()


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": "x"}', b"\xff\xff", b'{"tab": "\xff"}'])
def test_a_damaged_session_file_gives_a_fresh_start(damage: bytes) -> None:
    (places.config_folder() / SESSION_FILE).write_bytes(damage)
    assert load_session() == State()


def test_what_cannot_be_read_is_set_aside_and_said_and_what_can_stays() -> None:
    add_recent("a", ("a",))
    save_session(State(tab="log"))
    assert set_aside_damaged() == ()
    folder = places.config_folder()
    damaged = {SESSION_FILE: b'{"runs": 3}', ROLES_FILE: b'{"schema": "ri-roles/2"}', PREFERENCES_FILE: b"\xff"}
    for round_ in range(2):
        for name, content in damaged.items():
            (folder / name).write_bytes(content + b" " * round_)
        sentences = set_aside_damaged()
        assert [sentence.partition(" ")[0] for sentence in sentences] == list(damaged)
        assert load_session() == State()
        keep_roles((), _corrected(do.RoleCorrected("a*.h5", "x", "slots")).role_corrections)
        for name, content in damaged.items():
            aside = folder / f"{name}.unread{round_ or ''}"
            assert aside.read_bytes() == content + b" " * round_, "what the user had is kept as it was"
        (folder / ROLES_FILE).unlink()
    assert [entry.name for entry in load_recent()] == ["a"]
    assert (folder / RECENT_FILE).exists()
    assert set_aside_damaged() == ()


def test_the_recent_list_keeps_one_entry_a_run_newest_first() -> None:
    add_recent("a", ("a",))
    add_recent("b", ("b",))
    add_recent("a", ("a",))
    assert [entry.name for entry in load_recent()] == ["a", "b"]


def test_runs_of_a_folder_stand_in_their_order_whichever_answers_first() -> None:
    state = State()
    for key, place in (("c", 2), ("a", 0), ("b", 1)):
        state = reduce(state, do.RunOpened(key, (key,), folder="/sweep", place=place, chosen=place == 0))
    state = reduce(state, do.RunOpened("z", ("z",)))
    assert [run.key for run in state.runs] == ["a", "b", "c", "z"]


def test_paths_join_a_run_and_leave_it_again() -> None:
    history = History(_with_runs("a", "b"))
    history = applied(history, do.PathsJoined("a", ("x", "a", "y"), "first"))
    assert [(run.paths, run.name) for run in history.present.runs] == [(("a", "x", "y"), "first"), (("b",), "")]
    assert applied(history, do.PathsJoined("a", ("x",), "other")) == history
    assert undone(history).present.runs[0].paths == ("a",)
    assert redone(undone(history)).present.runs[0].paths == ("a", "x", "y")


def test_a_run_that_joins_another_leaves_the_tree_and_comes_back() -> None:
    opened = reduce(State(), do.RunOpened("a", ("a",)))
    opened = reduce(opened, do.RunOpened("b", ("b.zip",), archives=("b.zip",)))
    history = applied(History(opened), do.RunsJoined("a", "b", "first"))
    (run,) = history.present.runs
    assert (run.paths, run.archives, run.name, history.present.chosen) == (("a", "b.zip"), ("b.zip",), "first", "a")
    assert [run.key for run in undone(history).present.runs] == ["a", "b"]
    for wrong in (do.RunsJoined("a", "a", ""), do.RunsJoined("a", "gone", ""), do.RunsJoined("gone", "a", "")):
        assert reduce(opened, wrong) == opened


def test_many_runs_are_compared_at_once() -> None:
    state = reduce(_with_runs("a", "b", "c"), do.RunsCompared(("a", "b", "b", "c", "gone")))
    assert (state.chosen, state.compared) == ("c", ("a", "b"))


def test_a_corrected_role_is_remembered_until_it_is_taken_back() -> None:
    first = reduce(State(), do.RoleCorrected("step_*.h5", "x", "attention", "NKP"))
    (known,) = first.role_corrections
    assert (known.pattern, [(one.dataset, one.role, one.layout) for one in known.corrections]) == (
        "step_*.h5",
        [("x", "attention", "NKP")],
    )
    keep_roles((), first.role_corrections)
    assert load_session().role_corrections == first.role_corrections == load_roles()
    assert reduce(first, do.RoleCorrected("step_*.h5", "x")).role_corrections == ()
    history = applied(History(State()), do.RoleCorrected("step_*.h5", "x", "attention", "NKP"))
    assert undone(history).present.role_corrections == ()
    assert redone(undone(history)).present.role_corrections == first.role_corrections


def _corrected(*intents: do.RoleCorrected) -> State:
    state = State()
    for intent in intents:
        state = reduce(state, intent)
    return state


def test_two_windows_keep_each_other_s_roles() -> None:
    start = _corrected(do.RoleCorrected("a*.h5", "x", "slots"), do.RoleCorrected("a*.h5", "y", "image"))
    keep_roles((), start.role_corrections)
    one = reduce(start, do.RoleCorrected("a*.h5", "x", "attention"))
    keep_roles(start.role_corrections, one.role_corrections)
    other = reduce(start, do.RoleCorrected("b*.h5", "z", "image"))
    keep_roles(start.role_corrections, other.role_corrections)
    without = reduce(other, do.RoleCorrected("a*.h5", "y"))
    keep_roles(other.role_corrections, without.role_corrections)
    kept = {(file.pattern, one.dataset, one.role) for file in load_roles() for one in file.corrections}
    assert kept == {("a*.h5", "x", "attention"), ("b*.h5", "z", "image")}


def test_roles_of_a_session_of_before_are_kept_and_a_damaged_file_is_none() -> None:
    first = _corrected(do.RoleCorrected("step_*.h5", "x", "attention"))
    (places.config_folder() / SESSION_FILE).write_bytes(msgspec.json.encode(first))
    assert load_session().role_corrections == first.role_corrections == load_roles()
    save_session(first)
    assert load_session().role_corrections == first.role_corrections
    for content in (b"{", b"[]", b'{"schema": "ri-roles/2"}'):
        (places.config_folder() / ROLES_FILE).write_bytes(content)
        assert load_roles() == ()

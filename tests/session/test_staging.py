"""Edits of several findings join; what they disagree on waits until one value is chosen, and can be undone."""

from __future__ import annotations

from inspector.session import intents as do
from inspector.session.history import History, applied, undone
from inspector.session.reduce import chosen_run
from inspector.session.staging import unsettled
from inspector.session.values import RunState, StagedEdit, State


def edit(new: float, finding: str = "", *, path: str = "optim.lr", old: float = 1.0) -> StagedEdit:
    return StagedEdit(path=path, old=old, new=new, reason=f"because of {finding}" if finding else "", finding=finding)


def after(*intents: do.Intent) -> History:
    history = History(State(runs=(RunState(key="a", paths=("a",)),), chosen="a"))
    for intent in intents:
        history = applied(history, intent)
    return history


def run_of(history: History) -> RunState:
    run = chosen_run(history.present)
    assert run is not None
    return run


def staged(*edits: StagedEdit) -> do.EditsStaged:
    return do.EditsStaged(edits)


def test_edits_of_several_findings_join() -> None:
    run = run_of(after(staged(edit(0.5, "spike")), staged(edit(3, "heart", path="data.subset"))))
    assert [(one.path, one.new) for one in run.staged] == [("optim.lr", 0.5), ("data.subset", 3)]
    assert run.contested == ()


def test_the_same_value_is_staged_once_with_both_reasons() -> None:
    run = run_of(after(staged(edit(0.5, "spike")), staged(edit(0.5, "noise")), staged(edit(0.5, "noise"))))
    assert [(one.new, one.reason) for one in run.staged] == [(0.5, "because of spike; because of noise")]


def test_different_values_are_both_kept_and_neither_is_staged() -> None:
    run = run_of(after(staged(edit(0.5, "spike"), edit(2, "spike", path="b")), staged(edit(0.1, "noise"))))
    assert [one.path for one in run.staged] == ["b"]
    assert [(one.new, one.reason) for one in run.contested] == [(0.5, "because of spike"), (0.1, "because of noise")]


def test_a_value_typed_by_hand_is_not_overwritten_by_a_finding_but_settles_what_findings_want() -> None:
    typed_first = run_of(after(staged(edit(0.7)), staged(edit(0.5, "spike"))))
    assert (typed_first.staged, [one.new for one in typed_first.contested]) == ((), [0.7, 0.5])
    typed_last = run_of(after(staged(edit(0.5, "spike")), staged(edit(0.1, "noise")), staged(edit(0.7))))
    assert ([one.new for one in typed_last.staged], typed_last.contested) == ([0.7], ())


def test_another_cure_of_the_same_finding_takes_the_place_of_the_first() -> None:
    run = run_of(after(staged(edit(0.5, "spike")), staged(edit(0.1, "spike"))))
    assert ([one.new for one in run.staged], run.contested) == ([0.1], ())
    fewer = run_of(after(staged(edit(0.5, "spike")), staged(edit(0.1, "noise")), staged(edit(0.1, "spike"))))
    assert ([one.new for one in fewer.staged], fewer.contested) == ([0.1], ())


def test_a_finding_that_wants_the_value_of_now_is_heard_too() -> None:
    history = after(staged(edit(0.5, "spike")), staged(edit(1.0, "noise")))
    assert [one.new for one in run_of(history).contested] == [0.5, 1.0]
    kept = run_of(applied(history, do.EditChosen("optim.lr", "noise")))
    assert (kept.staged, kept.contested) == ((), ())


def test_the_chosen_value_is_staged_and_undo_asks_again() -> None:
    asked = after(
        staged(edit(0.5, "spike"), edit(2, "spike", path="b")), staged(edit(0.1, "noise"), edit(3, "noise", path="b"))
    )
    history = applied(asked, do.EditChosen("optim.lr", "noise"))
    run = run_of(history)
    assert ([(one.path, one.new) for one in run.staged], {one.path for one in run.contested}) == (
        [("optim.lr", 0.1)],
        {"b"},
    )
    assert undone(history).present == asked.present
    assert [one.new for one in run_of(undone(undone(history))).staged] == [0.5, 2]
    nobody = applied(asked, do.EditChosen("optim.lr", "nobody"))
    assert nobody is asked


def test_what_is_contested_is_taken_back_by_its_path_or_with_all() -> None:
    history = after(staged(edit(0.5, "spike"), edit(2, "spike", path="b")), staged(edit(0.1, "noise")))
    without = run_of(applied(history, do.EditUnstaged("optim.lr")))
    assert ([one.path for one in without.staged], without.contested) == (["b"], ())
    nothing = run_of(applied(history, do.EditUnstaged(None)))
    assert (nothing.staged, nothing.contested) == ((), ())


def test_what_is_to_be_chosen_is_named_until_it_is() -> None:
    asked = after(staged(edit(0.5, "spike")), staged(edit(0.1, "noise")))
    assert unsettled(run_of(asked)) == (
        "Several values are wanted for optim.lr: choose one under Staged edits, or type it"
    )
    assert unsettled(run_of(applied(asked, staged(edit(0.7))))) == ""

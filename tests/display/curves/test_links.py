"""How runs stand to each other, told from their records, settings and names."""

from __future__ import annotations

from inspector.display.curves.links import links_of
from inspector.display.curves.of_run import OfRun
from inspector.formats.run_folder import Parent, RunRecord
from inspector.runs.values import Run, SettingsSheet

PARENT = Parent(id="p", path="/runs/old", checkpoint="last.pt", sha256="", step=40, epoch=4.0)


def run(name: str, record: RunRecord | None = None, **settings) -> Run:
    return Run(
        key=f"/runs/{name}",
        name=name,
        root=f"/runs/{name}",
        paths=(f"/runs/{name}",),
        record=record,
        settings=SettingsSheet(values=settings),
    )


def record(identity: str, parent: Parent | None = None) -> RunRecord:
    return RunRecord(id=identity, name=identity, recipe="slots", seed=0, host="h", started=0.0, parent=parent)


def linked(child: Run, other: Run, parent_key: str | None = None) -> float | None:
    return links_of([(child.key, child), (other.key, other)], parent_key)[1].resumed_at


def test_the_run_that_a_record_names_is_the_parent_by_its_id_or_its_folder():
    child = run("new", record("c", PARENT))
    assert linked(child, run("anywhere", record("p"))) == 40
    assert linked(child, run("old")) == 40
    assert linked(child, run("old", record("another"))) is None
    assert linked(run("new", record("c")), run("old")) is None
    assert links_of([(child.key, child)], None)[0].resumed_at is None


def test_a_run_known_as_the_parent_needs_no_folder():
    child, moved = run("new", record("c", PARENT)), run("moved")
    assert linked(child, moved, moved.key) == 40
    assert linked(child, moved) is None


def test_runs_that_are_not_open_yet_have_no_link():
    assert [link.seeds for link in links_of([("a", None)], None)] == [""]


def test_settings_tell_which_runs_differ_only_in_their_seed():
    one, other = run("a", lr=1, seed=1), run("b", lr=1, seed=2)
    first, second = links_of([(one.key, one), (other.key, other)], None)
    assert first.seeds == second.seeds != ""


def test_what_is_worked_out_of_a_run_is_worked_out_once():
    made = []
    names = OfRun(lambda one: made.append(one) or one.name)
    one, other = run("a"), run("b")
    assert [names(one), names(other), names(one)] == ["a", "b", "a"]
    assert made == [one, other]
    later = run("a")
    assert names(later) == "a"
    assert made[2] is later

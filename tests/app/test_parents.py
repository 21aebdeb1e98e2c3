"""The open run that another resumes is found by its id, and opened from where it was or beside its child."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from inspector.app.parents import found_in_parent, open_parent, parent_key
from inspector.diagnosis.values import Diagnosis
from inspector.formats.run_folder import Parent, RunRecord
from inspector.runs.values import Run
from inspector.session.values import RunState, State


def run(identity: str, root: Path, parent: str = "", path: str = "") -> Run:
    of = Parent(id=parent, path=path, checkpoint="c", sha256="", step=1, epoch=None) if parent else None
    record = RunRecord(id=identity, name=identity, recipe="slots", seed=0, host="h", started=0.0, parent=of)
    return Run(key=identity, name=identity, root=str(root), paths=(str(root),), record=record)


class Desk:
    """As much of the desk as is asked."""

    def __init__(self, *runs: Run, started_from: str | None = None, complete: bool = True) -> None:
        self._runs = {one.key: one for one in runs}
        self._complete = complete
        states = tuple(
            RunState(key=one.key, paths=one.paths, parent=started_from if place == 0 else None)
            for place, one in enumerate(runs)
        )
        self.state = State(runs=states, chosen=runs[0].key)
        self.diagnoses = SimpleNamespace(of=self._diagnosis)
        self.opened: list[Any] = []
        self.said: list[str] = []
        self.message = SimpleNamespace(emit=lambda message: self.said.append(message.sentence))

    def run(self, key: str | None) -> Run | None:
        return self._runs.get(key or "")

    def _diagnosis(self, key: str | None) -> Diagnosis | None:
        return Diagnosis(complete=self._complete) if key in self._runs else None

    def chosen(self) -> Any:
        return self._runs[self.state.runs[0].key], self.state.runs[0]

    def open(self, paths: tuple[str, ...], *, chosen: bool) -> None:
        self.opened.append((paths, chosen))


def parent_of(desk: Any) -> str | None:
    return parent_key(desk, desk.state.chosen)


def test_the_parent_is_the_open_run_of_that_id_else_that_from_which_it_was_started(tmp_path: Path) -> None:
    child, parent = run("c", tmp_path, "p"), run("p", tmp_path)
    assert parent_of(Desk(child, parent)) == "p"
    assert parent_of(Desk(child)) is None
    assert parent_of(Desk(run("c", tmp_path), parent, started_from="p")) == "p"
    assert parent_of(Desk(run("c", tmp_path, "c"))) is None, "it is not its own"


def test_what_was_found_in_the_parent_is_told_once_all_of_it_was_looked_at(tmp_path: Path) -> None:
    child, parent = run("c", tmp_path, "p"), run("p", tmp_path)
    whole: Any = Desk(child, parent)
    told = found_in_parent(whole, "c")
    assert told is not None
    assert told.name == "p"
    early: Any = Desk(child, parent, complete=False)
    alone: Any = Desk(child)
    assert found_in_parent(early, "c") is found_in_parent(alone, "c") is None


def test_the_parent_is_opened_where_it_is_and_missed_where_it_is_not(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for path, found in (
        (str(tmp_path / "p"), True), ("/gone/p", True), ("/gone/q", False), ("", False), ("a\0b", False),
    ):  # fmt: skip
        desk: Any = Desk(run("c", tmp_path / "c", "p", path))
        open_parent(desk)
        assert desk.opened == ([((str(tmp_path / "p"),), False)] if found else [])
        assert bool(desk.said) is not found
    none: Any = Desk(run("c", tmp_path))
    open_parent(none)
    assert none.said == ["This run says of no other that it resumes it"]

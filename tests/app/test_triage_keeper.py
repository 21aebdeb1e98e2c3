"""Marks reach their file in the turn in which they are set, and those of another window appear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from inspector.app.triage_keeper import TriageKeeper
from inspector.core.places import data_folder
from inspector.formats.facts import DumpFacts
from inspector.formats.marks import Mark
from inspector.runs.values import FileEntry, Run
from inspector.session import triage_store
from inspector.session.history import History, applied, undone
from inspector.session.triage import SamplesFlagged, SamplesNoted
from inspector.session.triage_store import load_triage, own_place, save_triage
from inspector.session.values import State


class Desk(QObject):
    """The part of a window's desk that keeping marks needs."""

    run_changed = Signal(str)
    state_changed = Signal(object, object)

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self.history = History(State())

    @property
    def state(self) -> State:
        return self.history.present

    def run(self, _key: str) -> Run:
        return self._run

    def dispatch(self, intent: Any) -> None:
        self.settle(applied(self.history, intent))

    def settle(self, history: History) -> None:
        before, self.history = self.history.present, history
        if history.present != before:
            self.state_changed.emit(before, history.present)


def window_on(folder: Path) -> tuple[Desk, TriageKeeper, str]:
    path = folder / "dumps" / "a.h5"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    entry = FileEntry(path=str(path), name="dumps/a.h5", facts=DumpFacts(bytes=0), bytes=0, modified_s=0.0)
    desk = Desk(Run(key="r", name="r", root=str(folder), paths=(str(folder),), files=(entry,)))
    keeper = TriageKeeper(desk, desk)  # type: ignore[arg-type]  # all of it that is used
    desk.run_changed.emit("r")
    return desk, keeper, str(path)


@pytest.fixture
def folder(tmp_path: Path, qtbot: QtBot) -> Path:
    return tmp_path


def test_a_flag_is_in_the_file_at_once_and_read_by_the_next_window(folder: Path) -> None:
    desk, _keeper, path = window_on(folder)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    assert json.loads((folder / "triage.json").read_bytes())["files"]["dumps/a.h5"]["3"]["flagged"] is True
    another, _keeper2, _path = window_on(folder)
    assert another.state.triage[path][3].flagged


def test_two_windows_see_what_the_other_says_and_undo_only_their_own(folder: Path) -> None:
    one, one_keeper, path = window_on(folder)
    two, two_keeper, _path = window_on(folder)
    one.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    two.dispatch(SamplesNoted(path, (3,), "theirs", 11.0))
    one_keeper.look()
    two_keeper.look()
    expected = {3: Mark(flagged=True, flagged_s=10.0, note="theirs", note_s=11.0)}
    assert one.state.triage[path] == two.state.triage[path] == expected
    one.settle(undone(one.history))
    two_keeper.look()
    assert not two.state.triage[path][3].flagged
    assert two.state.triage[path][3].note == "theirs"


def test_what_another_program_wrote_over_is_said_again(folder: Path) -> None:
    desk, keeper, path = window_on(folder)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    (folder / "triage.json").unlink()
    keeper.look()
    assert load_triage(folder / "triage.json")["dumps/a.h5"][3].flagged


def test_a_folder_that_cannot_be_written_has_its_marks_with_the_users_data_and_says_so_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, keeper, path = window_on(folder)
    said: list[str] = []
    keeper.message.connect(lambda message: said.append(message.sentence))
    with monkeypatch.context() as refusing:
        refusing.setattr(triage_store, "write_atomically", refuse_in(folder))
        desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
        desk.dispatch(SamplesFlagged(path, (4,), True, 11.0))
    own = own_place(Path(path))
    assert own.file.is_relative_to(data_folder())
    assert sorted(load_triage(own.file)["a.h5"]) == [3, 4]
    assert not (folder / "triage.json").exists()
    assert len(said) == 1
    assert "own data" in said[0]
    another, _keeper, _path = window_on(folder)
    assert sorted(another.state.triage[path]) == [3, 4]


def refuse_in(folder: Path) -> Any:
    from inspector.core.files import write_atomically

    def write(path: Path, data: bytes, *, durable: bool = True) -> None:
        if path.is_relative_to(folder):
            raise PermissionError(13, "Permission denied", str(path))
        write_atomically(path, data, durable=durable)

    return write


def test_a_damaged_file_is_told_and_left_and_marks_are_kept_elsewhere(folder: Path) -> None:
    (folder / "triage.json").write_bytes(b"{ not json")
    desk, _keeper, path = window_on(folder)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    assert (folder / "triage.json").read_bytes() == b"{ not json"
    assert load_triage(own_place(Path(path)).file)["a.h5"][3].flagged


def test_marks_of_files_that_are_not_open_stay_in_the_file(folder: Path) -> None:
    save_triage(folder / "triage.json", {"dumps/other.h5": {1: Mark(flagged=True, flagged_s=1.0)}})
    desk, _keeper, path = window_on(folder)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    assert sorted(load_triage(folder / "triage.json")) == ["dumps/a.h5", "dumps/other.h5"]

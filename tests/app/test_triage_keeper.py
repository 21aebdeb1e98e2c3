"""Marks reach their file in the turn in which they are set, and those of another window appear."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from inspector.app import triage_keeper
from inspector.app.triage_keeper import TriageKeeper
from inspector.core.places import data_folder
from inspector.formats.facts import DumpFacts
from inspector.formats.marks import Mark
from inspector.formats.triage import Triage
from inspector.runs.values import FileEntry, Run
from inspector.session import triage_store
from inspector.session.history import History, applied, undone
from inspector.session.intents import FindingDismissed, RunClosed, RunOpened
from inspector.session.triage import SamplesFlagged, SamplesNoted, SamplesSeen
from inspector.session.triage_store import load_triage, own_place, save_triage
from inspector.session.values import State


class Desk(QObject):
    """The part of a window's desk that keeping marks needs."""

    run_changed = Signal(str)
    state_changed = Signal(object, object)

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.opened_run = run
        self.history = History(State())

    @property
    def state(self) -> State:
        return self.history.present

    def run(self, _key: str) -> Run:
        return self.opened_run

    def dispatch(self, intent: Any) -> None:
        self.settle(applied(self.history, intent))

    def settle(self, history: History) -> None:
        before, self.history = self.history.present, history
        if history.present != before:
            self.state_changed.emit(before, history.present)


def window_on(folder: Path, dump_bytes: int = 0) -> tuple[Desk, TriageKeeper, str]:
    path = folder / "dumps" / "a.h5"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    entry = FileEntry(path=str(path), name="dumps/a.h5", facts=DumpFacts(bytes=0), bytes=dump_bytes, modified_s=0.0)
    desk = Desk(Run(key="r", name="r", root=str(folder), paths=(str(folder),), files=(entry,)))
    keeper = TriageKeeper(desk, desk)  # type: ignore[arg-type]  # all of it that is used
    desk.dispatch(RunOpened("r", (str(folder),)))
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


def test_looking_at_samples_makes_no_file_and_is_kept_with_the_first_mark(folder: Path) -> None:
    desk, _keeper, path = window_on(folder)
    desk.dispatch(SamplesSeen(path, (1, 2)))
    assert not (folder / "triage.json").exists()
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    desk.dispatch(SamplesSeen(path, (4,)))
    said = load_triage(folder / "triage.json").files["dumps/a.h5"]
    assert {sample: mark.seen for sample, mark in said.items()} == {1: True, 2: True, 3: False, 4: True}


def test_what_a_killed_window_left_half_written_goes_with_the_next_mark(folder: Path) -> None:
    left = folder / ".triage.json.tmp-999999999-0"
    left.touch()
    os.utime(left, (1.0, 1.0))
    desk, _keeper, path = window_on(folder)
    assert left.exists(), "to look at a run changes nothing in it"
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    assert sorted(one.name for one in folder.iterdir()) == ["dumps", "triage.json"]


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
    assert load_triage(folder / "triage.json").files["dumps/a.h5"][3].flagged


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
    assert sorted(load_triage(own.file).files["a.h5"]) == [3, 4]
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
    assert load_triage(own_place(Path(path)).file).files["a.h5"][3].flagged


def test_marks_of_files_that_are_not_open_stay_in_the_file(folder: Path) -> None:
    other = {"dumps/other.h5": {1: Mark(flagged=True, flagged_s=1.0)}}
    save_triage(folder / "triage.json", Triage(files=other))
    desk, _keeper, path = window_on(folder)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    assert sorted(load_triage(folder / "triage.json").files) == ["dumps/a.h5", "dumps/other.h5"]


def dismissed_in(desk: Desk) -> tuple[str, ...]:
    return desk.state.runs[0].dismissed


def test_a_dismissed_finding_is_in_the_file_and_stays_so_for_the_next_window(folder: Path) -> None:
    desk, _keeper, _path = window_on(folder)
    desk.dispatch(FindingDismissed("dead-channels"))
    said = json.loads((folder / "triage.json").read_bytes())["dismissed"]
    assert said["dead-channels"]["dismissed"] is True
    another, another_keeper, _path = window_on(folder)
    assert dismissed_in(another) == ("dead-channels",)
    another.dispatch(RunClosed("r"))
    another.dispatch(RunOpened("r", (str(folder),)))
    another.run_changed.emit("r")
    assert dismissed_in(another) == ("dead-channels",), "closing a run takes nothing up again"
    another_keeper.look()
    assert dismissed_in(desk) == ("dead-channels",)


def test_findings_that_two_windows_dismiss_are_dismissed_in_both_and_each_undoes_its_own(folder: Path) -> None:
    one, one_keeper, _path = window_on(folder)
    two, two_keeper, _path = window_on(folder)
    one.dispatch(FindingDismissed("a"))
    two.dispatch(FindingDismissed("b"))
    one_keeper.look()
    two_keeper.look()
    assert set(dismissed_in(one)) == set(dismissed_in(two)) == {"a", "b"}
    one.settle(undone(one.history))
    two_keeper.look()
    assert dismissed_in(one) == dismissed_in(two) == ("b",)


def test_findings_of_a_run_whose_file_is_damaged_are_kept_with_the_users_data(folder: Path) -> None:
    (folder / "triage.json").write_bytes(b"{ not json")
    desk, _keeper, _path = window_on(folder)
    desk.dispatch(FindingDismissed("a"))
    assert (folder / "triage.json").read_bytes() == b"{ not json"
    another, _keeper2, _path = window_on(folder)
    assert dismissed_in(another) == ("a",)


def test_a_dump_that_took_a_marked_one_s_place_is_told(folder: Path) -> None:
    desk, keeper, path = window_on(folder, dump_bytes=345_700)
    desk.dispatch(SamplesFlagged(path, (3,), True, 10.0))
    said: list[str] = []
    keeper.message.connect(lambda message: said.append(message.sentence))
    desk.run_changed.emit("r")
    assert said == []
    entry = msgspec.structs.replace(desk.opened_run.files[0], bytes=400_000)
    desk.opened_run = msgspec.structs.replace(desk.opened_run, files=(entry,))
    desk.run_changed.emit("r")
    desk.run_changed.emit("r")
    (sentence,) = said
    assert sentence.startswith("a.h5: its samples were marked in a file of 345.7 kB, and this one has 400.0 kB;")
    assert desk.state.triage[path][3].flagged


def test_a_file_that_is_of_many_dumps_is_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {f"dumps/{number}.h5": {number: Mark(flagged=True, flagged_s=1.0)} for number in range(5)}
    save_triage(folder / "triage.json", Triage(files=marks))
    entries = []
    for name in marks:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
        facts = DumpFacts(bytes=0)
        entries.append(FileEntry(path=str(folder / name), name=name, facts=facts, bytes=0, modified_s=0.0))
    read = []

    def counted(file: Path) -> Triage:
        read.append(file)
        return load_triage(file)

    monkeypatch.setattr(triage_keeper, "load_triage", counted)
    desk = Desk(Run(key="r", name="r", root=str(folder), paths=(str(folder),), files=tuple(entries)))
    keeper = TriageKeeper(desk, desk)  # type: ignore[arg-type]  # all of it that is used
    desk.run_changed.emit("r")
    assert read.count(folder / "triage.json") == 1
    assert {path: sorted(known) for path, known in desk.state.triage.items()} == {
        str(folder / name): sorted(known) for name, known in marks.items()
    }
    del keeper

"""A frozen program, which has no Python of its own, looks for one that can train, and says what to do without one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.app.interpreter_choice import InterpreterChoice
from inspector.app.interpreter_row import InterpreterRow, LackingRow
from inspector.app.news import Message
from inspector.app.recordings import Recordings
from inspector.jobs.interpreters import NONE_ABLE, making_line
from tests.jobs.other_python import python_that_has

PATIENCE_MS = 60_000


@pytest.fixture
def poor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """In a frozen program, the only Python: one that lacks everything."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return python_that_has(tmp_path / "bin" / "python3", None)


def test_the_first_that_can_train_is_taken_and_not_remembered_as_the_users_choice(
    qtbot: QtBot, tmp_path: Path, poor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", str(Path(poor).parents[1]))
    conda = python_that_has(tmp_path / "conda" / "bin" / "python", "99.0")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    choice = InterpreterChoice()
    preferred: list[str] = []
    choice.preferred.connect(preferred.append)
    choice.open("")
    assert choice.why_not(()) == f"{poor} is being asked what it has"
    qtbot.waitUntil(lambda: choice.found is not None, timeout=PATIENCE_MS)
    assert (choice.path, choice.why_not(("train",)), preferred) == (conda, "", [])
    choice.close()


@pytest.mark.usefixtures("poor")
def test_where_none_can_the_row_says_so_and_offers_the_line_that_makes_one(qtbot: QtBot) -> None:
    choice = InterpreterChoice()
    row, lacking = InterpreterRow(choice), LackingRow(choice)
    choice.changed.connect(lambda: lacking.show_extras(("train",)))
    for widget in (row, lacking):
        qtbot.addWidget(widget)
    choice.open("")
    qtbot.waitUntil(lambda: not choice.running and bool(choice.problem), timeout=PATIENCE_MS)
    assert choice.problem == NONE_ABLE
    about = f"{NONE_ABLE}; choose one, or make one:"
    assert (lacking.isHidden(), lacking.about.text(), lacking.line.text()) == (False, about, making_line())
    assert row.field.placeholderText() == "a Python that has torch"
    choice.open("")
    assert choice.running, "it is looked for anew, as one may have been made meanwhile"
    choice.cancel()
    assert not choice.running
    assert choice.problem
    choice.close()


@pytest.mark.usefixtures("poor")
def test_a_recording_is_not_begun_without_one(qtbot: QtBot) -> None:
    recordings = Recordings()
    heard: list[Message] = []
    recordings.message.connect(heard.append)
    recordings.start("run", ("c.pt", "-o", "c.h5"))
    assert recordings.running
    qtbot.waitUntil(lambda: bool(heard), timeout=PATIENCE_MS)
    assert not recordings.running
    assert (heard[0].sentence, heard[0].detail) == (NONE_ABLE, making_line())
    recordings.start("run", ("c.pt", "-o", "c.h5"))
    recordings.cancel()
    assert not recordings.running
    recordings.close()

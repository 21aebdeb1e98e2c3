"""What was open is open again, on a view that shows something of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import CursorMoved, EditsStaged, PreferencesChanged, RoleCorrected, TabChosen
from inspector.session.store import load_recent, load_session, save_session, set_aside_damaged
from inspector.session.triage import SamplesFlagged
from inspector.session.values import RunState, StagedEdit, State


def test_the_next_start_shows_what_the_last_one_did(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    sample = str(resource("sample_run"))
    first = make_window(remember=True)
    first.open_paths((sample,))
    qtbot.waitUntil(lambda: first.desk.chosen() is not None, timeout=60_000)
    edit = StagedEdit(path="optim.lr", old=6e-3, new=1e-3)
    light = PreferencesChanged({"theme": "light"})
    for intent in (TabChosen("slots"), CursorMoved(700.0), EditsStaged((edit,)), light):
        first.desk.dispatch(intent)
    settle(first)
    first.close()
    assert [entry.paths for entry in load_recent()] == [(sample,)]

    second = make_window(load_session(), remember=True)
    second.desk.restore()
    qtbot.waitUntil(lambda: second.desk.chosen() is not None, timeout=60_000)
    settle(second)
    state = second.desk.chosen()[1]
    assert (second.desk.state.tab, second.desk.state.theme) == ("slots", "light")
    assert (state.cursor_step, state.staged) == (700.0, (edit,))
    assert second.tabs.view("slots").scene.place.startswith("step_0000700.h5")
    assert len(second.findings.cards) >= 3


def test_a_run_without_curves_opens_on_a_view_made_for_it(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot
) -> None:
    window = make_window()
    window.open_paths((str(resource("sample_run/checkpoints/step_0001400.pt")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    assert window.desk.state.tab == "weights"
    assert window.tabs.view("weights").scene is not None
    assert window.findings.staged_card.resume.isEnabled(), "a script may go on from it, by a template"


@pytest.mark.logs
def test_a_window_whose_home_cannot_be_written_opens_and_says_what_is_not_kept(
    make_window: Callable[..., Window], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("no folder")
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "home"))
    assert set_aside_damaged() == ()
    window = make_window(load_session(), remember=True)
    window.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.desk.dispatch(SamplesFlagged(str(next(resource("sample_run").glob("dumps/*.h5"))), (3,), True, 10.0))
    window.desk.dispatch(PreferencesChanged({"theme": "light"}))
    said = window.messages.sentences()
    assert any("Marks of samples are not kept: " in one and "Not a directory" in one for one in said), said
    assert any("Preferences are not kept for the next start: Not a directory" in one for one in said), said
    window.close()


def test_one_bad_run_of_a_session_leaves_the_others(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "metrics.jsonl").write_text('{"step": 1, "loss": 1}\n')
    first = make_window(remember=True)
    first.open_paths((str(bad),))
    first.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: len(first.desk.state.runs) == 2, timeout=60_000)
    settle(first)
    first.close()
    (bad / "metrics.jsonl").rename(bad / ".hidden")
    second = make_window(load_session(), remember=True)
    second.desk.restore()
    qtbot.waitUntil(lambda: bool(second.messages.sentences()), timeout=60_000)
    settle(second)
    assert "bad" in second.messages.sentences()[-1]
    assert [run.key for run in second.desk.state.lost] == [str(bad)]
    assert [run.key for run in second.desk.state.runs] == [str(resource("sample_run"))]


def test_the_window_comes_up_without_what_draws_curves() -> None:
    script = "import inspector.app.window, sys; print('inspector.views.canvas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_reload_reads_the_files_again(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    log = tmp_path / "train.log"
    log.write_text("Epoch 1 | Loss=0.5\nEpoch 2 | Loss=0.25\n")
    window = make_window()
    window.open_paths((str(tmp_path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.desk.dispatch(TabChosen("log"))
    settle(window)
    log.write_text("Epoch 1 | Loss=0.5\nEpoch 2 | Loss=0.25\nEpoch 3 | Loss=0.125\n")
    window.commands.run("reload")
    qtbot.waitUntil(
        lambda: window.tabs.view("log").lines.shown_texts()[-1:] == ("Epoch 3 | Loss=0.125",), timeout=30_000
    )
    edit = StagedEdit(path="optim.lr", old=6e-3, new=1e-3)
    window.desk.dispatch(EditsStaged((edit,)))
    away = tmp_path.rename(tmp_path.with_name("away"))
    window.commands.run("reload")
    qtbot.waitUntil(lambda: not window.desk.state.runs, timeout=60_000)
    lost, said = window.messages.sentences()
    assert "found nothing there" in said
    assert lost == f"Cannot be read now: {tmp_path.name}; what is staged is kept, and the next start looks again"
    save_session(window.desk.state)
    again = make_window(load_session())
    again.desk.restore()
    assert again.messages.sentences() == (lost,)
    again.messages.lines[0].action_button.click()
    assert again.desk.state.lost == ()
    away.rename(tmp_path)
    assert load_session().runs[0].staged == (edit,)
    window.open_paths((str(tmp_path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    assert window.desk.chosen()[1].staged == (edit,), "what was staged of a run that is away comes back with it"
    assert lost not in window.messages.sentences()
    window.desk.undo()
    assert window.desk.chosen()[1].staged == (), "that it was away is no step of the user's"


def test_a_role_that_is_corrected_holds_at_once_and_at_the_next_start(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "masks_12.npy"
    np.save(path, np.zeros((4, 3, 5, 36), np.float32))

    def role_of(window: Window) -> str | None:
        run = window.desk.run(str(path))
        return run.files[0].facts.datasets[0].role if run else None

    window = make_window(remember=True)
    window.open_paths((str(path),))
    qtbot.waitUntil(lambda: role_of(window) == "decoder_masks", timeout=60_000)
    window.desk.dispatch(RoleCorrected("masks_*.npy", path.stem, "activation", "NCHW"))
    qtbot.waitUntil(lambda: role_of(window) == "activation", timeout=60_000)
    settle(window)
    window.close()
    second = make_window(load_session(), remember=True)
    second.desk.restore()
    qtbot.waitUntil(lambda: role_of(second) == "activation", timeout=60_000)
    second.desk.undo()
    second.desk.dispatch(RoleCorrected("masks_*.npy", path.stem))
    qtbot.waitUntil(lambda: role_of(second) == "decoder_masks", timeout=60_000)
    settle(second)


def test_a_damaged_run_of_the_session_is_named_on_and_leaves_nothing_to_undo(
    make_window: Callable[..., Window], qtbot: QtBot, tmp_path: Path
) -> None:
    archive = tmp_path / "run.zip"
    archive.write_bytes(b"PK\3\4 and no archive")
    edit = StagedEdit(path="optim.lr", old=6e-3, new=1e-3)
    run = RunState(key=str(archive), paths=(str(archive),), archives=(str(archive),), staged=(edit,))
    window = make_window(State(runs=(run,), chosen=run.key))
    said: list[str] = []
    window.desk.said.connect(said.append)
    window.desk.restore()
    qtbot.waitUntil(lambda: not window.desk.state.runs, timeout=60_000)
    assert window.desk.state.lost == (run,)
    assert window.messages.sentences()[0].startswith("Cannot be read now: run.zip; ")
    window.desk.undo()
    assert said == ["There is nothing to undo"]
    assert not window.desk.opening
    assert not window.desk.state.runs

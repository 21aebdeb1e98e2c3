"""What is dropped, pasted or named becomes runs, or parts of one; undone, cancelled, and told beforehand."""

from __future__ import annotations

import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.arrivals import MOST_OPENED, effect_text
from inspector.app.news import OPENING_JOB, SceneReady
from inspector.app.pasting import keep_pasted, sweep_pasted
from inspector.app.run_rows import COMPARED, FOLDER, HINT, KEY
from inspector.app.unpacking import unpacked_folder
from inspector.app.window import Window
from inspector.core.files import Draft
from inspector.core.leftovers import sweep_private_folders
from inspector.core.private_folders import new_private_folder
from inspector.core.resources import resource
from inspector.runs.groups import Group, Grouping
from inspector.session.intents import RunChosen, RunClosed, RunCompared, TabChosen
from inspector.session.store import add_recent, load_recent, load_session, save_session
from inspector.session.values import RunState, State

PATIENCE_MS = 60_000
NO_PROCESS = 2**22 + 1
"""More than Linux counts its processes to."""

VIEW = QPoint(900, 400)
"""A place in the window where no run is."""

ACTION, BUTTON, KEYS = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

MakeWindow = Callable[..., Window]
Settle = Callable[[Window], None]


PLAIN = Group(name="{a}", paths=("{a}",))
PACKED = Group(name="b.zip", paths=("b.zip",), archive=True)
SWEPT = Group(name="c", paths=("sweep/c",), folder="/x/sweep")


def log(path: Path, last_step: int = 100, tag: str = "loss") -> Path:
    """A CSV log of steps 0 to `last_step`, every tenth."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{step},{1 / (1 + step)}" for step in range(0, last_step + 1, 10)]
    path.write_text("\n".join([f"step,{tag}", *rows, ""]))
    return path


def urls(*paths: Path) -> QMimeData:
    """What a file manager drags."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: Window, data: QMimeData, place: QPoint) -> None:
    """Bring files over a place of the window."""
    QApplication.sendEvent(window, enter := QDragEnterEvent(place, ACTION, data, BUTTON, KEYS))
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDragMoveEvent(place, ACTION, data, BUTTON, KEYS))


def drop(window: Window, *paths: Path, place: QPoint = VIEW) -> None:
    """Drag files there, and let go."""
    data = urls(*paths)
    drag(window, data, place)
    QApplication.sendEvent(window, QDropEvent(QPointF(place), ACTION, data, BUTTON, KEYS))


def row_of(window: Window, key: str) -> QPoint:
    """The middle of a run's first row, in the window."""
    area = window.tree.area_of(key)
    return window.tree.mapTo(window, area.topLeft() + QPoint(area.width() // 2, 8))


def opened(qtbot: QtBot, window: Window, settle: Settle, count: int) -> None:
    """Wait until so many runs are open."""
    qtbot.waitUntil(lambda: len(window.desk.state.runs) == count and not window.desk.opening, timeout=PATIENCE_MS)
    settle(window)


def keys(window: Window) -> list[str]:
    return [run.key for run in window.desk.state.runs]


def press(qtbot: QtBot, window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    qtbot.wait(50)  # the shortcuts of a window count from the next turn of the loop on
    qtbot.keyClick(window, key, modifier)


@pytest.mark.parametrize(
    ("groups", "run_name", "said"),
    [
        ((PLAIN,), "", "Opens {a}"),
        ((Group(name="a", paths=("a.log", "a.csv")),), "", "Opens a from 2 files"),
        ((PACKED,), "", "Unpacks and opens b.zip"),
        ((PACKED,), "r", "Unpacks and opens b.zip"),
        ((PLAIN, SWEPT), "", "Opens as 2 runs"),
        ((SWEPT, SWEPT), "", "Opens as 2 runs under sweep"),
        ((SWEPT,) * (MOST_OPENED + 1), "", f"Opens a table of {MOST_OPENED + 1} runs"),
        ((PLAIN,), "{r}", "Joins {r}"),
        ((PLAIN, PACKED), "{r}", "Joins {r}, 1 packed run opens beside it"),
        ((PLAIN, PACKED, PACKED), "{r}", "Joins {r}, 2 packed runs open beside it"),
    ],
)
def test_a_drop_is_told_in_one_sentence(groups: tuple[Group, ...], run_name: str, said: str) -> None:
    assert effect_text(Grouping(groups), run_name) == said


def test_files_dropped_on_a_run_join_it_and_are_taken_back(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    first, other = log(tmp_path / "a" / "metrics.csv"), log(tmp_path / "b" / "val.csv", tag="val/loss")
    window = make_window()
    drop(window, first)
    opened(qtbot, window, settle, 1)
    place = row_of(window, str(first))
    drag(window, urls(other), place)
    assert window.dropping.mark.isVisible()
    qtbot.waitUntil(lambda: window.dropping.mark.text == "Joins metrics.csv", timeout=PATIENCE_MS)
    marked = window.dropping.mark._target
    assert marked.contains(place)
    assert marked.width() < window.width() / 2
    drop(window, other, place=place)
    assert not window.dropping.mark.isVisible()
    qtbot.waitUntil(lambda: len(window.desk.run(str(first)).series) == 2, timeout=PATIENCE_MS)
    settle(window)
    run = window.desk.run(str(first))
    assert (run.name, {series.tag for series in run.series}) == ("metrics.csv", {"loss", "val/loss"})
    assert window.desk.state.runs[0].paths == (str(first), str(other))
    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(window.desk.run(str(first)).series) == 1, timeout=PATIENCE_MS)
    settle(window)
    assert window.desk.state.runs[0].paths == (str(first),)
    window.desk.redo()
    qtbot.waitUntil(lambda: len(window.desk.run(str(first)).series) == 2, timeout=PATIENCE_MS)
    drop(window, other, place=row_of(window, str(first)))
    qtbot.waitUntil(lambda: "metrics.csv holds this already" in window.messages.sentences(), timeout=PATIENCE_MS)


def test_elsewhere_each_folder_is_a_run_and_the_files_of_one_folder_are_one(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    one = [log(tmp_path / "a" / f"{name}.csv", tag=name) for name in ("train", "val")]
    other = log(tmp_path / "b" / "metrics.csv").parent
    window = make_window()
    data = urls(*one, other)
    drag(window, data, VIEW)
    qtbot.waitUntil(lambda: window.dropping.mark.text == "Opens as 2 runs", timeout=PATIENCE_MS)
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not window.dropping.mark.isVisible()
    drop(window, *one, other)
    opened(qtbot, window, settle, 2)
    together = "|".join(map(str, one))
    assert set(keys(window)) == {together, str(other)}
    assert window.desk.state.chosen == together
    assert [series.tag for series in window.desk.run(together).series] == ["train", "val"]
    assert not any(run.folder for run in window.desk.state.runs)


def test_a_folder_of_runs_opens_under_its_name_and_its_runs_are_compared_at_once(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    sweep = tmp_path / "lightning_logs"
    for number in range(6):
        log(sweep / f"version_{number}" / "metrics.csv", last_step=10 * number + 10)
    window = make_window(remember=True)
    window.commands.opened.emit((str(sweep),))  # as File > Open folder does
    opened(qtbot, window, settle, 6)
    assert window.desk.state.chosen == str(sweep / "version_0")
    tree = window.tree.tree
    heading = tree.topLevelItem(0)
    assert (tree.topLevelItemCount(), heading.text(0), heading.data(0, HINT)) == (1, "lightning_logs", "6 runs")
    assert [heading.child(row).text(0) for row in range(6)] == [f"version_{number}" for number in range(6)]
    assert heading.child(0).data(0, FOLDER) == str(sweep)
    actions = {action.text(): action for action in window.tree.menu_of(heading).actions()}
    assert set(actions) == {"Compare all 6 runs", "Show the folder as a table", "Close all 6 runs"}
    actions["Show the folder as a table"].trigger()
    qtbot.waitUntil(lambda: window.fleet.shown and not window.fleet.busy, timeout=PATIENCE_MS)
    assert window.fleet.view.model.read_count == 6
    window.fleet.leave()
    actions["Compare all 6 runs"].trigger()
    assert window.desk.state.compared == tuple(str(sweep / f"version_{number}") for number in range(1, 6))
    settle(window)
    view = window.tabs.view("curves")
    assert [len(panel.lines) for panel in view.scene.panels] == [6]
    drawn: list[object] = []
    view.draw = drawn.append
    answer = SceneReady("curves", keys(window)[2], window.scenes._ready["curves", keys(window)[2]])
    for _ in range(30):
        qtbot.wait(1)
        window.desk.scene_requests.ready.emit(answer)
    assert view.pending()
    settle(window)
    del view.draw
    assert 1 <= len(drawn) < 30
    third = str(sweep / "version_3")
    place = tree.visualItemRect(window.tree._items[third]).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert third not in window.desk.state.compared
    heading = tree.topLevelItem(0)
    assert [heading.child(row).data(0, COMPARED) for row in range(6)] == [False, True, True, False, True, True]
    assert [entry.paths for entry in load_recent()] == [(str(sweep),)]
    window.close()
    again = make_window(load_session())
    again.desk.restore()
    opened(qtbot, again, settle, 6)
    assert again.tree.tree.topLevelItem(0).childCount() == 6
    {action.text(): action for action in again.tree.menu_of(again.tree.tree.topLevelItem(0)).actions()}[
        "Close all 6 runs"
    ].trigger()
    assert keys(again) == []


def test_many_runs_open_a_few_at_a_time_and_are_cancelled(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(12):
        log(tmp_path / "sweep" / f"seed_{number}" / "metrics.csv")
    window = make_window()
    told: list[str] = []
    most = 0

    def note(working: object) -> None:
        nonlocal most
        told.append(working.what)  # type: ignore[attr-defined]
        most = max(most, len(window.desk.runs._openings._under_way))

    window.desk.working.connect(note)
    window.open_paths((str(tmp_path / "sweep"),))
    qtbot.waitUntil(lambda: any("opening run 3 of 12" in what for what in told), timeout=PATIENCE_MS)
    assert window.status.cancel_button.isVisible()
    qtbot.mouseClick(window.status.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.desk.opening, timeout=PATIENCE_MS)
    settle(window)
    assert most == 3
    assert 2 <= len(window.desk.state.runs) < 12
    assert not window.status.cancel_button.isVisible()
    window.desk.cancel_job(OPENING_JOB)  # nothing is under way


def test_a_log_and_a_checkpoint_that_fit_are_offered_to_be_joined(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    train = log(tmp_path / "slots" / "logs" / "train.csv", last_step=2_000)
    checkpoint = tmp_path / "slots" / "step_0001400.pt"
    checkpoint.write_bytes(resource("sample_run/checkpoints/step_0001400.pt").read_bytes())
    elsewhere = tmp_path / "other" / "step_0001400.pt"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(checkpoint.read_bytes())
    window = make_window()
    drop(window, train)
    opened(qtbot, window, settle, 1)
    drop(window, elsewhere)
    opened(qtbot, window, settle, 2)
    assert window.messages.sentences() == ()  # its steps fit, its name does not
    drop(window, checkpoint)
    opened(qtbot, window, settle, 3)
    (line,) = window.messages.lines
    sentence = "step_0001400.pt seems to belong to train.csv: step 1,400 is within the log's 0 to 2,000"
    assert line.message.sentence == f"{sentence}, and both are named slots"
    assert len(window.desk.state.runs) == 3  # nothing is joined unasked
    qtbot.mouseClick(line.action_button, Qt.MouseButton.LeftButton)
    assert window.messages.lines == []
    opened(qtbot, window, settle, 2)
    qtbot.waitUntil(lambda: len(window.desk.run(str(train)).files) == 2, timeout=PATIENCE_MS)
    assert window.desk.state.chosen == str(train)
    settle(window)
    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened(qtbot, window, settle, 3)
    qtbot.waitUntil(lambda: len(window.desk.run(str(train)).files) == 1, timeout=PATIENCE_MS)
    assert window.desk.run(str(checkpoint)) is not None


def test_text_from_a_console_is_pasted_as_a_run(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window(remember=True)
    lines = [f"Epoch {epoch}/20 loss: {1 / epoch:.4f} acc: {epoch / 20:.2f}" for epoch in range(1, 21)]
    QGuiApplication.clipboard().setText("\n".join(lines))
    press(qtbot, window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    opened(qtbot, window, settle, 1)
    run = window.desk.chosen()[0]
    assert run.name.startswith("pasted ")
    assert len(run.name) == len("pasted 14:32")
    assert {series.tag: series.count for series in run.series}["loss"] == 20
    kept = Path(run.paths[0])
    assert kept.read_text() == "\n".join(lines)
    path = log(tmp_path / "some where" / "metrics.csv")
    QGuiApplication.clipboard().setText(f"{QUrl.fromLocalFile(str(path)).toString()}\n")
    press(qtbot, window, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    opened(qtbot, window, settle, 2)
    assert keys(window)[1] == str(path)
    QGuiApplication.clipboard().setText(f"'{path}'")
    window.commands.run("paste")
    opened(qtbot, window, settle, 2)
    window.close()
    again = make_window(load_session())
    again.desk.restore()
    opened(qtbot, again, settle, 2)
    assert again.desk.run(str(kept)).name == run.name


def test_nothing_to_paste_gets_a_sentence_and_text_without_numbers_is_a_log_to_read(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    QGuiApplication.clipboard().clear()
    window.commands.run("paste")
    assert window.messages.sentences() == ("There is neither text nor a file on the clipboard",)
    QGuiApplication.clipboard().setText("Only prose, which holds no number at all.")
    window.commands.run("paste")
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)
    assert window.desk.chosen()[0].series == ()


def test_a_paste_into_a_text_field_stays_there(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    QGuiApplication.clipboard().setText("loss=1")
    window.commands.run("palette")
    window.activateWindow()
    field = window.palette_box.field
    field.setFocus()
    qtbot.waitUntil(field.hasFocus, timeout=5_000)
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "loss=1"
    assert not window.desk.opening


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_packed_run_is_unpacked_while_it_is_open(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    log(tmp_path / "inside" / "run_a" / "metrics.csv")
    (tmp_path / "inside" / "run_a" / "config.yaml").write_text("lr: 0.1\n")
    packed = tmp_path / f"run_a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for path in sorted((tmp_path / "inside").rglob("*.*")):
                archive.write(path, path.relative_to(tmp_path / "inside"))
            archive.writestr("../../evil.csv", "step,x\n1,2\n")
    else:
        with tarfile.open(packed, "w:gz") as tar:
            tar.add(tmp_path / "inside" / "run_a", "run_a")
    window = make_window()
    drag(window, urls(packed), VIEW)
    qtbot.waitUntil(lambda: window.dropping.mark.text == f"Unpacks and opens run_a.{kind}", timeout=PATIENCE_MS)
    drop(window, packed)
    opened(qtbot, window, settle, 1)
    run = window.desk.run(str(packed))
    assert run.name == f"run_a.{kind}"
    assert sorted(entry.name for entry in run.files) == ["config.yaml", "metrics.csv"]
    (place,) = unpacked_folder().iterdir()
    assert run.root == str(place / "run_a")
    assert place.stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("**/evil.csv"))
    if kind == "zip":
        assert "evil.csv is not unpacked" in window.messages.sentences()[0]
    window.desk.dispatch(RunClosed(str(packed)))
    qtbot.waitUntil(lambda: not any(unpacked_folder().iterdir()), timeout=PATIENCE_MS)
    window.desk.undo()
    opened(qtbot, window, settle, 1)
    assert window.desk.run(str(packed)).name == f"run_a.{kind}"
    window.close()
    qtbot.waitUntil(lambda: not any(unpacked_folder().iterdir()), timeout=PATIENCE_MS)


def test_unpacking_is_cancelled_and_leaves_nothing(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    packed = tmp_path / "many.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(300):
            archive.writestr(f"run/part_{number}.csv", "step,loss\n1,2\n" * 1_000)
    window = make_window()
    drop(window, packed)
    qtbot.waitUntil(lambda: len(list(unpacked_folder().glob("*/run/*"))) > 3, timeout=PATIENCE_MS)
    qtbot.mouseClick(window.status.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.desk.opening and not any(unpacked_folder().iterdir()), timeout=PATIENCE_MS)
    assert window.desk.state.runs == ()
    assert window.messages.sentences() == ()


def test_cancelling_reaches_an_unpacking_whose_reader_has_just_answered(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "few.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(5):
            archive.writestr(f"run/part_{number}.csv", "step,loss\n1,2\n")
    window = make_window()
    commit = Draft.commit

    def commit_and_cancel(draft: Draft, **options: Any) -> None:
        commit(draft, **options)
        qtbot.mouseClick(window.status.cancel_button, Qt.MouseButton.LeftButton)

    monkeypatch.setattr(Draft, "commit", commit_and_cancel)
    drop(window, packed)
    qtbot.waitUntil(lambda: not window.desk.opening and not any(unpacked_folder().iterdir()), timeout=PATIENCE_MS)
    assert window.desk.state.runs == ()


def test_a_packed_sweep_opens_as_its_runs_and_is_unpacked_once(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    packed = tmp_path / "sweep.zip"
    content = log(tmp_path / "metrics.csv").read_text()
    with zipfile.ZipFile(packed, "w") as archive:
        for seed in range(4):
            archive.writestr(f"sweep/seed_{seed}/metrics.csv", content)
    window = make_window()
    drag(window, urls(packed), VIEW)
    qtbot.waitUntil(lambda: window.dropping.mark.text == "Opens as 4 runs under sweep.zip", timeout=PATIENCE_MS)
    drop(window, packed)
    opened(qtbot, window, settle, 4)
    (place,) = unpacked_folder().iterdir()
    keys = [run.key for run in window.desk.state.runs]
    assert keys == [str(packed / "sweep" / f"seed_{seed}") for seed in range(4)]
    assert {run.folder for run in window.desk.state.runs} == {str(packed)}
    assert [window.desk.run(key).root for key in keys] == [str(place / "sweep" / f"seed_{seed}") for seed in range(4)]
    for key in keys[:3]:
        window.desk.dispatch(RunClosed(key))
    assert place.exists()
    window.desk.dispatch(RunClosed(keys[3]))
    qtbot.waitUntil(lambda: not any(unpacked_folder().iterdir()), timeout=PATIENCE_MS)
    window.close()


def test_an_archive_that_cannot_be_unpacked_gets_a_sentence(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    packed = tmp_path / "only_links.tar"
    with tarfile.open(packed, "w") as tar:
        link = tarfile.TarInfo("metrics.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    window = make_window()
    drop(window, packed)
    qtbot.waitUntil(lambda: len(window.messages.sentences()) == 1, timeout=PATIENCE_MS)
    assert window.messages.sentences()[0].startswith("only_links.tar: expected")
    assert window.desk.state.runs == ()
    assert not any(unpacked_folder().iterdir())


def test_what_a_crash_left_unpacked_or_pasted_is_removed_at_the_next_start() -> None:
    ours, dead = new_private_folder(unpacked_folder()), unpacked_folder() / f"{NO_PROCESS}-0"
    dead.mkdir()
    (dead / "metrics.csv").write_text("step,loss\n")
    sweep_private_folders(unpacked_folder())
    give_up_s = time.monotonic() + 10
    while dead.exists():
        assert time.monotonic() < give_up_s
    assert ours.exists()
    kept, _name = keep_pasted("loss=1")
    away, _name = keep_pasted("loss=3")
    forgotten, _name = keep_pasted("loss=2")
    add_recent("pasted", (kept,))
    save_session(State(runs=(RunState(key=away, paths=(away, "/not/mounted")),)))
    sweep_pasted()
    assert [Path(path).exists() for path in (kept, away, forgotten)] == [True, True, False]


def test_the_tree_and_the_status_bar_say_what_has_become_of_a_run(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    import os

    live = log(tmp_path / "live" / "metrics.csv")
    crashed = tmp_path / "crashed" / "train.log"
    crashed.parent.mkdir()
    crashed.write_text(
        "".join(f"step={step} loss={1 / step:.3f}\n" for step in range(1, 30))
        + 'Traceback (most recent call last):\n  File "train.py", line 3\nRuntimeError: CUDA out of memory\n'
    )
    os.utime(crashed, (1.6e9, 1.6e9))
    window = make_window()
    drop(window, live, crashed)
    opened(qtbot, window, settle, 2)
    items = {item.data(0, KEY): item for item in window.tree._items.values()}
    assert items[str(live)].data(0, HINT).endswith("live")
    assert items[str(crashed)].data(0, HINT).endswith("presumed crashed")
    assert "presumed crashed: its log ends with: RuntimeError" in items[str(crashed)].toolTip(0)
    assert items[str(crashed)].toolTip(0) != items[str(live)].toolTip(0)
    window.tree.chosen.emit(str(crashed), None)
    qtbot.waitUntil(lambda: "presumed crashed: its log ends with" in window.status.fact.text(), timeout=5_000)


def test_dragging_again_and_again_leaves_no_reader(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = log(tmp_path / "metrics.csv")
    window = make_window()
    for _ in range(5):
        drag(window, urls(path), VIEW)
        QApplication.sendEvent(window, QDragLeaveEvent())
    qtbot.waitUntil(lambda: not window.desk.opening, timeout=PATIENCE_MS)
    launcher = window.desk._launcher.pid
    children = Path(f"/proc/{launcher}/task/{launcher}/children")
    qtbot.waitUntil(lambda: children.read_text().split() == [], timeout=PATIENCE_MS)


def test_runs_of_one_name_are_told_apart_where_they_are_switched_as_in_the_legend(
    make_window: MakeWindow, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    for folder in ("a", "b"):
        log(tmp_path / folder / "run" / "metrics.csv", last_step=10)
        window.open_paths((str(tmp_path / folder / "run"),))
    opened(qtbot, window, settle, 2)
    first, second = keys(window)
    window.desk.dispatch(RunChosen(second))
    window.desk.dispatch(RunCompared(first, shown=True))
    window.desk.dispatch(TabChosen("curves"))
    settle(window)
    view = window.tabs.view("curves")
    assert view.scene.runs == ("run", "run (2)")
    assert view.bar.compare.segment(first).text() == "run (2)"

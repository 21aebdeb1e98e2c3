"""The whole way once, in the real window: drop a run, look around, stage an edit, resume, see the new points."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.run_rows import DOT
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.display.offer import Fit
from inspector.jobs.trainers import attach
from inspector.views.settings.view import Editor, SettingsView

RESUME_MS = 240_000
STEPS_PER_EPOCH = 5
"""Of the sample run."""


def drop(window: Window, *paths: Path) -> None:
    """Drop files on the window as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), action, data, button, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), action, data, button, keys))


@pytest.fixture
def sample_run(tmp_path: Path) -> Iterator[Path]:
    """A copy of the bundled run, so that a resume finds room beside it."""
    yield Path(shutil.copytree(resource("sample_run"), tmp_path / "sample_run"))
    for folder in tmp_path.iterdir():
        handle = attach(folder)
        if handle is not None:  # a failed test leaves no trainer behind
            handle.stop()
            handle.wait(30)


@pytest.mark.slow
@pytest.mark.usefixtures("cold_launcher")
def test_from_a_drop_to_resumed_curves(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, sample_run: Path
) -> None:
    window = make_window()
    drop(window, sample_run)
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    parent = str(sample_run)
    assert window.desk.state.chosen == parent
    assert window.messages.sentences() == ()

    for offer in TABBED:
        if offer.judge(window.desk.chosen()[0]).fit is Fit.NO:  # the sample run logs no pictures
            continue
        qtbot.mouseClick(window.tabs.strip.tab(offer.key), Qt.MouseButton.LeftButton)
        settle(window)
        view = window.tabs.view(offer.key)
        assert view.message() == "", offer.key
        assert view.scene is not None, offer.key

    qtbot.mouseClick(window.tabs.strip.tab("slots"), Qt.MouseButton.LeftButton)
    settle(window)
    newest = window.tabs.view("slots").scene.place
    strip = window.timeline.strip
    first = min(mark.step for mark in strip.scene.marks if mark.kind == "dump")
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.x_of(first)), 60))
    settle(window)
    assert window.tabs.view("slots").scene.place != newest
    assert f"{first:,.0f}" in window.timeline._facts.accessibleDescription()
    qtbot.keyClick(window, Qt.Key.Key_End)
    settle(window)
    assert window.tabs.view("slots").scene.place == newest

    findings = {card.finding.id for card in window.findings.cards}
    assert len(findings) >= 2

    qtbot.mouseClick(window.tabs.strip.tab("settings"), Qt.MouseButton.LeftButton)
    settle(window)
    settings = window.tabs.view("settings")
    assert isinstance(settings, SettingsView)
    horizon = int(window.desk.run(parent).settings.values["schedule.epochs"])
    for path, text in (("optim.lr", "0.0001"), ("schedule.epochs", str(horizon + 2)), ("schedule.warmup", "multiply")):
        editor = settings.rows[path].editor
        if isinstance(editor, Editor):
            editor.setFocus()
            editor.selectAll()
            qtbot.keyClicks(editor, text)
            qtbot.keyClick(editor, Qt.Key.Key_Return)
        else:
            index = editor.findText(text)
            editor.setCurrentIndex(index)
            editor.activated.emit(index)
        settle(window)
    staged = {edit.path: edit.new for edit in window.desk.chosen()[1].staged}
    assert staged["optim.lr"] == 1e-4
    assert staged["schedule.epochs"] == horizon + 2

    window.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(window.resuming.sheet.isVisible)
    window.resuming.sheet.running.device.segment("cpu").click()
    qtbot.keyClicks(window.resuming.sheet.recipe.choices.epochs, "2")
    qtbot.waitUntil(lambda: window.resuming.sheet.start_button.isEnabled(), timeout=30_000)
    preview = window.resuming.sheet.recipe.rates.chart.scene
    qtbot.mouseClick(window.resuming.sheet.start_button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: len(window.desk.state.runs) == 2, timeout=RESUME_MS)
    child = window.desk.state.runs[-1].key
    assert window.desk.state.chosen == child
    assert parent in window.desk.state.compared
    assert window.desk.state.tab == "curves"
    seen: list[int] = []

    def points() -> int:
        run = window.desk.run(child)
        return max((series.count for series in run.series), default=0) if run else 0

    def finished() -> bool:
        if points() not in seen:
            seen.append(points())
        run = window.desk.run(child)
        return run is not None and run.record is not None and run.record.status == "finished"

    qtbot.waitUntil(finished, timeout=RESUME_MS)
    said = window.messages.sentences
    qtbot.waitUntil(lambda: any("The trainer finished" in sentence for sentence in said()), timeout=30_000)
    settle(window)
    assert seen[-1] == 2 * STEPS_PER_EPOCH, "every new step is on the curve"
    scene = window.scenes.shown("curves")
    assert scene.runs == (window.desk.run(child).name, window.desk.run(parent).name)

    qtbot.waitUntil(lambda: window.desk.live_runs.told_of_rates(child) == "rates as previewed", timeout=30_000)
    rates = _rates(sample_run.parent, child)
    assert rates[: len(preview.first)] == pytest.approx(list(preview.first), rel=1e-12)


def _rates(_folder: Path, child: str) -> list[float]:
    from inspector.formats.metrics import decode_record

    lines = (Path(child) / "metrics.jsonl").read_bytes().splitlines()
    return [record["lr/encoder"] for record in map(decode_record, lines) if "lr/encoder" in record]


def test_what_cannot_be_opened_gets_a_sentence_and_the_rest_still_opens(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n')
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    window = make_window()
    drop(window, tmp_path / "empty.pt", tmp_path / "noise.bin", tmp_path / "metrics.jsonl")
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    said = " ".join(window.messages.sentences())
    assert "empty.pt" in said
    assert "noise.bin" in said
    assert [series.tag for series in window.desk.chosen()[0].series] == ["loss"]
    drop(window, nothing)
    qtbot.waitUntil(lambda: any("nothing" in one for one in window.messages.sentences()), timeout=60_000)
    assert len(window.desk.state.runs) == 1


def test_a_reader_killed_in_the_middle_of_a_request_leaves_a_working_window(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, sample_run: Path
) -> None:
    import os
    import signal

    window = make_window()
    window.open_paths((str(sample_run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    window.desk.following.stop()  # a look at whether the files have grown dies unmourned
    reader = window.desk._readers.known(str(sample_run))
    qtbot.waitUntil(lambda: reader._current is None, timeout=10_000)
    os.kill(reader.pid, signal.SIGSTOP)  # so that the request is in its hands when it dies
    qtbot.mouseClick(window.tabs.strip.tab("features"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: reader._current is not None and reader._current.kind == "scene", timeout=10_000)
    os.kill(reader.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: any("SIGKILL" in one for one in window.messages.sentences()), timeout=30_000)
    qtbot.mouseClick(window.tabs.strip.tab("slots"), Qt.MouseButton.LeftButton)
    settle(window)
    assert window.tabs.view("slots").scene is not None


def test_the_window_imports_neither_torch_nor_h5py(sample_run: Path) -> None:
    """In a process of its own, after opening the run in every view."""
    import subprocess
    import sys

    script = f"""
import sys, time
from inspector.app.launch import start_qt
app = start_qt("offscreen")
from inspector.app.desk import Desk
from inspector.app.run_rows import DOT
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.display.offer import Fit
from inspector.session.intents import TabChosen
from inspector.session.values import State
from inspector.views.theme import apply_theme
apply_theme(app, "dark")
window = Window(Desk(State()), remember=False)
window.show()
window.open_paths(({str(sample_run)!r},))
until = time.monotonic() + 60
def turn():
    app.processEvents()
    time.sleep(0.01)
while time.monotonic() < until and not window.desk.chosen():
    turn()
for offer in TABBED:
    window.desk.dispatch(TabChosen(offer.key))
    turn()
    while time.monotonic() < until and (window.desk.busy or window.tabs.view(offer.key).pending()):
        turn()
    shown = offer.judge(window.desk.chosen()[0]).fit is not Fit.NO
    assert (window.tabs.view(offer.key).scene is not None) == shown, offer.key
window.close()
print(sorted(name for name in ("torch", "h5py", "inspector.artifacts", "inspector.training") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("asked")  # the trainer's answer to what a resume would do is waited for above
def test_a_resumed_run_is_stopped_from_the_window_with_a_last_checkpoint(
    make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot, sample_run: Path
) -> None:
    window = make_window()
    window.open_paths((str(sample_run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    settle(window)
    window.resuming.open()
    qtbot.waitUntil(lambda: window.resuming.is_open, timeout=30_000)
    qtbot.waitUntil(window.resuming.sheet.start_button.isEnabled, timeout=30_000)
    window.resuming.sheet.start()
    qtbot.waitUntil(lambda: len(window.desk.state.runs) == 2, timeout=RESUME_MS)
    child = window.desk.state.runs[-1].key

    def steps_done() -> int:
        run = window.desk.run(child)
        return max((series.count for series in run.series), default=0) if run else 0

    qtbot.waitUntil(lambda: steps_done() > 3 and window.desk.run(child).live, timeout=RESUME_MS)
    dot = window.tree.tree.topLevelItem(1).data(0, DOT)
    assert dot == "live"
    window.commands.run("stop_run")

    def stopped() -> bool:
        record = window.desk.run(child).record
        return record is not None and record.status == "stopped" and not window.desk.run(child).live

    qtbot.waitUntil(stopped, timeout=RESUME_MS)
    said = window.messages.sentences
    qtbot.waitUntil(lambda: any("stopped as asked" in sentence for sentence in said()), timeout=30_000)
    run = window.desk.run(child)
    assert run.record.last in {Path(entry.path).name for entry in run.files}

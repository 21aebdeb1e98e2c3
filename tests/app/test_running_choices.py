"""With what a resumed run is trained: the choice alone, with real clicks, and with Pythons made for it."""

from __future__ import annotations

import json
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app import interpreter_choice
from inspector.app.interpreter_row import OWN
from inspector.app.running_choices import RunningChoices
from inspector.formats.recipes.extras import extras_asked
from inspector.formats.resume_template import ResumeTemplate
from inspector.jobs.interpreter_probe import needed
from inspector.session.interpreter_store import recent_interpreters
from tests.reader.processes import wait_gone

LEFT = Qt.MouseButton.LeftButton
ALL = ("train", "vlm")
ANSWER = {
    "python": "3.12.4",
    "packages": {**dict.fromkeys(needed(ALL), "99.1.0"), "peft": None},
    "devices": [
        {"device": "cuda:0", "name": "GPU", "free_bytes": 78 << 30, "total_bytes": 80 << 30},
        {"device": "cpu", "name": "CPU"},
    ],
}
TRAIN, VLM = ("train",), extras_asked({"model.backbone": "qwen2_vl"})


@pytest.fixture
def says(tmp_path: Path) -> Callable[[str, str], str]:
    """Makes a program that passes for a Python, and gives its path."""

    def make(name: str, lines: str) -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def preferred() -> list[str]:
    """Which Python was preferred, the last at the end."""
    return []


@pytest.fixture
def choices(qtbot: QtBot, preferred: list[str]) -> Callable[[], RunningChoices]:
    """The controls as they come to the screen."""
    made: list[RunningChoices] = []

    def make() -> RunningChoices:
        widget = RunningChoices()
        made.append(widget)
        qtbot.addWidget(widget, before_close_func=lambda one: one.interpreter.close())
        widget.interpreter.changed.connect(lambda: widget.show_recipe(TRAIN))
        widget.show()
        widget.interpreter.preferred.connect(preferred.append)
        widget.begin(next(reversed(preferred), ""))
        return widget

    return make


def paste(widget: RunningChoices, qtbot: QtBot, text: str) -> None:
    QApplication.clipboard().setText(text)
    widget.row.field.setFocus()
    qtbot.keyClick(widget.row.field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def settled(widget: RunningChoices, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not widget.interpreter.running, timeout=30_000)


def test_an_environment_is_pasted_and_what_it_lacks_is_one_line_to_copy(
    choices: Callable[[], RunningChoices], qtbot: QtBot, tmp_path: Path
) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = str(tmp_path / "bare/bin/python")
    widget = choices()
    own = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert widget.row.told.text().startswith(own), "this program's own comes first, and needs no child"
    assert not widget.interpreter.running
    paste(widget, qtbot, str(tmp_path / "bare"))
    assert widget.row.field.text() == python
    assert widget.row.cancel.isVisible()
    assert "being asked" in widget.interpreter.why_not(TRAIN)
    settled(widget, qtbot)
    assert widget.row.told.text() == f"{own} · no torch"
    assert widget.lacking.about.text() == "It lacks 6 packages that this run needs:"
    qtbot.mouseClick(widget.lacking.copy, LEFT)
    assert QApplication.clipboard().text().startswith(f"{python} -m pip install 'torch>=")
    assert "lacks torch" in widget.interpreter.why_not(TRAIN)

    script = ResumeTemplate(command=("{python}", "train.py"))
    widget.show_script(script)
    assert (widget.interpreter.why_not(()), widget.lacking.isVisible()) == ("", False), "a script needs none of them"
    assert widget.row.isVisible()
    assert not widget.device.isVisible(), "its command takes none"
    widget.show_script(ResumeTemplate(command=("sh", "train.sh", "{device}")))
    assert (widget.row.isVisible(), widget.device.isVisible()) == (False, True)


def test_devices_are_those_of_the_chosen_python_which_is_remembered(
    choices: Callable[[], RunningChoices], qtbot: QtBot, says: Callable[[str, str], str], preferred: list[str]
) -> None:
    good = says("good", f"echo noise; echo '{json.dumps(ANSWER)}'")
    widget = choices()
    assert widget.device.choices() == ("auto", "cpu")
    qtbot.keyClicks(widget.row.field, good)
    assert not widget.interpreter.running, "a path is not run before it is typed to its end"
    qtbot.keyClick(widget.row.field, Qt.Key.Key_Return)
    settled(widget, qtbot)
    assert widget.row.told.text() == "Python 3.12 · torch 99.1 · cuda:0"
    assert [widget.device.segment(name).text() for name in widget.device.choices()] == [
        "auto", "cuda:0 · 78 GiB free", "cpu",
    ]  # fmt: skip
    assert widget.interpreter.why_not(TRAIN) == ""
    assert "lacks peft" in widget.interpreter.why_not(VLM), "told where the recipe's settings ask for it"
    widget.device.segment("cuda:0").click()
    assert widget.chosen_device() == "cuda:0"

    other = choices()
    settled(other, qtbot)
    assert other.row.told.text() == "Python 3.12 · torch 99.1 · cuda:0"
    offered = [item.key for item in other.row.menu.items()]
    assert (offered[:2], offered[-1]) == ([OWN, good], "choose")
    assert sys.executable not in offered, "it is the first"
    other.row.menu.chosen.emit(OWN)
    assert (other.interpreter.path, other.row.field.text()) == ("", "")
    assert other.device.choices() == ("auto", "cpu")
    assert (preferred, recent_interpreters()) == ([good, ""], (good,))


def test_this_programs_own_python_is_asked_for_its_devices_once_where_a_script_takes_one(
    choices: Callable[[], RunningChoices],
    qtbot: QtBot,
    says: Callable[[str, str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    none = says("none", f"echo asked >> {tmp_path}/times; echo '{json.dumps(ANSWER | {'devices': []})}'")
    monkeypatch.setattr(interpreter_choice, "probe_command", lambda _path: [none])
    widget = choices()
    script = ResumeTemplate(command=("{python}", "train.py", "{device}"))
    widget.interpreter.changed.connect(lambda: widget.show_script(script))
    widget.show_script(script)
    assert widget.row.cancel.isVisible()
    settled(widget, qtbot)
    assert (tmp_path / "times").read_text() == "asked\n"
    assert widget.row.told.text() == "Python 3.12 · torch 99.1"


def test_one_that_does_not_answer_is_cancelled_or_given_up_and_leaves_no_process(
    choices: Callable[[], RunningChoices], qtbot: QtBot, says: Callable[[str, str], str], tmp_path: Path
) -> None:
    slow = says("slow", f'sleep 600 & echo "$$ $!" > {tmp_path}/made; mv {tmp_path}/made {tmp_path}/pids; wait')
    pids = tmp_path / "pids"
    widget = choices()
    paste(widget, qtbot, slow)
    qtbot.waitUntil(pids.is_file, timeout=30_000)
    begun = pids.read_text().split()
    qtbot.mouseClick(widget.row.cancel, LEFT)
    assert (widget.interpreter.path, widget.interpreter.why_not(())) == ("", ""), "back to the one before"
    pids.unlink()
    paste(widget, qtbot, slow)
    qtbot.waitUntil(pids.is_file, timeout=30_000)
    widget.interpreter._limit.timeout.emit()
    settled(widget, qtbot)
    assert "no answer in 60 s" in widget.lacking.about.text()
    assert widget.row.field.wrong
    for pid in (*begun, *pids.read_text().split()):
        wait_gone(int(pid))

    for named, said in ((str(tmp_path), "found none"), (says("mute", "exit 3"), "exit code 3 and no answer")):
        paste(widget, qtbot, named)
        settled(widget, qtbot)
        assert said in widget.lacking.about.text()
        assert widget.interpreter.why_not(()) != "", "nothing can be started with it"
    assert recent_interpreters() == ()

"""Run > Report… in the real window: the page of the chosen run, written by a reader of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.window import Window
from inspector.session.store import load_folder

PATIENCE_MS = 60_000


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where to write, as the dialog is answered; then what it suggested."""
    told = [""]

    def ask(_window: object, _title: str, suggested: str, _kinds: str) -> tuple[str, str]:
        told.append(suggested)
        return told[0], "Page for a browser (*.html)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return told


def said(window: Window) -> str:
    return next(iter(window.messages.sentences()), "")


def test_the_page_of_the_chosen_run_is_written_where_it_is_asked_for(
    make_window: Callable[..., Window], answer: list[str], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "a run"
    folder.mkdir()
    rows = [{"step": step, "train/loss": 1 / (step + 3)} for step in range(40)]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    window = make_window()
    window.commands.run("report")
    assert said(window) == "No run is open; open one to report it"
    window.open_paths((str(folder),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=PATIENCE_MS)

    window.commands.run("report")  # and it is not wanted after all
    assert answer[-1].endswith("/a run-report.html")
    answer[0] = str(tmp_path / "x.pdf")
    window.commands.run("report")
    assert "told by the ending" in said(window)
    answer[0] = str(tmp_path / "page")
    window.commands.run("report")
    out = tmp_path / "page.html"
    qtbot.waitUntil(out.exists, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: said(window).startswith(f"{out} written: "), timeout=PATIENCE_MS)
    page = out.read_text("utf-8")
    assert page.endswith("</html>\n")
    assert "<h1>a run</h1>" in page
    assert load_folder() == str(tmp_path)
    assert not window.desk.file_work.running

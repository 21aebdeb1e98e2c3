"""A run that a recipe file trained: its settings are edited by their schema, and its file is run only when named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from inspector.app.trainings import Trainings
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.own import Settings
from inspector.formats.settings_schema import json_schema
from inspector.session.intents import EditsStaged
from inspector.session.values import StagedEdit, State

LEFT = Qt.MouseButton.LeftButton
CHECKPOINT = "checkpoints/step_0001400.pt"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    depth: int = 3


class Deeper(Settings, frozen=True, kw_only=True):
    """What a recipe file declares that was changed since it trained the run."""

    model: Model = Model()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose record names a recipe file; its settings are those of the sample run."""
    sample, made = resource("sample_run"), tmp_path / "lines"
    (made / "checkpoints").mkdir(parents=True)
    for name in (CHECKPOINT, "settings.json"):
        shutil.copy(sample / name, made / name)
    file = {"path": str(tmp_path / "lines.py"), "sha256": "0" * 64}
    record = json.loads((sample / "run.json").read_bytes())
    record |= {"name": "lines", "recipe": "lines.py", "recipe_file": file, "samples": 1024, "best": None}
    (made / "run.json").write_text(json.dumps(record | {"last": Path(CHECKPOINT).name}))
    (made / "settings.schema.json").write_bytes(msgspec.json.encode(json_schema(RECIPES["slots"].settings)))
    return made


def test_the_recipe_file_is_run_once_it_is_named_and_not_because_the_run_names_it(
    make_window: Callable[..., Window],
    qtbot: QtBot,
    run: Path,
    asked: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(Trainings, "start", lambda _self, arguments, *_more, **_choices: started.append(arguments))
    window = make_window(State(tab="settings"))
    window.open_paths((str(run),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.desk.dispatch(EditsStaged((StagedEdit(path="schedule.epochs", old=40, new=400),)))
    window.resuming.open()
    sheet, row = window.resuming.sheet, window.resuming.sheet.recipe.recipe_file
    file = str(run.parent / "lines.py")
    qtbot.waitUntil(lambda: sheet.recipe.rates.chart.scene is not None, timeout=30_000)
    assert row.isVisible()
    assert row.about.text() == f"This run was trained by a recipe file, {file}"
    assert sheet.recipe.rates.chart.scene.problem == ""
    assert [row.field is not None for row in sheet.settings.model.rows()[:2]] == [True, True]
    buttons = (sheet.start_button, sheet.dry_run, sheet.copy)
    assert not any(button.isEnabled() for button in buttons)
    assert "it is run for that" in " ".join(sheet.panel.texts())
    sheet.recipe.choices.mode.segment("new-optimizer").click()
    sheet.start()
    sheet.try_step()
    assert not sheet.recipe.planning.pending
    assert (asked, started) == ([], [])

    qtbot.mouseClick(row.use, LEFT)
    named = (str(run), "--from", "last", "--recipe", file, "--mode", "new-optimizer", "--set", "schedule.epochs=400")
    qtbot.waitUntil(lambda: asked == [named])
    assert not row.use.isVisible()
    qtbot.mouseClick(sheet.copy, LEFT)
    assert QApplication.clipboard().text() == " ".join(("run-inspector", "resume", *named))
    assert "model.depth" not in {row.path for row in sheet.settings.model.rows()}
    sheet.recipe.planning.trial.answered.emit({"schema": json_schema(Deeper)})
    rows = {row.path: row for row in sheet.settings.model.rows()}
    assert rows["model.depth"].before == 3, "as the file declares it, which the run does not know"
    assert rows["loss.diversity_weight"].field is None, "the file declares it no more"
    qtbot.waitUntil(lambda: sheet.recipe.rates.chart.scene is not None, timeout=30_000)
    assert sheet.recipe.rates.chart.scene.problem == ""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(run / "other.py"), ""))
    qtbot.mouseClick(row.other, LEFT)
    qtbot.waitUntil(lambda: asked[-1][4] == str(run / "other.py"))
    assert "model.depth" not in {row.path for row in sheet.settings.model.rows()}, "the other file has not told yet"
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)
    qtbot.mouseClick(sheet.start_button, LEFT)
    assert started[-1][:6] == ("resume", str(run), "--from", "last", "--recipe", str(run / "other.py"))

"""The resume sheet on the sample run, with real clicks and keys; the trainer's answers are given, none is started."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from inspector.app.edits_model import EDITED, EFFECTIVE, TAG
from inspector.app.edits_painter import ValueField
from inspector.app.resume_sheet import ResumeSheet
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import EditsStaged
from inspector.session.values import StagedEdit, State

LEFT = Qt.MouseButton.LeftButton
KIB = 1024


@pytest.fixture
def window(make_window: Callable[..., Window], qtbot: QtBot, asked: list[tuple[str, ...]]) -> Window:
    """The sample run, in the view that draws least."""
    made = make_window(State(tab="settings"))
    made.resize(1600, 1000)
    made.open_paths((str(resource("sample_run")),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=60_000)
    assert asked == []
    return made


def opened(window: Window, qtbot: QtBot) -> ResumeSheet:
    qtbot.keyClick(window, Qt.Key.Key_R)
    sheet = window.resuming.sheet
    qtbot.waitUntil(sheet.isVisible)
    qtbot.waitUntil(lambda: sheet.recipe.rates.chart.scene is not None, timeout=30_000)
    return sheet


def cell(sheet: ResumeSheet, path: str, column: int) -> str:
    model = sheet.settings.model
    return str(model.index(model.place(path), column).data())


def click(sheet: ResumeSheet, qtbot: QtBot, path: str) -> None:
    table, model = sheet.settings.table, sheet.settings.model
    index = model.index(model.place(path), EDITED)
    table.scrollTo(index)
    at = table.visualRect(index)
    qtbot.mouseClick(table.viewport(), LEFT, pos=at.topLeft() + (at.center() - at.topLeft()) / 4)


def typed(sheet: ResumeSheet, qtbot: QtBot, text: str) -> ValueField:
    field = sheet.settings.table.field()
    assert field is not None
    field.selectAll()
    qtbot.keyClicks(field, text)
    return field


def staged(window: Window) -> dict[str, Any]:
    return {edit.path: edit.new for edit in window.desk.chosen()[1].staged}


def test_every_setting_is_a_row_that_is_edited_in_place_checked_as_typed_and_undone(
    window: Window, qtbot: QtBot, asked: list[tuple[str, ...]]
) -> None:
    window.desk.dispatch(EditsStaged((StagedEdit(path="schedule.warmup", old="overwrite", new="multiply"),)))
    sheet = opened(window, qtbot)
    model, table = sheet.settings.model, sheet.settings.table
    run = window.desk.chosen()[0]
    paths = [row.path for row in model.rows()]
    assert set(paths) == {field.path for field in run.settings.fields} | set(run.settings.values)
    assert paths[0] == "schedule.warmup", "what is staged stands first"
    assert window.tabs.strip.tab("settings").isChecked()
    qtbot.waitUntil(lambda: bool(asked))
    assert asked == [(run.root, "--from", "last", "--set", "schedule.warmup=multiply")]

    click(sheet, qtbot, "optim.lr")
    field = typed(sheet, qtbot, "-1")
    assert cell(sheet, "optim.lr", TAG) == "optim.lr takes a number above 0 to 1, found -1"
    assert field.wrong
    assert not sheet.start_button.isEnabled()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.field() is None)
    assert (staged(window), model.typed("optim.lr")) == ({"schedule.warmup": "multiply"}, "-1"), "it waits to be mended"
    click(sheet, qtbot, "optim.lr")
    qtbot.keyClick(typed(sheet, qtbot, "1e-4"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: staged(window).get("optim.lr") == 1e-4)
    assert cell(sheet, "optim.lr", TAG) == "takes effect"
    assert sheet.recipe.choices.rate_row.isVisible(), "what the new rate means is asked"

    click(sheet, qtbot, "optim.clip_norm")
    qtbot.keyClick(typed(sheet, qtbot, "off"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "optim.clip_norm" in staged(window))
    assert staged(window)["optim.clip_norm"] is None
    early_stop = dict(run.settings.values).get("train.early_stop", False)
    click(sheet, qtbot, "train.early_stop")
    assert staged(window)["train.early_stop"] is not early_stop, "a click switches"
    click(sheet, qtbot, "schedule.family")
    (menu,) = [one for one in table.findChildren(QMenu) if one.isVisible()]
    next(action for action in menu.actions() if action.data() == "constant").trigger()
    menu.close()
    assert staged(window)["schedule.family"] == "constant"

    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "schedule.family" not in staged(window)
    table.go_to("optim.clip_norm")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert "optim.clip_norm" not in staged(window)
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)

    qtbot.mouseClick(sheet.settings.only.segment("edited"), LEFT)
    assert {row.path for row in model.rows()} == set(staged(window))
    qtbot.mouseClick(sheet.settings.only.segment("edited"), LEFT)
    qtbot.keyClicks(sheet.settings.search, "horizon")
    qtbot.waitUntil(lambda: [row.path for row in model.rows()] == ["schedule.epochs"])
    qtbot.keyClick(sheet.settings.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: model.rowCount() == len(paths))

    sheet.recipe.choices.mode.segment("exact").click()
    assert cell(sheet, "optim.lr", TAG) == "left out"
    assert cell(sheet, "optim.lr", EFFECTIVE) == cell(sheet, "optim.lr", 1)
    assert not sheet.recipe.choices.rate_row.isVisible()
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert window.findings.isVisible()


def plan(scene: Any, **changes: Any) -> dict[str, Any]:
    steps = [int(scene.resume_step) + 1 + ahead for ahead in range(len(scene.first))]
    return {
        "device": "cuda:0",
        "devices": [
            {"device": "cuda:0", "name": "GPU", "free_bytes": 78 * KIB**3, "total_bytes": 80 * KIB**3},
            {"device": "cpu", "name": "CPU", "free_bytes": None, "total_bytes": None},
        ],
        "step": int(scene.resume_step),
        "epoch": scene.resume_epoch,
        "last_epoch": scene.last_epoch,
        "steps_per_epoch": scene.steps_per_epoch,
        "state_bytes": 3 * KIB**3,
        "notes": ["sampler position is missing: epoch 40 starts over"],
        "steps": steps,
        "rates": {"encoder": list(scene.first), "decoder": list(scene.first)},
        **changes,
    }


def test_the_trainers_answer_gives_devices_cards_and_rates_and_a_difference_is_told(
    window: Window, qtbot: QtBot, asked: list[tuple[str, ...]]
) -> None:
    window.desk.dispatch(EditsStaged((StagedEdit(path="optim.lr", old=6e-3, new=1e-4),)))
    sheet = opened(window, qtbot)
    scene = sheet.recipe.rates.chart.scene
    assert all(line.epochs is not None for line in scene.lines), "the axis is in epochs"
    sheet.recipe.planning.trial.answered.emit(plan(scene))
    said = " ".join(sheet.panel.texts())
    assert sheet.running.device.segment("cuda:0").text() == "cuda:0 · 78 GiB free"
    assert "Sampler position is missing" in said
    assert "other rates than the preview" not in said
    nearly = [rate * (1 + 1e-8) for rate in scene.first]
    sheet.recipe.planning.trial.answered.emit(plan(scene, rates={"encoder": list(scene.first), "decoder": nearly}))
    assert f"decoder in step {int(scene.resume_step) + 1:,}" in " ".join(sheet.panel.texts())
    (line,) = [line for line in sheet.recipe.rates.chart.scene.lines if line.rates.tolist() == nearly]
    assert line.label == "new future"

    qtbot.mouseClick(sheet.dry_run, LEFT)
    assert asked[-1][-1] == "--dry-run"
    norms = {"grad_norm/encoder": 0.25, "grad_norm/slots": "NaN", "grad_norm/decoder": 0.0}
    trial = {"loss_before": 0.742, "loss_after": 0.731, "step_s": 0.041, "gradient_norms": norms}
    sheet.recipe.planning.trial.answered.emit(plan(scene, trial=trial))
    said = "\n".join(sheet.panel.texts())
    for wanted in ("Loss before 0.742, after one step 0.731", "1 module fine", "slots none", "decoder zero", "41 ms"):
        assert wanted in said
    assert sheet.panel.heading.text() == "Dry run on cuda:0"
    sheet.recipe.planning.trial.failed.emit("cuda:0: out of memory")
    assert "Out of memory" in sheet.panel.texts() or "cuda:0" in " ".join(sheet.panel.texts())
    sheet.recipe.planning.trial.answered.emit({"steps": "none"})
    assert "cannot be read" in " ".join(sheet.panel.texts())

    qtbot.mouseClick(sheet.copy, LEFT)
    root = window.desk.chosen()[0].root
    assert QApplication.clipboard().text() == f"run-inspector resume {root} --from last --set optim.lr=0.0001"
    sheet.recipe.choices.choose_checkpoint("step_0000700.pt")
    assert sheet.recipe.choices.choice().checkpoint == "step_0000700.pt"
    qtbot.waitUntil(lambda: sheet.recipe.rates.chart.scene.resume_step == 700, timeout=30_000)


def test_edits_of_shapes_ask_for_weights_only_and_contradictions_stand_beside_their_setting(
    window: Window, qtbot: QtBot
) -> None:
    shapes = StagedEdit(path="model.slot_size", old=32, new=64)
    window.desk.dispatch(EditsStaged((shapes,)))
    sheet = opened(window, qtbot)
    assert cell(sheet, "model.slot_size", TAG) == "changes shapes"
    assert "choose Weights only" in sheet.problem.text()
    assert not sheet.start_button.isEnabled()
    older = msgspec.structs.replace(sheet.recipe.rates.chart.scene, problem="")
    sheet.recipe.choices.mode.segment("weights").click()
    sheet.show_scene(older)
    assert not sheet.start_button.isEnabled(), "that preview is of what was set up before"
    qtbot.waitUntil(sheet.start_button.isEnabled, timeout=30_000)
    assert sheet.recipe.rates.chart.scene.resume_step == 0, "weights alone start anew"
    window.desk.dispatch(EditsStaged((StagedEdit(path="schedule.min_lr", old=0.0, new=0.5),)))
    qtbot.waitUntil(lambda: "above optim.lr" in cell(sheet, "schedule.min_lr", TAG), timeout=30_000)
    assert not sheet.start_button.isEnabled()


def test_settings_of_other_programs_are_shown_and_not_edited(
    make_window: Callable[..., Window],
    qtbot: QtBot,
    tmp_path: Path,
    asked: list[tuple[str, ...]],
) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n')
    (tmp_path / "config.json").write_text(json.dumps({"lr": 0.1, "model": {"width": 8}}))
    window = make_window(State(tab="settings"))
    window.open_paths((str(tmp_path),))
    qtbot.waitUntil(lambda: window.desk.chosen() is not None, timeout=60_000)
    window.resuming.open()
    sheet = window.resuming.sheet
    qtbot.waitUntil(sheet.isVisible)
    assert sheet.settings.about.text().startswith("There is no checkpoint to resume from")
    assert {row.path: row.before for row in sheet.settings.model.rows()} == {"lr": 0.1, "model.width": 8}
    click(sheet, qtbot, "lr")
    assert sheet.settings.table.field() is None
    assert not sheet.start_button.isVisible()
    assert asked == []
    button = window.findings.staged_card.resume
    assert (button.isEnabled(), button.toolTip()) == (False, "There is no checkpoint to resume from")

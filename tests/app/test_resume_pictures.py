"""The parts of the resume sheet, of a made-up recipe, look as they were looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from inspector.app.edits_card import EditsCard
from inspector.app.plan import LeftOut, Plan, Tensors, TrialStep
from inspector.app.rate_card import RateCard
from inspector.app.resume_rows import Asked, rows_of
from inspector.app.running_choices import RunningChoices
from inspector.app.trial_panel import TrialPanel
from inspector.display.preview.scene import PreviewScene, RateLine
from inspector.formats.setting_fields import Field
from inspector.jobs import interpreter_probe
from inspector.jobs.interpreter_probe import Device, Interpreter, needed
from inspector.session.values import StagedEdit
from inspector.views.theme import apply_theme

FIELDS = (
    Field(path="optim.lr", title="Learning rate", kind="number", default=3e-4, minimum=0.0, above=True),
    Field(path="schedule.family", title="Decay", kind="choice", default="cosine", choices=("cosine", "constant")),
    Field(path="schedule.epochs", title="Horizon", kind="integer", default=100, unit="epochs"),
    Field(path="loss.smoothing", title="Smoothing", kind="number", default=0.1, changes=("loss",)),
    Field(path="data.batch_size", title="Batch", kind="integer", default=32, unit="samples", changes=("order",)),
    Field(path="model.width", title="Width", kind="integer", default=128, applies="restart"),
    Field(
        path="optim.clip_norm", title="Clip norm", kind="number", default=1.0, minimum=0.0, above=True, optional=True
    ),
)
EDITS = {"optim.lr": 1e-4, "schedule.epochs": 120, "loss.smoothing": 0.0, "data.batch_size": 48, "model.width": 64}


def _edits() -> EditsCard:
    card = EditsCard()
    before = {field.path: field.default for field in FIELDS}
    staged = tuple(StagedEdit(path=path, old=before[path], new=new) for path, new in EDITS.items())
    card.show_rows(rows_of(FIELDS, before, staged, Asked(mode="edits", rate="rescale", epoch=40.0)), tuple(EDITS), "")
    card.model.type("optim.clip_norm", "-1")
    return card


def _rates() -> RateCard:
    def line(label: str, ink: Any, first: int, last: int, high: float) -> RateLine:
        epochs = np.linspace(first, last, 60)
        rates = (
            high * (1 + np.cos(np.pi * (epochs - first) / (last - first))) / 2 if ink == "good" else 0 * epochs + high
        )
        return RateLine(label=label, ink=ink, dashed=ink == "dim", steps=10 * epochs, rates=rates, epochs=epochs)

    card = RateCard()
    lines = (line("recorded", "accent", 0, 40, 3e-4), line("old future", "dim", 40, 100, 3e-4),
             line("new future", "good", 40, 120, 1e-4))  # fmt: skip
    card.show_scene(PreviewScene(lines=lines, resume_step=400, resume_epoch=40, first=(1e-4, 9.9e-5), last_epoch=120))
    return card


def _panel() -> TrialPanel:
    norms = {"grad_norm/encoder": 0.2, "grad_norm/memory": 2e-6, "grad_norm/head": None}
    trial = TrialStep(loss_before=0.742, loss_after=0.731, gradient_norms=norms, step_s=0.041, samples=48,
                      peak_bytes=3 * 2**30, probe={"spread/x": 0.21, "saturation/x": 0.0})  # fmt: skip
    plan = Plan(mode="edits", device="cuda:0", devices=(Device(device="cuda:0"),), epoch=40.0, step=400, last_epoch=120,
                tensors=Tensors(loaded=411, of=412, left_out=(LeftOut(name="head.weight", saved=(2, 8), own=(2, 4)),)),
                notes=("the sampler's position is missing; epoch 40 starts over",),
                warnings=("memory: no gradient reaches it",), trial=trial)  # fmt: skip
    panel = TrialPanel()
    panel.show_expected("The rate follows the green line")
    panel.show_plan(plan)
    panel.setFixedWidth(330)
    return panel


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_parts_of_the_sheet_look_as_stored(
    qtbot: QtBot, qapp: QApplication, check_picture: Callable[[Any, str], None], theme: Any
) -> None:
    apply_theme(qapp, theme)
    whole = QWidget()
    qtbot.addWidget(whole)
    row = QHBoxLayout(whole)
    column = QVBoxLayout()
    column.addWidget(_edits(), 1)
    column.addWidget(_rates())
    row.addLayout(column, 1)
    row.addWidget(_panel())
    whole.resize(1300, 620)
    whole.show()
    qtbot.waitExposed(whole)
    check_picture(whole, f"resume-{theme}")


def test_what_the_trainer_plans_takes_the_place_of_the_new_future_in_any_language(qtbot: QtBot) -> None:
    card = _rates()
    qtbot.addWidget(card)
    scene = card.chart.scene
    assert scene is not None
    lines = tuple(msgspec.structs.replace(line, label=f"⟦{line.label}⟧") for line in scene.lines)
    card.show_scene(msgspec.structs.replace(scene, lines=lines))
    card.show_plan(Plan(mode="edits", device="cpu", epoch=40.0, step=400, steps=(401, 402), rates={"a": (1e-4, 9e-5)}))
    assert card.chart.scene is not None
    assert [line.ink for line in card.chart.scene.lines] == ["accent", "dim", "good"]
    assert card.chart.scene.lines[-1].rates.tolist() == [1e-4, 9e-5]


def _running(path: str, versions: dict[str, str | None], problem: str = "") -> RunningChoices:
    """The controls with another Python, as if it had answered."""
    widget = RunningChoices()
    choice = widget.interpreter
    choice.path, choice.problem = path, problem
    if not problem:
        packages = {**dict.fromkeys(needed(), "99.0"), **versions}
        devices = (Device(device="cuda:0", free_bytes=78 << 30), Device(device="cpu")) if packages["torch"] else ()
        choice.found = Interpreter(path=path, python="3.12.4", packages=packages, devices=devices)
    choice.changed.emit()
    widget.show_recipe(("train",))
    return widget


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_a_resume_runs_with_looks_as_stored(
    qtbot: QtBot,
    qapp: QApplication,
    check_picture: Callable[[Any, str], None],
    monkeypatch: pytest.MonkeyPatch,
    theme: Any,
) -> None:
    apply_theme(qapp, theme)
    monkeypatch.setattr(interpreter_probe, "_limits", lambda: {"torch": ">=2.6", "lightning-fabric": ">=2.5"})
    whole = QWidget()
    qtbot.addWidget(whole)
    column = QVBoxLayout(whole)
    column.setSpacing(24)
    for part in (
        _running("/home/me/envs/vision/bin/python", {}),
        _running("/home/me/envs/plain/bin/python", dict.fromkeys(("torch", "lightning-fabric"))),
        _running("/home/me/gone", {}, "/home/me/gone: expected a Python or the folder of an environment, found none"),
    ):
        part.row.field.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a window that comes to the front gives one the caret
        column.addWidget(part)
    column.addStretch(1)
    whole.resize(1000, 300)
    whole.show()
    qtbot.waitExposed(whole)
    check_picture(whole, f"resume-running-{theme}")

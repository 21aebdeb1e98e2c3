"""The settings form as values: what the run used, what is staged, what it will do."""

from __future__ import annotations

from inspector.core.pulse import QUIET
from inspector.display.offer import Fit
from inspector.display.settings.judge import ask, judge
from inspector.display.settings.prepare import prepare
from inspector.formats.recipes.slots import SlotsSettings
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of
from inspector.runs.values import Run, SettingsSheet
from inspector.session.values import RunState, StagedEdit, ViewState


def _run(sheet: SettingsSheet) -> Run:
    return Run(key="a", name="a", root="/a", paths=("/a",), settings=sheet)


def _sheet(**changes: object) -> SettingsSheet:
    values = {**values_of(SlotsSettings()), **{path.replace("__", "."): value for path, value in changes.items()}}
    return SettingsSheet(values=values, fields=fields_of(SlotsSettings), source="settings.json")


def _rows(sheet: SettingsSheet, staged: tuple[StagedEdit, ...] = (), wanted: str = "") -> dict[str, object]:
    state = RunState(key="a", paths=("/a",), staged=staged)
    made = ask(_run(sheet), state, ViewState(settings_filter=wanted))
    assert made is not None
    return {row.path: row for group in prepare(made, QUIET).groups for row in group.rows}


def test_every_field_has_a_row_and_a_changed_one_is_marked() -> None:
    rows = _rows(_sheet(optim__lr=3e-4))
    assert set(rows) == {field.path for field in fields_of(SlotsSettings)}
    assert rows["optim.lr"].text == "0.0003"
    assert rows["optim.lr"].changed
    assert not rows["model.slots"].changed


def test_a_staged_edit_says_what_it_will_do() -> None:
    staged = (
        StagedEdit(path="optim.lr", old=1e-3, new=1e-4, reason="calmer"),
        StagedEdit(path="encoder.channels", old=24, new=32),
        StagedEdit(path="optim.clip_norm", old=1.0, new=None),
    )
    rows = _rows(_sheet(), staged)
    assert (rows["optim.lr"].edited, rows["optim.lr"].effect, rows["optim.lr"].why) == (
        "0.0001",
        "takes effect",
        "calmer",
    )
    assert rows["optim.lr"].good
    assert rows["encoder.channels"].effect == "changes shapes, needs a new run"
    assert not rows["encoder.channels"].good
    assert rows["optim.clip_norm"].edited == "off"


def test_whatever_is_staged_has_an_effect() -> None:
    staged = tuple(StagedEdit(path=field.path, old=None, new=None) for field in fields_of(SlotsSettings))
    rows = _rows(_sheet(), staged)
    assert rows.keys() >= {edit.path for edit in staged}
    assert all(row.effect for row in rows.values())


def test_a_filter_keeps_what_names_it() -> None:
    assert set(_rows(_sheet(), wanted="warm")) == {"schedule.warmup", "schedule.warmup_epochs"}


def test_settings_of_others_are_shown_without_a_form() -> None:
    sheet = SettingsSheet(values={"lr": 0.1, "name": "a\x1b[31m", "layers": [1, 2]}, source="config.yaml")
    made = ask(_run(sheet), RunState(key="a", paths=()), ViewState())
    assert made is not None
    scene = prepare(made, QUIET)
    rows = {row.path: row for group in scene.groups for row in group.rows}
    assert rows["name"].text == "a\\x1b[31m"
    assert rows["layers"].text == "[1,2]"
    assert rows["lr"].field is None


def test_the_judge_says_why() -> None:
    assert judge(_run(_sheet())).fit is Fit.MADE_FOR
    assert judge(_run(SettingsSheet(values={"a": 1}, source="x"))).fit is Fit.POSSIBLE
    assert judge(_run(SettingsSheet())).because == "no settings among 0 files"
    assert ask(_run(SettingsSheet()), RunState(key="a", paths=()), ViewState()) is None

"""`settings`: every setting of a recipe, and of a recipe file in the trainer that may run it."""

from __future__ import annotations

import json

import pytest

from inspector.__main__ import main
from inspector.command_line import becoming
from inspector.core.exit_codes import BAD_INPUT
from inspector.core.resources import resource
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.setting_fields import fields_of
from tests.training.runs import call

EXAMPLE = str(resource("examples/recipe.py"))


def rows_of(text: str) -> dict[str, str]:
    """Lines of a table by the setting that they are of, their blanks made one."""
    headings, *lines = text.splitlines()
    assert headings.split("  ")[0] == "Setting"
    return {line.split()[0]: " ".join(line.split()) for line in lines}


def test_a_table_has_a_line_for_each_setting_with_default_range_unit_and_marks(capsys: pytest.CaptureFixture[str]):
    assert main(["settings", "slots"]) == 0
    rows = rows_of(capsys.readouterr().out)
    assert list(rows) == [field.path for field in fields_of(RECIPES["slots"].settings)]
    assert rows["optim.lr"] == "optim.lr 0.001 number > 0, <= 1 resume Learning rate: Of the schedule at its top"
    assert rows["data.subset"] == (
        "data.subset 1 number > 0, <= 1 resume order, loss Subset: Share of the training samples in use"
    )
    assert rows["optim.clip_norm"].startswith("optim.clip_norm 1 number > 0 or off live Clip norm:")
    assert rows["encoder.kernel_px"] == "encoder.kernel_px 5 whole number >= 1, <= 9 px restart Kernel"
    assert rows["encoder.activation"].startswith("encoder.activation relu relu, leaky_relu, gelu resume function")
    assert main(["settings", "boxes"]) == BAD_INPUT


def test_a_recipe_file_is_listed_by_the_trainer_and_not_run_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    became: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(becoming, "become", lambda *what: became.append(what) or 0)
    monkeypatch.setenv("QT_PLUGIN_PATH", "/ours")
    assert main(["settings", EXAMPLE, "--json"]) == 0
    (command, environment), *_ = became
    assert command[-3:] == ["settings", EXAMPLE, "--json"]
    assert "QT_PLUGIN_PATH" not in environment, "the user's file runs there"
    assert capsys.readouterr().out == ""

    code, text = call("settings", EXAMPLE)
    assert code == 0
    rows = rows_of(text)
    assert rows["model.channels"] == "model.channels 8 whole number >= 1, <= 512 restart Channels"
    assert rows["schedule.family"].startswith("schedule.family own ")
    schema = json.loads(call("settings", EXAMPLE, "--json")[1])
    assert schema["$defs"]["Model"]["properties"]["channels"]["maximum"] == 512
    assert schema["$defs"]["Model"]["properties"]["channels"]["applies"] == "restart"

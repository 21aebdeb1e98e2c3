"""A recipe file of the user's own: it trains and resumes like any other, and what it lacks is said."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector.core.errors import FileError, MissingError
from inspector.core.resources import resource
from inspector.formats.run_folder import RecipeFile
from inspector.formats.settings_schema import fields_of_schema
from inspector.training import Batch
from inspector.training.build import parts_of
from inspector.training.rates import Rates
from inspector.training.recipe_file import recipe_module, recipe_of_module
from tests.training.runs import arguments, call, run_record, values_by_step

EXAMPLE = resource("examples/recipe.py")
SAMPLE_RUN = resource("sample_run")

HEAD = """
import torch
from inspector.training import Data, Losses, Settings, Task
"""

LOSSES = """
    def losses(self, model, batch, settings):
        return Losses({})
"""


def taking(settings: str) -> str:
    """A recipe file whose recipe takes settings of this type."""
    return f"{HEAD}class Recipe(Task):\n    def __init__(self, settings: {settings}, device): pass{LOSSES}"


def loaded(path: Path):
    return recipe_of_module(recipe_module(path), path)


def test_the_example_offers_its_settings_and_its_task():
    recipe, task = loaded(EXAMPLE)
    assert recipe.title == "Directions of noisy lines"
    assert recipe.settings().model.channels == 8
    assert task.score.name == "val/accuracy"
    assert len(EXAMPLE.read_text().splitlines()) <= 70


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero in line 1"),
        ("import no_such_module", "No module named 'no_such_module'"),
        ("x = 1", "no class Recipe"),
        (f"{HEAD}class Recipe(Task): pass", "without the method losses"),
        (f"{HEAD}class Recipe(Task):{LOSSES}", "without the type of its settings"),
        (taking("dict"), "type of its settings"),
        (taking("Missing"), "Missing"),
        (taking("Data"), "settings without optim; derive them from inspector.training.Settings"),
    ],
)
def test_what_a_file_lacks_is_said(tmp_path, text, says):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(FileError) as caught:
        loaded(path)
    assert says in str(caught.value)
    assert str(caught.value).startswith("mine.py: expected a recipe file")


def test_the_help_page_shows_a_recipe_that_is_one_and_a_scheduler_for_it(tmp_path):
    path = tmp_path / "mine.py"
    _, least, _, scheduler, _ = re.split("```(?:python)?", resource("help/own_recipe.md").read_text())
    path.write_text(least + scheduler)
    recipe, task = loaded(path)
    made = task(recipe.settings(), torch.device("cpu"))
    assert recipe.settings().schedule.family == "own"
    assert isinstance(parts_of(made, recipe.settings()).rates, Rates)
    assert made.losses(made.model, Batch(np.arange(5), 0, 0), recipe.settings()).total.isfinite()


def test_a_file_may_import_what_lies_beside_it(tmp_path):
    (tmp_path / "beside_the_recipe.py").write_text("TITLE = 'from beside'")
    path = tmp_path / "mine.py"
    path.write_text(f"{EXAMPLE.read_text()}\nfrom beside_the_recipe import TITLE\n")
    assert loaded(path)[0].title == "from beside"


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(MissingError, match=r"mine\.py: expected a recipe file"):
        recipe_module(tmp_path / "mine.py")


def test_it_trains_and_resumes_where_the_user_names_it(tmp_path, capsys):
    recipe = tmp_path / "lines.py"
    shutil.copy(EXAMPLE, recipe)
    run = tmp_path / "run"
    edits = arguments({"data.subset": 0.05, "schedule.epochs": 2, "data.batch_size": 16})
    assert call("train", recipe, "-o", run, "--device", "cpu", *edits)[0] == 0
    told = run_record(run)
    assert (told.recipe, told.samples, told.status) == ("lines.py", 51, "finished")
    assert told.recipe_file == RecipeFile(path=str(recipe), sha256=hashlib.sha256(EXAMPLE.read_bytes()).hexdigest())
    assert (run / "recipe.py").read_bytes() == EXAMPLE.read_bytes()
    assert set(values_by_step(run, "val/accuracy")) == {4, 8}
    assert set(values_by_step(run, "grad_norm/encoder")) == set()

    more = ("--set", "schedule.epochs=3", "--set", "optim.lr=2e-3")
    assert call("resume", run, "-o", tmp_path / "not", "--device", "cpu", *more)[0] == 2
    assert f"name it to let it run: --recipe {recipe}" in capsys.readouterr().err
    assert not (tmp_path / "not").exists()
    recipe.write_text(EXAMPLE.read_text() + "\n")
    code, said = call("resume", run, "-o", tmp_path / "more", "--device", "cpu", "--recipe", recipe, *more)
    assert code == 0
    assert "lines.py is not as it was when the run was trained" in said
    assert max(values_by_step(tmp_path / "more", "lr/encoder")) == 12
    assert call("resume", SAMPLE_RUN, "--recipe", recipe, "-o", tmp_path / "never")[0] == 2

    recipe.write_text(EXAMPLE.read_text().replace("] = 8\n", "] = 8\n    dropout: float = 0.1\n"))
    code, said = call("plan", run, "--device", "cpu", "--recipe", recipe, *more)
    assert code == 0
    declared = {field.path: field for field in fields_of_schema(json.loads(said)["schema"])}
    assert declared["model.dropout"].default == 0.1, "what the file declares now, and not what the run was trained with"
    assert declared["model.channels"].applies == "restart"

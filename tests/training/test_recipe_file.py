"""A recipe file of the user's own: it trains and resumes like any other, and what it lacks is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.core.errors import FileError, MissingError
from inspector.core.resources import resource
from inspector.training.recipe_file import recipe_module, recipe_of_module

EXAMPLE = resource("examples/recipe.py")

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
    assert len(EXAMPLE.read_text().splitlines()) <= 66


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


def test_a_file_may_import_what_lies_beside_it(tmp_path):
    (tmp_path / "beside_the_recipe.py").write_text("TITLE = 'from beside'")
    path = tmp_path / "mine.py"
    path.write_text(f"{EXAMPLE.read_text()}\nfrom beside_the_recipe import TITLE\n")
    assert loaded(path)[0].title == "from beside"


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(MissingError, match=r"mine\.py: expected a recipe file"):
        recipe_module(tmp_path / "mine.py")

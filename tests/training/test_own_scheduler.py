"""A recipe file with its own scheduler: it resumes exactly, edits of the rate take effect, and the plan is it."""

from __future__ import annotations

import json
from unittest.mock import patch

import numpy as np
import pytest
import torch

from inspector.core.errors import SettingsError, UsageError
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.schedule import Schedule
from inspector.training.own_rates import Own
from inspector.training.recipe_file import recipe_module, recipe_of_module
from tests.training.runs import call, differences, last_content, resumed, run_record, timeless, values_by_step

PER_EPOCH, STEPS = 5, 20

RECIPE = """
import torch
from torch.optim.lr_scheduler import *
from inspector.training import Batch, Losses, Schedule, Settings, Task, Train


class Short(Settings, frozen=True, kw_only=True):
    schedule: Schedule = Schedule(epochs=4)
    train: Train = Train(checkpoint_steps=7, norm_every=1000, ratio_every=1000)


class Remembering(LRScheduler):
    '''Falls by chance, so that its place does not tell its rate.'''

    def __init__(self, optimizer):
        self.share = 1.0
        super().__init__(optimizer)

    def get_lr(self):
        self.share *= 1 - torch.rand(()).item() / 4
        return [base * self.share for base in self.base_lrs]


class Recipe(Task):
    scheduled_by = "BY"

    def __init__(self, settings: Short, device: torch.device):
        self.model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)).to(device)
        self.samples = 19

    def scheduler(self, optimizer, settings, steps):
        return SCHEDULER

    def losses(self, model, batch, settings):
        x = torch.sin(torch.arange(4.0) * torch.as_tensor(batch.indices, dtype=torch.float32)[:, None])
        return Losses({"error": (model(x) - x.sum(1, keepdim=True)).square().mean()})

    def validate(self, model, settings):
        return {"val/loss": 1.0}
"""

FORMS = {
    "one cycle": ("OneCycleLR(optimizer, settings.optim.lr, total_steps=steps)", "step"),
    "function": ("lambda step: min(1.0, (step + 1) / 4) * (1 - step / steps)", "step"),
    "exponential by epochs": ("ExponentialLR(optimizer, 0.7)", "epoch"),
    "plateau": ("ReduceLROnPlateau(optimizer, factor=0.5, patience=0)", "step"),
    "chance": ("Remembering(optimizer)", "step"),
}


@pytest.fixture(autouse=True, scope="module")
def _quick():
    """Fabric looks for no plugins, which takes as long as a run."""
    with patch("lightning_fabric.utilities.registry.entry_points", return_value=[]):
        yield


def recipe_file(folder, form):
    scheduler, by = FORMS[form]
    path = folder / "mine.py"
    path.write_text(RECIPE.replace("SCHEDULER", scheduler).replace("BY", by))
    return path


def trained(folder, form, *words):
    recipe = recipe_file(folder, form)
    code, _ = call("train", recipe, "-o", folder / "whole", "--device", "cpu", "--set", "data.batch_size=4", *words)
    assert code == 0
    return recipe, folder / "whole"


def rates(run):
    return values_by_step(run, "lr/0")


@pytest.mark.parametrize("form", FORMS)
def test_ten_steps_and_ten_more_are_twenty_bit_for_bit(tmp_path, form):
    recipe, whole = trained(tmp_path, form, "--set", "train.checkpoint_every=2", "--set", "optim.ema_decay=0.9")
    content = last_content(whole)
    assert content["settings"]["schedule"]["family"] == "own"
    assert len(set(rates(whole).values())) > 2
    for step in (7, 10) if form == "one cycle" else (7,):
        child = resumed(whole, tmp_path / f"child{step}", "--recipe", recipe, "--from", f"step_{step:07d}")
        assert differences(content, last_content(child)) == []
        assert timeless(child, step) == timeless(whole, step)
    assert "Note" not in (tmp_path / "child7/train.log").read_text()


def torch_rates(make, base, count, by=1):
    """The rates of a scheduler of torch alone, stepped after every `by` steps."""
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    found = []
    for step in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if (step + 1) % by == 0:
            scheduler.step()
    return found


@pytest.mark.parametrize(
    ("form", "make", "by"),
    [
        ("one cycle", lambda opt, base, steps: torch.optim.lr_scheduler.OneCycleLR(opt, base, total_steps=steps), 1),
        ("exponential by epochs", lambda opt, _base, _steps: torch.optim.lr_scheduler.ExponentialLR(opt, 0.7), 5),
    ],
)
def test_an_edited_rate_takes_effect_by_each_of_the_three_meanings_and_as_planned(tmp_path, form, make, by):
    recipe, whole = trained(tmp_path, form)
    words = ("--from", "step_0000007", "--set", "optim.lr=4e-4")
    # Epochs end where they did: two of the five steps of the one under way are done.
    restart = torch_rates(lambda opt: make(opt, 4e-4, STEPS - 7), 4e-4, 13 if by == 1 else 15, by)[-13:]
    rescale = torch_rates(lambda opt: make(opt, 4e-4, STEPS), 4e-4, STEPS, by)[7:]
    expected = {"rescale": rescale, "restart": restart, "pin": [4e-4] * 13}
    for meaning, wanted in expected.items():
        child = resumed(whole, tmp_path / meaning, "--recipe", recipe, "--rate", meaning, *words)
        np.testing.assert_allclose(list(rates(child).values()), wanted, rtol=1e-12)
        code, out = call("plan", whole, "--recipe", recipe, "--rate", meaning, "--device", "cpu", *words)
        assert code == 0
        assert json.loads(out)["rates"]["0"] == list(rates(child).values())


def test_a_run_resumed_from_a_restarted_one_keeps_to_its_plan(tmp_path):
    recipe, whole = trained(tmp_path, "one cycle")
    child = resumed(whole, tmp_path / "child", "--recipe", recipe, "--from", "step_0000007", "--rate", "restart")
    grandchild = resumed(child, tmp_path / "grandchild", "--recipe", recipe, "--from", "step_0000014")
    assert rates(grandchild) == {step: rate for step, rate in rates(child).items() if step > 14}
    assert differences(last_content(child), last_content(grandchild)) == []


def test_a_plateau_stays_as_far_down_under_another_rate(tmp_path):
    recipe, whole = trained(tmp_path, "plateau")
    child = resumed(whole, tmp_path / "child", "--recipe", recipe, "--from", "step_0000014", "--set", "optim.lr=4e-4")
    before = rates(whole)
    assert rates(child) == pytest.approx({step: 0.4 * before[step] for step in range(15, STEPS + 1)}, rel=1e-12)


def test_an_edit_that_the_scheduler_does_not_heed_and_a_memory_that_edits_lose_are_said(tmp_path):
    recipe, whole = trained(tmp_path, "one cycle")
    edits = ("--set", "schedule.warmup_epochs=1", "--set", "optim.lr=4e-4", "--from", "step_0000007")
    said = call("resume", whole, "-o", tmp_path / "a", "--recipe", recipe, "--device", "cpu", *edits)[1]
    assert "Note: the edit of schedule.warmup_epochs does not change the rates" in said
    assert "edit of optim.lr" not in said
    folder = tmp_path / "chance"
    folder.mkdir()
    recipe, whole = trained(folder, "chance")
    said = call("resume", whole, "-o", tmp_path / "b", "--recipe", recipe, "--device", "cpu", *edits)[1]
    assert "Note: Remembering of the recipe file goes on as if it had been stepped here from its start, as it" in said


@pytest.mark.parametrize(
    ("form", "old", "new"), [("exponential by epochs", "0.7", "0.5"), ("one cycle", "steps)", "30)")]
)
def test_a_number_that_was_rewritten_in_the_file_takes_effect_and_is_said(tmp_path, form, old, new):
    recipe, whole = trained(tmp_path, form)
    words = ("--recipe", recipe, "--from", "step_0000007")
    recipe.write_text(recipe.read_text().replace(f"{FORMS[form][0]}", FORMS[form][0].replace(old, new)))
    child = resumed(whole, tmp_path / "child", *words)
    assert "as the file was rewritten" in (child / "train.log").read_text()
    wanted = {
        "exponential by epochs": lambda opt: torch.optim.lr_scheduler.ExponentialLR(opt, 0.5),
        "one cycle": lambda opt: torch.optim.lr_scheduler.OneCycleLR(opt, 1e-3, total_steps=30),
    }[form]
    by = PER_EPOCH if form != "one cycle" else 1
    assert list(rates(child).values()) == pytest.approx(torch_rates(wanted, 1e-3, STEPS, by)[7:], rel=1e-12)


def test_another_family_takes_its_place_and_it_that_of_another_family(tmp_path):
    recipe, whole = trained(
        tmp_path, "one cycle", "--set", "schedule.family=constant", "--set", "schedule.warmup_epochs=0"
    )
    assert set(rates(whole).values()) == {1e-3}
    child = resumed(
        whole, tmp_path / "child", "--recipe", recipe, "--from", "step_0000007", "--set", "schedule.family=own"
    )
    wanted = torch_rates(lambda opt: torch.optim.lr_scheduler.OneCycleLR(opt, 1e-3, total_steps=STEPS), 1e-3, STEPS)
    assert list(rates(child).values()) == wanted[7:]


def test_recipes_without_a_scheduler_refuse_the_family_own(tmp_path):
    with pytest.raises(SettingsError, match=r"schedule\.family own is the scheduler of a recipe file"):
        settings_of("slots", edits={"schedule.family": "own"})
    path = tmp_path / "plain.py"
    path.write_text(RECIPE.replace("def scheduler", "def other"))
    recipe, _ = recipe_of_module(recipe_module(path), path)
    assert recipe.settings().schedule.family == "cosine"
    with pytest.raises(SettingsError, match="this recipe has none"):
        recipe.check(recipe.settings(schedule=Schedule(family="own")))


class Strange(torch.optim.lr_scheduler.LambdaLR):
    def __init__(self, optimizer):
        self.kept = {1, 2}
        super().__init__(optimizer, lambda _step: 1.0)


@pytest.mark.parametrize(
    ("bring", "says"),
    [
        (lambda _opt: None, "found none"),
        (lambda _opt: 0.5, "found an object of type float"),
        (lambda opt: torch.optim.lr_scheduler.LambdaLR(torch.optim.SGD(opt.param_groups[0]["params"]), lambda _: 1.0),
         "is not of the optimizer"),
        (Strange, "holds an object of type set"),
    ],
)  # fmt: skip
def test_what_is_no_scheduler_is_said(bring, says):
    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    with pytest.raises(UsageError, match=says):
        Own(optimizer, Schedule(), PER_EPOCH, "step", lambda opt, _steps: bring(opt))


def test_a_rate_that_is_none_ends_the_run_with_its_cause(tmp_path, monkeypatch):
    monkeypatch.setitem(FORMS, "broken", ("lambda step: 1.0 if step < 3 else float('nan')", "step"))
    recipe = recipe_file(tmp_path, "broken")
    assert call("train", recipe, "-o", tmp_path / "run", "--device", "cpu", "--set", "data.batch_size=4")[0] == 3
    assert run_record(tmp_path / "run").reason.startswith("LambdaLR of the recipe file set a rate of nan")

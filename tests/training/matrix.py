"""The matrix of resumes: every family of schedules, every edit, one group, two groups and two optimizers.

What is trained is one small matrix of weights for each module, so that a run costs little beside its files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal
from unittest.mock import patch

import msgspec
import numpy as np
import torch
from torch import nn

from inspector.analysis.schedules.resumed import resumed_rates
from inspector.formats.recipes.catalogue import RECIPES
from inspector.formats.recipes.optimizer import Group, Optim
from inspector.formats.recipes.recipe import Recipe, check_schedule, steps_per_epoch
from inspector.formats.recipes.schedule import Schedule, schedule_of
from inspector.formats.recipes.training import Train
from inspector.formats.setting_fields import setting
from inspector.formats.settings import with_edits
from inspector.training.catalogue import TASKS
from inspector.training.parents import read_record
from inspector.training.task import Batch, Losses, Task
from tests.training.runs import call, last_content, records, values_by_step

SAMPLES = 12
STEP = 4
"""Parents are resumed from here: one of three steps into the second epoch."""

Layout = Literal["one group", "two groups", "two optimizers"]
LAYOUTS: tuple[Layout, ...] = ("one group", "two groups", "two optimizers")


class Model(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    layout: Annotated[Layout, setting(title="Layout", changes=("optimizer",))] = "one group"


class Groups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    first: Group = Group()
    second: Group = Group(lr_mult=0.5)


class MatrixOptim(Optim, frozen=True, kw_only=True, forbid_unknown_fields=True):
    groups: Groups = Groups()


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    batch_size: Annotated[int, setting(title="Batch size", changes=("order",), ge=1)] = 4


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    model: Model = Model()
    optim: MatrixOptim = MatrixOptim()
    schedule: Schedule = Schedule(epochs=4, warmup_epochs=0.5)
    data: Data = Data()
    train: Train = Train(
        checkpoint_steps=STEP, checkpoint_every=100, norm_every=1000, ratio_every=1000, console_every=1000
    )


class MatrixTask(Task):
    """Two linear layers whose validation is never better than its first, so that a plateau falls at every one."""

    def __init__(self, settings: Settings, device: torch.device) -> None:
        self.model = nn.ModuleDict({"first": nn.Linear(2, 2), "second": nn.Linear(2, 2)}).to(device)
        self._device = device
        self.samples = SAMPLES
        self._layout = settings.model.layout

    def groups(self) -> dict[str, tuple[str, ...]]:
        return GROUPS[self._layout]

    def losses(self, model: nn.Module, batch: Batch, settings: Any) -> Losses:
        del settings
        first, second = model.get_submodule("first"), model.get_submodule("second")
        return Losses({"square": second(first(torch.ones(len(batch.indices), 2, device=self._device))).square().mean()})

    def validate(self, model: Any, settings: Any) -> dict[str, float]:
        del model, settings
        return {"val/loss": 1.0}


GROUPS: dict[Layout, dict[str, tuple[str, ...]]] = {
    "one group": {"main": ("first",)},
    "two groups": {"main": ("first", "second")},
    "two optimizers": {"left": ("first", "second"), "right": ("second",)},
}

RECIPE = Recipe("The matrix of resumes", Settings, check_schedule, lambda _settings: SAMPLES, {"mini": {}}, {})

FAMILIES: dict[str, dict[str, Any]] = {
    "constant": {},
    "linear": {"schedule.min_lr": 1e-5},
    "cosine": {"schedule.min_lr": 1e-5},
    "cosine_restarts": {"schedule.cycle_epochs": 1.0, "schedule.cycle_factor": 2},
    "step": {"schedule.decay_epochs": 1.3, "schedule.decay_factor": 0.5},
    "multistep": {"schedule.milestones_epochs": [1.0, 2.0], "schedule.decay_factor": 0.5},
    "exponential": {"schedule.decay_epochs": 2.0, "schedule.decay_factor": 0.3},
    "halving": {"schedule.half_life_epochs": 1.5},
    "polynomial": {"schedule.power": 1.7},
    "one_cycle": {},
    "inverse_sqrt": {},
    "plateau": {"schedule.plateau_patience": 0, "schedule.decay_factor": 0.5},
}
"""Settings that let each family move within twelve steps."""

EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "no edit": ({}, "rescale"),
    "lr, rescaled": ({"optim.lr": 4e-4}, "rescale"),
    "lr, restarted": ({"optim.lr": 4e-4}, "restart"),
    "lr, pinned": ({"optim.lr": 4e-4}, "pin"),
    "epochs": ({"schedule.epochs": 5}, "rescale"),
    "batch size": ({"data.batch_size": 6}, "rescale"),
    "weight decay": ({"optim.weight_decay": 0.07}, "rescale"),
    "betas": ({"optim.beta1": 0.8, "optim.beta2": 0.98}, "rescale"),
    "warm-up": ({"schedule.warmup_epochs": 1.5}, "rescale"),
    "new scheduler": ({}, "rescale"),
}
"""Edited settings, and what a new rate means."""


def edits_of(family: str, name: str) -> tuple[dict[str, Any], str]:
    """The edits of one column; a new scheduler is the family after it in the table."""
    edits, meaning = EDITS[name]
    if name == "new scheduler":
        names = list(FAMILIES)
        other = names[(names.index(family) + 1) % len(names)]
        edits = {"schedule.family": other, **FAMILIES[other]}
    return edits, meaning


@contextmanager
def matrix_recipe() -> Iterator[None]:
    """While open, `matrix` is a recipe of the program; Fabric looks for no plugins, which takes as long as a run."""
    with (
        patch.dict(RECIPES, matrix=RECIPE),
        patch.dict(TASKS, matrix=f"{__name__}:MatrixTask"),
        patch("lightning_fabric.utilities.registry.entry_points", return_value=[]),
    ):
        yield


def words_of(edits: dict[str, Any]) -> list[str]:
    encoded = {path: msgspec.json.encode(value).decode().strip('"') for path, value in edits.items()}
    return [word for path, value in encoded.items() for word in ("--set", f"{path}={value}")]


def parent_run(folder: Path, family: str, layout: Layout, epochs: int = 2, device: str = "cpu") -> Path:
    """A run of two epochs of three steps, with a checkpoint at step 4."""
    edits = {"model.layout": layout, "schedule.family": family, **FAMILIES[family]}
    code, _ = call("train", "matrix", "-o", folder, "--device", device, "--epochs", epochs, *words_of(edits))
    assert code == 0
    return folder


def child_run(parent: Path, folder: Path, edits: dict[str, Any], meaning: str, device: str = "cpu") -> Path:
    words = ("--from", f"step_{STEP:07d}", "--rate", meaning, "--device", device, *words_of(edits))
    code, _ = call("resume", parent, "-o", folder, *words)
    assert code == 0
    return folder


def previewed(family: str, layout: Layout, edits: dict[str, Any], meaning: Any) -> dict[str, np.ndarray]:
    """The rates that the window draws for each group, to the horizon; of a plateau with the losses that came."""
    before = with_edits(Settings(), {"model.layout": layout, "schedule.family": family, **FAMILIES[family]})
    after: Any = with_edits(before, edits)
    per_epoch = steps_per_epoch(SAMPLES, after.data.batch_size)
    starts_over = after.data.batch_size != before.data.batch_size
    epoch = 1.0 if starts_over else 1.0 + 1 / 3
    count = round((after.schedule.epochs - epoch) * per_epoch)
    schedule = schedule_of({f"schedule.{name}": getattr(after.schedule, name) for name in Schedule.__struct_fields__})
    found = {}
    for optimizer, modules in GROUPS[layout].items():
        for module in modules:
            factor = getattr(after.optim.groups, module).lr_mult
            name = module if len(GROUPS[layout]) == 1 else f"{optimizer}.{module}"
            rates = resumed_rates(schedule, after.optim.lr, per_epoch, epoch, count, meaning, lr_mult=factor)
            if schedule.family == "plateau" and meaning != "pin":
                rates = rates * _plateau_shares(after.schedule, family, meaning, epoch, per_epoch, count)
            found[name] = rates
    return found


def _plateau_shares(
    schedule: Schedule, before: str, meaning: str, epoch: float, per_epoch: int, count: int
) -> np.ndarray:
    """How far the plateau is down in each step: the parent's validation counts unless the schedule is another's."""
    inherited = 1 if before == "plateau" and meaning != "restart" else 0
    epochs_done = np.floor((np.arange(count) + round(epoch * per_epoch)) / per_epoch).astype(int)
    seen = epochs_done - 1 + inherited
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=schedule.decay_factor, patience=schedule.plateau_patience,
        threshold=schedule.plateau_threshold, cooldown=schedule.plateau_cooldown, min_lr=schedule.min_lr, eps=0.0,
    )  # fmt: skip
    shares = [1.0]
    for _ in range(int(seen.max()) + 1):
        optimizer.step()
        scheduler.step(1.0)
        shares.append(optimizer.param_groups[0]["lr"])
    return np.asarray(shares)[seen]


def worst_error(child: Path, expected: dict[str, np.ndarray]) -> float:
    """The largest difference between recorded and expected rates, as a share of the largest expected one."""
    worst = 0.0
    tags = {tag for record in records(child) for tag in record if tag.startswith("lr/")}
    if tags != {f"lr/{name}" for name in expected}:
        return math.inf
    for name, rates in expected.items():
        recorded = np.asarray(list(values_by_step(child, f"lr/{name}").values()))
        if recorded.shape != rates.shape:
            return math.inf
        worst = max(worst, float(np.max(np.abs(recorded - rates)) / np.max(rates)))
    return worst


def wrong_hyper_parameters(child: Path) -> list[str]:
    """Groups of the last checkpoint whose weight decay or betas are not those of the settings."""
    content = last_content(child)
    optim = content["settings"]["optim"]
    wanted = (optim["weight_decay"], (optim["beta1"], optim["beta2"]))
    return [
        f"{name}.{group['name']}: {group['weight_decay']}, {group['betas']}"
        for name, state in content["optimizers"].items()
        for group in state["param_groups"]
        if (group["weight_decay"], tuple(group["betas"])) != wanted
    ]


def is_whole(run: Path) -> bool:
    return read_record(run).status == "finished"

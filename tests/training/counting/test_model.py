"""The model: who gets a gradient, in which phase, and what clamp and tanh do."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.counting import Data, Model
from inspector.formats.recipes.counting_modules import EXTRAS, HEADS
from inspector.training.counting.backbones import ConvBackbone, _first
from inspector.training.counting.blobs import blobs
from inspector.training.counting.model import CountingModel
from inspector.training.counting.samples import asked
from inspector.training.counting.task import CLASSIFICATION, REGRESSION, CountingTask
from inspector.training.looking import looking
from inspector.training.task import Batch, Phase
from tests.training.runs import TINY_OF

CPU = torch.device("cpu")
BATCH = Batch(np.arange(6), 0, 0)


def task_of(**edits):
    named = {path.replace("__", "."): value for path, value in edits.items()}
    plain = dict.fromkeys((f"model.{name}" for name in EXTRAS), False)
    settings = settings_of("counting", edits={**TINY_OF["counting"], **plain, "model.dropout": 0.0, **named})
    torch.manual_seed(0)
    return CountingTask(settings, CPU), settings


def gradients(task, settings, batch=BATCH):
    """L2 of each module's gradient; None where it has none."""
    task.model.zero_grad(set_to_none=True)
    task.losses(task.model, batch, settings).total.backward()
    found = {}
    for name, module in task.model.named_children():
        lengths = [float(weight.grad.norm()) for weight in module.parameters() if weight.grad is not None]
        if next(module.parameters(), None) is not None:
            found[name] = sum(lengths) if lengths else None
    return found


@pytest.mark.parametrize("name", EXTRAS)
def test_a_module_that_is_switched_on_is_a_child_and_gets_a_gradient(name):
    task, settings = task_of(**{f"model__{name}": True})
    assert set(task.groups()["main"]) == {"backbone", name, *HEADS}
    found = gradients(task, settings)
    assert all(length is not None and length > 0 for length in found.values()), found


def test_modules_that_are_cut_off_get_none_while_all_else_learns():
    edits = dict.fromkeys((f"model__{name}" for name in EXTRAS), True)
    task, settings = task_of(**edits, model__detach_modules=True)
    found = gradients(task, settings)
    assert {name for name, length in found.items() if length is None} == set(EXTRAS)
    assert all(found[name] > 0 for name in ("backbone", *HEADS))


@pytest.mark.parametrize("extra", [None, *EXTRAS])
def test_what_is_said_of_an_image_does_not_hang_on_the_others_of_its_batch(extra):
    task, _settings = task_of(**({f"model__{extra}": True} if extra else {}))
    pictures = [task._train.picture(index) for index in range(6)]
    steps = [min(index, len(picture.places)) for index, picture in enumerate(pictures)]
    with looking(task.model):
        together = task.model(asked(pictures, steps, 4, CPU).inputs)
        for row in (0, 4):
            alone = task.model(asked(pictures[row : row + 1], steps[row : row + 1], 4, CPU).inputs)
            np.testing.assert_allclose(alone.place[0], together.place[row], atol=1e-5)
            np.testing.assert_allclose(alone.done[0], together.done[row], atol=1e-5)


def test_phases_take_turns_and_train_what_is_theirs():
    task, settings = task_of(loss__alternate_steps=2)
    turns = [task.phase(step, settings) for step in range(5)]
    assert [turn.name for turn in turns] == [CLASSIFICATION] * 2 + [REGRESSION] * 2 + [CLASSIFICATION]
    assert {turn.optimizers for turn in turns} == {("main",)}
    classification, regression = (gradients(task, settings, Batch(np.arange(6), 0, step)) for step in (0, 2))
    assert classification["x_head"] is classification["y_head"] is None
    assert regression["done_head"] is None
    assert classification["backbone"] > 0
    assert regression["backbone"] > 0


def test_two_optimizers_share_the_backbone_and_each_has_its_heads():
    task, settings = task_of(loss__alternate_steps=1, optim__two_optimizers=True, model__memory=True)
    assert {name: set(modules) for name, modules in task.groups().items()} == {
        CLASSIFICATION: {"backbone", "memory", "done_head"},
        REGRESSION: {"backbone", "memory", "x_head", "y_head"},
    }
    assert task.phase(3, settings) == Phase(REGRESSION, (REGRESSION,))


def test_the_done_loss_is_weighted_and_told_raw():
    task, settings = task_of(loss__done_weight=3.0)
    losses = task.losses(task.model, BATCH, settings)
    assert losses.total.item() == pytest.approx(losses.terms["coord"].item() + 3 * losses.terms["done"].item())
    assert 0 <= losses.measures["done_share"].item() <= 1


@pytest.mark.parametrize(
    ("activation", "clamp", "expected"), [("none", 2.0, 2.0), ("none", None, 50.0), ("tanh", 2.0, 1.0)]
)
def test_coordinates_end_at_the_clamp_or_in_tanh(activation, clamp, expected):
    model = CountingModel(Model(channels=2, features=8, hidden=4, coord_activation=activation, coord_clamp=clamp))
    places = model._bounded(torch.tensor([[50.0, 0.5]]))
    assert places[0, 0].item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("edits", "saturated"), [({}, 0), ({"model__coord_activation": "tanh"}, 1), ({"model__coord_clamp": 1.0}, 1)]
)
def test_a_dry_run_is_told_of_spread_saturation_and_balance(edits, saturated):
    task, settings = task_of(**edits, data__done_positive_fraction=1.0)
    if saturated:
        torch.nn.init.constant_(task.model.x_head[2].bias, -9.0)
    found = task.probe(task.model, BATCH, settings)
    assert (found["saturation/x"], found["saturation/y"]) == (saturated, 0)
    assert found["balance/done"] == 1
    assert found["spread/x"] < found["spread/y"] if saturated else found["spread/x"] > 0
    assert task.model.training
    rare, settings = task_of(data__done_positive_fraction=None, data__min_objects=20, data__max_objects=20)
    assert 0.01 < rare.probe(rare.model, BATCH, settings)["balance/done"] < 0.12


def test_the_first_cell_in_order_with_a_yes_is_found():
    chances = torch.tensor([0.1, 0.5, 0.9, 0.3], dtype=torch.float64)
    expected = [0.1, 0.9 * 0.5, 0.9 * 0.5 * 0.9, 0.9 * 0.5 * 0.1 * 0.3]
    np.testing.assert_allclose(_first(torch.logit(chances)), expected, rtol=1e-9)


@pytest.mark.parametrize(("strided", "size", "side"), [(1, 32, 16), (1, 96, 48), (2, 96, 24), (3, 96, 12)])
def test_a_new_finder_finds_less_than_one_in_all_however_many_cells_there_are(strided, size, side):
    torch.manual_seed(0)
    backbone = ConvBackbone(Model(channels=4, features=8, hidden=4, strided_layers=strided))
    pictures = [blobs(Data(image_size=size), "train", index) for index in range(3)]
    inputs = asked(pictures, [0, 1, 1], 4, CPU).inputs
    found = []
    backbone.where.register_forward_pre_hook(lambda _layer, given: found.append(given[0]))
    with looking(backbone):
        cells = backbone(inputs).cells
    assert cells.shape == (3, 8, side, side)
    chances = found[0].reshape(3, -1, 3)[..., 2]
    # so that the last cell gets nearly as much of the gradient as the first
    assert chances.min() > 0.05
    assert chances.max() < 0.6

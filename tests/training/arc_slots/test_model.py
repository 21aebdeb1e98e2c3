"""The model and its loss against torch's own parts: padding takes no part, and every weight learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from inspector.formats.recipes.catalogue import settings_of
from inspector.training.arc_slots.data import canvases
from inspector.training.arc_slots.model import ArcSlotModel, InsideNorm, inputs
from inspector.training.arc_slots.scenes import scene
from inspector.training.arc_slots.task import ArcSlotsTask, colour_weights
from inspector.training.task import Batch
from tests.training.runs import TINY_OF

CPU = torch.device("cpu")


def tiny(**edits):
    return settings_of("arc_slots", edits={**TINY_OF["arc_slots"], "encoder.dropout": 0.0, **edits})


def model_of(settings):
    torch.manual_seed(0)
    return ArcSlotModel(settings)


def boards_of(count=4):
    return canvases([scene(0, 0, index, 5) for index in range(count)], 5)


def test_a_norm_inside_grids_is_that_of_their_cells_alone():
    values, inside = torch.randn(3, 2, 4, 5), torch.rand(3, 4, 5) < 0.6
    norm, plain = InsideNorm(2, 0.5), torch.nn.BatchNorm1d(2)
    torch.nn.init.constant_(plain.bias, 0.5)
    found, wanted = norm(values, inside), plain(values.movedim(1, -1)[inside])
    torch.testing.assert_close(found.movedim(1, -1)[inside], wanted)
    assert not found.movedim(1, -1)[~inside].any()
    torch.testing.assert_close(norm.running_var, plain.running_var)
    norm.eval(), plain.eval()
    torch.testing.assert_close(norm(values, inside).movedim(1, -1)[inside], plain(values.movedim(1, -1)[inside]))


@pytest.mark.parametrize("axis", ["slots", "positions"])
def test_the_size_of_the_canvas_changes_nothing_that_slots_read_but_black_padding_does(axis):
    """With no positions learned, a grid on a larger canvas is the same grid."""
    boards, noise = boards_of(), torch.randn(4, 3, 8)
    larger = canvases([scene(0, 0, index, 5) for index in range(4)], 7)
    slots = {}
    for padding in ("left_out", "black"):
        for size, on in ((5, boards), (7, larger)):
            edits = {"model.padding": padding, "model.attention_axis": axis, "data.grid_size": size}
            model = model_of(tiny(**edits))
            for table in (model.encoder.positions, model.decoder.positions):
                torch.nn.init.zeros_(table.rows)
                torch.nn.init.zeros_(table.columns)
            model.load_state_dict(
                {name: torch.full_like(value, 0.1) if value.ndim == 1 else value for name, value in weights(model)},
                strict=False,
            )
            slots[padding, size] = model(*inputs(on, padding, CPU), noise).read.slots.detach()
    torch.testing.assert_close(slots["left_out", 5], slots["left_out", 7])
    assert not torch.allclose(slots["black", 5], slots["black", 7])


def weights(model):
    """Weights that do not depend on the canvas, drawn anew from one seed."""
    generator = torch.Generator().manual_seed(5)
    return [
        (name, torch.randn(value.shape, generator=generator) * 0.3)
        for name, value in model.named_parameters()
        if "positions" not in name
    ]


@pytest.mark.parametrize("one_colour", [True, False])
def test_masks_share_each_cell_and_every_weight_gets_a_gradient(one_colour):
    model = model_of(tiny(**{"decoder.one_colour": one_colour}))
    rebuilt = model(*inputs(boards_of(), "left_out", CPU), torch.randn(4, 3, 8))
    assert rebuilt.logits.shape == (4, 10, 5, 5)
    torch.testing.assert_close(rebuilt.masks.sum(1), torch.ones(4, 5, 5))
    rebuilt.logits.square().sum().backward()
    assert not [name for name, weight in model.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert [name for name, _ in model.named_children()] == ["encoder", "slots", "decoder"]


@pytest.mark.parametrize("padded", [False, True])
def test_the_loss_is_the_cross_entropy_of_the_cells_that_count(padded):
    settings = tiny(**{"loss.pad_loss": padded, "data.augment": False, "loss.rare_colours": 0.0})
    torch.manual_seed(0)
    task = ArcSlotsTask(settings, CPU)
    task.model.eval()
    state = torch.get_rng_state()
    found = task.losses(task.model, Batch(np.arange(4), 0, 0), settings).total
    torch.set_rng_state(state)
    boards = canvases(task.train[:4], 5)
    rebuilt = task.model(*inputs(boards, "left_out", CPU), torch.randn(4, 3, 8))
    targets = torch.from_numpy(np.where(boards.inside, boards.cells.astype(np.int64), 0 if padded else -100))
    torch.testing.assert_close(found, functional.cross_entropy(rebuilt.logits, targets))


def test_weights_of_colours_average_to_one_and_at_full_power_make_colours_alike():
    shares = torch.tensor([0.7, 0.2, 0.1] + [0.0] * 7)
    half, full = colour_weights(shares, 0.5), colour_weights(shares, 1.0)
    assert float((half * shares).sum()) == pytest.approx(1.0)
    assert float(half[1] / half[0]) == pytest.approx((0.7 / 0.2) ** 0.5)
    torch.testing.assert_close((full * shares)[:3], torch.full((3,), 1 / 3))
    assert not full[3:].any()


def test_a_dry_run_is_told_the_colours_as_they_are_sampled():
    task = ArcSlotsTask(tiny(**{"data.augment": False}), CPU)
    found = task.probe(task.model, Batch(np.arange(6), 0, 0), tiny(**{"data.augment": False}))
    cells = np.concatenate([grid.ravel() for grid in task.train[:6]])
    assert [found[f"balance/colour_{colour}"] for colour in range(10)] == [(cells == one).mean() for one in range(10)]
    assert found["spread/logits"] > 0
    assert task.model.training

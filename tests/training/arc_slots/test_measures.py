"""Measures against scipy, and against grids counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from inspector.formats.recipes.arc_slots import Encoder
from inspector.training.arc_slots.data import canvases
from inspector.training.arc_slots.measures import Measures, channel_entropies
from inspector.training.arc_slots.model import Rebuilt
from inspector.training.slot_attention import Attended

SLOTS, SIZE = 3, 4


def test_channel_entropy_is_scipys_over_its_ceiling():
    values = torch.randn(2, 3, 4, 4)
    values[0, 1] = 5.0
    inside = torch.zeros(2, 4, 4, dtype=torch.bool)
    inside[0, :2, :3], inside[1] = True, True
    found = channel_entropies(values, inside)
    for grid, many in ((0, 6), (1, 16)):
        for channel in range(3):
            own = values[grid, channel][inside[grid]].double().numpy()
            if (grid, channel) == (0, 1):
                assert math.isnan(found[grid, channel])
            else:
                wanted = stats.entropy(own - own.min()) / math.log(many)
                assert float(found[grid, channel]) == pytest.approx(wanted, abs=1e-6)


def rebuilt_as(answers, masks):
    count = len(answers)
    logits = torch.nn.functional.one_hot(torch.as_tensor(answers).long(), 10).movedim(-1, 1).float()
    read = Attended(torch.randn(count, 1, SLOTS, 8), torch.rand(count, 1, SLOTS, 16), torch.ones(count, 1, SLOTS, 4))
    return Rebuilt(logits, torch.as_tensor(masks).float(), read)


def test_scores_of_two_grids_are_those_counted_by_hand():
    """2 x 2 with a cell of 3 that is missed, and 1 x 4 of colour 5, all right; canvases have 32 cells."""
    boards = canvases([np.array([[0, 3], [0, 0]], np.uint8), np.array([[5, 5, 5, 5]], np.uint8)], SIZE)
    answers = boards.cells.copy()
    answers[0, 0, 1] = 0
    answers[1, 3, 3] = 7
    masks = np.zeros((2, SLOTS, SIZE, SIZE))
    masks[:, 0] = 1.0
    masks[0, :, 0, 1] = [0, 1, 0]
    measures = Measures(Encoder(), ())
    measures.add(boards, rebuilt_as(answers, masks))
    found = measures.values()
    wanted = {
        "val/accuracy_content": 7 / 8,
        "val/accuracy_coloured": 4 / 5,
        "val/accuracy_padded": 30 / 32,
        "baseline/accuracy_content_all_zeros": 3 / 8,
        "baseline/accuracy_content_most_frequent": 7 / 8,
        "baseline/accuracy_padded_all_zeros": 27 / 32,
        "val/exact_match": 0.5,
        "slots/active": 1.5,
        "baseline/slots_active_colours": 1.5,
        "slots/mask_entropy": 0.0,
        "slots/update_norm": 2.0,
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted)


@pytest.mark.parametrize(("activation", "silent", "baseline"), [("relu", 1, 0.5), ("leaky_relu", 2, 0.346)])
def test_sparsity_counts_a_grids_own_cells_and_stands_beside_that_of_all_and_its_baseline(activation, silent, baseline):
    """Zeros after a ReLU; after an activation without an exact zero what is below 0.01, as 0.005 is."""
    boards = canvases([np.ones((2, 3), np.uint8)], SIZE)
    fired = torch.zeros(1, 2, SIZE, SIZE)
    fired[0, 0, :2, :3] = torch.tensor([[1.0, 0.005, 0.0], [2.0, 3.0, 4.0]])
    layer = torch.nn.ReLU()
    model = torch.nn.Module()
    model.encoder = torch.nn.Module()
    model.encoder.activations = torch.nn.ModuleList([layer])
    measures = Measures(Encoder(activation=activation), ("encoder.conv1",))
    with measures.tapping(model, boards.inside):
        layer(fired)
    layer(torch.ones(1, 2, SIZE, SIZE))
    found = measures.values()
    assert found["sparsity/encoder.conv1"] == pytest.approx((silent + 6) / 12)
    assert found["sparsity_padded/encoder.conv1"] == pytest.approx((32 - 6 + silent) / 32)
    assert found["dead_channels/encoder.conv1"] == 0.5
    assert found["dormant_channels/encoder.conv1"] == 0.0
    assert found["baseline/sparsity_encoder.conv1"] == pytest.approx(baseline, abs=1e-3)


@pytest.mark.parametrize(("activation", "share"), [("leaky_relu", 0.346), ("gelu", 0.020)])
def test_the_baseline_is_the_activations_own(activation, share):
    """As measured by the reference: a leaky ReLU meets 40 % having learned nothing."""
    boards = canvases([np.ones((2, 2), np.uint8)], SIZE)
    model = torch.nn.Module()
    model.encoder = torch.nn.Module()
    model.encoder.activations = torch.nn.ModuleList([torch.nn.Identity()])
    measures = Measures(Encoder(activation=activation), ("conv",))
    with measures.tapping(model, boards.inside):
        model.encoder.activations[0](torch.ones(1, 1, SIZE, SIZE))
    assert measures.values()["baseline/sparsity_conv"] == pytest.approx(share, abs=2e-3)

"""Slot attention against its formulas written out in numpy, with the axis right and wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inspector.training.slot_attention import SlotAttention

SIZE = 8


def module(axis: str) -> SlotAttention:
    torch.manual_seed(3)
    return SlotAttention(SIZE, SIZE, 16, 1.0, axis).double()


def normed(values):
    return (values - values.mean(-1, keepdims=True)) / np.sqrt(values.var(-1, keepdims=True) + 1e-5)


def first_update(attend, cells, noise, axis):
    """Attention and updates of the first iteration, as the paper has them and as the fault does."""
    weights = {name: value.detach().numpy() for name, value in attend.named_parameters()}
    slots = weights["mu"] + np.exp(weights["log_sigma"]) * noise
    read = normed(cells)
    logits = (normed(slots) @ weights["to_query.weight"].T) @ (read @ weights["to_key.weight"].T).swapaxes(1, 2)
    shares = np.exp(logits / np.sqrt(SIZE))
    shares /= shares.sum(1 if axis == "slots" else 2, keepdims=True)
    rows = shares / shares.sum(2 if axis == "slots" else 1, keepdims=True)
    return shares, rows @ (read @ weights["to_value.weight"].T)


@pytest.mark.parametrize("axis", ["slots", "positions"])
def test_attention_and_updates_are_those_of_the_formula(axis):
    random = np.random.default_rng(0)
    cells, noise = random.normal(size=(2, 9, SIZE)), random.normal(size=(2, 3, SIZE))
    attend = module(axis)
    with torch.no_grad():
        found = attend(torch.from_numpy(cells), torch.from_numpy(noise), 2)
    attention, updates = first_update(attend, cells, noise, axis)
    np.testing.assert_allclose(found.attention[:, 0].numpy(), attention, atol=1e-6)
    np.testing.assert_allclose(found.updates[:, 0].numpy(), updates, atol=1e-5)
    assert found.slots.shape == (2, 2, 3, SIZE)


def test_the_wrong_axis_makes_updates_about_a_hundred_times_too_large_on_a_grid_of_thirty():
    """Over 900 positions and 7 slots the sum is 900 / 7 = 129 means; the reference found about 100."""
    random = torch.Generator().manual_seed(1)
    cells = torch.randn(4, 900, SIZE, generator=random, dtype=torch.float64)
    noise = torch.randn(4, 7, SIZE, generator=random, dtype=torch.float64)
    norms = {}
    for axis in ("slots", "positions"):
        with torch.no_grad():
            norms[axis] = float(module(axis)(cells, noise, 1).updates.norm(dim=-1).mean())
    assert 50 < norms["positions"] / norms["slots"] < 250


@pytest.mark.parametrize("axis", ["slots", "positions"])
def test_what_is_not_valid_is_not_read(axis):
    cells, noise = torch.randn(1, 9, SIZE, dtype=torch.float64), torch.randn(1, 3, SIZE, dtype=torch.float64)
    valid = torch.arange(9).unsqueeze(0) < 5
    other = torch.where(valid.unsqueeze(2), cells, torch.randn_like(cells))
    attend = module(axis)
    with torch.no_grad():
        first, second, whole = attend(cells, noise, 3, valid), attend(other, noise, 3, valid), attend(cells, noise, 3)
        alone = attend(cells[:, :5], noise, 3)
    torch.testing.assert_close(first.slots, second.slots)
    torch.testing.assert_close(first.slots, alone.slots)
    assert not torch.allclose(first.slots, whole.slots)

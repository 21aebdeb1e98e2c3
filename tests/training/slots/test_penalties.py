"""The penalties against numpy and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from inspector.training.slots.penalties import consistency, diversity, effective_ranks, spectral

RANDOM = np.random.default_rng(3)
SLOTS = RANDOM.normal(size=(5, 4, 6))


def cosines(first, second):
    first, second = (one / np.linalg.norm(one, axis=-1, keepdims=True) for one in (first, second))
    return first @ np.swapaxes(second, -1, -2)


def test_diversity_is_the_mean_cosine_of_different_slots():
    pairs = cosines(SLOTS, SLOTS)[:, ~np.eye(4, dtype=bool)]
    given = torch.tensor(SLOTS)
    assert float(diversity(given, clamp=False)) == pytest.approx(pairs.mean(), abs=1e-6)
    assert float(diversity(given, clamp=True)) == pytest.approx(np.maximum(pairs, 0).mean(), abs=1e-6)


def test_only_the_clamp_keeps_diversity_from_falling_below_zero():
    # the corners of a simplex are as far apart as four directions can be
    corners = torch.eye(4)[None] - 0.25
    assert float(diversity(corners, clamp=False)) == pytest.approx(-1 / 3, abs=1e-6)
    assert float(diversity(corners, clamp=True)) == 0.0


def test_the_effective_rank_is_the_entropy_of_the_singular_values():
    singular = np.linalg.svd(SLOTS, compute_uv=False)
    shares = singular / singular.sum(axis=1, keepdims=True)
    wanted = np.exp(-(shares * np.log(shares)).sum(axis=1))
    np.testing.assert_allclose(effective_ranks(torch.tensor(SLOTS)), wanted, rtol=1e-5)
    assert float(spectral(torch.tensor(SLOTS))) == pytest.approx(1 - wanted.mean() / 4, abs=1e-6)


def test_slots_at_right_angles_cost_nothing_and_equal_ones_all_but_a_slots_share():
    assert float(spectral(torch.eye(4)[None])) == pytest.approx(0.0, abs=1e-6)
    assert float(spectral(torch.ones(1, 4, 6))) == pytest.approx(0.75, abs=1e-4)


def test_consistency_matches_slots_as_scipy_does():
    other = RANDOM.normal(size=SLOTS.shape)
    found = []
    for table in cosines(SLOTS, other):
        rows, columns = linear_sum_assignment(-table)
        found.append(table[rows, columns].mean())
    assert float(consistency(torch.tensor(SLOTS), torch.tensor(other))) == pytest.approx(1 - np.mean(found), abs=1e-6)
    assert float(consistency(torch.tensor(SLOTS), torch.tensor(2 * SLOTS[:, ::-1].copy()))) == pytest.approx(
        0, abs=1e-6
    )


@pytest.mark.parametrize("start", ["alike", "apart"])
def test_every_penalty_has_a_finite_gradient(start):
    made = np.ones_like(SLOTS) if start == "alike" else SLOTS
    slots = torch.tensor(made, dtype=torch.float32, requires_grad=True)
    other = torch.tensor(RANDOM.normal(size=SLOTS.shape), dtype=torch.float32)
    for value in (diversity(slots, clamp=False), spectral(slots), consistency(slots, other)):
        (gradient,) = torch.autograd.grad(value, slots)
        assert torch.isfinite(gradient).all()
    (of_consistency,) = torch.autograd.grad(consistency(slots, other), slots)
    assert of_consistency.abs().max() > 1e-3


def test_slots_that_are_not_finite_cost_what_is_not_finite():
    lost = torch.full((2, 4, 6), torch.nan)
    for value in (diversity(lost, clamp=True), spectral(lost), consistency(lost, lost)):
        assert torch.isnan(value)

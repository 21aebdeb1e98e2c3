"""Losses of places: the funnel jumps as it was published, Huber's form does not, and both are those that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from inspector.analysis import point_losses
from inspector.formats.recipes.counting import Loss
from inspector.training.counting.losses import COORD_LOSSES, coord_loss, done_loss
from inspector.training.counting.model import Found
from inspector.training.counting.samples import Asked, Inputs


def offsets(distances):
    """Steps along x and y whose absolute values sum to the distances."""
    distances = torch.as_tensor(distances, dtype=torch.float64)
    return torch.stack([0.25 * distances, -0.75 * distances], dim=1)


def test_the_funnel_is_that_of_the_published_script():
    # d * d below 0.3, 0.3 * d + 0.09 from there on: twice as much at once
    found = COORD_LOSSES["funnel"](offsets([0.0, 0.2, 0.3, 1.0]), 0.3)
    np.testing.assert_allclose(found, [0.0, 0.04, 0.18, 0.39], atol=1e-12)
    tight = COORD_LOSSES["funnel"](offsets([0.05, 0.3]), 0.1)
    np.testing.assert_allclose(tight, [0.0025, 0.04], atol=1e-12)


def test_hubers_form_is_twice_that_of_torch():
    distances = torch.linspace(0, 2, 41, dtype=torch.float64)
    found = COORD_LOSSES["huber"](offsets(distances), 0.3)
    expected = 2 * functional.huber_loss(distances, torch.zeros_like(distances), reduction="none", delta=0.3)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("form", ["funnel", "huber"])
@pytest.mark.parametrize("threshold", [0.1, 0.3])
def test_values_and_slopes_are_those_that_the_points_view_draws(form, threshold):
    distances = np.array([0.01, 0.05, 0.104, 0.2, 0.29, 0.297, 0.5, 1.9])
    distance = torch.tensor(distances, requires_grad=True)
    loss = COORD_LOSSES[form](torch.stack([distance, torch.zeros_like(distance)], dim=1), threshold)
    (slope,) = torch.autograd.grad(loss.sum(), distance)
    np.testing.assert_allclose(loss.detach(), getattr(point_losses, f"{form}_loss")(distances, threshold), atol=1e-12)
    np.testing.assert_allclose(slope, getattr(point_losses, f"{form}_gradient")(distances, threshold), atol=1e-12)


def test_a_tighter_funnel_pulls_less_where_errors_are():
    # 40 px of 384 are 0.2083 along one axis; the slope falls from 0.417 to 0.1
    slopes = [float(point_losses.funnel_gradient(np.array(40 / 192), threshold)) for threshold in (0.3, 0.1)]
    np.testing.assert_allclose(slopes, [0.4167, 0.1], atol=1e-3)


def asked(done):
    nothing = torch.zeros(len(done), 1, 2)
    inputs = Inputs(torch.zeros(len(done), 4, 8, 8), nothing[..., 0] > 0, nothing)
    return Asked(inputs, torch.zeros(len(done), 2), torch.tensor(done), np.zeros(0), np.zeros(0, np.int64))


def found(places, logits=None):
    place = torch.tensor(places, requires_grad=True)
    return Found(place, place, torch.zeros(len(places)) if logits is None else torch.tensor(logits))


def test_places_count_only_where_an_object_is_left():
    said = found([[0.1, 0.0], [0.0, 0.2], [9.0, 9.0]])
    loss = coord_loss(said, asked([0.0, 0.0, 1.0]), Loss(coord="mse"))
    assert loss.item() == pytest.approx((0.01 + 0.04) / 2)
    loss.backward()
    assert said.place.grad[2].tolist() == [0.0, 0.0]
    nothing_left = coord_loss(found([[9.0, 9.0]]), asked([1.0]), Loss())
    assert nothing_left.item() == 0.0


def test_the_done_loss_is_the_mean_cross_entropy():
    loss = done_loss(found([[0.0, 0.0]] * 2, [2.0, -1.0]), asked([1.0, 0.0]))
    assert loss.item() == pytest.approx((np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 2, rel=1e-6)

"""Losses and gradients equal figures worked by hand, and the slope of the loss itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inspector.analysis.point_losses import funnel_gradient, funnel_loss, huber_gradient, huber_loss

HALF_PX = 384 / 2


def test_a_smaller_threshold_lowers_the_gradient_of_errors_beyond_it() -> None:
    errors = np.array([20.0, 30.0, 40.0, 57.0]) / HALF_PX
    assert funnel_gradient(errors, 0.3).round(3).tolist() == [0.208, 0.312, 0.417, 0.594]
    assert funnel_gradient(errors, 0.1).tolist() == [0.1] * 4


def test_the_funnel_jumps_to_twice_its_height_and_its_slope_halves() -> None:
    below, above = funnel_loss(np.array([0.3, 0.3 + 1e-12]), 0.3)
    assert (below, above) == pytest.approx((0.09, 0.18))
    assert funnel_gradient(np.array([0.3, 0.4]), 0.3) == pytest.approx([0.6, 0.3])


@pytest.mark.parametrize("threshold", [0.1, 0.3, 1.0])
def test_the_loss_in_one_piece_is_twice_torch_s(threshold: float) -> None:
    distance = torch.linspace(0, 2, 41, dtype=torch.float64, requires_grad=True)
    theirs = 2 * torch.nn.functional.huber_loss(distance, torch.zeros_like(distance), delta=threshold, reduction="none")
    theirs.sum().backward()
    ours = distance.detach().numpy()
    np.testing.assert_allclose(huber_loss(ours, threshold), theirs.detach().numpy())
    np.testing.assert_allclose(huber_gradient(ours, threshold), distance.grad.numpy())


@pytest.mark.parametrize("loss", [(funnel_loss, funnel_gradient), (huber_loss, huber_gradient)])
def test_gradients_are_slopes(loss) -> None:
    value, slope = loss
    at = np.array([0.05, 0.2, 0.29, 0.31, 0.9, 1.9])
    np.testing.assert_allclose((value(at + 1e-6, 0.3) - value(at - 1e-6, 0.3)) / 2e-6, slope(at, 0.3), rtol=1e-6)

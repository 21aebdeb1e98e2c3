"""Shares below zero of a normal, by hand and against drawn numbers; which channels are dead or constant."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inspector.analysis.normal_share import share_below_zero
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.diagnosis.checkpoints.predicted_sparsity import predicted_sparsity

torch = pytest.importorskip("torch")
nn = torch.nn


def test_shares_of_a_normal_are_the_tables() -> None:
    """Phi of 0, -0.5, 0.5 and -1.96 as printed in tables."""
    found = share_below_zero(np.array([0.0, 0.5, -0.5, 1.96]), np.array([1.0, 1.0, -1.0, 1.0]))
    assert found == pytest.approx([0.5, 0.308538, 0.691462, 0.0249979], abs=1e-6)


def test_a_channel_that_does_not_spread_is_its_shift() -> None:
    found = share_below_zero(np.array([1.0, -1.0, 0.0, math.nan, 1.0]), np.array([0.0, 0.0, 0.0, 1.0, math.inf]))
    assert found[:3].tolist() == [0.0, 1.0, 1.0]
    assert np.isnan(found[3:]).all()


def _saved(path: Path, change: dict[str, list[float]]) -> Path:
    model = nn.ModuleDict({"conv": nn.Conv2d(3, 4, 3), "bn": nn.BatchNorm2d(4), "ln": nn.LayerNorm(4)})
    with torch.no_grad():
        for name, values in change.items():
            getattr(model["bn"], name).copy_(torch.tensor(values))
    torch.save({"model": model.state_dict(), "epoch": 1}, path)
    return path


def test_silence_is_what_drawn_activations_show(tmp_path: Path) -> None:
    scale, shift = [1.0, 0.5, 2.0, -0.3], [0.0, 0.4, -1.0, 0.2]
    path = _saved(tmp_path / "a.pt", {"weight": scale, "bias": shift})
    (one,) = predicted_sparsity(opened(path), QUIET)
    assert (one.layer, one.path, one.dead, one.constant) == ("bn", "model.bn", (), ())
    drawn = np.random.default_rng(0).standard_normal((200_000, 4)) * np.abs(scale) + shift
    assert one.silent == pytest.approx((drawn < 0).mean(axis=0), abs=0.005)
    assert one.mean == pytest.approx(float(one.silent.mean()))


def test_dead_and_constant_channels_are_named(tmp_path: Path) -> None:
    path = _saved(
        tmp_path / "a.pt",
        {"weight": [1e-6, 1e-6, 1.0, 1.0], "bias": [-0.1, 0.1, 0.0, 0.0], "running_var": [1.0, 1.0, 1e-14, 2.0]},
    )
    (one,) = predicted_sparsity(opened(path), QUIET)
    assert one.dead == (0,)
    assert one.unmoved == (2,)
    assert one.constant == (0, 1, 2)
    assert one.silent[:2].tolist() == [1.0, 0.0]


def test_nothing_is_predicted_of_other_normalisations_or_averages(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.BatchNorm2d(4, affine=False))
    torch.save({"model": model.state_dict()}, tmp_path / "a.pt")
    assert predicted_sparsity(opened(tmp_path / "a.pt"), QUIET) == ()
    torch.save({"ema": nn.BatchNorm2d(4).state_dict(), "model": {"w": torch.ones(2)}}, tmp_path / "b.pt")
    assert predicted_sparsity(opened(tmp_path / "b.pt"), QUIET) == ()


def test_what_is_not_finite_is_unknown(tmp_path: Path) -> None:
    path = _saved(tmp_path / "a.pt", {"weight": [math.nan, 1.0, 1.0, 1.0], "bias": [0.0, math.inf, 0.0, 0.0]})
    (one,) = predicted_sparsity(opened(path), QUIET)
    assert np.isnan(one.silent).tolist() == [True, True, False, False]
    assert one.mean == pytest.approx(0.5)

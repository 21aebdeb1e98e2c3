"""Kernels whose channels were silent from the first step on have second moments of zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.diagnosis.gradients.zero_moments import ABOUT
from inspector.diagnosis.values import Severity, TensorEvidence
from tests.diagnosis.folders import cured_paths, diagnosed, finding, write_own

torch = pytest.importorskip("torch")


def _write(folder: Path, silent: int, *, optimizer: bool = True) -> None:
    """Three steps of a convolution of ten channels behind a ReLU, so many of which never fire."""
    torch.manual_seed(0)
    model = torch.nn.Conv2d(3, 10, 3)
    with torch.no_grad():
        model.bias[:silent] = -100.0
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        adam.zero_grad()
        model(torch.randn(2, 3, 8, 8)).relu().square().mean().backward()
        adam.step()
    write_own(folder)
    (folder / "checkpoints").mkdir(exist_ok=True)
    saved = {"model": model.state_dict(), "step": 3, **({"optimizer": adam.state_dict()} if optimizer else {})}
    torch.save(saved, folder / "checkpoints" / "step_0000003.pt")


def test_eight_silent_channels_of_ten_leave_eighty_percent_without_gradient(tmp_path: Path) -> None:
    _write(tmp_path, 8)
    found = finding(tmp_path, ABOUT.id)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert "80.0% of" in found.summary
    assert isinstance(found.evidence[0], TensorEvidence)
    assert cured_paths(found) == {"encoder.activation", "optim.lr"}


def test_six_of_ten_are_not_told(tmp_path: Path) -> None:
    _write(tmp_path, 6)
    assert finding(tmp_path, ABOUT.id) is None


def test_a_checkpoint_without_an_optimizer_is_not_asked(tmp_path: Path) -> None:
    _write(tmp_path, 8, optimizer=False)
    assert ABOUT.id not in [one.id for one in diagnosed(tmp_path).not_assessable]

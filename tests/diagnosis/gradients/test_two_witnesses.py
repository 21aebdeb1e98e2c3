"""A module without gradient, told by the optimizer's state and by the log in one finding."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.diagnosis.checkpoints.gradient_health import NONE
from inspector.diagnosis.values import CurveEvidence, Severity, Sureness, TensorEvidence
from tests.diagnosis.folders import diagnosed, finding, write_curves, write_own

torch = pytest.importorskip("torch")


def _write(folder: Path, *, cut_off: bool, logged: Callable[[int], float]) -> None:
    """A checkpoint of three steps whose memory is cut off from the loss or not, and a log beside it."""
    torch.manual_seed(0)
    model = torch.nn.ModuleDict({"backbone": torch.nn.Linear(8, 8), "memory": torch.nn.Linear(8, 8)})
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(3):
        optimizer.zero_grad()
        found = model["backbone"](torch.randn(4, 8))
        memory = model["memory"](found)
        (found + (memory.detach() if cut_off else memory)).square().mean().backward()
        optimizer.step()
    checkpoints = folder / "checkpoints"
    checkpoints.mkdir(parents=True)
    saved = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": 40}
    torch.save(saved, checkpoints / "step_0000040.pt")
    write_own(folder)
    norms = {
        "grad_norm__backbone": lambda _step: 0.5,
        "grad_norm__memory": logged,
        "grad_norm__total": lambda _step: 0.5,
    }
    write_curves(folder, range(10, 41, 10), **norms)


def test_what_both_say_is_said_once_and_is_certain(tmp_path: Path) -> None:
    _write(tmp_path, cut_off=True, logged=lambda _step: math.nan)
    (found,) = [one for one in diagnosed(tmp_path).findings if one.id == NONE.id]
    assert (found.severity, found.sureness) == (Severity.ERROR, Sureness.CERTAIN)
    assert "the log says the same of memory, NaN in all of 4 records" in found.summary
    assert found.since_step == 10
    assert {type(one) for one in found.evidence} == {TensorEvidence, CurveEvidence}


def test_a_module_that_the_optimizer_knows_gradients_of_was_only_off_where_it_was_logged(tmp_path: Path) -> None:
    _write(tmp_path, cut_off=False, logged=lambda _step: math.nan)
    assert finding(tmp_path, NONE.id) is None


def test_one_witness_is_a_warning(tmp_path: Path) -> None:
    _write(tmp_path, cut_off=True, logged=lambda _step: 0.1)
    found = finding(tmp_path, NONE.id)
    assert found is not None
    assert (found.severity, found.sureness) == (Severity.WARNING, Sureness.LIKELY)

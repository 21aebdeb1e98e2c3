"""Health of the newest checkpoint: each fault that is put in is found, and what is meant to be so is not accused."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.checkpoints import newest_checkpoint
from inspector.diagnosis.engine import diagnose, judged
from inspector.diagnosis.material import material_of
from inspector.diagnosis.thresholds import Thresholds
from inspector.diagnosis.values import Finding, Severity, TensorEvidence
from inspector.runs.scan import scan
from tests.diagnosis.folders import diagnosed

torch = pytest.importorskip("torch")
nn = torch.nn

IDS = frozenset(
    (
        "dead-outputs", "no-gradient", "gradient-depth", "empty-weights", "duplicated-filters", "moments-not-finite",
        "moments-underflow", "unequal-steps",
    )
)  # fmt: skip


def _net() -> Any:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 4)
    )


def _trained(model: Any, optimizer: Any, steps: int = 4) -> None:
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(8, 3, 6, 6)).square().mean().backward()
        optimizer.step()


def _found(folder: Path, model: Any, optimizer: Any = None) -> dict[str, Finding]:
    content = {"model": model.state_dict(), "epoch": 1}
    if optimizer is not None:
        content["optimizer"] = optimizer.state_dict()
    torch.save(content, folder / "last.pt")
    return {one.id: one for one in diagnosed(folder).findings if one.id in IDS | {"frozen-modules"}}


def test_a_sound_checkpoint_is_not_accused(tmp_path: Path) -> None:
    model = _net()
    optimizer = torch.optim.AdamW(model.parameters())
    _trained(model, optimizer)
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "last.pt")
    found = diagnosed(tmp_path)
    assert [one.id for one in found.findings] == []
    assert {one.id for one in found.not_assessable} & IDS == {"gradient-depth"}  # three kernels make no depth
    assert set(found.passed) >= IDS - {"gradient-depth"}


def test_weights_as_they_are_drawn_are_not_accused(tmp_path: Path) -> None:
    """Zero biases, LoRA's B, layer scales, position tables and masks begin all alike on purpose."""
    model = nn.ModuleDict({"net": _net(), "norm": nn.LayerNorm([4, 4]), "head": nn.Linear(4, 4)})
    nn.init.zeros_(model["head"].bias)
    extra = {
        "q.lora_A.weight": torch.randn(4, 16),
        "q.lora_B.weight": torch.zeros(16, 4),
        "block.gamma": torch.full((8, 8), 1e-6),
        "relative_position_bias_table": torch.zeros(9, 3),
        "pos_embed": torch.zeros(1, 9, 4),
        "attn_mask": torch.zeros(9, 9),
        "embed.weight": torch.cat([torch.zeros(1, 8), torch.randn(9, 8)]),
        "blur.weight": torch.ones(8, 1, 3, 3) / 9,
        "position_ids": torch.arange(4),
    }
    torch.save({**model.state_dict(), **extra}, tmp_path / "last.pt")
    assert [one.id for one in diagnosed(tmp_path).findings if one.id in IDS] == []


def test_matrices_of_one_value_are_found(tmp_path: Path) -> None:
    model = _net()
    nn.init.constant_(model[6].weight, 0.25)
    found = _found(tmp_path, model)["empty-weights"]
    assert "model.6.weight is 0.25 throughout" in found.summary
    assert found.severity is Severity.WARNING


def test_copied_filters_are_found(tmp_path: Path) -> None:
    model = _net()
    with torch.no_grad():
        model[3].weight[5] = model[3].weight[2]
        model[3].weight[7] = model[3].weight[2] * (1 + 1e-7)
    found = _found(tmp_path, model)["duplicated-filters"]
    assert "3 of 8 filters of model.3.weight are copies (2, 5, 7)" in found.summary


def _dead_scale(model: Any) -> None:
    model[1].weight[4] = 1e-6
    model[1].bias[4] = -0.2


def _dead_row(model: Any) -> None:
    model[3].weight[2] = 0.0


def _decayed_row(model: Any) -> None:
    model[3].weight[5] *= 1e-6


def _still(model: Any) -> None:
    model[1].running_var[6] = 1e-15


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (_dead_scale, "1: output 4 of 8 has a scale below 1e-4 and a shift below zero"),
        (_dead_row, "model.3: output 2 of 8 has at most 0.0001 of the layer's usual norm"),
        (_decayed_row, "model.3: output 5 of 8 has at most 0.0001 of the layer's usual norm"),
        (_still, "1: output 6 of 8 never varies before normalisation"),
    ],
)
def test_dead_outputs_are_found(tmp_path: Path, spoil: Callable[[Any], None], text: str) -> None:
    model = _net()
    with torch.no_grad():
        spoil(model)
    found = _found(tmp_path, model)["dead-outputs"]
    assert text in found.summary
    assert found.title == "1 output channel is dead"


def test_modules_without_gradient_are_named_and_frozen_ones_beside_them(tmp_path: Path) -> None:
    model = nn.ModuleDict({"net": _net(), "unused": nn.Linear(3, 3), "kept": nn.Linear(5, 5)})
    # Without names, what has no state could be either of the two.
    optimizer = torch.optim.AdamW([pair for pair in model.named_parameters() if not pair[0].startswith("kept")])
    _trained(model["net"], optimizer)
    found = _found(tmp_path, model, optimizer)["no-gradient"]
    assert found.title == "1 module gets no gradient"
    assert "unused has no state: no step had a gradient for it" in found.summary
    assert "frozen besides: kept" in found.summary
    assert {one.name for one in found.evidence if isinstance(one, TensorEvidence)} == {
        "model.unused.weight", "model.unused.bias", "model.kept.weight", "model.kept.bias"
    }  # fmt: skip


def test_a_part_without_gradient_is_named_once_and_not_by_each_of_its_modules(tmp_path: Path) -> None:
    branch = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))})
    model = nn.ModuleDict({"net": _net(), "branch": branch})
    optimizer = torch.optim.AdamW(model.parameters())
    _trained(model["net"], optimizer)
    found = _found(tmp_path, model, optimizer)["no-gradient"]
    assert found.title == "1 module gets no gradient"
    assert found.summary.startswith("branch has no state")
    assert len(found.evidence) == 6


def test_frozen_modules_alone_are_only_told(tmp_path: Path) -> None:
    model = nn.ModuleDict({"net": _net(), "kept": nn.Linear(5, 5)})
    optimizer = torch.optim.AdamW(model["net"].parameters())
    _trained(model["net"], optimizer)
    found = _found(tmp_path, model, optimizer)["frozen-modules"]
    assert (found.title, found.severity) == ("1 module is frozen", Severity.INFO)


def test_moments_that_are_not_finite_are_found(tmp_path: Path) -> None:
    model = _net()
    optimizer = torch.optim.AdamW(model.parameters())
    _trained(model, optimizer)
    optimizer.state[model[3].weight]["exp_avg"][0, 0, 0, 0] = torch.nan
    found = _found(tmp_path, model, optimizer)["moments-not-finite"]
    assert found.severity is Severity.CRITICAL
    assert found.summary.startswith("1 tensor of the optimizer in ")
    assert found.summary.endswith(" holds NaN or infinity: optimizer.state.4.exp_avg")


def test_moments_that_underflow_are_found(tmp_path: Path) -> None:
    """In half precision the square of 1e-4 is lost, and the step becomes the gradient over eps."""
    model = _net()
    optimizer = torch.optim.Adam(model.parameters())
    _trained(model, optimizer)
    for state in optimizer.state.values():
        state["exp_avg"] = torch.full_like(state["exp_avg"], 1e-4, dtype=torch.float16)
        state["exp_avg_sq"] = torch.zeros_like(state["exp_avg_sq"], dtype=torch.float16)
    found = _found(tmp_path, model, optimizer)["moments-underflow"]
    assert found.severity is Severity.WARNING
    assert "100.0% of the second moments" in found.summary
    assert "the step is many times the rate" in found.summary


def test_unequal_steps_are_told(tmp_path: Path) -> None:
    model = _net()
    optimizer = torch.optim.AdamW(model.parameters())
    _trained(model, optimizer)
    model[6].requires_grad_(False)
    optimizer.zero_grad()
    _trained(model, optimizer, 5)
    found = _found(tmp_path, model, optimizer)["unequal-steps"]
    assert "Most have made 9 steps" in found.summary
    assert "2 parameters 4" in found.summary


@pytest.mark.parametrize(("factor", "rule"), [(1e-5, "X.G2"), (1e5, "X.G3")])
def test_gradients_that_change_by_orders_across_depth_are_told(tmp_path: Path, factor: float, rule: str) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(*[nn.Linear(8, 8) for _ in range(8)])
    optimizer = torch.optim.AdamW(model.parameters())
    optimizer.zero_grad()
    model(torch.randn(8, 8)).square().mean().backward()
    for place, layer in enumerate(model):
        for weight in layer.parameters():
            weight.grad = torch.randn_like(weight) * 1e-3 * factor ** (1 - place / 7)
    optimizer.step()
    found = _found(tmp_path, model, optimizer)["gradient-depth"]
    assert found.rules == (rule,)


def test_only_the_newest_checkpoint_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _net()
    read = []
    whole = newest_checkpoint.summary_of

    def remembered(checkpoint: Any, pulse: Any) -> Any:
        read.append(checkpoint.path.name)
        return whole(checkpoint, pulse)

    monkeypatch.setattr(newest_checkpoint, "summary_of", remembered)
    for epoch in range(6):
        torch.save({"model": model.state_dict(), "epoch": epoch}, tmp_path / f"epoch_{epoch}.pt")
    diagnose(scan((tmp_path,), QUIET), QUIET)
    assert read == ["epoch_5.pt"]


def test_a_checkpoint_too_large_to_look_through_unasked_is_said_to_be_so(tmp_path: Path) -> None:
    torch.save({"model": _net().state_dict()}, tmp_path / "last.pt")
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    found = judged(replace(material, thresholds=Thresholds(largest_summed_bytes=1_000)), QUIET)
    because = {one.id: one.because for one in found.not_assessable}
    assert set(because) >= IDS
    assert "too much to look through unasked; its Weights view does" in because["dead-outputs"]


def test_a_file_that_changed_since_is_read_anew(tmp_path: Path) -> None:
    model = _net()
    assert "empty-weights" not in _found(tmp_path, model)
    nn.init.zeros_(model[6].weight)
    time.sleep(0.01)
    assert "empty-weights" in _found(tmp_path, model)

"""Gradient flow from the optimizer's state alone: by hand for every family, and against measured gradients."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.diagnosis.checkpoint_values import GradientFlow
from inspector.diagnosis.checkpoints.gradient_flow import gradient_flow
from inspector.diagnosis.checkpoints.predicted_sparsity import predicted_sparsity
from tests.with_torch import run_with_torch

torch = pytest.importorskip("torch")
nn = torch.nn


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `trained_child` leaves: checkpoints, and what was measured while they were made."""
    folder = tmp_path_factory.mktemp("trained")
    run_with_torch("tests.diagnosis.trained_child", folder, 30)
    return folder


def _ranks(values: list[float]) -> np.ndarray:
    return np.argsort(np.argsort(np.asarray(values))).astype(float)


@pytest.mark.slow
def test_modules_rank_as_their_measured_gradients_do(trained: Path) -> None:
    """Issue: rank correlation over modules of at least 0.9; a frozen and a disconnected module named."""
    flow = gradient_flow(opened(trained / "last.pt"), QUIET)
    assert (flow.optimizer, flow.joined_by, flow.because) == ("AdamW", "stored names", "")
    squares = json.loads((trained / "measured.json").read_text())["mean_squares"]
    elements = {one.name.removeprefix("model."): one.elements for one in flow.parameters}
    measured, estimated = [], []
    for module in flow.modules:
        own = [name for name in elements if name.rpartition(".")[0] == module.module or name == module.module]
        total = sum(elements[name] for name in own)
        if module.flow == "flowing":
            measured.append(math.sqrt(sum(squares[name] * elements[name] for name in own) / total))
            estimated.append(module.rms)
    assert len(measured) > 15
    assert np.corrcoef(_ranks(measured), _ranks(estimated))[0, 1] >= 0.9
    assert np.abs(np.log(np.array(estimated) / np.array(measured))).max() < 0.1
    by_flow = {module.flow: module for module in flow.modules}
    assert by_flow["frozen"].module == "encoder.convs.1.conv"
    assert by_flow["frozen"].because.startswith("it is in no group of the optimizer")
    assert by_flow["disconnected"].module == "decoder.unreached"
    assert by_flow["disconnected"].because.startswith("it is in a group of the optimizer and no step had a gradient")
    assert {"encoder.convs.1.conv", "decoder.unreached"} <= {row.module for row in flow.rows}


@pytest.mark.slow
def test_predicted_sparsity_is_near_the_measured_one(trained: Path) -> None:
    """Issue: a mean absolute error over channels of at most 0.1."""
    silent = json.loads((trained / "measured.json").read_text())["silent"]
    layers = predicted_sparsity(opened(trained / "encoder.pt"), QUIET)
    assert [one.layer for one in layers] == list(silent)
    errors = np.concatenate([np.abs(one.silent - np.array(silent[one.layer])) for one in layers])
    assert len(errors) == 104
    assert errors.mean() <= 0.1


def _flow(path: Path, model: Any, optimizer: Any) -> GradientFlow:
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    return gradient_flow(opened(path), QUIET)


def _stepped(model: Any, optimizer: Any, steps: int = 7) -> dict[str, list[Any]]:
    """Gradients of every step, by name."""
    generator = torch.Generator().manual_seed(0)
    kept: dict[str, list[Any]] = {}
    for step in range(steps):
        optimizer.zero_grad()
        (model(torch.randn(16, 5, generator=generator)) ** 2).mean().mul(1.0 + step).backward()
        for name, weight in model.named_parameters():
            kept.setdefault(name, []).append(weight.grad.double().clone())
        optimizer.step()
    return kept


def _weighted(squares: list[Any], decay: float) -> float:
    weights = np.array([decay ** (len(squares) - 1 - place) for place in range(len(squares))])
    means = np.array([float(one.square().mean()) for one in squares])
    return math.sqrt(float((weights * means).sum() / weights.sum()))


def _mean(gradients: list[Any], decay: float) -> float:
    """RMS of (1 - decay) times the decaying sum of gradients."""
    total = sum(decay ** (len(gradients) - 1 - place) * one for place, one in enumerate(gradients))
    return float((total * (1 - decay)).square().mean().sqrt())


FAMILIES: dict[str, tuple[Callable[[Any], Any], str, Callable[[list[Any]], float], bool]] = {
    "Adam": (lambda p: torch.optim.Adam(p, betas=(0.9, 0.95)), "Adam", lambda g: _weighted(g, 0.95), False),
    "Adam with decay": (lambda p: torch.optim.Adam(p, weight_decay=1e-9), "Adam", lambda g: _weighted(g, 0.999), True),
    "AdamW": (lambda p: torch.optim.AdamW(p), "AdamW", lambda g: _weighted(g, 0.999), False),
    "AdamW amsgrad": (lambda p: torch.optim.AdamW(p, amsgrad=True), "AdamW", lambda g: _weighted(g, 0.999), False),
    "NAdam": (lambda p: torch.optim.NAdam(p), "NAdam", lambda g: _weighted(g, 0.999), False),
    "RAdam": (lambda p: torch.optim.RAdam(p), "RAdam", lambda g: _weighted(g, 0.999), False),
    "RMSprop": (lambda p: torch.optim.RMSprop(p, alpha=0.9), "RMSprop", lambda g: _weighted(g, 0.9), False),
    "Adadelta": (lambda p: torch.optim.Adadelta(p, rho=0.8), "Adadelta", lambda g: _weighted(g, 0.8), False),
    "Adagrad": (
        lambda p: torch.optim.Adagrad(p, initial_accumulator_value=0.5),
        "Adagrad",
        lambda g: _weighted(g, 1.0),
        False,
    ),
    "SGD": (lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.7), "SGD", lambda g: _mean(g, 0.7), True),
    "Rprop": (lambda p: torch.optim.Rprop(p), "Rprop", lambda g: float(g[-1].square().mean().sqrt()), False),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_gives_back_the_gradients_that_made_its_moments(tmp_path: Path, name: str) -> None:
    make, family, expected, estimate = FAMILIES[name]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3))
    optimizer = make(model.parameters())
    kept = _stepped(model, optimizer)
    flow = _flow(tmp_path / "a.pt", model, optimizer)
    assert (flow.optimizer, flow.estimate) == (family, estimate)
    rough = {"Rprop": 0.5}.get(name, 1e-3)  # Rprop zeroes what changed its sign
    for one in flow.parameters:
        assert one.rms == pytest.approx(expected(kept[one.name.removeprefix("model.")]), rel=rough)
        assert one.flow == "flowing"


@pytest.mark.parametrize("name", ["Adam", "AdamW", "AdamW amsgrad", "SGD"])
def test_the_update_is_what_the_optimizer_did_last(tmp_path: Path, name: str) -> None:
    torch.manual_seed(0)
    model = nn.Linear(5, 3)
    optimizer = FAMILIES[name][0](model.parameters())
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0
    _stepped(model, optimizer, 6)
    before = model.weight.detach().clone()
    generator = torch.Generator().manual_seed(9)
    optimizer.zero_grad()
    model(torch.randn(16, 5, generator=generator)).square().mean().backward()
    optimizer.step()
    made = float((model.weight.detach() - before).double().square().mean().sqrt())
    flow = _flow(tmp_path / "a.pt", model, optimizer)
    weight = next(one for one in flow.parameters if one.name == "model.weight")
    assert weight.update_rms == pytest.approx(made, rel=2e-3)
    rms = float(model.weight.detach().double().square().mean().sqrt())
    assert weight.update_ratio == pytest.approx(made / rms, rel=2e-3)


def test_zero_gradients_and_missing_ones_are_told_apart(tmp_path: Path) -> None:
    model = nn.ModuleDict({"used": nn.Linear(5, 3), "times_zero": nn.Linear(5, 3), "unused": nn.Linear(5, 3)})
    optimizer = torch.optim.AdamW(model.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        inputs = torch.randn(8, 5)
        (model["used"](inputs) + 0.0 * model["times_zero"](inputs)).square().mean().backward()
        optimizer.step()
    flow = _flow(tmp_path / "a.pt", model, optimizer)
    assert [(one.module, one.flow) for one in flow.modules] == [
        ("used", "flowing"),
        ("times_zero", "never"),
        ("unused", "disconnected"),
    ]
    assert flow.modules[1].rms == 0.0
    assert math.isnan(flow.modules[2].rms)
    assert flow.joined_by == "order and shape"


def test_a_file_says_itself_what_is_frozen(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(5, 6), nn.Linear(6, 3))
    model[0].requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters())
    _ = [optimizer.zero_grad(), model(torch.randn(4, 5)).mean().backward(), optimizer.step()]
    parameters = dict(model.named_parameters())
    torch.save({"model": parameters, "optimizer": optimizer.state_dict()}, tmp_path / "a.pt")
    flow = gradient_flow(opened(tmp_path / "a.pt"), QUIET)
    assert [(one.module, one.flow) for one in flow.modules] == [("0", "frozen"), ("1", "flowing")]
    assert flow.modules[0].because == "the file says that it takes no gradient"


def test_an_optimizer_without_memory_is_said_to_have_none_whatever_it_trains(tmp_path: Path) -> None:
    model = nn.ModuleDict({name: nn.Linear(5, 3) for name in ("generator", "discriminator")})
    # Before 2.0, SGD without momentum stored a None for every parameter.
    state = torch.optim.SGD(model["generator"].parameters(), lr=0.1).state_dict()
    state["state"] = {number: {"momentum_buffer": None} for number in range(2)}
    torch.save({"model": model.state_dict(), "optimizer_states": [state, state]}, tmp_path / "a.pt")
    flow = gradient_flow(opened(tmp_path / "a.pt"), QUIET)
    assert "keeps nothing for any parameter" in flow.because


@pytest.mark.parametrize(
    ("content", "because"),
    [
        ({"model": {"w": [1.0]}}, "no optimizer state"),
        ({"optimizer": "adam"}, "no weights"),
        ({"model": "linear", "optimizer": "fresh"}, "keeps nothing for any parameter"),
        ({"model": "linear", "optimizer": "plain"}, "keeps nothing"),
    ],
)
def test_what_cannot_be_told_is_said(tmp_path: Path, content: dict[str, Any], because: str) -> None:
    model = nn.Linear(5, 3)
    adam = torch.optim.Adam(model.parameters())
    plain = torch.optim.SGD(model.parameters(), lr=0.1)
    _stepped(model, plain, 1)
    states = {"fresh": adam.state_dict(), "plain": plain.state_dict()}
    _stepped(model, adam, 1)
    states["adam"] = adam.state_dict()
    made: dict[str, Any] = {"model": {"w": torch.ones(1)}} if "model" in content else {}
    if content.get("model") == "linear":
        made["model"] = model.state_dict()
    if "optimizer" in content:
        made["optimizer"] = states[content["optimizer"]]
    torch.save(made, tmp_path / "a.pt")
    flow = gradient_flow(opened(tmp_path / "a.pt"), QUIET)
    assert because in flow.because
    assert flow.rows == ()


def test_rows_are_parts_that_a_person_would_name(tmp_path: Path) -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attn = nn.Linear(4, 4)
            self.mlp = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))

        def forward(self, x: Any) -> Any:
            return self.mlp(self.attn(x))

    model = nn.Sequential(nn.Linear(5, 4), *[Block() for _ in range(30)], nn.Linear(4, 2))
    optimizer = torch.optim.AdamW(model.parameters())
    _stepped(model, optimizer, 1)
    flow = _flow(tmp_path / "a.pt", model, optimizer)
    assert len(flow.modules) == 92
    assert len(flow.rows) == 24
    assert [row.module for row in flow.rows[:3]] == ["0", "1", "2"]
    assert flow.rows[-1].module == "9 more"
    assert sum(row.elements for row in flow.rows) == sum(weight.numel() for weight in model.parameters())

"""Whatever stands where a checkpoint's values should be, something is said and nothing fails."""

from __future__ import annotations

import math
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.diagnosis.checkpoints.gradient_flow import gradient_flow
from inspector.diagnosis.checkpoints.predicted_sparsity import predicted_sparsity
from inspector.diagnosis.checkpoints.readiness import readiness
from inspector.diagnosis.rates.planned_curve import planned_curves
from inspector.formats.facts import CheckpointFacts

torch = pytest.importorskip("torch")
nn = torch.nn
L = torch.optim.lr_scheduler

JUNK = (
    None, True, "", "x", "NaN", [], [None], ["a", 1], {}, -1, 0, 1, 2**50, 2**80, 10**400,
    -0.0, math.nan, math.inf, -math.inf, 1e308, 5e-324, [1e308, -1e308], [math.nan] * 3, "1,000 items: 0, 1, …",
    "9 items: a",
)  # fmt: skip


@cache
def _whole() -> tuple[CheckpointFacts, ...]:
    folder = Path(__file__).parents[2] / "resources" / "sample_run" / "checkpoints"
    return (opened(max(folder.glob("step_*.pt"))).facts, *_made())


def _made() -> list[CheckpointFacts]:
    makers = (
        lambda o: L.SequentialLR(o, [L.LinearLR(o), L.CosineAnnealingLR(o, 9)], [3]),
        lambda o: L.ChainedScheduler([L.MultiStepLR(o, [2, 4]), L.CosineAnnealingWarmRestarts(o, 4)]),
        lambda o: L.OneCycleLR(o, 0.1, total_steps=20),
        lambda o: L.CyclicLR(o, 1e-3, 1e-2, cycle_momentum=False),
        lambda o: L.ReduceLROnPlateau(o),
        lambda o: L.LambdaLR(o, lambda t: 0.9**t),
    )
    found = []
    for make in makers:
        model = nn.Linear(3, 2)
        optimizer = torch.optim.Adam(model.parameters())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            scheduler = make(optimizer)
        objects = {
            **_flat("optimizer", optimizer.state_dict()),
            **_flat("scheduler", scheduler.state_dict()),
            "epoch": 3,
        }
        found.append(CheckpointFacts(container="torch-zip", bytes=1, objects=objects))
    return found


def _flat(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {path: one for key, item in value.items() for path, one in _flat(f"{name}.{key}", item).items()}
    if isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        return {path: one for i, item in enumerate(value) for path, one in _flat(f"{name}.{i}", item).items()}
    return {name: list(value) if isinstance(value, tuple) else value}


@given(st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_values_at_all_are_answered(data: st.DataObject) -> None:
    facts = data.draw(st.sampled_from(_whole()))
    objects = dict(facts.objects)
    telling = [path for path in objects if "sched" in path or "param_groups" in path or path.count(".") == 0]
    for path in data.draw(st.lists(st.sampled_from(telling), min_size=1, max_size=4)):
        if data.draw(st.booleans()):
            objects.pop(path, None)
        else:
            objects[path] = data.draw(st.sampled_from(JUNK))
    changed = msgspec.structs.replace(facts, objects=objects)
    names = st.sampled_from(("gamma", "warmup_steps", "max_steps", "epochs", "lr_scheduler"))
    chosen = data.draw(st.dictionaries(names, st.sampled_from(JUNK), max_size=3))
    for curve in planned_curves(changed, chosen):
        assert len(curve.times) == len(curve.rates)
        assert curve.verdict or curve.missing
    assert readiness(changed).text


EXTREMES = (0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 3e38, 1e-45)


@pytest.mark.parametrize("first", EXTREMES)
def test_moments_of_any_size_are_answered(tmp_path: Path, first: float) -> None:
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    optimizer = torch.optim.AdamW(model.parameters())
    for place, second in enumerate(EXTREMES):
        for weight in model.parameters():
            optimizer.state[weight] = {
                "step": torch.tensor([0.0, 1.0, -3.0, math.nan, math.inf, 1e30, 2.0, 3.0][place]),
                "exp_avg": torch.full_like(weight, first),
                "exp_avg_sq": torch.full_like(weight, second),
            }
        with torch.no_grad():
            for weight in model.parameters():
                weight.fill_(second)
            model[1].running_var.fill_(first)
        path = tmp_path / f"{place}.pt"
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
        flow = gradient_flow(opened(path), QUIET)
        assert len(flow.parameters) == 4
        assert all(one.flow in ("flowing", "never", "unknown") for one in flow.parameters)
        (layer,) = predicted_sparsity(opened(path), QUIET)
        assert ((layer.silent >= 0) & (layer.silent <= 1) | (layer.silent != layer.silent)).all()

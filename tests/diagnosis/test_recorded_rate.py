"""The recorded rate lies on the axis of the plan: torch's own rates, logged as each step used them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.core.pulse import QUIET
from inspector.diagnosis.checkpoint_values import PlannedCurve
from inspector.diagnosis.rates.planned_curve import planned_curves
from inspector.diagnosis.rates.recorded_rate import recorded_beside, recorded_rates
from inspector.formats.series import Series

torch = pytest.importorskip("torch")

EPOCHS, STEPS, ALL_EPOCHS = 6, 5, 10


def _trained(folder: Path, *, each: str, plateau: bool = False) -> tuple[tuple[PlannedCurve, ...], str]:
    """Train two groups, log the rate of every step; the plan of the last checkpoint, and the log."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 1))
    groups = [{"params": list(model[place].parameters()), "lr": 1e-2 * 10**place} for place in (0, 1)]
    optimizer = torch.optim.SGD(groups, momentum=0.9)
    length = ALL_EPOCHS * (STEPS if each == "step" else 1)
    schedulers = torch.optim.lr_scheduler
    scheduler: Any = schedulers.CosineAnnealingLR(optimizer, length)
    if plateau:
        scheduler = schedulers.ReduceLROnPlateau(optimizer, patience=0)
    records = []
    step = 0
    for epoch in range(EPOCHS):
        for batch in range(STEPS):
            step += 1
            used = {f"lr-SGD/pg{place + 1}": group["lr"] for place, group in enumerate(optimizer.param_groups)}
            records.append({"step": step, "epoch": epoch + (batch + 1) / STEPS, **used})
            optimizer.step()
            if each == "step":
                scheduler.step()
        if each == "epoch":
            scheduler.step(*([1.0] if plateau else []))
    state = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict(), "epoch": EPOCHS, "step": step}
    torch.save(state, folder / "a.pt")
    log = folder / "metrics.jsonl"
    log.write_text("\n".join(map(json.dumps, records)))
    return planned_curves(opened(folder / "a.pt").facts, {}), str(log)


@pytest.mark.parametrize("each", ["step", "epoch"])
def test_what_torch_used_lies_on_the_plan(tmp_path: Path, each: str) -> None:
    curves, log = _trained(tmp_path, each=each)
    recorded = recorded_rates([log], QUIET)
    assert len(curves) == len(recorded) == 2
    for curve in curves:
        found = recorded_beside(curve, 2, recorded, None)
        assert found is not None
        assert found.unit == curve.unit == each
        assert len(found.times) == EPOCHS * STEPS
        np.testing.assert_allclose(np.interp(found.times, curve.times, curve.rates), found.rates, rtol=1e-12)


def test_a_plan_that_no_state_determines_leaves_the_recorded_rate_over_steps(tmp_path: Path) -> None:
    curves, log = _trained(tmp_path, each="epoch", plateau=True)
    assert [curve.times.size for curve in curves] == [0, 0]
    found = recorded_beside(curves[0], 2, recorded_rates([log], QUIET), None)
    assert found is not None
    assert (found.unit, found.times[0], found.times[-1]) == ("step", 1, EPOCHS * STEPS)
    assert found.rates[-1] < found.rates[0], "it was reduced"


def _series(*tags: str) -> dict[str, Series]:
    return {tag: Series(tag=tag, steps=np.arange(3.0), values=np.ones(3)) for tag in tags}


def _curve(group: str, unit: str = "step") -> PlannedCurve:
    return PlannedCurve(
        optimizer="main", group=group, scheduler="StepLR", unit=unit, now=2, times=np.arange(5.0), rates=np.ones(5),
        held=1.0, last=1.0, planned=1.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("group", "groups", "tags", "expected"),
    [
        ("encoder", 2, ("lr/encoder", "lr/decoder"), "lr/encoder"),
        ("encoder", 2, ("lr",), "lr"),
        ("1", 2, ("lr-Adam/pg1", "lr-Adam/pg2"), "lr-Adam/pg2"),
        ("1", 3, ("lr-Adam/pg1", "lr-Adam/pg2"), None),
        ("encoder", 2, ("lr/a", "lr/b"), None),
        ("0", 1, ("loss",), None),
    ],
)
def test_the_curve_of_a_group_is_surely_its_own_or_none(
    group: str, groups: int, tags: tuple[str, ...], expected: str | None
) -> None:
    recorded = {tag: one for tag, one in _series(*tags).items() if tag != "loss"}
    found = recorded_beside(_curve(group), groups, recorded, None)
    assert (found.tag if found else None) == expected


def test_a_scheduler_that_counts_something_else_has_no_recorded_rate_on_its_axis() -> None:
    assert recorded_beside(_curve("0", "scheduler step"), 1, _series("lr"), None) is None
    assert recorded_beside(_curve("0", "epoch"), 1, _series("lr"), None) is None, "the log has no epochs"
    found = recorded_beside(_curve("0", "epoch"), 1, _series("lr"), 1.0)
    assert found is not None
    assert found.times.tolist() == [0, 0, 1]

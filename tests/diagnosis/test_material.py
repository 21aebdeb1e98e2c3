"""What the checks look at: the joined curves, warm-up and epochs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis.gates import warmup_steps
from inspector.diagnosis.material import material_of, value_at
from inspector.display.curves.plan import planned_curve, plans_of
from inspector.formats.series import Series
from inspector.runs.pace import steps_per_epoch
from inspector.runs.scan import scan
from tests.artifacts.event_files import event_file
from tests.diagnosis.folders import write_curves, write_own


def _series(steps: list[float], values: list[float]) -> Series:
    return Series(tag="loss", steps=np.array(steps, float), values=np.array(values, float))


def test_the_value_at_a_step_is_the_last_before_it() -> None:
    one = _series([10, 20, 30], [1.0, np.nan, 3.0])
    assert value_at(one, 9) is None
    assert value_at(one, 10) == 1.0
    assert value_at(one, 25) is None
    assert value_at(one, 99) == 3.0


def test_an_epoch_has_the_steps_that_the_recipe_gives_it(tmp_path: Path) -> None:
    write_own(tmp_path, data__train_scenes=1000, data__batch_size=64)
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert steps_per_epoch(material.run) == 16  # 1000 / 64, the last batch smaller
    assert warmup_steps(material) == 32


def test_the_samples_that_the_trainer_counted_come_first_whatever_the_recipe(tmp_path: Path) -> None:
    """19 scenes of a folder in batches of 4 make 5 steps an epoch, and a warm-up of two epochs ends at step 10."""
    write_own(tmp_path, data__train_scenes=200, data__batch_size=4)
    run = scan((tmp_path,), QUIET)
    assert run.record is not None
    assert steps_per_epoch(run) == 50
    for recipe in ("slots", "/home/someone/own.py"):
        counted = msgspec.structs.replace(run, record=msgspec.structs.replace(run.record, samples=19, recipe=recipe))
        assert steps_per_epoch(counted) == 5
        (plan,) = plans_of(counted)
        steps, rates = planned_curve(plan, 0)
        assert steps[int(np.argmax(rates == rates.max()))] == 10


def test_a_foreign_run_tells_by_its_table_and_its_rate(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 500), lr=lambda step: min(step / 40, 1.0) * 0.1)
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert steps_per_epoch(material.run) == pytest.approx(125)
    assert warmup_steps(material) == 40


@pytest.mark.parametrize(
    ("rate", "warmup"),
    [
        (lambda step: 0.1 - step / 1e5 + (step == 300), 1),  # falls, with a spike
        (lambda step: min(step / 40, 1.0) * 0.1 + 0.1 * (step > 300) - 1e-6 * max(0, step - 40), 40),  # set anew
        (lambda step: 0.01 * (1 + min(step // 20, 4)), 80),  # by stairs
    ],
)
def test_a_warmup_is_the_rise_that_a_rate_begins_with(
    tmp_path: Path, rate: Callable[[int], float], warmup: int
) -> None:
    write_curves(tmp_path, range(1, 500), lr=rate)
    assert warmup_steps(material_of(scan((tmp_path,), QUIET), QUIET)) == warmup


def test_of_a_rate_without_steps_no_warmup_is_told_in_steps(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("".join(f'{{"epoch": {n}, "lr": {min(n / 5, 1)}}}\n' for n in range(1, 20)))
    material = material_of(scan((tmp_path,), QUIET), QUIET)
    assert material.curves["lr"].stepless
    assert warmup_steps(material) is None


def test_a_log_that_cannot_be_read_is_told_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_curves(tmp_path, range(1, 5), loss=lambda step: 1.0)
    run = scan((tmp_path,), QUIET)
    (tmp_path / "metrics.jsonl").write_text("not a log\n")
    material = material_of(run, QUIET)
    assert material.curves == {}
    assert material.lacking("no loss was logged").startswith("no loss was logged; metrics.jsonl: expected")


def test_the_curves_are_those_that_are_drawn(tmp_path: Path) -> None:
    """A restarted run's event files are one curve, and a log without steps stands at those of its epochs."""
    for begin, attempt in ((0, range(100)), (900, range(60, 90))):
        path = tmp_path / f"events.out.tfevents.{1_700_000_000 + begin}.h"
        path.write_bytes(event_file([(step, 1.7e9 + begin + step, step + begin) for step in attempt]))
    rows = [{"step": 10 * epoch, "epoch": epoch, "train": 0.5} for epoch in range(9)]
    (tmp_path / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "val.csv").write_text("epoch,accuracy\n" + "".join(f"{epoch},{epoch / 10}\n" for epoch in range(9)))
    curves = material_of(scan((tmp_path,), QUIET), QUIET).curves
    assert curves["loss"].steps.tolist() == list(range(90))
    assert curves["loss"].values.tolist() == [*range(60), *range(960, 990)]
    assert curves["accuracy"].steps.tolist() == list(range(0, 90, 10))

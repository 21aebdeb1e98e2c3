"""What is told of a run at once, before all of its logs were read and its dumps and checkpoints looked into."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis import engine
from inspector.diagnosis.check import Check
from inspector.diagnosis.engine import CHECKS, first_look
from inspector.diagnosis.material import Material
from inspector.runs.scan import scan
from inspector.runs.values import Run
from tests.diagnosis.folders import diagnosed, kind, write_curves


def test_curves_are_told_of_at_once_and_nothing_is_passed_yet(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 41), train__loss=lambda step: math.nan if step > 30 else 1 / step)
    found = first_look(scan((tmp_path,), QUIET), QUIET)
    assert "loss-not-finite" in {one.id for one in found.findings}
    assert (found.complete, found.not_assessable, found.passed) == (False, (), ())
    assert diagnosed(tmp_path).complete


def test_no_dump_or_checkpoint_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_material: Material, _pulse: object) -> None:
        pytest.fail("it was looked into")

    monkeypatch.setattr(engine, "CHECKS", [Check((kind("a", "a"),), fails, opens_files=True)])
    assert first_look(Run(key="/a", name="a", root="/a", paths=("/a",)), QUIET).findings == ()


def test_checks_of_dumps_and_checkpoints_are_marked_so() -> None:
    marked = {one.abouts[0].id for one in CHECKS if one.opens_files}
    assert {"no-gradient", "dead-channels", "attention-axis", "point-pattern", "done-signal", "dead-outputs"} <= marked
    assert not {"loss-not-finite", "overfitting", "rate-not-planned"} & marked


def test_of_a_log_that_is_partly_read_the_run_is_judged_as_it_was_there(tmp_path: Path) -> None:
    write_curves(
        tmp_path,
        range(1, 40_001),
        train__loss=lambda step: math.exp(-step / 2e4),
        val__loss=lambda step: 1.0 if step < 35_000 else 9.0,
    )
    run = scan((tmp_path,), QUIET.within(0.0))
    if not run.unread_bytes:
        pytest.skip("the whole log is read in no time here")
    found = first_look(run, QUIET)
    assert not found.complete
    assert "overfitting" not in {one.id for one in found.findings}, "validation rises behind what was read"
    assert "overfitting" in {one.id for one in diagnosed(tmp_path).findings}

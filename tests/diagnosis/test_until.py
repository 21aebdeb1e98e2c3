"""A run as it was at an earlier step, and what could be found in it then."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.diagnosis import kept
from inspector.diagnosis.engine import diagnose, diagnose_until
from inspector.diagnosis.kept import keep_run, kept_of
from inspector.diagnosis.material import Material, material_of
from inspector.display.triage.prepare import prepare
from inspector.display.triage.scene import TriageAsk
from inspector.formats.facts import CheckpointFacts, DumpFacts, SettingsFacts
from inspector.formats.series import Series
from inspector.runs.scan import scan
from inspector.runs.values import FileEntry, Moment, Run
from tests.diagnosis.folders import write_curves


def breaking(folder: Path) -> Run:
    """Falls until step 20, then validation rises; NaN from step 31."""
    write_curves(
        folder,
        range(1, 41),
        train__loss=lambda step: math.nan if step > 30 else math.exp(-step / 8),
        val__loss=lambda step: math.exp(-min(step, 20) / 8) + 0.02 * max(step - 20, 0),
    )
    return scan((folder,), QUIET)


def ids(run: Run, step: float) -> set[str]:
    return {one.id for one in diagnose_until(run, step, QUIET).findings}


def test_at_each_step_is_found_what_had_begun_by_then(tmp_path: Path) -> None:
    run = breaking(tmp_path)
    assert not {"loss-not-finite", "overfitting"} & ids(run, 20)
    assert ids(run, 30) & {"loss-not-finite", "overfitting"} == {"overfitting"}
    assert "loss-not-finite" in ids(run, 31)
    assert diagnose_until(run, 40, QUIET).findings == diagnose(run, QUIET).findings


def test_the_logs_are_read_once_for_a_cursor_that_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, reads = breaking(tmp_path), []

    def counted(*arguments: object) -> Material:
        reads.append(1)
        return material_of(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "material_of", counted)
    diagnose(run, QUIET)
    for step in (5, 20, 30):
        then = diagnose_until(run, step, QUIET)
    assert then is diagnose_until(run, 30, QUIET)
    assert prepare(TriageAsk(key=run.key, paths=run.paths, until_step=30.0), QUIET).moment == "epoch 0.24"
    assert prepare(TriageAsk(key=run.key, paths=run.paths), QUIET).findings
    assert len(reads) == 1
    anew = scan((tmp_path,), QUIET)
    assert diagnose_until(anew, 30, QUIET) is not then
    assert len(reads) == 2
    keep_run(run)
    diagnose_until(run, 30, QUIET)
    assert len(reads) == 3


def test_a_run_that_changed_is_told_by_what_was_last_found_until_it_is_looked_at(tmp_path: Path) -> None:
    run = breaking(tmp_path)
    found = diagnose(run, QUIET)
    anew = scan((tmp_path,), QUIET)
    keep_run(anew)
    known = kept_of(run.key)
    assert known is not None
    assert (known.run, known.diagnosis, known.material, known.until) == (anew, found, None, None)
    assert known.run is anew
    other = tmp_path.parent / "other"
    other.mkdir()
    diagnose(breaking(other), QUIET)
    assert kept_of(run.key) is None, "a process reads one run"


def test_curves_end_at_the_step_and_those_without_steps_at_its_epoch() -> None:
    steps = np.arange(1.0, 11.0)
    curves = {
        "a": Series(tag="a", steps=steps, values=steps * 2, times=steps * 60, epochs=steps / 2),
        "by epoch": Series(tag="by epoch", steps=np.arange(5.0), values=steps[:5], epochs=steps[:5], stepless=True),
        "nowhere": Series(tag="nowhere", steps=np.arange(5.0), values=steps[:5], stepless=True),
        "later": Series(tag="later", steps=steps + 20, values=steps),
    }
    run = Run(key="/a", name="a", root="/a", paths=("/a",), moments=(Moment(2, 1.0), Moment(6, 3.0), Moment(10, 5.0)))
    then = Material(run, curves).until(6.0)
    assert set(then.curves) == {"a", "by epoch"}
    one = then.curves["a"]
    assert one.steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert one.values[-1] == 12
    assert one.times is not None
    assert one.epochs is not None
    assert (one.times[-1], one.epochs[-1]) == (360, 3)
    assert then.curves["by epoch"].epochs is not None
    assert then.curves["by epoch"].epochs.tolist() == [1, 2, 3]
    assert [moment.step for moment in then.run.moments] == [2, 6]
    assert Material(run, curves).until(10).curves["a"] is curves["a"]


def test_only_files_that_stood_by_then_are_looked_at() -> None:
    def entry(name: str, step: int | None, facts: CheckpointFacts | DumpFacts | SettingsFacts) -> FileEntry:
        return FileEntry(path=f"/a/{name}", name=name, facts=facts, bytes=1, modified_s=0.0, step=step)

    checkpoint, dump = CheckpointFacts(container="torch-zip", bytes=1), DumpFacts(bytes=1)
    settings = SettingsFacts(container="json", bytes=1, values={})
    files = (
        entry("5.pt", 5, checkpoint), entry("9.pt", 9, checkpoint), entry("last.pt", None, checkpoint),
        entry("6.h5", 6, dump), entry("7.h5", 7, dump), entry("settings.json", None, settings),
    )  # fmt: skip
    then = Material(Run(key="/a", name="a", root="/a", paths=("/a",), files=files), {}).until(6)
    assert [one.name for one in then.run.files] == ["5.pt", "6.h5", "settings.json"]

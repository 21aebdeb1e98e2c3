"""The bundled sample run: what was made to go wrong in it is found, placed and shown."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.checkpoints import checkpoint
from inspector.artifacts.dumps import dump
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.diagnosis import engine
from inspector.diagnosis.checkpoints.newest_checkpoint import Newest, newest
from inspector.diagnosis.engine import diagnose
from inspector.diagnosis.material import material_of
from inspector.diagnosis.values import (
    CurveEvidence,
    Diagnosis,
    LayerEvidence,
    SettingEvidence,
    Severity,
    SlotEvidence,
    TensorEvidence,
)
from inspector.formats.dump import Role
from inspector.runs.scan import scan
from inspector.runs.values import Run


@pytest.fixture(scope="module")
def run() -> Run:
    return scan((resource("sample_run"),), QUIET)


@pytest.fixture(scope="module")
def found(run: Run) -> Diagnosis:
    return diagnose(run, QUIET)


def test_what_was_made_to_go_wrong_is_found_and_everything_was_looked_at(found: Diagnosis) -> None:
    severities = {one.id: one.severity for one in found.findings}
    assert severities["overwritten-rate"] is Severity.CRITICAL
    assert severities["dead-channels"] is Severity.ERROR
    assert severities["slots-not-separating"] in (Severity.WARNING, Severity.ERROR)
    known = {"overwritten-rate", "dead-channels", "slots-not-separating", "overfitting", "score-stagnant"}
    assert set(severities) <= known
    assert found.not_assessable == ()


def test_small_dumps_are_looked_into_at_first_and_large_ones_are_not(
    run: Run, found: Diagnosis, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_dumps = {"dead-channels", "slots-not-separating"}
    at_first = {one.id: one for one in engine.first_look(run, QUIET).findings}
    assert {at_first[name].summary for name in of_dumps} == {
        one.summary for one in found.findings if one.id in of_dumps
    }
    monkeypatch.setattr(engine, "_SMALL_BYTES", 1_000_000)
    assert not of_dumps & {one.id for one in engine.first_look(run, QUIET).findings}


def test_each_finding_has_a_cure_that_the_run_takes(run: Run, found: Diagnosis) -> None:
    fields = {field.path for field in run.settings.fields}
    for one in found.findings:
        assert one.cures
        for cure in one.cures:
            assert {edit.path for edit in cure.edits} <= fields
            assert all(edit.new != run.settings.values[edit.path] for edit in cure.edits)


def test_the_first_cure_of_each_takes_effect_on_resume(run: Run, found: Diagnosis) -> None:
    applies = {field.path: field.applies for field in run.settings.fields}
    for one in found.findings:
        assert all(applies[edit.path] != "restart" for edit in one.cures[0].edits)


def test_all_evidence_can_be_opened(run: Run, found: Diagnosis) -> None:
    tags = {one.tag for one in run.series}
    for one in found.findings:
        assert one.evidence
        for evidence in one.evidence:
            match evidence:
                case CurveEvidence(series=tag, first_step=first, last_step=last):
                    assert tag in tags
                    assert 0 < first <= last <= run.moments[-1].step
                case LayerEvidence(dump=path, layer=layer, channels=channels):
                    opened = dump.opened(Path(path))
                    facts = next(one for one in dump.activation_layers(opened) if dump.layer_name(one) == layer)
                    values = opened.read(facts.path)[:, list(channels)]
                    assert channels
                    assert "dead" not in evidence.text or not np.any(values)
                case SlotEvidence(dump=path, sample=sample, slots=slots):
                    masks = dump.masks_of(dump.opened(Path(path)), sample, Role.DECODER_MASKS)
                    assert slots == tuple(range(len(masks)))
                case TensorEvidence(checkpoint=path, name=name):
                    assert name in checkpoint.opened(Path(path)).objects
                case SettingEvidence(path=path, value=value):
                    assert run.settings.values[path] == value


def test_checkpoints_that_were_removed_since_are_no_problem_to_tell(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "run")
    seen = scan((tmp_path / "run",), QUIET)
    checkpoints = sorted((tmp_path / "run" / "checkpoints").iterdir())
    checkpoints[-1].unlink()
    told = [one.because for one in diagnose(seen, QUIET).not_assessable]
    assert not [because for because in told if "nothing of that name" in because or "no checkpoint" in because]


def test_a_checkpoint_that_is_removed_while_it_is_looked_at_leaves_the_one_before(tmp_path: Path) -> None:
    shutil.copytree(resource("sample_run"), tmp_path / "run")
    material = material_of(scan((tmp_path / "run",), QUIET), QUIET)
    before, last = [Path(entry.path) for entry, _ in material.checkpoints][-2:]
    last.unlink()
    one = newest(material, QUIET)
    assert isinstance(one, Newest)
    assert one.checkpoint.path == before
    for entry, _ in material.checkpoints:
        Path(entry.path).unlink(missing_ok=True)
    assert newest(material, QUIET) == "all checkpoints were removed while they were looked at"

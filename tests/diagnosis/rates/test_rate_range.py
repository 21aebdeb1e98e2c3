"""A rate out of the range that is usual for Adam, by settings, by a group's own factor, and by the log."""

from __future__ import annotations

from pathlib import Path

from inspector.diagnosis.rates import rate_range
from inspector.diagnosis.values import CurveEvidence, Severity
from tests.diagnosis.folders import diagnosed, finding, open_question, write_curves, write_own


def test_a_tenth_is_high_for_adam_and_a_thousandth_is_proposed(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=0.1)
    found = finding(tmp_path, rate_range.HIGH.id)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert [(edit.path, edit.new) for edit in found.cures[0].edits] == [("optim.lr", 1e-3)]


def test_a_group_whose_factor_takes_it_out_gets_its_factor_back(tmp_path: Path) -> None:
    """0.006 times 5 is 0.03."""
    write_own(tmp_path, optim__lr=0.006, optim__groups__slots__lr_mult=5.0)
    found = finding(tmp_path, rate_range.HIGH.id)
    assert found is not None
    assert "The rate of slots is 0.03" in found.summary
    assert [(edit.path, edit.new) for edit in found.cures[0].edits] == [("optim.groups.slots.lr_mult", 1.0)]


def test_a_hundredth_and_the_same_of_sgd_are_healthy(tmp_path: Path) -> None:
    write_own(tmp_path, optim__lr=0.01)
    assert finding(tmp_path, rate_range.HIGH.id) is None
    write_own(tmp_path, optim__lr=0.1, optim__name="sgd")
    assert finding(tmp_path, rate_range.HIGH.id) is None


def test_a_logged_rate_of_another_trainer_tells_too_and_a_warmup_is_not_low(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"optimizer": "torch.optim.AdamW"}')
    write_curves(tmp_path, range(1, 101), lr=lambda step: 0.05 * step / 100)
    found = finding(tmp_path, rate_range.HIGH.id)
    assert found is not None
    assert isinstance(found.evidence[0], CurveEvidence)
    assert found.evidence[0].first_step == 100
    write_curves(tmp_path, range(1, 101), lr=lambda step: 1e-3 * (step - 1) / 1e5)
    assert finding(tmp_path, rate_range.LOW.id) is None
    write_curves(tmp_path, range(1, 101), lr=lambda _step: 1e-9)
    assert finding(tmp_path, rate_range.LOW.id) is not None


def test_without_any_rate_it_stays_open_and_without_an_optimizer_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"optimizer": "adam"}')
    write_curves(tmp_path, range(1, 11), loss=lambda _step: 0.5)
    assert "no learning rate was logged" in open_question(tmp_path, rate_range.HIGH.id).because
    (tmp_path / "config.json").unlink()
    assert rate_range.HIGH.id not in [one.id for one in diagnosed(tmp_path).not_assessable]

"""The whole table: order, stability, what a failing check leaves, and any curves at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inspector.core.errors import DamagedError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.diagnosis import engine
from inspector.diagnosis.check import Check, offered
from inspector.diagnosis.material import Material
from inspector.diagnosis.values import Cure, Diagnosis, Finding, NotAssessable, ProposedEdit, Severity, Sureness
from inspector.formats.messages import decode, encode
from inspector.formats.recipes.catalogue import settings_of
from inspector.formats.recipes.slots import SlotsSettings
from inspector.formats.run_folder import RunRecord
from inspector.formats.series import Series
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import values_of, with_edits
from inspector.runs.rising import cleaned
from inspector.runs.scan import scan
from inspector.runs.values import Run, SettingsSheet
from tests.diagnosis.folders import cured_paths, diagnosed, kind, texts_of, write_curves, write_own

SLOT_CHECKS = {"attention-axis", "slots-not-separating"}


@cache
def _own_run() -> Run:
    record = RunRecord(id="a", name="a", recipe="slots", seed=0, host="h", started=0.0)
    sheet = SettingsSheet(
        values=values_of(settings_of("slots")), fields=fields_of(SlotsSettings), source="settings.json"
    )
    return Run(key="/a", name="a", root="/a", paths=("/a",), record=record, settings=sheet)


def _answering(*answers: Any) -> tuple[engine.Check, ...]:
    def function(answer: Any) -> Any:
        def check(_material: Material, _pulse: Pulse) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        return check

    return tuple(Check((kind(str(place), f"check {place}"),), function(one)) for place, one in enumerate(answers))


def _finding(
    name: str, severity: Severity, sureness: Sureness = Sureness.CERTAIN, since: float | None = None
) -> Finding:
    return Finding(id=name, rules=(), title=name, summary="", severity=severity, sureness=sureness, since_step=since)


def _judged(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> Diagnosis:
    monkeypatch.setattr(engine, "CHECKS", _answering(*answers))
    return engine.judged(Material(_own_run(), {}), QUIET)


def test_the_worst_comes_first_then_the_surest_then_the_earliest(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _judged(
        monkeypatch,
        _finding("warning", Severity.WARNING),
        _finding("likely", Severity.CRITICAL, Sureness.LIKELY, 5),
        _finding("late", Severity.CRITICAL, since=900),
        _finding("error", Severity.ERROR),
        _finding("early", Severity.CRITICAL, since=10),
        _finding("unplaced", Severity.CRITICAL),
    )
    names = [one.id for one in found.findings]
    assert names == ["early", "late", "unplaced", "likely", "error", "warning"]
    assert found.worst is Severity.CRITICAL


def test_information_offers_edits_beside_something_worse_or_where_they_are_its_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edited = (Cure(title="edit", edits=(ProposedEdit(path="optim.lr", new=1.0, reason="it is"),)),)
    described, worse = (
        msgspec.structs.replace(_finding(name, severity), cures=edited)
        for name, severity in (("0", Severity.INFO), ("1", Severity.WARNING))
    )
    own = msgspec.structs.replace(described, rule_file="mine.py")
    assert [one.cures for one in _judged(monkeypatch, described).findings] == [()]
    assert [one.cures for one in _judged(monkeypatch, own).findings] == [edited]
    assert [one.cures for one in _judged(monkeypatch, described, worse).findings] == [edited, edited]
    acting = msgspec.structs.replace(kind("0", "acts"), acts=True)
    assert offered([described], [Check((acting,), lambda _material, _pulse: None)]) == (described,)


def test_a_file_that_fails_one_check_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = DamagedError("a.h5", "decoder masks", "a chunk that does not unpack")
    found = _judged(monkeypatch, broken, _finding("found", Severity.INFO), None)
    assert [one.id for one in found.findings] == ["found"]
    assert found.not_assessable == (NotAssessable(id="0", title="check 0", because=str(broken)),)


def test_a_fault_of_a_check_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _judged(monkeypatch, ZeroDivisionError(), _finding("found", Severity.INFO))
    assert [one.id for one in found.findings] == ["found"]
    assert (
        found.not_assessable[0].because == "the check itself failed (ZeroDivisionError); this is a fault of the program"
    )


def test_a_cancel_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkCancelled):
        _judged(monkeypatch, WorkCancelled())


def test_a_cancel_is_seen_between_checks(tmp_path: Path) -> None:
    write_curves(tmp_path, range(1, 20), train__loss=lambda step: 1.0)
    run = scan((tmp_path,), QUIET)
    with pytest.raises(WorkCancelled):
        engine.diagnose(run, Pulse(cancelled=lambda: True))


def test_every_check_answers_by_an_id_of_its_own() -> None:
    ids = [about.id for one in engine.CHECKS for about in one.abouts]
    assert len(set(ids)) == len(ids)
    run = Run(key="a", name="a", root="/", paths=(), settings=SettingsSheet(values={"slots": 7}))
    error = Series(tag="val/pixel_error", steps=np.empty(0), values=np.empty(0))
    material = Material(run, {error.tag: error})
    for one in engine.CHECKS:
        answer = one.function(material, QUIET)
        assert answer is None or (answer.id, answer.title) in [(about.id, about.title) for about in one.abouts]


def test_a_healthy_run_is_told_of_nothing_worse_than_information(tmp_path: Path) -> None:
    write_own(tmp_path)
    write_curves(
        tmp_path,
        range(125, 5001, 125),
        train__loss=lambda step: 0.5 * math.exp(-step / 1000),
        val__loss=lambda step: 0.55 * math.exp(-step / 1000),
        slots__mask_entropy=lambda step: 1.0 if step < 800 else 0.7,
        slots__cosine=lambda step: 0.99 if step < 800 else 0.4,
        **{"dead_channels__encoder.conv1": lambda step: 0.0},  # type: ignore[arg-type]
    )
    assert [one.id for one in diagnosed(tmp_path).findings if one.severity is not Severity.INFO] == []


def test_findings_are_the_same_for_the_same_files(tmp_path: Path) -> None:
    write_own(tmp_path, "overwriting_warmup", "same_slots")
    write_curves(
        tmp_path,
        range(25, 4001, 25),
        lr__encoder=lambda step: 1e-3 * min(step / 250, 1.0),
        slots__mask_entropy=lambda step: 1.0,
        train__loss=lambda step: math.nan if step > 3000 else 1.0,
    )
    first = diagnosed(tmp_path)
    assert {one.id for one in first.findings} >= {"overwritten-rate", "slots-not-separating"}
    assert diagnosed(tmp_path) == first


def test_a_diagnosis_travels_to_the_window_and_back(tmp_path: Path) -> None:
    write_own(tmp_path, "overwriting_warmup")
    write_curves(tmp_path, range(25, 4001, 25), lr__encoder=lambda step: 1e-3 * min(step / 250, 1.0))
    found = diagnosed(tmp_path)
    assert found.findings
    body, arrays = encode(found)
    assert arrays == []
    assert decode(body, Diagnosis) == found


TAGS = (
    "train/loss", "val/loss", "loss", "val_loss", "train/loss_reconstruction", "lr/encoder", "lr", "slots/mask_entropy",
    "slots/cosine", "val/fg_ari", "dead_channels/encoder.conv1", "val/pixel_error",
)  # fmt: skip

SHAPES: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "constant": lambda rng, n: np.full(n, rng.choice([0.0, 0.5, 0.99, 1.0, 1e-3, 1e300, -1.0])),
    "level": lambda rng, n: np.full(n, rng.uniform(0, 100)),
    "ramp": lambda rng, n: np.linspace(*rng.uniform(-2, 2, 2), n) * 10.0 ** rng.integers(-300, 300),
    "decay": lambda rng, n: np.exp(-np.arange(n) / rng.uniform(1, 30)),
    "rise": lambda rng, n: 0.3 + np.abs(np.arange(n) - n // 3) * rng.uniform(0, 0.2),
    "noise": lambda rng, n: rng.normal(0, 1, n),
    "wild": lambda rng, n: rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, 1.7e308, 1.0], n),
    "broken": lambda rng, n: np.where(np.arange(n) < n // 2, 1.0, np.nan),
}
"""What a curve may look like, (n,) float64."""


def _series(rng: np.random.Generator, tag: str, shape: str) -> Series:
    count = int(rng.integers(0, 40))
    values = np.asarray(SHAPES[shape](rng, count), np.float64)
    steps = 125.0 * np.arange(1, count + 1)
    match rng.integers(4):
        case 0:
            steps = rng.choice([*steps, np.nan, np.inf, -1.0, 1e300], count) if count else steps
        case 1:
            steps = np.sort(rng.integers(0, 100, count)).astype(np.float64)
    epochs = steps / 125 if rng.random() < 0.5 else None
    return cleaned(Series(tag=tag, steps=steps, values=values, epochs=epochs, stepless=bool(rng.random() < 0.1)))


def _material(seed: int, shapes: Mapping[str, str], *, own: bool) -> Material:
    rng = np.random.default_rng(seed)
    run = _own_run() if own else Run(key="/a", name="a", root="/a", paths=("/a",))
    with np.errstate(all="ignore"):
        return Material(run, {tag: _series(rng, tag, shape) for tag, shape in shapes.items()})


_shapes = st.dictionaries(st.sampled_from(TAGS), st.sampled_from(sorted(SHAPES)), min_size=1, max_size=6)


def _check_sentences(found: Diagnosis) -> None:
    for text in texts_of(found):
        assert "check itself failed" not in text
        assert "nan" not in text
        assert text == text.strip()
        assert not text.endswith(".")
    for one in found.findings:
        assert one.id == "loss-not-finite" or "NaN" not in one.title + one.summary
        assert one.since_step is None or math.isfinite(one.since_step)
        assert one.since_epoch is None or math.isfinite(one.since_epoch)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32), shapes=_shapes, own=st.booleans())
@example(seed=0, shapes={"val/pixel_error": "wild"}, own=False)
def test_any_curves_at_all_are_judged_without_a_fault(seed: int, shapes: Mapping[str, str], own: bool) -> None:
    material = _material(seed, shapes, own=own)
    found = engine.judged(material, QUIET)
    _check_sentences(found)
    assert engine.judged(material, QUIET) == found
    if not own:
        assert cured_paths(found) == set()
    for one in found.findings:
        for cure in one.cures:
            edited = with_edits(settings_of("slots"), {edit.path: edit.new for edit in cure.edits})
            assert edited != settings_of("slots")
            assert all(edit.reason for edit in cure.edits)


def test_such_curves_do_give_findings_of_every_kind_that_curves_can_show() -> None:
    shapes = {
        "train/loss": "decay",
        "val/loss": "rise",
        "loss_term": "broken",
        "lr/encoder": "constant",
        "slots/mask_entropy": "constant",
        "dead_channels/encoder.conv1": "constant",
        "val/pixel_error": "level",
    }
    ids: set[str] = set()
    for seed in range(40):
        ids |= {one.id for one in engine.judged(_material(seed, shapes, own=True), QUIET).findings}
    assert ids >= {"loss-not-finite", "overfitting", "overwritten-rate", "slots-not-separating"}
    assert ids >= {"dead-channels", "pixel-error-stuck"}


@pytest.mark.parametrize(
    ("curve", "asked"),
    [("loss", False), ("timeslots", False), ("slot_loss", True), ("val_mask_entropy", True), ("trainSlotCosine", True)],
)
def test_a_run_without_slots_is_not_told_that_its_slots_cannot_be_assessed(
    tmp_path: Path, curve: str, asked: bool
) -> None:
    write_curves(tmp_path, range(3), **{curve: lambda step: 1.0})
    found = diagnosed(tmp_path)
    assert bool(SLOT_CHECKS & {one.id for one in found.not_assessable}) is asked
    assert not SLOT_CHECKS & set(found.passed)
    write_own(tmp_path)
    assert {one.id for one in diagnosed(tmp_path).not_assessable} >= SLOT_CHECKS

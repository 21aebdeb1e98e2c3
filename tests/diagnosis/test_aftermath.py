"""What became of a parent's findings in the run that resumes it, for values made by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from inspector.diagnosis.aftermath import Aftermath, Comparison, before_of, compared
from inspector.diagnosis.check import Check, kinds_of
from inspector.diagnosis.values import (
    CurveEvidence,
    Diagnosis,
    Evidence,
    Finding,
    LayerEvidence,
    NotAssessable,
    Severity,
    Sureness,
    TensorEvidence,
)
from inspector.formats.run_folder import Parent, RunRecord
from inspector.runs.values import Moment, Run
from tests.diagnosis.folders import kind


def _nothing(*_: Any) -> None:
    return None


CHECKS = (
    Check(abouts=(kind("overfitting", "It learns by heart"),), function=_nothing),
    Check(abouts=(kind("dead", "Channels are dead"),), function=_nothing),
    Check(abouts=(kind("apart", "Slots do not separate"), kind("collapse", "Slots collapse")), function=_nothing),
)
ALL = ("overfitting", "dead", "apart")
RECORD = RunRecord(id="a", name="a", recipe="slots", seed=0, host="h", started=0.0)
OVER = (CurveEvidence(series="val/loss", first_step=400, last_step=1000, text="rises"),)


def run(first: int, last: int, name: str = "a", *, resumed_at: int | None = None) -> Run:
    parent = None
    if resumed_at is not None:
        parent = Parent(id="a", path="/a", checkpoint="c", sha256="", step=resumed_at, epoch=None)
    return Run(
        key=name,
        name=name,
        root="/",
        paths=("/",),
        moments=(Moment(first), Moment(last)),
        record=msgspec.structs.replace(RECORD, parent=parent),
    )


def found(id_: str, title: str, *evidence: Evidence, **particulars: Any) -> Finding:
    texts = {"summary": "12 of 40", "severity": Severity.ERROR, "sureness": Sureness.CERTAIN, **particulars}
    return Finding(id=id_, rules=(), title=title, evidence=evidence, **texts)


def against(parent: Finding, child: Diagnosis, last: int = 2000, at: int = 200) -> Comparison:
    """The parent went to step 1,000; the child goes on from one of its checkpoints."""
    before = before_of(run(0, 1000), Diagnosis(findings=(parent,)))
    return compared(before, run(at + 10, last, "b", resumed_at=at), child, kinds_of(CHECKS))


OVERFITTING = found("overfitting", "It learns by heart", *OVER, since_step=400.0)
DEAD = found("dead", "Channels are dead", LayerEvidence(dump="d.h5", layer="conv2", channels=(1,), text="0"))


@pytest.mark.parametrize(
    ("last", "at", "outcome"),
    [
        (499, 200, Aftermath.NOT_YET),  # it began at 400, and a tenth of 1,000 steps has not gone by since
        (500, 200, Aftermath.GONE),
        (899, 800, Aftermath.NOT_YET),  # it was there when the child began: a tenth from there
        (900, 800, Aftermath.GONE),
    ],
)
def test_a_curve_that_is_well_counts_once_the_run_has_passed_where_it_went_wrong(
    last: int, at: int, outcome: Aftermath
) -> None:
    (row,) = against(OVERFITTING, Diagnosis(passed=ALL), last, at).rows
    assert row.outcome is outcome
    if outcome is Aftermath.NOT_YET:
        assert row.because == f"not seen up to step {last}, which says something from step {last + 1} on"


def test_what_is_found_again_is_still_there_with_its_figures_of_now() -> None:
    milder = msgspec.structs.replace(OVERFITTING, severity=Severity.WARNING, summary="by 3%")
    told = against(OVERFITTING, Diagnosis(findings=(milder,)), last=250)
    assert [(row.outcome, row.because) for row in told.rows] == [(Aftermath.STILL_THERE, "now warning: by 3%")]
    assert told.new == ()


def test_a_layer_that_is_well_is_told_apart_from_another_that_is_not() -> None:
    other = found("dead", "Channels are dead", LayerEvidence(dump="e.h5", layer="conv5", channels=(7,), text="0"))
    told = against(DEAD, Diagnosis(findings=(other,)))
    assert [(row.outcome, row.because) for row in told.rows] == [
        (Aftermath.GONE, "it is no longer seen there, but in conv5")
    ]
    assert told.new == ("dead",)
    both = found("dead", "Channels are dead", *DEAD.evidence, *other.evidence)
    same = against(DEAD, Diagnosis(findings=(both,)))
    assert same.rows[0].outcome is Aftermath.STILL_THERE
    assert same.new == ()


def test_the_same_seen_by_another_kind_of_evidence_is_still_there() -> None:
    by_weights = found("dead", "Channels are dead", TensorEvidence(checkpoint="c.pt", name="conv2.weight", text="0"))
    assert against(DEAD, Diagnosis(findings=(by_weights,))).rows[0].outcome is Aftermath.STILL_THERE


def test_what_lacks_its_inputs_is_not_assessable_yet() -> None:
    lacking = NotAssessable(id="dead", title="Channels are dead", because="no dump was recorded")
    (row,) = against(DEAD, Diagnosis(not_assessable=(lacking,))).rows
    assert (row.outcome, row.because) == (Aftermath.NOT_YET, "no dump was recorded")
    (unasked,) = against(DEAD, Diagnosis()).rows
    assert (unasked.outcome, unasked.because) == (Aftermath.NOT_YET, "nothing of the resumed run shows it so far")


def test_what_needs_no_curve_is_gone_as_soon_as_it_is_not_found() -> None:
    assert against(DEAD, Diagnosis(passed=ALL), last=210).rows[0].outcome is Aftermath.GONE


def test_a_finding_that_now_follows_from_another_is_still_there_and_no_news() -> None:
    spike = found("spike", "The rate was overwritten", consequences=("It learns by heart: 12 of 40",))
    told = against(OVERFITTING, Diagnosis(findings=(spike,)))
    assert [(row.outcome, row.because) for row in told.rows] == [
        (Aftermath.STILL_THERE, "it follows from: The rate was overwritten")
    ]
    assert told.new == ("spike",)


def test_what_was_told_with_its_cause_before_is_no_news_by_itself() -> None:
    spike = found("spike", "The rate was overwritten", consequences=("It learns by heart: 12 of 40",))
    assert against(spike, Diagnosis(findings=(OVERFITTING,))).new == ()


def test_the_same_look_that_finds_another_kind_says_what_is_there_in_its_place() -> None:
    apart, collapse = found("apart", "Slots do not separate"), found("collapse", "Slots collapse")
    told = against(apart, Diagnosis(findings=(collapse,)))
    assert [(row.outcome, row.because) for row in told.rows] == [(Aftermath.GONE, "in its place: Slots collapse")]
    assert told.new == ("collapse",)


def test_what_is_still_wrong_stands_before_what_is_open_and_what_is_gone() -> None:
    before = before_of(run(0, 1000), Diagnosis(findings=(found("apart", "Slots do not separate"), DEAD, OVERFITTING)))
    child = Diagnosis(findings=(DEAD,), passed=("overfitting", "apart"))
    told = compared(before, run(210, 300, "b", resumed_at=200), child, kinds_of(CHECKS))
    assert [(row.id, row.outcome.value) for row in told.rows] == [
        ("dead", "still there"),
        ("overfitting", "not assessable yet"),
        ("apart", "gone"),
    ]
    assert [told.count(outcome) for outcome in Aftermath] == [1, 1, 1]

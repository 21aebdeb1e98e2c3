"""Evidence of points shows itself: the dump, the Points tab, and the samples that it is of."""

from __future__ import annotations

import sys

from inspector.app.evidence import intents_for
from inspector.diagnosis.values import PointEvidence
from inspector.session.gallery import NumberRange, gallery_of
from inspector.session.intents import RunOpened
from inspector.session.reduce import reduce
from inspector.session.values import State

DUMP = "/run/step_500.h5"


def shown(evidence: PointEvidence) -> State:
    state = reduce(State(), RunOpened(key="/run", paths=("/run",)))
    for intent in intents_for(evidence, "/run"):
        state = reduce(state, intent)
    return state


def test_one_sample_is_shown_alone() -> None:
    state = shown(PointEvidence(dump=DUMP, sample=17, text="Sample 18"))
    assert (state.tab, state.view.sample, state.view.point_layout) == ("points", 17, "single")
    assert state.runs[0].file == DUMP
    assert gallery_of(state.view.galleries, "points").ranges == ()


def test_many_samples_are_what_the_gallery_keeps() -> None:
    evidence = PointEvidence(dump=DUMP, sample=3, column="err_px", low=10.0, text="Samples")
    state = shown(evidence)
    assert (state.view.sample, state.view.point_layout) == (3, "grid")
    assert gallery_of(state.view.galleries, "points").ranges == (NumberRange("err_px", 10.0, sys.float_info.max),)

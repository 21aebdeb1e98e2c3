"""The Points viewer says which runs it fits, and asks for the chosen sample."""

from __future__ import annotations

import pytest

from inspector.display.offer import Fit
from inspector.display.points import gallery
from inspector.display.points import judge as points
from inspector.display.slots import gallery as slots
from inspector.formats.dump import Role
from inspector.session.values import ViewState
from tests.display import runs


@pytest.mark.parametrize(
    ("roles", "fit", "because"),
    [
        (
            (Role.GT_POINTS, Role.PRED_POINTS, Role.IMAGE),
            Fit.MADE_FOR,
            "points of ground truth and prediction with their images",
        ),
        ((Role.GT_POINTS, Role.PRED_POINTS), Fit.POSSIBLE, "the points come without images"),
        ((Role.GT_POINTS,), Fit.POSSIBLE, "the points come without predictions and images"),
        ((Role.IMAGE,), Fit.NO, "no dump with points among 1 file"),
    ],
)
def test_the_verdict_follows_from_the_roles(roles: tuple[Role, ...], fit: Fit, because: str) -> None:
    verdict = points.judge(runs.run_of(runs.entry("a.h5", runs.dump_facts(*roles))))
    assert (verdict.fit, verdict.because) == (fit, because)


def test_the_ask_holds_what_is_chosen() -> None:
    run = runs.run_of(runs.entry("a.h5", runs.dump_facts(Role.GT_POINTS, Role.PRED_POINTS)))
    ask = points.ask(run, runs.state(), ViewState(sample=3))
    assert ask is not None
    assert (ask.path, ask.place, ask.sample) == ("/run/a.h5", "a.h5", 3)


@pytest.mark.parametrize(
    ("after_sample", "following"), [(None, 4), ((3, 5), 5), ((3, 2), 2), ((5, 4), None), ((3, 3), None)]
)
def test_the_sample_that_follows_in_the_order_shown_is_prepared_ahead(
    after_sample: tuple[int, int] | None, following: int | None
) -> None:
    run = runs.run_of(runs.entry("a.h5", runs.dump_facts(Role.GT_POINTS, Role.PRED_POINTS)))
    ask = points.ask(run, runs.state(), ViewState(sample=3, after_sample=after_sample))
    assert ask is not None
    ahead = points.next_ask(ask, None)
    assert (None if ahead is None else ahead.sample) == following


def test_who_draws_thumbnails_reads_the_points_before_the_first_one_is_wanted() -> None:
    facts = runs.dump_facts(Role.GT_POINTS, Role.PRED_POINTS, Role.IMAGE, Role.DECODER_MASKS)
    run = runs.run_of(runs.entry("a.h5", facts))
    early, late = (offers[1].ask(run, runs.state(), ViewState()) for offers in (gallery.OFFERS, slots.OFFERS))
    assert early is not None
    assert (early.path, early.samples) == ("/run/a.h5", ())
    assert late is None


def test_nothing_is_asked_of_a_run_without_points() -> None:
    assert points.ask(runs.run_of(runs.LOG), runs.state(), ViewState()) is None


def test_a_dump_with_both_kinds_of_points_goes_before_truth_alone_unless_that_is_chosen() -> None:
    truth = runs.entry("truth.json", runs.dump_facts(Role.GT_POINTS))
    both = runs.entry("predictions.json", runs.dump_facts(Role.GT_POINTS, Role.PRED_POINTS))
    run = runs.run_of(both, truth)
    first = points.ask(run, runs.state(), ViewState())
    assert first is not None
    assert first.path == "/run/predictions.json"
    chosen = points.ask(run, runs.state(file="/run/truth.json"), ViewState())
    assert chosen is not None
    assert chosen.path == "/run/truth.json"

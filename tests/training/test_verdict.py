"""What a validation says of a run: best, patience, divergence and drop, from values worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace

import msgspec
import pytest

from inspector.formats.recipes.training import Train
from inspector.training.progress import Best, Counters, Position, best_and_counters
from inspector.training.task import Score
from inspector.training.verdict import judged

LOSS = Score("val/loss", "lower")
ARI = Score("val/ari", "higher")


def verdicts(values, train, score=LOSS, watched=None):
    """What each of some validations says, one an epoch of ten steps, and the counts after them."""
    all_values = [value if isinstance(value, dict) else {"val/loss": value} for value in values]
    task, best, counts = SimpleNamespace(score=score, watched=watched), Best(), Counters()
    found = [
        judged(value, task, train, Position(10 * epoch, epoch), best, counts)
        for epoch, value in enumerate(all_values, start=1)
    ]
    return found, best, counts


def test_the_best_is_by_the_recipes_own_score_and_nan_is_never_it():
    values = [{"val/loss": 1.0, "val/ari": ari} for ari in (0.2, 0.5, math.nan, 0.4)]
    found, best, _ = verdicts(values, Train(), score=ARI)
    assert [verdict.better for verdict in found] == [True, True, False, False]
    assert (best.value, best.step, best.waited) == (0.5, 20, 2)


def test_patience_counts_validations_without_a_better_score():
    train = Train(early_stop=True, patience=2)
    found, _, _ = verdicts([3.0, 2.0, 2.0, 2.5], train)
    assert [verdict.over for verdict in found] == ["", "", "", "No better validation loss for 2 validations"]
    assert not any(verdict.over for verdict in verdicts([1.0, 2.0, 3.0, 4.0], Train(patience=2))[0])


def test_one_rise_above_the_absolute_limit_ends_the_run():
    train = Train(divergence_rise=0.5)
    found, _, _ = verdicts([1.0, 1.4, 0.8, 1.25, 1.31], train)
    assert [bool(verdict.diverged) for verdict in found] == [False, False, False, False, True]
    assert "val/loss is 1.31, above its lowest, 0.8" in found[-1].diverged
    assert "resume step_0000030.pt with a lower optim.lr" in found[-1].diverged


def test_two_rises_in_a_row_above_the_relative_limit_end_the_run():
    train = Train(divergence_share=0.2)
    found, _, counts = verdicts([1.0, 1.3, 1.1, 1.3, 1.25], train)
    assert [bool(verdict.diverged) for verdict in found] == [False, False, False, False, True]
    assert counts.risen == 2
    assert not verdicts([-1.0, -0.9, -0.85, -0.81], train)[0][-1].diverged
    assert verdicts([-1.0, -0.7, -0.7], train)[0][-1].diverged


def test_a_validation_loss_that_is_not_finite_is_above_every_limit():
    assert verdicts([1.0, math.nan], Train(divergence_rise=5.0))[0][-1].diverged
    assert not verdicts([math.nan, math.nan], Train(divergence_rise=5.0))[0][-1].diverged
    assert not verdicts([1.0, math.inf, math.inf], Train())[0][-1].diverged


@pytest.mark.parametrize(("score", "values"), [(ARI, (0.5, 0.41, 0.39)), (LOSS, (0.5, 0.59, 0.61))])
def test_a_drop_of_the_watched_score_is_warned_of_from_some_epoch_on(score, values):
    found = [{"val/loss": 1.0, score.name: value} for value in values]
    at_once = verdicts(found, Train(watch_drop=0.2, watch_from_epoch=0), watched=score)[0]
    assert [bool(verdict.dropped) for verdict in at_once] == [False, False, True]
    assert at_once[-1].dropped == f"{score.name} is {values[-1]}, 22% worse than its best, 0.5"
    assert not any(verdict.dropped for verdict in verdicts(found, Train(watch_from_epoch=4), watched=score)[0])
    assert not any(verdict.dropped for verdict in verdicts(found, Train(watch_drop=None), watched=score)[0])


def test_counters_come_back_from_checkpoints_of_every_age():
    best = {"metric": "val/loss", "value": 0.7, "step": 30, "waited": 2}
    assert best_and_counters({"best": best}, "val/loss") == (Best(0.7, 30, 2), Counters(lowest_loss=0.7))
    counts = Counters(lowest_loss=0.6, risen=1, watched=0.4, not_finite_since=3, clipped=2, steps=5)
    content = {"best": best, "counters": msgspec.to_builtins(counts)}
    assert best_and_counters(content, "val/loss") == (Best(0.7, 30, 2), counts)
    assert best_and_counters(content, "val/ari") == (Best(), counts)

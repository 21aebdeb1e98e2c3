"""A restart is told from the many other ways in which the steps of a log go back."""

from __future__ import annotations

import numpy as np
import pytest

from inspector.analysis.attempts import attempts_of, standing_ends


def _points(*stretches: range | list[int]) -> np.ndarray:
    return np.array([step for stretch in stretches for step in stretch], np.float64)


ALTERNATING = [step for pair in zip(range(100, 160), range(50, 110), strict=True) for step in pair]
LAGGING = [step for pair in zip(range(10, 200, 2), range(8, 198, 2), strict=True) for step in pair]


@pytest.mark.parametrize(
    ("stretches", "starts"),
    [
        pytest.param([range(100)], [0], id="one attempt"),
        pytest.param([[]], [0], id="nothing logged"),
        pytest.param([[5]], [0], id="one point"),
        pytest.param([[3] * 50], [0], id="one step for all points"),
        pytest.param([range(0, 100, 10), range(50, 200, 10)], [0, 10], id="resumed from a checkpoint"),
        pytest.param([range(0, 100, 10), range(0, 200, 10)], [0, 10], id="started again from nothing"),
        pytest.param([[10, 20, 30], [20, 30, 40]], [0, 3], id="resumed one stride back"),
        pytest.param([[10, 20, 30], [25, 35, 45]], [0, 3], id="resumed off the grid"),
        pytest.param([range(100), range(60, 90), range(60, 200)], [0, 100, 130], id="resumed twice from one place"),
        pytest.param([range(100), range(60, 70)], [0, 100], id="resumed and not yet as far"),
        pytest.param([range(100), [60]], [0, 100], id="resumed just now"),
        pytest.param([[1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [0, 2, 5, 8], id="crashing again and again"),
        pytest.param([range(0, 100, 10), range(90, 200, 10)], [0], id="equal steps repeated"),
        pytest.param([range(100), range(100, 200)], [0], id="resumed without overlap"),
        pytest.param([[1, 2, 4], [3, 5, 6, 7, 8]], [0], id="a late point"),
        pytest.param([[1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]], [0], id="a late stretch"),
        pytest.param([[1, 2, 4], [3]], [0], id="a late point at the end"),
        pytest.param([range(100)] * 5, [0], id="steps counted anew in every epoch"),
        pytest.param([range(100)] * 3, [0], id="steps counted anew twice"),
        pytest.param([range(100)] * 5 + [range(30)], [0], id="steps counted anew, an epoch under way"),
        pytest.param([ALTERNATING], [0], id="two loggers in turn"),
        pytest.param([LAGGING], [0], id="two loggers in turn, one a little behind"),
    ],
)
def test_attempts_begin_where_a_run_was_restarted(stretches: list[range | list[int]], starts: list[int]) -> None:
    assert attempts_of(_points(*stretches)).tolist() == starts


def test_epochs_tell_counting_anew_from_a_restart() -> None:
    steps = _points(range(100), range(100))
    rising, falling = np.repeat([0.0, 1.0], 100), np.repeat([3.0, 2.0], 100)
    assert attempts_of(steps, None, rising).tolist() == [0]
    assert attempts_of(steps, None, falling).tolist() == [0, 100]
    both = _points(range(50), range(50), range(50), range(50))
    epochs = np.repeat([0.0, 1.0, 1.0, 2.0], 50)
    assert attempts_of(both, None, epochs).tolist() == [0, 100]


def test_records_out_of_order_are_no_attempt() -> None:
    steps = _points(range(50), range(25, 80))
    forward = np.arange(len(steps), dtype=np.float64)
    backward = np.concatenate([np.arange(50.0), np.arange(25.0, 80.0)])
    assert attempts_of(steps, forward).tolist() == [0, 50]
    assert attempts_of(steps, backward).tolist() == [0]
    assert attempts_of(steps, np.full(len(steps), np.nan)).tolist() == [0, 50]


def test_points_without_a_step_are_passed_over() -> None:
    steps = _points(range(50), range(25, 80))
    holed = np.insert(steps, [0, 10, 50], np.nan)
    assert attempts_of(holed).tolist() == [0, 53]
    assert attempts_of(np.full(5, np.nan)).tolist() == [0]


def test_a_random_walk_of_steps_ends_soon() -> None:
    chooser = np.random.default_rng(1)
    assert attempts_of(chooser.uniform(0, 1e6, 200_000)).tolist() == [0]


def test_a_superseded_attempt_stands_up_to_where_the_next_one_began() -> None:
    steps = _points(range(100), range(60, 90), range(80, 200))
    starts = attempts_of(steps)
    assert starts.tolist() == [0, 100, 130]
    assert standing_ends(steps, starts).tolist() == [60, 120, 250]
    assert standing_ends(np.zeros(0), np.zeros(1, np.int64)).tolist() == [0]

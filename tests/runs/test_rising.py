"""One curve a tag whose steps rise, whatever the logs did."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector.core.pulse import QUIET
from inspector.formats.series import Series
from inspector.runs.rising import cleaned, joined, rising_curves


def _series(steps: list[float], values: list[float] | None = None, tag: str = "loss") -> Series:
    return Series(tag=tag, steps=np.array(steps, float), values=np.array(values or steps, float))


def test_what_a_restarted_run_wrote_again_counts() -> None:
    one = cleaned(_series([1, 2, 3, 4, 2, 3, 4, 5], [1, 2, 3, 4, 20, 30, 40, 50]))
    assert one.steps.tolist() == [1, 2, 3, 4, 5]
    assert one.values.tolist() == [1, 20, 30, 40, 50]


def test_epochs_that_go_back_tell_of_a_restart_where_there_are_no_steps() -> None:
    """Epochs 0 to 4, then from 2 again; and one point alone, as a summary prints the best epoch, is no restart."""

    def stepless(epochs: list[float]) -> Series:
        count = np.arange(float(len(epochs)))
        return Series(tag="loss", steps=count, values=count, epochs=np.array(epochs, float), stepless=True)

    assert cleaned(stepless([0, 1, 2, 3, 4, 2, 3])).values.tolist() == [0, 1, 5, 6]
    assert cleaned(stepless([0, 1, 2, 3, 4, 2])).values.tolist() == [0, 1, 2, 3, 4, 5]
    assert cleaned(stepless([0, 0, 1, 1, 0, 0, 1])).values.tolist() == [4, 5, 6]
    assert cleaned(stepless([0, 1, np.nan, 0, 1])).values.tolist() == [0, 1, 2, 3, 4]


@given(st.lists(st.one_of(st.floats(), st.integers(0, 9).map(float)), max_size=40))
def test_cleaned_steps_rise_strictly_and_keep_the_last_of_each(steps: list[float]) -> None:
    one = cleaned(_series(steps, [float(place) for place in range(len(steps))]))
    assert (np.diff(one.steps) > 0).all()
    assert np.isfinite(one.steps).all()
    finite = [step for step in steps if np.isfinite(step)]
    if finite:
        assert one.steps[0] == min(finite)
        assert one.steps[-1] == finite[-1]


def test_logs_that_follow_each_other_are_one_curve_and_copies_are_not_doubled() -> None:
    first, second = _series([1, 2, 3]), _series([4, 5])
    assert joined([second, first]).steps.tolist() == [1, 2, 3, 4, 5]
    assert joined([first, _series([1, 2])]).steps.tolist() == [1, 2, 3]


def test_times_of_logs_that_follow_each_other_are_known_where_both_know_them() -> None:
    steps = np.array([1.0, 2.0])
    first = Series(tag="loss", steps=steps, values=steps, times=steps + 10, epochs=steps / 2)
    second = Series(tag="loss", steps=steps + 2, values=steps, times=steps + 20)
    one = joined([second, first])
    assert one.times is not None
    assert (one.times.tolist(), one.epochs) == ([11, 12, 21, 22], None)


def test_there_is_one_curve_a_tag_in_the_order_of_the_tags() -> None:
    several = [_series([1, 2], tag="b"), _series([1, 2, 3], tag="a"), _series([3], tag="b"), _series([1], tag="a")]
    rising = rising_curves(several, QUIET)
    assert {tag: one.steps.tolist() for tag, one in rising.items()} == {"b": [1, 2, 3], "a": [1, 2, 3]}
    assert list(rising) == ["b", "a"]


def test_where_an_attempt_began_is_told_no_more() -> None:
    one = Series(tag="a", steps=np.array([1.0, 2.0, 1.0]), values=np.zeros(3), starts=np.array([0, 2]))
    assert cleaned(one).starts is None

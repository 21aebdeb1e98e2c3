"""Statistics that went through a dump's columns are the same; columns that contradict themselves are none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from inspector.analysis.sparsity import EPSILONS, channel_statistics
from inspector.analysis.statistics_columns import OPTIONAL, REQUIRED, columns_of_statistics, statistics_of_columns
from inspector.analysis.unit_kinds import unit_labels


def columns() -> dict[str, np.ndarray]:
    values = np.maximum(np.random.default_rng(0).normal(size=(12, 5, 6, 6)), 0)
    values[0, 2, 0, 0] = np.nan
    values[:, 3] -= 1
    return columns_of_statistics(channel_statistics(values))


def test_what_was_written_is_read() -> None:
    values = np.random.default_rng(1).normal(size=(12, 5, 6, 6))
    values[0, 2, 0, 0] = np.inf
    written = channel_statistics(values)
    stored = columns_of_statistics(written)
    assert set(stored) == {*REQUIRED, *OPTIONAL}
    read = statistics_of_columns(stored, written.epsilons.tolist())
    assert read is not None
    for field in dataclasses.fields(written):
        np.testing.assert_allclose(getattr(read, field.name), getattr(written, field.name), err_msg=field.name)


def test_without_the_optional_columns_they_are_unknown() -> None:
    stored = columns()
    read = statistics_of_columns({name: stored[name] for name in REQUIRED}, EPSILONS, positions=36)
    assert read is not None
    assert read.samples == 12
    assert read.firing is None
    assert read.sketch is None
    assert read.at_greatest is None
    assert read.not_finite.tolist() == [0] * 5
    np.testing.assert_allclose(read.mean_abs[[0, 3]], [stored["mean_abs"][0], np.nan])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("mean", np.zeros((5, 1))),
        ("m2", np.zeros(4)),
        ("count", np.full(5, np.nan)),
        ("count", np.full(5, -1)),
        ("count", np.full(5, 1e300)),
        ("count", np.zeros(5)),
        ("n_lt_eps", np.zeros((4, 5))),
        ("min", np.array(["a"] * 5)),
    ],
)
def test_columns_that_contradict_each_other_are_no_statistics(name: str, column: np.ndarray) -> None:
    assert statistics_of_columns({**columns(), name: column}, EPSILONS) is None


@pytest.mark.parametrize("epsilons", [(), (0.0, 1e-6), (0.0, 1e-3, 1e-6, 1e-2, 5e-2), (0.0, 1e-6, 1e-3, 1e-2, np.nan)])
def test_thresholds_must_fit(epsilons: tuple[float, ...]) -> None:
    assert statistics_of_columns(columns(), epsilons) is None


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_column_is_required(name: str) -> None:
    stored = columns()
    del stored[name]
    assert statistics_of_columns(stored, EPSILONS) is None


@pytest.mark.parametrize("name", ["n_samples_active", "sketch", "sketch_of_ones", "mean_abs", "n_at_max", "samples"])
def test_an_optional_column_that_does_not_fit_is_left_out(name: str) -> None:
    read = statistics_of_columns({**columns(), name: np.zeros((2, 7))}, EPSILONS)
    assert read is not None
    if name.startswith("sketch"):
        assert (read.sketch, read.sketch_of_ones) == (None, None)


def test_one_count_may_stand_for_all_channels() -> None:
    read = statistics_of_columns({**columns(), "count": np.array(432.0)}, EPSILONS, positions=36)
    assert read is not None
    assert read.n.tolist() == [432] * 5


def test_channels_are_told_apart_whatever_was_recorded() -> None:
    generator = np.random.default_rng(2)
    odd = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0])
    for name in ("mean", "m2", "min", "max", "absmax", "mean_abs", "sketch", "sketch_of_ones"):
        stored = columns()
        stored[name] = generator.choice(odd, stored[name].shape)
        read = statistics_of_columns(stored, EPSILONS)
        assert read is not None
        assert len(unit_labels(read, "relu", 0.5)) == 5

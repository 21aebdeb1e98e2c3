"""Evaluations of Stable-Baselines3 against numpy, and what is said of broken ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.artifacts.facts import facts_of
from inspector.artifacts.logs import evaluations
from inspector.artifacts.logs.logs import series_of
from inspector.artifacts.sniff import sniff
from inspector.core.errors import DamagedError, FileError
from inspector.core.pulse import QUIET
from inspector.formats.facts import MetricsFacts
from inspector.formats.series import Series
from tests.conftest import sample_files


def told(one: Series) -> tuple[list[float], list[float]]:
    return one.steps.tolist(), one.values.tolist()


def curves(path: Path) -> dict[str, tuple[list[float], list[float]]]:
    return {one.tag: told(one) for one in series_of(path, QUIET).series}


def test_means_and_deviations_are_over_the_episodes_of_each_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.npz"
    np.savez(
        path,
        timesteps=[100, 200],
        results=[[1.0, 3.0], [2.0, 8.0]],
        ep_lengths=[[10, 10], [20, 40]],
        successes=[[True, False], [True, True]],
    )
    assert curves(path) == {
        "eval/mean_reward": ([100, 200], [2, 5]),
        "eval/std_reward": ([100, 200], [1, 3]),
        "eval/mean_ep_length": ([100, 200], [10, 30]),
        "eval/std_ep_length": ([100, 200], [0, 10]),
        "eval/success_rate": ([100, 200], [0.5, 1]),
    }
    facts = facts_of(path)
    assert isinstance(facts, MetricsFacts)
    assert (facts.container, facts.notes) == ("evaluations", ())


@pytest.mark.samples
@pytest.mark.parametrize("path", sample_files("*/**/evaluations.npz"), ids=lambda path: path.parent.name)
def test_samples_equal_numpy(path: Path) -> None:
    found = curves(path)
    with np.load(path, allow_pickle=False) as arrays:
        for array, tag in (("results", "reward"), ("ep_lengths", "ep_length")):
            assert found[f"eval/mean_{tag}"] == (arrays["timesteps"].tolist(), np.mean(arrays[array], axis=1).tolist())
            assert found[f"eval/std_{tag}"][1] == np.std(arrays[array], axis=1).tolist()
        np.testing.assert_allclose(found["eval/success_rate"][1], arrays["successes"].mean(axis=1), rtol=1e-6)


def test_what_does_not_fit_is_noted_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.npz"
    np.savez(path, timesteps=[1, 2, 3], results=[[1.0], [2.0]], ep_lengths=np.array([[1], [2, 3]], object))
    assert curves(path) == {"eval/mean_reward": ([1, 2], [1, 2])}
    assert series_of(path, QUIET).notes == ("results holds 2 evaluations and timesteps 3; the rest is left out",)
    np.savez(path, timesteps=["a"], results=[[1.0]], ep_lengths=[[1]])
    with pytest.raises(DamagedError, match="the steps of evaluations in timesteps, found no list of numbers"):
        series_of(path, QUIET)


def test_arrays_of_other_names_are_no_evaluations(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", timesteps=[1], results=[[1.0]])
    assert sniff(tmp_path / "a.npz").container == "npz"


def test_a_cut_file_gives_what_is_whole_or_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "evaluations.npz"
    np.savez(path, timesteps=np.arange(50), results=np.ones((50, 4)), ep_lengths=np.ones((50, 4)))
    whole = curves(path)
    data = path.read_bytes()
    found: list[set[str] | None] = []
    for end in range(98, len(data), 97):
        path.write_bytes(data[:end])
        assert facts_of(path).notes  # without its directory the archive is listed as one of weights
        try:
            kept = {one.tag: whole[one.tag] == told(one) for one in evaluations.series(path, QUIET).series}
        except FileError as error:
            assert str(error).startswith("evaluations.npz: expected the steps of evaluations")
            found.append(None)
            continue
        assert all(kept.values())
        found.append(set(kept))
    assert found[0] is None, "cut within the steps"
    assert {"eval/mean_reward", "eval/std_reward"} in found, "cut within the lengths"
    assert found[-1] == whole.keys(), "cut within the directory"

"""The store of trained runs: what is there is not trained again, and every word of a run is part of its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.long import trained_runs
from tests.long.trained_runs import DONE, RUN, VARIABLE, place_of, trained


def test_a_run_is_trained_once_and_one_that_failed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Any] = []

    def train(run: Path, *words: Any) -> float:
        said.append(words)
        run.mkdir()
        assert len(said) > 1, "the first one fails"
        return 2.4

    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(trained_runs, "_train", train)
    with pytest.raises(AssertionError):
        trained("slots", "fixed", 1, 6, {})
    assert list(place_of("slots", "fixed", 1, 6, {}).parent.iterdir()) == []
    first, second = (trained("slots", "fixed", 1, 6, {"optim.lr": 0.1}) for _ in range(2))
    assert said[1:] == [("slots", "fixed", 6, {"optim.lr": 0.1, "train.seed": 1})]
    assert first == second
    assert first.cpu_s == 2
    place = place_of("slots", "fixed", 1, 6, {"optim.lr": 0.1})
    assert first.folder == place / RUN
    assert json.loads((place / DONE).read_text()) == {"cpu_s": 2}


def test_places_differ_by_every_word_and_by_what_makes_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    asked: list[Any] = [
        ("slots", "fixed", 1, 6, {}),
        ("slots", "fixed", 0, 6, {}),
        ("slots", "fixed", 1, 7, {}),
        ("slots", "faulty", 1, 6, {}),
        ("slots", "fixed", 1, 6, {"optim.lr": 0.1}),
        ("slots", "fixed", 1, 6, {f"optim.groups.{number}.lr_mult": 1.0 for number in range(20)}),
        ("slots", "fixed", 1, 6, {f"optim.groups.{number}.lr_mult": 2.0 for number in range(20)}),
    ]
    places = [place_of(*one) for one in asked]
    assert len(set(places)) == len(places)
    assert max(len(place.name) for place in places) < 255
    monkeypatch.setattr(trained_runs, "MAKERS", ("inspector/training",))
    assert place_of(*asked[0]) not in places

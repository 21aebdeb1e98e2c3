"""Promise 11: following a run ends where reading it anew does; `tests/long` goes through 2,000 sequences, CI 20."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inspector.artifacts.logs import following, table_csv
from inspector.artifacts.logs.log_reader import LogReader
from inspector.runs import joining
from tests.runs.log_machine import LOGS, FollowedRun, Log


@pytest.fixture
def run() -> Iterator[FollowedRun]:
    run = FollowedRun()
    yield run
    run.close()


def _go(run: FollowedRun, log: Log) -> None:
    """Grow, rotate, and be rewritten with other values in as many bytes."""
    for act in (
        lambda: run.append(log, 50),
        lambda: run.rotate(log, copying=False),
        lambda: run.append_torn(log, 7),
        lambda: run.append(log, 3),
        lambda: run.exchange(log, 17),
        lambda: run.resume(log, 20),
    ):
        act()
        run.look()
        run.look_at_the_run()


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_a_followed_log_is_what_a_fresh_look_gives(run: FollowedRun, log: Log) -> None:
    _go(run, log)


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        pytest.param(following._Followed, "continues", lambda _self, _file: True, id="rewrites unseen"),
        pytest.param(
            joining._Stamp, "is_begin_of", lambda self, part: len(part.values) >= self.points, id="old points kept"
        ),
    ],
)
def test_a_planted_fault_of_following_is_found(
    run: FollowedRun, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, fault: Callable[..., Any]
) -> None:
    monkeypatch.setattr(owner, name, fault)
    # what the fault leaves is forgotten with it
    fresh = LogReader("csv", table_csv.CsvParser)
    monkeypatch.setattr(table_csv, "series", fresh.series)
    monkeypatch.setattr(table_csv, "facts", fresh.facts)
    with pytest.raises(AssertionError):
        _go(run, LOGS[1])

"""Runs of a folder are asked for: kept rows first, then the others; one that ends its reader takes no other with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.app.fleet_survey import FleetSurvey
from inspector.core.outcome import Done, Failed
from inspector.formats.fleet import FleetRow, FleetRun
from inspector.formats.fleet_cache import known_fleet
from inspector.jobs.requests import Survey

RUNS = tuple(FleetRun(f"run_{number}", (f"/runs/run_{number}",)) for number in range(7))
BAD = RUNS[2].key


class StandIn:
    """A launcher and its readers: they answer when they are told to, and die of one run."""

    def __init__(self, known: frozenset[str] = frozenset()) -> None:
        self.known = known
        self.waiting: list[tuple[Survey, Callable[[Any], None]]] = []
        self.asked: list[tuple[bool, tuple[str, ...]]] = []

    def reader(self, paths: tuple[str, ...]) -> StandIn:
        assert paths == ("/runs",)
        return self

    def ask(self, kind: str, body: Survey, _answer: object, on_outcome: Callable[[Any], None]) -> object:
        assert kind == "survey"
        self.asked.append((body.known, tuple(run.key for run in body.runs)))
        self.waiting.append((body, on_outcome))
        return object()

    def close(self) -> None:
        pass

    def answer_all(self) -> None:
        while self.waiting:
            body, on_outcome = self.waiting.pop(0)
            wanted = [run for run in body.runs if not body.known or run.key in self.known]
            if not body.known and any(run.key == BAD for run in wanted):
                on_outcome(Failed("its reader ended by SIGSEGV"))
            else:
                on_outcome(Done(tuple(FleetRow(run=run, status="finished", stamp="x") for run in wanted)))


def surveyed(launcher: StandIn) -> dict[str, FleetRow]:
    rows: dict[str, FleetRow] = {}
    ended: list[bool] = []
    survey = FleetSurvey(launcher)  # type: ignore[arg-type]
    survey.read.connect(lambda read: rows.update((row.run.key, row) for row in read))
    survey.ended.connect(lambda: ended.append(True))
    survey.begin("/runs", RUNS)
    assert survey.busy
    launcher.answer_all()
    assert ended == [True]
    assert not survey.busy
    return rows


def test_a_run_that_ends_its_reader_is_a_row_that_says_so_and_all_others_are_read() -> None:
    launcher = StandIn()
    rows = surveyed(launcher)
    assert rows.keys() == {run.key for run in RUNS}
    assert {key: row.unread for key, row in rows.items() if row.unread} == {BAD: "its reader ended by SIGSEGV"}
    assert (False, (BAD,)) in launcher.asked
    kept = known_fleet("/runs")
    assert kept.row(RUNS[0].key, "x") == rows[RUNS[0].key]
    assert kept.row(BAD, "x") is None


def test_what_is_kept_is_not_read_again() -> None:
    launcher = StandIn(known=frozenset(run.key for run in RUNS if run.key != RUNS[5].key))
    assert surveyed(launcher).keys() == {run.key for run in RUNS}
    assert [keys for known, keys in launcher.asked if not known] == [(RUNS[5].key,)]

"""Each kind of request reaches the function that answers it, with the Run that the reader keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from inspector.core.errors import UsageError
from inspector.core.pulse import QUIET
from inspector.display.offer import Fit, Offer, Verdict
from inspector.jobs.requests import Diagnose, Lock, LockAsk, Open, Refresh, scene_ask
from inspector.reader.answers import ANSWERS, Desk

LOCK = Lock(full=True, sentence="locked")


class Ask(msgspec.Struct, frozen=True):
    sample: int


class Scene(msgspec.Struct, frozen=True):
    text: str


OFFER = Offer(
    key="maps",
    title="Maps",
    judge=lambda _run: Verdict(Fit.NO, "never"),
    ask=lambda _run, _state, _view: None,
    ask_type=Ask,
    scene_type=Scene,
    prepare="inspector.display.maps.prepare",
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the stand-ins for the other rooms were called with."""
    seen: list[Any] = []
    newer: list[Any] = ["run 2"]

    def scan(paths: Any, pulse: Any) -> str:
        seen.append(("scan", paths, pulse))
        return "run 1"

    def refresh(run: Any, pulse: Any) -> Any:
        seen.append(("refresh", run))
        return newer.pop() if newer else None

    def diagnose(run: Any, pulse: Any) -> str:
        seen.append(("diagnose", run))
        return f"diagnosis of {run}"

    def diagnose_until(run: Any, step: float, pulse: Any) -> str:
        return f"diagnosis of {run} at {step:g}"

    def first_look(run: Any, pulse: Any) -> str:
        return f"first look at {run}"

    def keep(*_kept: Any) -> None:
        pass

    def prepare(ask: Ask, pulse: Any) -> Scene:
        seen.append(("prepare", ask))
        return Scene(f"sample {ask.sample}")

    modules = {
        "inspector.runs.scan": {"scan": scan},
        "inspector.runs.follow": {"refresh": refresh},
        "inspector.diagnosis.engine": {
            "diagnose": diagnose,
            "diagnose_until": diagnose_until,
            "first_look": first_look,
        },
        "inspector.diagnosis.kept": {"keep_run": keep},
        "inspector.display.catalogue": {"CATALOGUE": (OFFER,)},
        "inspector.display.maps.prepare": {"prepare": prepare},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return seen


@pytest.fixture
def desk() -> Desk:
    return Desk((Path("/data/run"),), LOCK)


def answer(desk: Desk, kind: str, body: Any) -> Any:
    line = ANSWERS[kind]
    assert isinstance(body, line.body)
    return line.function(desk, body, QUIET)


def test_opening_scans_the_readers_own_paths(calls, desk):
    assert answer(desk, "open", Open()) == "run 1"
    assert [call[:2] for call in calls] == [("scan", (Path("/data/run"),))]
    answer(desk, "open", Open())
    assert len(calls) == 2


def test_a_refresh_goes_on_from_what_was_last_answered(calls, desk):
    answer(desk, "open", Open())
    assert answer(desk, "refresh", Refresh()) == "run 2"
    assert answer(desk, "refresh", Refresh()) is None
    assert answer(desk, "diagnose", Diagnose()) == "diagnosis of run 2"
    assert calls[1:] == [("refresh", "run 1"), ("refresh", "run 2"), ("diagnose", "run 2")]


def test_a_reader_that_took_anothers_place_scans_by_itself(calls, desk):
    assert answer(desk, "diagnose", Diagnose()) == "diagnosis of run 1"
    assert answer(Desk(desk.paths), "refresh", Refresh()) == "run 1"


def test_a_diagnosis_is_of_all_of_a_run_of_a_moment_of_it_or_a_first_look(calls, desk):
    assert answer(desk, "diagnose", Diagnose(until_step=40.0)) == "diagnosis of run 1 at 40"
    assert answer(desk, "diagnose", Diagnose(first=True)) == "first look at run 1"


def test_a_scene_is_prepared_from_the_viewers_own_ask(calls, desk):
    assert answer(desk, "scene", scene_ask("maps", Ask(17))) == Scene("sample 17")
    assert calls == [("prepare", Ask(17))]


def test_a_view_that_is_not_in_the_catalogue_is_refused(calls, desk):
    with pytest.raises(UsageError, match="there is no view 'other'"):
        answer(desk, "scene", scene_ask("other", Ask(1)))


def test_an_ask_that_does_not_fit_the_viewer_is_refused(calls, desk):
    with pytest.raises(msgspec.ValidationError):
        answer(desk, "scene", scene_ask("maps", {"sample": "x"}))


def test_the_lock_is_told(desk):
    assert answer(desk, "lock", LockAsk()) == LOCK

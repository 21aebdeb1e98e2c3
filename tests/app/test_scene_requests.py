"""While a hand drags, scenes are answered one after the other: none is cancelled that is soon there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from inspector.app import scene_requests
from inspector.app.scene_requests import SceneRequests
from inspector.core.outcome import Cancelled, Done, Failed
from inspector.display.curves.scene import CurvesAsk
from inspector.display.features.scene import FeaturesAsk
from inspector.display.gallery.scene import SamplesAsk, ThumbsAsk
from inspector.formats.messages import decode
from inspector.runs.values import Run


class _Reader:
    """Takes requests; the test answers them."""

    def __init__(self) -> None:
        self.asked: list = []

    def ask(self, _kind, body, _type, on_outcome, _on_progress, *, supersedes):
        assert supersedes == "scene:curves"
        ticket = SimpleNamespace(settled=False, answer=on_outcome, body=body, cancel=lambda: None)
        self.asked.append(ticket)
        return ticket

    def answer(self) -> None:
        self.asked[-1].settled = True
        self.asked[-1].answer(Done("scene"))


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(s=0.0)
    monkeypatch.setattr(scene_requests.time, "monotonic", lambda: now.s)
    return now


@pytest.fixture
def asking(qtbot):
    reader = _Reader()
    run = Run(key="a", name="a", root="/a", paths=("/a",), files=())
    requests = SceneRequests(SimpleNamespace(of=lambda *_: reader), {"a": run})
    yield reader, requests
    requests.close()


def _ask(smoothing: float) -> CurvesAsk:
    return CurvesAsk(paths=("/a",), smoothing=smoothing)


def test_the_newest_of_many_wishes_follows_the_scene_that_is_being_prepared(asking, clock) -> None:
    reader, requests = asking
    shown = []
    requests.ready.connect(lambda answer: shown.append(answer.scene))
    for step in range(10):
        requests.ask("curves", "a", _ask(step / 10))
    assert len(reader.asked) == 1
    reader.answer()
    assert shown == ["scene"]
    assert len(reader.asked) == 2
    assert decode(reader.asked[1].body.ask, CurvesAsk).smoothing == 0.9
    assert requests.busy
    reader.answer()
    assert not requests.busy
    assert len(reader.asked) == 2


def test_a_scene_that_takes_long_gives_way(asking, clock, qtbot) -> None:
    reader, requests = asking
    requests.ask("curves", "a", _ask(0.1))
    requests.ask("curves", "a", _ask(0.2))
    clock.s = scene_requests.LET_FINISH_S + 0.1
    qtbot.waitUntil(lambda: len(reader.asked) == 2)
    requests.ask("curves", "a", _ask(0.3))
    clock.s += scene_requests.LET_FINISH_S + 0.1
    requests.ask("curves", "a", _ask(0.4))
    assert len(reader.asked) == 3


def test_a_wish_goes_with_its_run(asking, clock) -> None:
    reader, requests = asking
    requests.ask("curves", "a", _ask(0.1))
    requests.ask("curves", "a", _ask(0.2))
    requests.forget("a")
    reader.answer()
    assert len(reader.asked) == 1
    assert not requests.busy


class _Scanner:
    """Takes requests of every kind, for readers of every name; the test answers them."""

    def __init__(self) -> None:
        self.asked: list = []
        self.lanes: list[str] = []

    def beside(self, _key, lane, _paths) -> _Scanner:
        self.lanes.append(lane)
        return self

    def of(self, _key, _paths) -> _Scanner:
        return self

    def ask(self, kind, _body, _type, on_outcome, _on_progress=None, *, supersedes):
        ticket = SimpleNamespace(settled=False, answer=on_outcome, kind=kind, cancel=lambda: None)
        self.asked.append(ticket)
        return ticket

    def answer(self, kind: str, outcome: object) -> None:
        ticket = next(ticket for ticket in self.asked if ticket.kind == kind and not ticket.settled)
        ticket.settled = True
        ticket.answer(outcome)


def test_what_a_view_scans_is_kept_before_its_gallery_asks_for_the_same(qtbot) -> None:
    run = Run(key="a", name="a", root="/a", paths=("/a",), files=())
    reader = _Scanner()
    requests = SceneRequests(reader, {"a": run})
    kept = []
    requests.kept.connect(lambda viewer, _key: kept.append(viewer))
    ask = FeaturesAsk(path="/a/d.h5", place="", sample=0)
    requests.ask("features", "a", ask)
    assert requests.scanning("features", "a")
    reader.answer("scene", Done("scene"))
    assert requests.scanning("features", "a"), "it is not in the cache yet"
    assert requests.busy
    reader.answer("scans", Done(()))
    assert (kept, requests.scanning("features", "a"), requests.busy) == (["features"], False, False)
    for outcome in (Failed("no"), Cancelled()):
        requests.ask("features", "a", ask)
        reader.answer("scene", outcome)
        assert not requests.scanning("features", "a")
    assert kept == ["features"], "a view that fails is not asked again and again"
    requests.close()


def test_the_numbers_of_all_galleries_are_read_by_one_reader(qtbot) -> None:
    run = Run(key="a", name="a", root="/a", paths=("/a",), files=())
    reader = _Scanner()
    requests = SceneRequests(reader, {"a": run})
    for tab in ("slots", "points", "features"):
        requests.ask(f"{tab}.samples", "a", SamplesAsk(path="/a/d.h5"))
        requests.ask(f"{tab}.thumbs", "a", ThumbsAsk(path="/a/d.h5", samples=(0,)))
    assert reader.lanes == ["samples", "slots.thumbs", "samples", "points.thumbs", "samples", "features.thumbs"]
    requests.close()

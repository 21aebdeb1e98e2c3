"""What every viewer's widget keeps, whatever scene it is handed."""

from __future__ import annotations

import gc
import importlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from inspector.core.errors import InspectorError
from inspector.core.pulse import QUIET
from inspector.display.catalogue import CATALOGUE
from inspector.display.offer import Offer
from inspector.formats.facts import DumpFacts
from inspector.runs.scan import scan
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState
from inspector.views.theme import apply_theme
from inspector.views.view import View
from tests.display.hostile import FLAWS, write_run

TABS = tuple(offer for offer in CATALOGUE if offer.tabbed)

THEMES = ("dark", "light")

every_tab = pytest.mark.parametrize("offer", TABS, ids=[offer.key for offer in TABS])

STATES = (
    ViewState(),
    ViewState(features_page="spatial", hide_dead=True),
    ViewState(features_page="firing", channel=1),
    ViewState(features_page="epochs"),
    ViewState(weights_page="compare"),
    ViewState(weights_page="objects"),
    ViewState(mask_style="argmax", mask_source="encoder", point_layout="single", solo_slot=1),
    ViewState(point_layout="plots", point_threshold=0.3),
)


Scenes = list[tuple[ViewState, Any]]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Offer, str], Scenes]:
    """What a reader makes of a run with a flaw, prepared once for all tests."""
    runs: dict[str, Run] = {}
    known: dict[tuple[str, str], Scenes] = {}

    def of(offer: Offer, flaw: str) -> Scenes:
        if flaw not in runs:
            runs[flaw] = scan([write_run(tmp_path_factory.mktemp("run"), flaw)], QUIET)
        if (offer.key, flaw) not in known:
            known[offer.key, flaw] = list(prepared(offer, runs[flaw]))
        return known[offer.key, flaw]

    return of


@pytest.fixture(scope="module", autouse=True)
def _quick_to_collect() -> None:
    """Looks through all objects, of which there are many below, need not look through what is there before."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _dark(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


def made(offer: Offer) -> View:
    view: View = importlib.import_module(f"inspector.views.{offer.key}.view").make(None)
    view.resize(900, 640)
    return view


def settled() -> None:
    """Let Qt lay out and paint, and delete what was given up."""
    for _ in range(3):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def prepared(offer: Offer, run: Run) -> Iterator[tuple[ViewState, Any]]:
    """A scene for each state, of the file at the cursor and of the earliest dump; states that ask the same share it."""
    prepare = importlib.import_module(offer.prepare).prepare
    first = next((entry.path for entry in run.files if isinstance(entry.facts, DumpFacts)), None)
    asked: list[tuple[Any, Any]] = []
    for file in dict.fromkeys((None, first)):
        state = RunState(key=run.key, paths=run.paths, file=file)
        for view_state in STATES:
            ask = offer.ask(run, state, view_state)
            if ask is None:
                continue
            scene = next((scene for known, scene in asked if known == ask), None)
            if scene is None:
                try:
                    scene = prepare(ask, QUIET)
                except InspectorError:
                    continue
                asked.append((ask, scene))
            yield view_state, scene


@every_tab
@pytest.mark.parametrize("flaw", FLAWS)
def test_flawed_scenes_are_painted_in_both_themes(offer: Offer, flaw: str, scenes, qtbot, qapp) -> None:
    """Half of a flaw's scenes in one theme and half in the other, the next flaw's the other way round."""
    before, after = THEMES if list(FLAWS).index(flaw) % 2 else THEMES[::-1]
    view = made(offer)
    qtbot.addWidget(view)
    view.show()
    shown = scenes(offer, flaw)

    def painted() -> bool:
        # An exception while painting reaches the hook that fails the test.
        return not view.grab().isNull()

    apply_theme(qapp, before)
    for number, (view_state, scene) in enumerate(shown):
        view.set_state(None, view_state)
        view.show_scene(scene)
        assert painted()
        if number == len(shown) // 2:
            apply_theme(qapp, after)
            assert painted()
        assert view.message() == ""


@every_tab
def test_showing_again_leaks_nothing(offer: Offer, scenes, qtbot) -> None:
    view = made(offer)
    qtbot.addWidget(view)
    view.show()
    shown = scenes(offer, "constant") + scenes(offer, "some NaN")
    if not shown:
        pytest.skip("this viewer has nothing to show of a run alone")

    def show_all() -> int:
        for view_state, scene in shown:
            view.set_state(None, view_state)
            view.show_scene(scene)
            settled()
        gc.collect()
        return len(view.findChildren(QObject))

    first = show_all()
    assert [show_all(), show_all()] == [first, first]


@every_tab
def test_a_view_that_is_given_up_goes_away(offer: Offer, scenes) -> None:
    view = made(offer)
    for view_state, scene in scenes(offer, "constant"):
        view.set_state(None, view_state)
        view.show_scene(scene)
    gone = weakref.ref(view)
    view.deleteLater()
    del view
    settled()
    gc.collect()
    assert gone() is None


@every_tab
def test_a_sentence_takes_the_place_of_a_scene_and_gives_it_back(offer: Offer, scenes, qtbot) -> None:
    view = made(offer)
    qtbot.addWidget(view)
    view.show_message("a.h5: expected masks, found none\x1b[31m")
    assert view.message() == "a.h5: expected masks, found none\\x1b[31m"
    for view_state, scene in scenes(offer, "constant"):
        view.set_state(None, view_state)
        view.show_scene(scene)
        assert view.message() == ""

"""What every viewer of the catalogue keeps, whatever the files hold."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.core.arrays import AnyArray
from inspector.core.errors import InspectorError, WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.catalogue import CATALOGUE
from inspector.display.offer import Fit, Offer
from inspector.formats.messages import decode, encode
from inspector.runs.scan import scan
from inspector.runs.values import Run
from inspector.session.values import RunState, ViewState
from tests.display.hostile import FLAWS, write_run

EMPTY = Run(key="/none", name="none", root="/none", paths=())

VIEWS = (
    ViewState(),
    ViewState(sample=-1, iteration=0, mask_source="encoder", mask_style="contours", solo_slot=1, opacity=0.0),
    ViewState(mask_dataset="gone", frame=9, mask_layer=9, slot_tiles="reconstructions", token_dataset="gone"),
    ViewState(sample=10**6, mask_style="argmax", solo_slot=99, layer="gone", channel_order="variance", zero_means=0.0),
    ViewState(point_layout="single", colour_map="grey", channel_order="index", y_scale="log"),
    ViewState(weights_page="objects", tensor_filter="weight", kernel_input=1),
    ViewState(weights_page="compare", compared_checkpoint="/gone.pt", kernel_input=10**6),
    ViewState(weights_page="compare"),
    ViewState(features_page="spatial", layer="conv", channel=0),
    ViewState(features_page="firing", layer="conv", channel=10**6, zero_means=1e-3),
    ViewState(features_page="epochs"),
)

every_viewer = pytest.mark.parametrize("offer", CATALOGUE, ids=[offer.key for offer in CATALOGUE])


@pytest.fixture(scope="module")
def run_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    made: dict[str, Run] = {}

    def run(flaw: str) -> Run:
        if flaw not in made:
            made[flaw] = scan([write_run(tmp_path_factory.mktemp("run"), flaw)], QUIET)
        return made[flaw]

    return run


def state_of(run: Run, file: str | None = None) -> RunState:
    return RunState(key=run.key, paths=run.paths, file=file)


def prepared(offer: Offer, ask: msgspec.Struct, pulse: Pulse = QUIET) -> Any:
    return importlib.import_module(offer.prepare).prepare(ask, pulse)


def arrays_of(scene: Any) -> list[AnyArray]:
    return encode(scene)[1]


def test_the_keys_are_distinct_and_name_their_packages() -> None:
    assert len({offer.key for offer in CATALOGUE}) == len(CATALOGUE)
    for offer in CATALOGUE:
        viewer, _dot, part = offer.key.partition(".")
        if part == "samples":  # the numbers of a gallery are read in one place, unless the viewer has its own
            assert offer.prepare in ("inspector.display.gallery.samples", f"inspector.display.{viewer}.numbers")
        elif part == "thumbs":
            assert offer.prepare == f"inspector.display.{offer.key}"
        else:
            assert offer.prepare == f"inspector.display.{offer.key}.prepare"


@every_viewer
def test_a_run_without_files_is_refused_with_a_reason(offer: Offer) -> None:
    verdict = offer.judge(EMPTY)
    assert verdict.fit is Fit.NO
    assert verdict.because
    assert not verdict.because.endswith(".")
    assert offer.ask(EMPTY, state_of(EMPTY), ViewState()) is None
    assert isinstance(offer.badge(EMPTY, state_of(EMPTY)), str)


@every_viewer
@pytest.mark.parametrize("flaw", FLAWS)
def test_flawed_files_give_a_scene_that_travels_or_a_sentence(
    offer: Offer, flaw: str, run_with: Callable[[str], Run]
) -> None:
    run = run_with(flaw)
    asked: list[msgspec.Struct] = []
    for file in (None, *(entry.path for entry in run.files)):
        for view in VIEWS:
            ask = offer.ask(run, state_of(run, file), view)
            if ask is None or ask in asked:  # the same ask gives the same scene, says the last test
                continue
            asked.append(ask)
            assert decode(encode(ask)[0], offer.ask_type, encode(ask)[1]) == ask
            try:
                scene = prepared(offer, ask)
            except InspectorError as error:
                assert str(error)
                continue
            body, arrays = encode(scene)
            received = decode(body, offer.scene_type, arrays)
            assert [array.shape for array in arrays_of(received)] == [array.shape for array in arrays]


@every_viewer
def test_a_cancel_is_seen_at_the_next_check(offer: Offer, run_with: Callable[[str], Run]) -> None:
    run = run_with("constant")
    ask = offer.ask(run, state_of(run), ViewState())
    if ask is None:
        pytest.skip("this viewer is not asked by a run alone")
    checks: list[int] = []
    prepared(offer, ask)
    prepared(offer, ask, Pulse(cancelled=lambda: bool(checks.append(0))))
    assert checks, "it never looks whether it is still wanted"
    for allowed in {0, len(checks) // 2, len(checks) - 1}:
        seen: list[int] = []

        def cancelled(seen: list[int] = seen, allowed: int = allowed) -> bool:
            seen.append(0)
            return len(seen) > allowed

        with pytest.raises(WorkCancelled):
            prepared(offer, ask, Pulse(cancelled=cancelled))
        assert len(seen) == allowed + 1


@every_viewer
def test_the_same_ask_gives_the_same_scene(offer: Offer, run_with: Callable[[str], Run]) -> None:
    run = run_with("some NaN")
    ask = offer.ask(run, state_of(run), ViewState())
    if ask is None:
        pytest.skip("this viewer is not asked by a run alone")
    first, second = encode(prepared(offer, ask)), encode(prepared(offer, ask))
    assert first[0] == second[0]
    for mine, theirs in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(mine, theirs)

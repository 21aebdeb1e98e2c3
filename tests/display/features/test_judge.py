"""The Features viewer says which runs it fits, and asks for the chosen layer."""

from __future__ import annotations

from inspector.display.features import judge as features
from inspector.display.offer import Fit
from inspector.formats.dump import Role
from inspector.formats.facts import DatasetFacts, DumpFacts
from inspector.session.values import ViewState
from tests.display import runs

MAPS = runs.entry("a.h5", runs.dump_facts(Role.ACTIVATION, Role.IMAGE), 7)


def test_feature_maps_are_what_it_is_made_for() -> None:
    assert features.judge(runs.run_of(MAPS)).fit is Fit.MADE_FOR


def test_vectors_are_possible() -> None:
    vectors = DatasetFacts(path="activations/fc", shape=(6, 8), dtype="<f4", bytes=1, role=Role.ACTIVATION, layout="NC")
    verdict = features.judge(runs.run_of(runs.entry("a.h5", DumpFacts(bytes=1, datasets=(vectors,), samples=6))))
    assert (verdict.fit, verdict.because) == (Fit.POSSIBLE, "the activations have no height and width")


def test_a_run_without_activations_is_refused_with_a_count() -> None:
    verdict = features.judge(runs.run_of(runs.LOG))
    assert (verdict.fit, verdict.because) == (Fit.NO, "no dump with activations among 1 file")
    assert features.ask(runs.run_of(runs.LOG), runs.state(), ViewState()) is None


def test_the_ask_holds_what_is_chosen() -> None:
    view = ViewState(sample=2, layer="conv1", channel_order="index", colour_map="grey", zero_means=1e-3)
    ask = features.ask(runs.run_of(MAPS), runs.state(), view)
    assert ask is not None
    assert (ask.path, ask.sample, ask.layer, ask.order) == ("/run/a.h5", 2, "conv1", "index")
    assert (ask.colour_map, ask.zero_means) == ("grey", 1e-3)


def test_the_badge_counts_the_channels() -> None:
    assert features.badge(runs.run_of(MAPS), runs.state()) == "8"

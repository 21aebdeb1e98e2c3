"""What clusters of colour score stands among what a sample's scores are read against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.core.pulse import QUIET
from inspector.display.slots import judge as slots
from inspector.display.slots.baselines import judge
from inspector.display.slots.baselines.prepare import prepare
from inspector.display.slots.baselines.scene import BaselinesAsk
from inspector.display.slots.prepare import prepare as prepare_sample
from inspector.display.slots.scene import MaskChoice, SlotsAsk
from inspector.formats.dump import Role
from inspector.session.values import ViewState
from tests.display import dumps, runs

metrics = pytest.importorskip("sklearn.metrics")
cluster = pytest.importorskip("sklearn.cluster")


def test_clusters_of_colour_are_a_rival_of_the_masks(tmp_path: Path) -> None:
    path = dumps.write(tmp_path / "d.h5")
    scene = prepare(BaselinesAsk(path=str(path), sample=2), QUIET)
    with dumps.oracle(path) as file:
        image, labels = file["samples/image"][2], file["gt/masks"][2]
    # Flat discs: as many colours as objects and one background, which any clustering into five finds.
    colours = cluster.KMeans(len(np.unique(image.reshape(-1, 3), axis=0)), n_init=1, random_state=0)
    found = colours.fit_predict(image.reshape(-1, 3).astype(float)).reshape(labels.shape)
    expected = metrics.adjusted_rand_score(labels[labels > 0], found[labels > 0])
    assert f"colour clusters: {expected:.2f}" in scene.figures[0].details
    assert [one.name for one in scene.figures] == ["FG-ARI", "ARI", "mIoU", "mBO"]
    shown = prepare_sample(SlotsAsk(path=str(path), place="", sample=2), QUIET)
    assert (scene.path, scene.sample, scene.choice) == (shown.path, shown.sample, shown.choice)
    assert [one.value for one in scene.figures] == [one.value for one in shown.figures[:4]]


def test_iterations_are_told_apart_as_the_sample_tells_them(tmp_path: Path) -> None:
    path, choice = str(dumps.write(tmp_path / "d.h5")), MaskChoice(source="encoder", iteration=1)
    found = prepare(BaselinesAsk(path=path, sample=0, choice=choice), QUIET)
    assert found.choice == prepare_sample(SlotsAsk(path=path, place="", sample=0, choice=choice), QUIET).choice


@pytest.mark.parametrize("without", ["gt/masks", "slots/masks"])
def test_nothing_is_compared_where_there_is_nothing_to_compare(tmp_path: Path, without: str) -> None:
    path = dumps.write(tmp_path / "d.h5", without=[without, "slots/attn"])
    assert prepare(BaselinesAsk(path=str(path), sample=0), QUIET).figures == ()


def test_they_are_asked_for_where_there_are_images_and_truth() -> None:
    for roles, asked in (
        ((Role.DECODER_MASKS, Role.IMAGE, Role.GT_MASKS), True),
        ((Role.DECODER_MASKS, Role.IMAGE), False),
        ((Role.DECODER_MASKS, Role.GT_MASKS), False),
    ):
        run = runs.run_of(runs.entry("a.h5", runs.dump_facts(*roles)))
        ask = judge.ask(run, runs.state(), ViewState(sample=1))
        assert (ask is not None) == asked
        shown = slots.ask(run, runs.state(), ViewState(sample=1))
        assert ask is None or (shown is not None and (ask.path, ask.choice) == (shown.path, shown.choice))

"""Layers over the dumps of a run: when channels died, and the learning rate then, as the run was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.features.history import judge
from inspector.display.features.history.prepare import prepare
from inspector.display.features.history.scene import HistoryAsk, HistoryScene
from inspector.formats.messages import decode, encode
from inspector.runs.scan import scan
from inspector.session.values import RunState, ViewState
from tests.display.features import followed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return followed.write_run(tmp_path_factory.mktemp("run"))


def asked(folder: Path, **view: object) -> HistoryAsk | None:
    run = scan([folder], QUIET)
    shown = ViewState(**{"features_page": "epochs", **view})
    return judge.ask(run, RunState(key=run.key, paths=run.paths), shown)


def of_run(folder: Path, **view: object) -> HistoryScene:
    ask = asked(folder, **view)
    assert ask is not None
    return prepare(ask, QUIET)


def test_it_is_asked_for_on_its_page_and_for_a_chosen_channel_alone(folder: Path) -> None:
    assert asked(folder, features_page="channels") is None
    assert asked(folder, features_page="channels", channel=0) is not None
    ask = asked(folder, layer="encoder.2", zero_means=1e-3)
    assert ask is not None
    assert [dump.step for dump in ask.dumps] == list(followed.STEPS)
    assert (ask.layer, ask.zero_means, [Path(log).name for log in ask.logs]) == ("encoder.2", 1e-3, ["metrics.jsonl"])


def test_each_group_of_channels_says_when_it_died_and_the_rate_then(folder: Path) -> None:
    scene = of_run(folder, layer="encoder.2")
    assert [(one.channels, one.said) for one in scene.deaths] == [
        ((1,), "1 channel already dead at step 100"),
        ((2,), "1 channel died between step 100 and step 200"),
        ((3, 4), "2 channels died between step 200 and step 300"),
    ]
    assert [one.rate_said for one in scene.deaths] == [
        "lr/encoder lay between 0.01 and 1 then",
        "lr/encoder was 1 then",
        "lr/encoder lay between 0.1 and 1 then",
    ]
    assert scene.summary == "encoder.2: 4 of 6 channels dead in the last of 3 dumps"


def test_a_spike_of_the_loss_is_a_hint_only_for_those_that_died_around_it(folder: Path) -> None:
    hints = {one.channels: " ".join(one.hints) for one in of_run(folder, layer="encoder.2").deaths}
    assert "spiked once" in hints[2,]
    assert "spiked" not in hints[1,]
    assert "spiked" not in hints[3, 4]
    assert "The rate stood at 100.0% of its largest" in hints[2,]


def test_sparsity_and_shares_are_those_of_the_arrays(folder: Path) -> None:
    scene = of_run(folder)
    assert scene.layer == "encoder.2"
    lines = {line.layer: line.sparsity for line in scene.lines}
    # Half of a living channel is zero: of six, two, two and four are dead.
    assert lines["encoder.2"] == pytest.approx([8 / 12, 8 / 12, 10 / 12])
    assert lines["encoder.0"].tolist() == [0, 0, 0]
    assert scene.shares[0] == pytest.approx([0.5, 0.5, 0.5])
    assert scene.shares[3] == pytest.approx([0.5, 0.5, 0.0])
    assert scene.silent[followed.REVIVED].tolist() == [1, 0, 0]
    assert (scene.cells[scene.silent.astype(bool)] == 0).all()
    assert [(rate.tag, len(rate.steps)) for rate in scene.rates] == [("lr/encoder", 300), ("lr/other", 300)]


def test_a_dump_that_cannot_be_read_is_left_out_and_said(folder: Path) -> None:
    ask = asked(folder)
    assert ask is not None
    gone = judge.HistoryDump(str(folder / "gone.h5"), "step 400", 400)
    whole = prepare(HistoryAsk(dumps=(*ask.dumps, gone), logs=ask.logs), QUIET)
    assert len(whole.places) == 3
    assert any("gone.h5" in said for said in whole.says)
    nothing = prepare(HistoryAsk(dumps=(gone,)), QUIET)
    assert nothing.problem == "No dump of the run holds activations that can be read"


def test_dumps_without_steps_stand_in_their_order_without_a_rate(folder: Path) -> None:
    ask = asked(folder)
    assert ask is not None
    dumps = tuple(judge.HistoryDump(dump.path, f"{place}", None) for place, dump in enumerate(ask.dumps))
    scene = prepare(HistoryAsk(dumps=dumps, logs=ask.logs), QUIET)
    assert scene.stepless
    assert scene.steps.tolist() == [0, 1, 2]
    assert (scene.rates, {one.rate_said for one in scene.deaths}) == ((), {""})


def test_many_dumps_are_thinned_to_the_first_the_last_and_some_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MAX_DUMPS", 3)
    assert judge._thinned(list(range(10))) == [0, 4, 9]


def test_it_travels_and_is_cancelled(folder: Path) -> None:
    ask = asked(folder)
    assert ask is not None
    body, arrays = encode(prepare(ask, QUIET))
    received = decode(body, HistoryScene, arrays)
    np.testing.assert_array_equal(received.shares, prepare(ask, QUIET).shares)
    with pytest.raises(WorkCancelled):
        prepare(ask, Pulse(cancelled=lambda: True))

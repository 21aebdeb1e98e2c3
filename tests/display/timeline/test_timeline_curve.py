"""The timeline's curve is the one that the curves view draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.core.pulse import QUIET
from inspector.display.timeline.judge import ask
from inspector.display.timeline.prepare import prepare
from inspector.runs.scan import scan
from inspector.session.values import RunState, ViewState
from tests.artifacts.event_files import event_file


def test_what_a_restarted_run_wrote_again_is_drawn(tmp_path: Path) -> None:
    for begin, attempt, loss in ((0, range(40), 1.0), (900, range(20, 30), 0.0)):
        path = tmp_path / f"events.out.tfevents.{1_700_000_000 + begin}.h"
        path.write_bytes(event_file([(step, 1.7e9 + begin + step, loss) for step in attempt]))
    wanted = ask(scan((tmp_path,), QUIET), RunState(key="run", paths=()), ViewState())
    assert wanted is not None
    scene = prepare(wanted, QUIET)
    assert scene.steps.tolist() == list(range(30))
    assert scene.values.tolist() == [1.0] * 20 + [0.0] * 10


@pytest.mark.parametrize("steps", [True, False])
def test_of_two_trainings_in_a_log_the_axis_is_that_of_the_last(tmp_path: Path, steps: bool) -> None:
    epochs = [*range(1, 31), *range(1, 13)]
    if steps:
        rows = [{"step": 100 * epoch, "epoch": epoch, "loss": 1 / epoch} for epoch in epochs]
        (tmp_path / "metrics.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        (tmp_path / "train.log").write_text("".join(f"Epoch {epoch}/30 - loss: {1 / epoch:.4f}\n" for epoch in epochs))
    wanted = ask(scan((tmp_path,), QUIET), RunState(key="run", paths=()), ViewState())
    assert wanted is not None
    scene = prepare(wanted, QUIET)
    assert scene.axis == "epoch"
    assert [text for _, text in scene.ticks] == [*map(str, range(2, 13, 2))]
    assert (scene.first_step, scene.last_step) == ((100, 1200) if steps else (30, 41))

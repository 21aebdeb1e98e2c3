"""Curves of real logs, from the file to the scene."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import QUIET, Pulse
from inspector.display.curves.prepare import prepare
from inspector.display.curves.scene import CurvesAsk, CurvesScene
from inspector.formats.messages import decode, encode
from tests.conftest import sample_files


def write(path, records) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def logged(scene: CurvesScene) -> dict[str, np.ndarray]:
    """Every line's values as logged, by tag."""
    found = {}
    for panel in scene.panels:
        for line in panel.lines:
            parts = [(stretch.logged or stretch.shown).y for stretch in line.stretches]
            found[line.tag] = np.concatenate(parts) if parts else np.zeros(0)
    return found


def test_a_metric_record_becomes_panels(tmp_path):
    path = write(
        tmp_path / "metrics.jsonl",
        [{"step": i, "epoch": i / 10, "time": 1e9 + i, "train/loss": 1 / (i + 1), "lr/main": 1e-3} for i in range(20)],
    )
    scene = prepare(CurvesAsk(paths=(path,), x_axis="epoch"), QUIET)
    assert [panel.title for panel in scene.panels] == ["Learning rate", "Loss"]
    assert logged(scene)["train/loss"] == pytest.approx([1 / (i + 1) for i in range(20)])
    assert scene.panels[1].lines[0].stretches[0].x == pytest.approx(np.arange(20) / 10)


def test_what_two_logs_repeat_is_drawn_once_and_what_differs_twice(tmp_path):
    one = write(tmp_path / "a.jsonl", [{"step": i, "loss": float(i)} for i in range(5)])
    same = write(tmp_path / "b.jsonl", [{"step": i, "loss": float(i)} for i in range(5)])
    other = write(tmp_path / "c.jsonl", [{"step": i, "loss": -float(i)} for i in range(5)])
    assert len(prepare(CurvesAsk(paths=(one, same)), QUIET).panels[0].lines) == 1
    labels = [line.label for line in prepare(CurvesAsk(paths=(one, other)), QUIET).panels[0].lines]
    assert labels == ["loss · a.jsonl", "loss · c.jsonl"]


def test_a_log_that_is_gone_is_a_note_beside_the_others(tmp_path):
    good = write(tmp_path / "a.jsonl", [{"step": 1, "loss": 1.0}])
    scene = prepare(CurvesAsk(paths=(str(tmp_path / "gone.jsonl"), good)), QUIET)
    assert list(logged(scene)) == ["loss"]
    assert any("gone.jsonl" in note for note in scene.notes)


def test_a_torn_line_is_a_note_and_the_rest_is_drawn(tmp_path):
    path = tmp_path / "a.jsonl"
    write(path, [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5}])
    path.write_text(path.read_text() + '{"step": 3, "lo')
    scene = prepare(CurvesAsk(paths=(str(path),)), QUIET)
    assert len(logged(scene)["loss"]) == 2
    assert scene.notes


def test_spelled_values_that_are_not_finite_are_marked(tmp_path):
    path = write(tmp_path / "a.jsonl", [{"step": 0, "loss": 1.0}, {"step": 1, "loss": "NaN"}])
    line = prepare(CurvesAsk(paths=(path,)), QUIET).panels[0].lines[0]
    assert line.lost_x.tolist() == [1.0]
    assert math.isnan(logged(prepare(CurvesAsk(paths=(path,)), QUIET))["loss"][1])


def test_work_stops_when_asked_to(tmp_path):
    path = write(tmp_path / "a.jsonl", [{"step": 1, "loss": 1.0}])
    with pytest.raises(WorkCancelled):
        prepare(CurvesAsk(paths=(path,)), Pulse(cancelled=lambda: True))


EVENTS = sample_files("tfevents/**/*tfevents*", "rundirs/**/*tfevents*")


@pytest.mark.samples
@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.parent.name[:30])
def test_every_scalar_that_tensorboard_reads_is_drawn_with_its_values(path):
    """Against TensorBoard's own reader; its floats are single precision."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    theirs = EventAccumulator(str(path), size_guidance={"scalars": 0, "tensors": 0})
    theirs.Reload()
    scene = prepare(CurvesAsk(paths=(str(path),), smoothing=0.0), QUIET)
    ours = logged(scene)
    for tag in theirs.Tags()["scalars"]:
        events = theirs.Scalars(tag)
        assert tag in ours
        values = np.array([event.value for event in events])
        finite = np.where(np.isfinite(values), values, np.nan)
        assert ours[tag] == pytest.approx(finite, nan_ok=True)
    body, arrays = encode(scene)
    assert decode(body, CurvesScene, arrays).x_axis == "step"

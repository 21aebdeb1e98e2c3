"""A run is live, stalled, finished, failed or presumed crashed, by what its files tell, and each says why."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from inspector.artifacts.logs.console_end import end_in
from inspector.core.pulse import QUIET
from inspector.core.resources import resource
from inspector.formats.series import Series
from inspector.runs.follow import refresh
from inspector.runs.liveness import DEAD_S, GROWN_S, Logs, liveness_of, pace_of
from inspector.runs.scan import scan
from inspector.runs.values import Life

NOW_S = 1.9e9


def _log(folder: Path, text: str, age_s: float, name: str = "train.log") -> Path:
    path = folder / name
    path.write_text(text)
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))
    return path


def _life(path: Path, **logs: float) -> Life:
    found = Logs(paths=(str(path),), consoles=(str(path),), **logs)
    return liveness_of(path.parent, None, found, NOW_S).life


TRACEBACK = 'Traceback (most recent call last):\n  File "train.py", line 3, in <module>\nRuntimeError: CUDA error\n'


@pytest.mark.parametrize(
    ("text", "age_s", "life"),
    [
        ("epoch 1 loss 0.3\n", 5, Life.LIVE),
        ("epoch 1 loss 0.3\n", GROWN_S + 5, Life.STALLED),
        ("epoch 1 loss 0.3\n", DEAD_S + 5, Life.SILENT),
        ("Epoch 3/10 | Step 40/500 | Loss=0.3\n", 5, Life.LIVE),
        ("Epoch 3/10 | Step 40/500 | Loss=0.3\n", DEAD_S + 5, Life.CRASHED),
        ("Epoch 10/10 | Step 500/500 | Loss=0.3\n", 5, Life.LIVE),
        ("Epoch 10/10 | Step 500/500 | Loss=0.3\nsaved\n", GROWN_S + 5, Life.FINISHED),
        ("Epoch 9/10 | Step 500/500 | Loss=0.3\n", GROWN_S + 5, Life.FINISHED),
        ("Epoch 9: 100%|██████| 469/469 [00:02<00:00, 200it/s]\n", 5, Life.LIVE),
        ("Epoch 9: 100%|██████| 469/469 [00:02<00:00, 200it/s]\n", GROWN_S + 5, Life.FINISHED),
        ("step 1\n`Trainer.fit` stopped: `max_epochs=10` reached.\n", 5, Life.FINISHED),
        ("`Trainer.fit` stopped: `max_epochs=10` reached.\nEpoch 1/20 loss 1\n", 5, Life.LIVE),
        ("{'train_runtime': 12.1, 'epoch': 3.0}\n100%|████| 10/10 [00:01<00:00]\n", 5, Life.FINISHED),
        (TRACEBACK, 5, Life.CRASHED),
        ("Epoch 3/10 loss 1\n" + TRACEBACK, DEAD_S, Life.CRASHED),
        (TRACEBACK + "restarting\nEpoch 3/10 loss 1\n", 5, Life.LIVE),
        ("Epoch 3/10 loss 1\nKilled\n", 5, Life.CRASHED),
        ("ValueError: caught, going on\nepoch 2 loss 1\n", 5, Life.LIVE),
    ],
)
def test_what_a_console_log_and_its_age_tell(tmp_path: Path, text: str, age_s: float, life: Life) -> None:
    assert _life(_log(tmp_path, text, age_s)) is life


@pytest.mark.parametrize("beside", ["", "loss.csv", "eval.log", "console.txt"])
def test_a_text_that_lies_beside_annotations_is_no_log_that_stalls(tmp_path: Path, beside: str) -> None:
    annotations = {"2.jpg": {"points": [[1, 2]], "box_examples_coordinates": []}}
    (tmp_path / "annotation_FSC147_384.json").write_text(json.dumps(annotations))
    for name in ("ImageClasses_FSC147.txt", "readme.txt"):
        (tmp_path / name).write_text("2.jpg\tsea shells\n" if name.startswith("I") else "What lies here\n")
    written = {
        "loss.csv": "step,loss\n1,2\n",
        "eval.log": "Evaluating\n",
        "console.txt": "epoch 1 loss 0.3\nepoch 2 loss 0.2\n",
    }
    if beside:
        (tmp_path / beside).write_text(written[beside])
    assert (scan([tmp_path], QUIET).liveness.life is Life.SILENT) == (not beside)


def test_slow_loggers_are_given_time(tmp_path: Path) -> None:
    path = _log(tmp_path, "epoch 1\n", 3000)
    assert _life(path, usual_s=1.0) is Life.SILENT
    assert _life(path, usual_s=200.0) is Life.STALLED
    assert _life(path, usual_s=1000.0) is Life.LIVE


def test_a_copy_of_an_old_log_is_not_live(tmp_path: Path) -> None:
    path = _log(tmp_path, "epoch 1\n", 5)
    assert _life(path, usual_s=1.0, recorded_s=NOW_S - 86_400) is Life.SILENT
    assert _life(path, usual_s=1.0, recorded_s=NOW_S - 10) is Life.LIVE
    assert _life(path, usual_s=1_000.0, recorded_s=NOW_S - 5_500) is Life.LIVE, "of a slow logger it is no copy"


def test_the_pace_is_that_of_the_quickest_curve_and_a_single_record_has_none() -> None:
    def curve(*times: float) -> Series:
        points = np.arange(float(len(times)))
        return Series(tag="a", steps=points, values=points, times=np.array(times))

    quick, slow, single = curve(0, 2, 4, np.nan, 7), curve(1, 11), curve(100)
    assert pace_of([slow, quick, single]) == (100, 2)
    assert pace_of([single]) == (100, None)
    assert pace_of([curve(np.nan), msgspec.structs.replace(quick, times=None)]) == (None, None)


def test_a_logger_that_records_the_end_is_believed(tmp_path: Path) -> None:
    path = _log(tmp_path, "", 5, "run-ab.wandb")
    logs = Logs(paths=(str(path),), tells_end=True)
    assert liveness_of(tmp_path, None, logs, NOW_S).life is Life.LIVE
    for code, life in ((0, Life.FINISHED), (1, Life.FAILED)):
        ended = liveness_of(tmp_path, None, msgspec.structs.replace(logs, exit_code=code), NOW_S)
        assert (ended.life, ended.because) == (life, f"it ended with exit code {code}")
    assert liveness_of(tmp_path, None, logs, NOW_S + DEAD_S).life is Life.CRASHED


def test_a_run_without_logs_says_so(tmp_path: Path) -> None:
    assert liveness_of(tmp_path, None, Logs()).because == "it has no logs"


def test_an_end_is_quoted_and_made_visible() -> None:
    end = end_in("\x1b[31mno\n" + TRACEBACK.replace("CUDA error", "bell \x07"))
    assert end is not None
    assert end.line == "RuntimeError: bell \\x07"
    assert end_in("") is None


def _pass(monkeypatch: pytest.MonkeyPatch, seconds: float, *, set_by_s: float = 0.0) -> None:
    """Let time go by, and somebody set the clock."""
    clock, own = time.time, time.monotonic
    monkeypatch.setattr(time, "time", lambda: clock() + seconds + set_by_s)
    monkeypatch.setattr(time, "monotonic", lambda: own() + seconds)


@pytest.mark.parametrize("set_by_s", [-86_400.0, -3600.0, 0.0, 3600.0, 86_400.0])
def test_a_clock_that_is_set_makes_no_run_live_or_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_by_s: float
) -> None:
    log = tmp_path / "metrics.jsonl"
    log.write_text('{"step": 1, "loss": 1}\n')
    run = scan((tmp_path,), QUIET)
    assert run.live
    _pass(monkeypatch, 1.0, set_by_s=set_by_s)
    assert refresh(run, QUIET) in (None, run)
    _pass(monkeypatch, 2 * GROWN_S)
    stalled = refresh(run, QUIET)
    assert stalled is not None
    assert stalled.liveness.life is Life.STALLED
    with log.open("a") as stream:
        stream.write('{"step": 2, "loss": 1}\n')
    grown = refresh(stalled, QUIET)
    assert grown is not None
    assert grown.live, "whatever the time of the file is"


@pytest.mark.parametrize("off_s", [-3600.0, -60.0, 60.0, 3600.0])
def test_a_trainer_on_a_machine_whose_clock_is_off_lives_while_it_beats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_s: float
) -> None:
    record = scan((resource("sample_run"),), QUIET).record
    assert record is not None
    running = msgspec.structs.replace(record, status="running")

    def life() -> Life:
        return liveness_of(tmp_path, running, Logs()).life

    def beat() -> None:
        told = {"pid": 1, "started": 0.0, "heartbeat": time.time() + off_s}
        (tmp_path / "alive.json").write_text(json.dumps(told))

    beat()
    life()  # by the clocks alone nobody can tell
    for _ in range(3):
        _pass(monkeypatch, 5.0)
        beat()
        assert life() is Life.LIVE
    _pass(monkeypatch, 60.0)
    assert life() is Life.CRASHED


def test_a_log_of_tomorrow_is_no_live_run_until_it_grows(tmp_path: Path) -> None:
    log = tmp_path / "metrics.jsonl"
    log.write_text('{"step": 1, "loss": 1}\n')
    os.utime(log, (time.time() + 86_400, time.time() + 86_400))
    run = scan((tmp_path,), QUIET)
    assert not run.live
    os.utime(log, (time.time() + 86_500, time.time() + 86_500))
    now = refresh(run, QUIET)
    assert now is not None
    assert now.live


def test_a_run_that_falls_silent_is_told_without_reading_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f'{{"step": {n}, "loss": 1, "time": {time.time() - 100 + n}}}\n' for n in range(100))
    (tmp_path / "metrics.jsonl").write_text(rows)
    run = scan((tmp_path,), QUIET)
    assert run.live
    run = refresh(run, QUIET) or run
    _pass(monkeypatch, 2 * GROWN_S)
    stalled = refresh(run, QUIET)
    assert stalled is not None
    assert (stalled.liveness.life, stalled.live) == (Life.STALLED, False)
    assert stalled.series == run.series
    assert refresh(stalled, QUIET) is None


@pytest.mark.parametrize(
    ("status", "beat_age_s", "life"),
    [
        ("finished", None, Life.FINISHED),
        ("stopped", None, Life.FINISHED),
        ("failed", None, Life.FAILED),
        ("running", 1.0, Life.LIVE),
        ("running", 60.0, Life.CRASHED),
        ("running", None, Life.CRASHED),
    ],
)
def test_a_run_of_this_program_says_it_itself(
    tmp_path: Path, status: str, beat_age_s: float | None, life: Life
) -> None:
    record = scan((resource("sample_run"),), QUIET).record
    assert record is not None
    if beat_age_s is not None:
        beat = {"pid": 1, "started": NOW_S - 100, "heartbeat": NOW_S - beat_age_s}
        (tmp_path / "alive.json").write_text(json.dumps(beat))
    found = liveness_of(tmp_path, msgspec.structs.replace(record, status=status), Logs(), NOW_S)
    assert found.life is life
    assert found.because


def test_a_pipe_in_the_place_of_a_beat_is_not_waited_for(tmp_path: Path) -> None:
    record = scan((resource("sample_run"),), QUIET).record
    assert record is not None
    os.mkfifo(tmp_path / "alive.json")
    found = liveness_of(tmp_path, msgspec.structs.replace(record, status="running"), Logs(), NOW_S)
    assert found.life is Life.CRASHED

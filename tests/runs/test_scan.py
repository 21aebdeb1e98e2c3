"""A mixed folder is one run that says of every file what it is or why it was left out, and grows while it lives."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from inspector.core.errors import FileError, MissingError
from inspector.core.pulse import QUIET, Progress, Pulse
from inspector.core.resources import resource
from inspector.formats.facts import CheckpointFacts, DumpFacts, MetricsFacts, OtherFacts
from inspector.formats.marks import Mark
from inspector.formats.triage import Triage
from inspector.runs.follow import refresh
from inspector.runs.liveness import HEARTBEAT_LIMIT_S
from inspector.runs.scan import scan
from inspector.session.triage_store import save_triage
from tests.conftest import sample_files


def _one(*patterns: str) -> Path:
    files = sample_files(*patterns)
    if not files:
        pytest.skip("the real sample files are not beside this checkout")
    return files[0]


def test_real_files_of_three_kinds_are_one_run(tmp_path: Path) -> None:
    shutil.copy(_one("checkpoints/yunjey__pytorch-tutorial/model.ckpt"), tmp_path)
    shutil.copy(_one("tfevents/tloen__alpaca-lora/chatbotmodel/runs/*/events*"), tmp_path)
    shutil.copy(_one("hdf5/allenai__allennlp/**/elmo_token_embeddings.hdf5"), tmp_path)
    (tmp_path / "notes.bin").write_bytes(b"\x00\x01\x02" * 100)
    run = scan((tmp_path,), QUIET)
    kinds = {type(entry.facts) for entry in run.files}
    assert kinds == {CheckpointFacts, MetricsFacts, DumpFacts, OtherFacts}
    assert run.name == tmp_path.name
    assert run.series
    left_out = next(entry.facts for entry in run.files if isinstance(entry.facts, OtherFacts))
    assert "notes.bin" in left_out.because


def test_the_sample_run_is_placed_on_one_axis() -> None:
    run = scan((resource("sample_run"),), QUIET)
    placed = {Path(entry.path).name: (entry.step, entry.epoch) for entry in run.files if entry.step is not None}
    assert placed["step_0000700.pt"] == (700, 140.0)
    assert placed["step_0001400.h5"] == (1400, 280.0)
    assert run.moments[-1].step == 1400
    assert run.settings.values["schedule.warmup"] == "overwrite"
    assert set(run.settings.values) < {field.path for field in run.settings.fields}, "some settings are younger than it"
    assert not run.live
    assert not any(series.tag.startswith("epoch/") for series in run.series), "the console is not drawn twice"


def test_marks_of_samples_beside_a_run_are_none_of_its_files_and_make_it_no_other(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "train/loss": 2.0}\n')
    run = scan((tmp_path,), QUIET)
    save_triage(tmp_path / "triage.json", Triage(files={"a.h5": {1: Mark(flagged=True, flagged_s=1.0)}}))
    assert refresh(run, QUIET) is None
    assert [entry.name for entry in scan((tmp_path,), QUIET).files] == ["metrics.jsonl"]


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(MissingError, match="found nothing there"):
        scan(("/nowhere/at/all.pt",), QUIET)


def test_one_missing_file_of_several_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"step": 1, "loss": 1}\n{"step": 2, "loss": 1}\n')
    run = scan((tmp_path / "a.jsonl", tmp_path / "gone.pt"), QUIET)
    assert any("gone.pt" in note for note in run.notes)


def test_a_checkpoint_that_a_trainer_removes_while_it_is_read_is_no_part_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"step": 1, "loss": 1}\n')
    for name in ("old.pt", "older.pt"):
        (tmp_path / name).write_bytes(b"PK")

    def remove(progress: Progress) -> None:
        if progress.what == "reading old.pt":
            (tmp_path / "old.pt").unlink()
            (tmp_path / "older.pt").unlink()

    assert [entry.name for entry in scan((tmp_path,), Pulse(remove)).files] == ["a.jsonl"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="an empty folder"):
        scan((tmp_path,), QUIET)


def test_a_file_opened_alone_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"")
    with pytest.raises(FileError, match="a.pt"):
        scan((tmp_path / "a.pt",), QUIET)


def test_a_run_grows_while_it_lives(tmp_path: Path) -> None:
    log = tmp_path / "metrics.jsonl"
    log.write_text('{"step": 1, "train/loss": 0.5}\n')
    run = scan((tmp_path,), QUIET)
    assert refresh(run, QUIET) is None or refresh(run, QUIET) is None
    with log.open("a") as stream:
        stream.write('{"step": 2, "train/loss": 0.25}\n')
    grown = refresh(run, QUIET)
    assert grown is not None
    assert grown.series[0].count == 2
    assert grown.series[0].last_value == 0.25
    (tmp_path / "model.pt").write_bytes(b"")
    larger = refresh(grown, QUIET)
    assert larger is not None
    assert len(larger.files) == 2
    assert refresh(larger, QUIET) is None


def test_a_run_lives_while_its_heart_beats(tmp_path: Path) -> None:
    run = Path(shutil.copytree(resource("sample_run"), tmp_path / "run"))
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"status": "running", "ended": None}))
    beat = {"pid": 1, "started": time.time(), "heartbeat": time.time()}
    (run / "alive.json").write_text(json.dumps(beat))
    live = scan((run,), QUIET)
    assert live.live
    (run / "alive.json").write_text(json.dumps(beat | {"heartbeat": time.time() - 2 * HEARTBEAT_LIMIT_S}))
    assert refresh(live, QUIET).live is False  # type: ignore[union-attr]


def test_a_file_that_could_not_be_read_says_so_in_the_tree_and_one_that_nobody_reads_does_not(tmp_path: Path) -> None:
    (tmp_path / "cut.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "model.onnx").write_bytes(b"\x08\x07\x12\x07pytorch" * 9)
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    run = scan([tmp_path], QUIET)
    hints = {entry.name: entry.hint for entry in run.files}
    assert hints == {"cut.h5": "not readable", "empty.pt": "empty", "model.onnx": "99 B", "metrics.jsonl": "1 metric"}

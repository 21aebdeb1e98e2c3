"""Which files are read as one, and how such checkpoints stand in a run."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import pytest

from inspector.artifacts.facts import facts_of
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET
from inspector.formats.facts import CheckpointFacts, OtherFacts
from inspector.runs import listing
from inspector.runs.follow import refresh
from inspector.runs.listing import common_root, grouped, is_one_checkpoint, list_files, name_below
from inspector.runs.scan import scan
from inspector.runs.values import Placed
from tests.artifacts.safetensors_files import write_safetensors, write_shards


def names(root: Path) -> list[str]:
    return [str(one.path.relative_to(root)) for one in grouped(list_files((root,), Notes(), QUIET), (root,))]


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def trainer_folder(folder: Path, step: int) -> Path:
    write_shards(folder, [{"a": [1.0]}, {"b": [2.0]}])
    write_safetensors(folder / "optimizer.pt", {"state.0.exp_avg": [0.5]})
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": step, "epoch": step / 100}))
    return folder


def test_each_set_is_listed_once_and_what_is_beside_it_is_kept(tmp_path: Path) -> None:
    trainer_folder(tmp_path / "checkpoint-500", 500)
    write_shards(tmp_path / "final", [{"a": [1.0]}])
    touch(tmp_path / "final/config.json", tmp_path / "events.out.tfevents.1.host", tmp_path / "last.ckpt")
    touch(tmp_path / "step_3/.metadata", tmp_path / "step_3/__0_0.distcp", tmp_path / "step_3/train.log")
    touch(tmp_path / "ds/latest", *(tmp_path / f"ds/step{n}/mp_rank_00_model_states.pt" for n in (1, 2)))
    (tmp_path / "ds/latest").write_text("step2")
    assert names(tmp_path) == [
        "events.out.tfevents.1.host", "last.ckpt",
        "checkpoint-500", "checkpoint-500/trainer_state.json",
        "ds/step2", "ds/step1",
        "final/config.json", "final",
        "step_3", "step_3/train.log",
    ]  # fmt: skip


def test_two_indexes_in_one_folder_are_two_checkpoints(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}])
    (tmp_path / "other.safetensors.index.json").write_bytes(index.read_bytes())
    assert names(tmp_path) == [index.name, "other.safetensors.index.json"]


def test_an_index_that_was_opened_alone_stays_one_file(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}])
    run = scan((index,), QUIET)
    assert [entry.path for entry in run.files] == [str(index)]
    write_shards(tmp_path, [{"a": [1.0, 2.0]}])
    newer = scan((index,), QUIET).files[0].facts
    assert isinstance(newer, CheckpointFacts)
    assert newer.tensors[0].shape == (2,)


def test_a_part_that_was_opened_alone_is_not_shown_as_the_folder_it_is_in(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    run = scan((folder / "optimizer.pt",), QUIET)
    assert [entry.name for entry in run.files] == ["optimizer.pt"]


def test_checkpoint_folders_are_placed_in_time(tmp_path: Path) -> None:
    trainer_folder(tmp_path / "checkpoint-500", 400)
    write_shards(tmp_path / "step_70/weights", [{"a": [1.0]}])
    (tmp_path / "global_step90").mkdir()
    write_safetensors(tmp_path / "global_step90/model.safetensors", {"a": [1.0]})
    run = scan((tmp_path,), QUIET)
    placed = {entry.name: (entry.step, entry.placed) for entry in run.files if isinstance(entry.facts, CheckpointFacts)}
    assert placed["checkpoint-500"] == (400, Placed.STATED)
    assert placed["global_step90/model.safetensors"] == (90, Placed.NAMED)
    assert placed["step_70/weights"] == (70, Placed.NAMED)


def test_an_entry_of_several_files_has_their_bytes_and_the_latest_time(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    members = [path for path in folder.iterdir() if path.name != "trainer_state.json"]
    for path in members:
        os.utime(path, (1_000, 1_000))
    os.utime(members[0], (2_000, 2_000))
    entry = next(entry for entry in scan((tmp_path,), QUIET).files if entry.name == "checkpoint-5")
    assert entry.bytes == sum(path.stat().st_size for path in members)
    assert entry.modified_s == pytest.approx(2_000)


def test_a_run_that_is_one_checkpoint_shows_it_under_the_folders_name(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    run = scan((folder,), QUIET)
    assert [entry.name for entry in run.files] == ["checkpoint-5", "trainer_state.json"]
    assert {tensor.name for tensor in run.files[0].facts.tensors} == {"model.a", "model.b", "optimizer.state.0.exp_avg"}


def test_a_part_that_changes_gives_a_new_run(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    run = scan((tmp_path,), QUIET)
    refresh(run, QUIET)
    write_safetensors(folder / "optimizer.pt", {"state.0.exp_avg": [0.5], "state.1.exp_avg": [0.5]})
    newer = refresh(run, QUIET)
    assert newer is not None
    assert "optimizer.state.1.exp_avg" in {tensor.name for tensor in newer.files[0].facts.tensors}


def test_a_folder_is_one_checkpoint_where_nothing_of_a_run_is_beside_it(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    touch(folder / "tokenizer.json", folder / "README.md")
    assert is_one_checkpoint(folder)
    assert not is_one_checkpoint(tmp_path)
    touch(folder / "runs/events.out.tfevents.1.host")
    assert not is_one_checkpoint(folder)
    (folder / "runs/events.out.tfevents.1.host").unlink()
    trainer_folder(folder / "checkpoint-6", 6)
    assert not is_one_checkpoint(folder)


def test_where_a_trainer_stood_is_not_taken_for_the_runs_settings(tmp_path: Path) -> None:
    folder = trainer_folder(tmp_path / "checkpoint-5", 5)
    assert scan((tmp_path,), QUIET).settings.values == {}
    (folder / "training_args.bin").write_bytes(pickle.dumps({"learning_rate": 0.5}))
    sheet = scan((tmp_path,), QUIET).settings
    assert (sheet.values, sheet.source) == ({"learning_rate": 0.5}, "checkpoint-5")


def test_a_run_stays_where_it_is_when_a_file_from_elsewhere_joins_it(tmp_path: Path) -> None:
    run, other = tmp_path / "far" / "here" / "run", tmp_path / "there" / "deep" / "er"
    for folder in (run / "logs", other):
        folder.mkdir(parents=True)
    (other / "val.csv").write_text("step,loss\n1,2\n")
    (run / "logs" / "train.csv").write_text("step,loss\n1,2\n")
    assert common_root((run, other / "val.csv")) == run
    assert common_root((run / "logs", run / "checkpoints" / "a.pt")) == run
    (run / "run.json").write_text("{}")
    assert common_root((tmp_path / "x.log", run)) == run
    assert name_below(run / "logs" / "train.csv", str(run)) == "logs/train.csv"
    assert name_below(other / "val.csv", str(run)) == "val.csv"
    assert name_below(run, str(run)) == "run"


def test_the_many_pictures_of_a_folder_are_told_of_together(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for number in range(20):
        (tmp_path / "images" / f"{number}.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "images/notes.csv").write_text("step,loss\n1,2\n")
    (tmp_path / "sample.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    files = list_files((tmp_path,), Notes(), QUIET)
    entries = grouped(files, (tmp_path,))
    called = {one.path.relative_to(tmp_path).as_posix() for one in entries}
    assert called == {"images", "images/notes.csv", "sample.png"}
    (images,) = (one for one in entries if one.path.name == "images")
    assert images.files == (tmp_path / "images",)
    facts = facts_of(tmp_path / "images")
    assert isinstance(facts, OtherFacts)
    assert facts.pictures == 20


def test_what_is_no_part_of_a_run_and_what_lies_too_deep_is_not_listed(tmp_path: Path) -> None:
    deep = "/".join(f"{level}" for level in range(1, listing.MAX_DEPTH + 2))
    names = ["a.csv", ".hidden.csv", ".git/b.csv", "venv/c.csv", "x/.cache/d.csv", deep.rpartition("/")[0] + "/e.csv"]
    for path in (tmp_path / name for name in (*names, deep + "/f.csv")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("step,loss\n1,2\n")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert sorted(path.name for path in list_files((tmp_path,), Notes(), QUIET)) == ["a.csv", "e.csv"]
    assert common_root((tmp_path / "a.csv",)) == tmp_path
    (named,) = list_files((tmp_path / ".git" / "b.csv",), Notes(), QUIET)
    assert named.name == "b.csv", "what is opened by itself is listed wherever it lies"


def test_pictures_do_not_crowd_out_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_FILES", 5)
    for number in range(30):
        (tmp_path / f"{number}.jpg").write_bytes(b"x")
    for number in range(4):
        (tmp_path / f"z{number}.csv").write_text("step,loss\n1,2\n")
    notes = Notes()
    assert len(list_files((tmp_path,), notes, QUIET)) == 34
    assert notes.texts() == ()

"""Checkpoints in shards: one table over all files, and every way in which index and shards may disagree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.facts import facts_of
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.reading_limits import GENEROUS, USUAL
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import DamagedError, FileError, LimitError
from inspector.formats.verified import CRC32
from tests.artifacts.checkpoint_notes import said
from tests.artifacts.safetensors_files import INDEX, shard_name, write_safetensors, write_shards

ONE = {"a.weight": [[1.0, 2.0], [3.0, 4.0]], "a.bias": [5.0]}
TWO = {"b.weight": [6.0, 7.0, 8.0]}
FIRST, SECOND = shard_name(1, 2), shard_name(2, 2)


def rewrite(index: Path, **changes: Any) -> None:
    index.write_text(json.dumps({**json.loads(index.read_text()), **changes}))


@pytest.mark.parametrize("by", ["index", "folder"])
def test_all_shards_are_one_checkpoint(tmp_path: Path, by: str) -> None:
    index = write_shards(tmp_path / "m", [ONE, TWO])
    checkpoint = opened(index if by == "index" else tmp_path / "m")
    assert checkpoint.facts.container == "safetensors-sharded"
    assert [tensor.name for tensor in checkpoint.facts.tensors] == ["a.weight", "a.bias", "b.weight"]
    for name, values in {**ONE, **TWO}.items():
        np.testing.assert_array_equal(load(checkpoint.window(name)), np.float32(values))
    assert checkpoint.window("b.weight").path.name == SECOND
    assert checkpoint.objects == {"metadata.total_size": 32}
    assert checkpoint.facts.notes == ()
    assert checkpoint.facts.bytes == sum(path.stat().st_size for path in (tmp_path / "m").iterdir())


def test_an_index_is_known_by_its_name_and_facts_come_from_it(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    assert sniff(index) == ("checkpoint", "safetensors-sharded")
    assert facts_of(index) == opened(index).facts
    assert facts_of(tmp_path).container == "safetensors-sharded"  # type: ignore[union-attr]  # of a checkpoint
    assert sniff(tmp_path / FIRST).container == "safetensors"


def test_a_folder_with_two_indexes_is_no_checkpoint_of_its_own(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    (tmp_path / "other.safetensors.index.json").write_bytes(index.read_bytes())
    with pytest.raises(FileError, match="a folder that is none"):
        opened(tmp_path)


def test_a_missing_shard_is_named_with_what_it_held(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    (tmp_path / FIRST).unlink()
    checkpoint = opened(index)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == ["b.weight"]
    assert said(checkpoint, FIRST, "is missing", "a.weight, a.bias")


@pytest.mark.parametrize("by", ["index", "folder"])
@pytest.mark.parametrize("how", ["missing", "empty", "other", "lacking", "cut off"])
def test_a_check_tells_what_is_lost_with_a_shard(tmp_path: Path, by: str, how: str) -> None:
    index = write_shards(tmp_path / "m", [ONE, TWO])
    first = index.parent / FIRST
    lost = [f"{name} should be in {FIRST}, which cannot be opened" for name in ONE]
    if how == "missing":
        first.unlink()
        lost = [f"{name} should be in {FIRST}, which is missing" for name in ONE]
    elif how == "empty":
        os.truncate(first, 0)
    elif how == "other":
        first.write_text("no tensors\n")
    elif how == "lacking":
        write_safetensors(first, {"a.weight": ONE["a.weight"]})
        lost = [f"a.bias should be in {FIRST}, and is not there"]
    else:
        os.truncate(first, first.stat().st_size - 4)
        lost = [f"{FIRST} · a.bias is cut off: its bytes end at byte 0 of 4"]
    path = index if by == "index" else index.parent
    found = verify(path)
    assert [record.sentence() for record in found.damaged] == lost
    assert found.damaged_count == len(lost)
    assert not found.sound
    assert found.sentence().startswith(f"{path.name} is damaged: {lost[0]}")
    assert found.checked != CRC32, "safetensors has no checksums"


def test_a_check_calls_whole_shards_sound_and_does_not_judge_what_lies_outside(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    assert verify(index).sound
    rewrite(index, weight_map={**dict.fromkeys(ONE, FIRST), "b.weight": "../b.safetensors"})
    assert verify(index).sound


def test_a_shard_that_comes_later_is_seen(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    kept = (tmp_path / FIRST).rename(tmp_path / "kept")
    assert len(opened(index).facts.tensors) == 1
    kept.rename(tmp_path / FIRST)
    assert len(opened(index).facts.tensors) == 3


def test_a_tensor_that_its_shard_lacks_and_one_that_the_index_does_not_name_are_named(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    write_safetensors(tmp_path / SECOND, {"c.weight": [1.0]})
    checkpoint = opened(index)
    assert said(checkpoint, SECOND, "lacks b.weight")
    assert said(checkpoint, SECOND, "holds c.weight", "does not name")
    assert load(checkpoint.window("c.weight")).tolist() == [1.0]


def test_of_a_tensor_in_two_shards_the_one_that_the_index_names_is_shown(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    write_safetensors(tmp_path / FIRST, {**ONE, "b.weight": [0.0]})
    checkpoint = opened(index)
    assert load(checkpoint.window("b.weight")).tolist() == [6.0, 7.0, 8.0]
    assert said(checkpoint, FIRST, "holds b.weight")


def test_a_shard_that_no_entry_names_is_told(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    rewrite(index, weight_map=dict.fromkeys(ONE, FIRST))
    assert said(opened(index), SECOND, "left out")


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/hostname", "a/../../x", "..", "", "x\\..\\y", "a\0b"])
def test_a_shard_outside_the_folder_is_not_opened(tmp_path: Path, name: str) -> None:
    index = write_shards(tmp_path / "m", [ONE, TWO])
    write_safetensors(tmp_path / "secret.safetensors", {"b.weight": [9.0]})
    rewrite(index, weight_map={**dict.fromkeys(ONE, FIRST), "b.weight": name})
    checkpoint = opened(index)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == list(ONE)
    assert said(checkpoint, "outside the folder")


def test_an_index_that_was_opened_by_itself_leads_to_files_of_its_set_alone(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    write_safetensors(tmp_path / "other.safetensors", TWO)
    rewrite(index, weight_map={**dict.fromkeys(ONE, FIRST), "b.weight": "other.safetensors"})
    lead_to([index])
    checkpoint = opened(index)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == list(ONE)
    assert said(checkpoint, "other.safetensors, which was not opened with it; open the folder")
    assert tmp_path / "other.safetensors" not in checkpoint.files
    rewrite(index, weight_map={**dict.fromkeys(ONE, FIRST), "b.weight": "./other.safetensors"})
    lead_to([tmp_path])
    assert [tensor.name for tensor in opened(index).facts.tensors] == [*ONE, *TWO]


def test_a_link_that_leaves_the_folder_is_not_followed_and_one_into_the_cache_of_the_hub_is(tmp_path: Path) -> None:
    secret = write_safetensors(tmp_path / "secret.safetensors", TWO)
    index = write_shards(tmp_path / "m", [ONE, TWO])
    (tmp_path / "m" / SECOND).unlink()
    (tmp_path / "m" / SECOND).symlink_to(secret)
    assert said(opened(index), SECOND, "outside the folder")

    snapshot = tmp_path / "hub/snapshots/0a1b"
    index = write_shards(snapshot, [ONE, TWO])
    (tmp_path / "hub/blobs").mkdir()
    (snapshot / SECOND).rename(tmp_path / "hub/blobs/77")
    (snapshot / SECOND).symlink_to("../../blobs/77")
    assert len(opened(index).facts.tensors) == 3


def test_an_index_that_names_itself_or_a_pipe_or_a_folder_ends(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    rewrite(index, weight_map={"a": INDEX, "b": "pipe", "c": "folder", "a.bias": FIRST})
    lead_to([tmp_path])
    checkpoint = opened(index)
    assert said(checkpoint, "pipe", "regular file")
    assert said(checkpoint, "folder: expected")
    assert said(checkpoint, INDEX, "not opened")
    assert "a.bias" in checkpoint.windows


def test_a_damaged_shard_leaves_the_others(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    (tmp_path / FIRST).write_bytes((tmp_path / FIRST).read_bytes()[:40])
    checkpoint = opened(index)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == ["b.weight"]
    assert said(checkpoint, FIRST, "expected")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", '{"weight_map": []}', '{"weight_map": {"a": 1}}', '{"weight_map": {"a": null}}',
        '{"weight_map": {"a": "b"}, "metadata": NaN}', '{"weight_map": {"a": "b"', "[" * 100_000,
        '{"x": ' * 100_000, '{"weight_map": {"a": "b"}, "metadata": ' + "[" * 100_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_index_is_a_clear_error(tmp_path: Path, text: str) -> None:
    (tmp_path / INDEX).write_text(text)
    with pytest.raises(DamagedError):
        opened(tmp_path / INDEX)


def test_bytes_that_are_no_text_and_an_index_too_large_are_refused(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(b'{"weight_map": {"\xff": "b"}}')
    with pytest.raises(DamagedError):
        opened(tmp_path / INDEX)
    with (tmp_path / INDEX).open("wb") as file:
        file.truncate(GENEROUS.header_bytes + 1)
    with pytest.raises(LimitError):
        opened(tmp_path / INDEX)


def test_a_long_index_is_read_when_asked(tmp_path: Path) -> None:
    write_shards(tmp_path, [ONE, TWO])
    text = (tmp_path / INDEX).read_bytes()
    (tmp_path / INDEX).write_bytes(text + b" " * USUAL.header_bytes)
    first = opened(tmp_path / INDEX).facts
    assert first.limited
    assert first.tensors == ()
    assert any("generous limits" in note for note in first.notes)
    assert len(opened(tmp_path / INDEX, generous=True).facts.tensors) == 3


@pytest.mark.parametrize("metadata", ["text", 5, None, [1], {"a": [1], "total_size": 3, "b": "x" * 70_000}])
def test_odd_metadata_does_not_cost_the_tensors(tmp_path: Path, metadata: Any) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    rewrite(index, metadata=metadata)
    checkpoint = opened(index)
    assert len(checkpoint.facts.tensors) == 3
    assert said(checkpoint, "metadata")


def test_many_shards_that_are_not_there_end_with_few_notes(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": {f"t{i}": f"f{i}" for i in range(20_000)}}))
    checkpoint = opened(tmp_path / INDEX)
    assert len(checkpoint.facts.notes) <= 101
    assert checkpoint.facts.tensors == ()


def test_a_shard_replaced_shrunk_or_grown_while_open_is_told_and_the_others_stay_readable(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    checkpoint = opened(index)
    changed = checkpoint.window("b.weight")
    whole = (tmp_path / SECOND).read_bytes()
    for content in (whole[:-4], whole + b"more", whole[:-4] + b"\0\0\0\0"):
        (tmp_path / "new").write_bytes(content)
        (tmp_path / "new").rename(tmp_path / SECOND)
        with pytest.raises(DamagedError, match="a changed one"):
            load(changed)
        assert load(checkpoint.window("a.bias")).tolist() == [5.0]
    assert opened(index) is not checkpoint
    assert load(opened(index).window("b.weight")).tolist() == [6.0, 7.0, 0.0]


def test_a_file_under_many_names_is_read_once(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    (tmp_path / "again.safetensors").hardlink_to(tmp_path / FIRST)
    rewrite(index, weight_map={**dict.fromkeys(ONE, FIRST), "x": "again.safetensors"})
    lead_to([tmp_path])
    checkpoint = opened(index)
    assert said(checkpoint, "again.safetensors is the same file as", FIRST)
    assert [tensor.name for tensor in checkpoint.facts.tensors] == list(ONE)


def test_listing_shards_needs_neither_numpy_nor_h5py(tmp_path: Path) -> None:
    write_shards(tmp_path, [ONE, TWO])
    (tmp_path / "trainer_state.json").write_text("{}")
    program = (
        "import sys; from pathlib import Path; from inspector.artifacts.checkpoints.checkpoint import opened\n"
        "print(opened(Path(sys.argv[1])).facts.container, 'numpy' in sys.modules, 'h5py' in sys.modules)\n"
    )
    command = [sys.executable, "-I", "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["hf-trainer", "False", "False"]


def test_what_is_the_same_is_not_read_again(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [ONE, TWO])
    first = opened(index)
    assert opened(index) is first
    assert opened(tmp_path).identity == first.identity
    write_safetensors(tmp_path / FIRST, {**ONE, "a.bias": [50.0]})
    assert opened(index).identity != first.identity

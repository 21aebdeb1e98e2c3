"""Under the lock an index opens its shards, and nothing else beside them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.companions import with_companions
from inspector.artifacts.opened_paths import lead_to
from inspector.artifacts.tensors.elements import load
from inspector.reader import landlock
from inspector.reader.child import Identities
from tests.artifacts.safetensors_files import write_safetensors, write_shards

needs_landlock = pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock")

_PROGRAM = """
import json, sys
from pathlib import Path
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.companions import with_companions
from inspector.artifacts.tensors.elements import load
from inspector.reader.lock import lock

path, others = Path(sys.argv[1]), sys.argv[2:]
lock([path])
checkpoint = opened(path)
found = {name: load(checkpoint.window(name)).tolist() for name in checkpoint.windows}
shut = []
for other in others:
    try:
        open(other).close()
    except PermissionError:
        shut.append(other)
print(json.dumps([found, shut, list(checkpoint.facts.notes)]))
"""


def locked(path: Path, *others: Path) -> tuple[dict[str, Any], list[str], list[str]]:
    """What a locked process reads of a checkpoint, which other files are shut to it, and its notes."""
    command = [sys.executable, "-I", "-c", _PROGRAM, str(path), *map(str, others)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found, shut, notes = json.loads(done.stdout)
    return found, shut, notes


@needs_landlock
def test_an_index_opens_its_shards_and_nothing_else_beside_them(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}, {"b": [2.0]}])
    others = [write_safetensors(tmp_path / name, {"x": [3.0]}) for name in ("model.safetensors", "secret.pt")]
    found, shut, notes = locked(index, *others)
    assert found == {"a": [1.0], "b": [2.0]}
    assert shut == [str(other) for other in others]
    assert notes == []


@needs_landlock
def test_a_shard_of_another_name_stays_shut_and_is_told(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}])
    odd = write_safetensors(tmp_path / "odd.safetensors", {"b": [2.0]})
    where = json.loads(index.read_text())
    where["weight_map"]["b"] = odd.name
    index.write_text(json.dumps(where))
    found, shut, notes = locked(index, odd)
    assert found == {"a": [1.0]}
    assert shut == [str(odd)]
    assert any("odd.safetensors, which was not opened with it" in note for note in notes)
    lead_to([tmp_path])
    assert load(opened(tmp_path).window("b")).tolist() == [2.0]


@needs_landlock
def test_one_shard_alone_brings_no_other(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}, {"b": [2.0]}])
    one, two = sorted(tmp_path.glob("*.safetensors"))
    assert locked(one, two, index)[1] == [str(two), str(index)]


@needs_landlock
def test_a_link_beside_an_index_opens_nothing_outside(tmp_path: Path) -> None:
    index = write_shards(tmp_path / "m", [{"a": [1.0]}, {"b": [2.0]}])
    secret = write_safetensors(tmp_path / "secret", {"b": [9.0]})
    shard = tmp_path / "m/model-00002-of-00002.safetensors"
    shard.unlink()
    shard.symlink_to(secret)
    found, shut, _ = locked(index, shard, secret)
    assert found == {"a": [1.0]}
    assert shut == [str(shard), str(secret)]


@needs_landlock
def test_a_folder_of_the_hubs_cache_opens_with_its_blobs(tmp_path: Path) -> None:
    snapshot = tmp_path / "hub/snapshots/0a1b"
    write_shards(snapshot, [{"a": [1.0]}, {"b": [2.0]}])
    (tmp_path / "hub/blobs").mkdir()
    blob, other = tmp_path / "hub/blobs/77", tmp_path / "hub/blobs/78"
    other.write_text("another file")
    (snapshot / "model-00002-of-00002.safetensors").rename(blob)
    (snapshot / "model-00002-of-00002.safetensors").symlink_to("../../blobs/77")
    found, shut, _ = locked(snapshot, other)
    assert found == {"a": [1.0], "b": [2.0]}
    assert shut == [str(other)]


def test_a_shard_that_is_replaced_gets_a_new_reader(tmp_path: Path) -> None:
    index = write_shards(tmp_path, [{"a": [1.0]}, {"b": [2.0]}])
    known = Identities(with_companions((index,)))
    assert not known.replaced()
    write_safetensors(tmp_path / "new", {"b": [3.0]}).rename(tmp_path / "model-00002-of-00002.safetensors")
    assert known.replaced()

"""Checkpoints of several files: verified record by record, and copied into one file that weights_only loads."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.checkpoints.verify import verify
from inspector.artifacts.clean.clean_copy import write_clean_copy
from inspector.formats.verified import CRC32

torch = pytest.importorskip("torch")

WITH_CHECKSUMS = ("dcp-one", "dcp-two", "bin-shards", "run/checkpoint-3", "accelerate", "zero-1", "zero-2", "zero-3")


def bits(tensor: object) -> bytes:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()  # type: ignore[attr-defined]  # a tensor, told as any object


@pytest.mark.parametrize("name", [*WITH_CHECKSUMS, "adapter"])
def test_a_folder_becomes_one_file_with_every_tensor_bit_by_bit(
    made: tuple[Path, dict[str, bytes]], tmp_path: Path, name: str
) -> None:
    root, right = made
    out = tmp_path / "clean.pt"
    descriptor = os.open(out, os.O_RDWR | os.O_CREAT)
    told = write_clean_copy(root / name, descriptor)
    os.close(descriptor)
    loaded = torch.load(out, weights_only=True)
    wanted = {key.partition("|")[2]: raw for key, raw in right.items() if key.startswith(f"{name}|")}
    assert wanted
    for tensor, raw in wanted.items():
        assert bits(loaded[tensor]) == raw, tensor
    assert told.tensors >= len(wanted)
    assert verify(out).sound


@pytest.mark.parametrize("name", WITH_CHECKSUMS)
def test_every_file_of_a_sound_folder_is_checked(made: tuple[Path, dict[str, bytes]], name: str) -> None:
    found = verify(made[0] / name)
    assert found.sound, found.damaged
    assert found.checked == CRC32
    assert found.records > 3
    assert found.sentence().startswith(f"{Path(name).name}: all ")


@pytest.mark.parametrize("name", WITH_CHECKSUMS)
def test_a_flipped_bit_in_any_of_its_tensors_is_found(
    made: tuple[Path, dict[str, bytes]], tmp_path: Path, name: str
) -> None:
    root, right = made
    copy = Path(shutil.copytree(root / name, tmp_path / "copy"))
    files = [path for path in copy.rglob("*") if path.is_file()]
    flipped = 0
    for key, raw in right.items():
        start = raw[:8]  # the rest may be in another file
        holding = [file for file in files if start in file.read_bytes()]
        if not key.startswith(f"{name}|") or len(set(start)) < 8 or len(holding) != 1:
            continue
        (file,) = holding
        whole = file.read_bytes()
        place = whole.index(start) + 5
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        (damaged,) = verify(copy).damaged
        assert damaged.name.startswith(str(file.relative_to(copy)))
        assert damaged.start is not None
        assert damaged.start <= place < damaged.start + damaged.bytes
        assert damaged.tensors or name in ("zero-2", "zero-3"), "flat vectors of ranks are put together from pieces"
        file.write_bytes(whole)
        flipped += 1
        if flipped == 3:
            break
    assert flipped
    assert opened(copy).facts.tensors

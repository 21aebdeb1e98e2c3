"""Real checkpoints of public projects: every one opens or gives a sentence, and agrees with torch."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import msgspec
import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.container_table import BY_NAME
from inspector.artifacts.facts import facts_of
from inspector.artifacts.sniff import sniff
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import DamagedError, FileError, UnknownKindError, UnsupportedError
from inspector.formats.facts import CheckpointFacts
from inspector.formats.nonfinite import to_json
from tests.artifacts.torch_oracle import torch_tensors
from tests.conftest import sample_files

FILES = sample_files("checkpoints/**/*", "hostile/**/*")
OURS = "inspector.artifacts.checkpoints.checkpoint"

pytestmark = [pytest.mark.samples, pytest.mark.skipif(not FILES, reason="the real sample files are not here")]


@cache
def checkpoints() -> list[Path]:
    """Those that seem to be one."""
    return [path for path in FILES if sniff(path).kind == "checkpoint"]


def test_each_sample_opens_or_says_in_a_sentence_why_not() -> None:
    opens = 0
    for path in FILES:
        try:
            container = sniff(path).container
            facts = facts_of(path) if container not in BY_NAME or BY_NAME[container].reader == OURS else None
        except (UnsupportedError, UnknownKindError, DamagedError) as error:
            assert str(error).startswith(f"{path.name}: expected ")
            assert "\n" not in str(error)
            continue
        if facts is not None:
            assert isinstance(facts, CheckpointFacts)
            assert json.loads(to_json(facts))["container"] == container
            msgspec.json.encode(facts)
            opens += 1
    assert opens >= 260


def test_every_file_that_seems_a_checkpoint_opens() -> None:
    refused = set()
    for path in checkpoints():
        try:
            opened(path)
        except FileError:
            refused.add(sniff(path).container)
    assert refused == set()


def test_names_shapes_types_and_elements_are_those_that_torch_finds() -> None:
    expected = {path: tensors for path, tensors in torch_tensors(checkpoints()).items() if tensors is not None}
    assert len(expected) >= 120
    for path, tensors in expected.items():
        checkpoint = opened(path)
        found = [
            [
                tensor.name,
                list(tensor.shape),
                tensor.dtype,
                hashlib.sha256(load(checkpoint.window(tensor.name)).tobytes()).hexdigest(),
            ]
            for tensor in checkpoint.facts.tensors
        ]
        assert found == tensors, path


def test_what_hostile_pickles_would_import_is_listed() -> None:
    folder = "hostile/mmaitre314__picklescan/tests/data"
    for name, imported in [
        ("data/malicious1_v0.pkl", "__builtin__.eval"),
        ("data/malicious2_v4.pkl", "posix.system"),
        ("data2/GHSA-vqmv-47xg-9wpr.pkl", "pty.spawn"),
        ("data2/malicious21.pkl", "timeit.timeit"),
    ]:
        (path,) = sample_files(f"{folder}/../{name}")
        assert imported in opened(path).facts.would_import, name


def test_ambiguous_archives_among_the_samples_are_told() -> None:
    folder = "hostile/mmaitre314__picklescan/tests"
    (renamed,) = sample_files(f"{folder}/data/malicious1_central_directory.zip")
    assert any("ambiguous archive" in note for note in opened(renamed).facts.notes)
    (flipped,) = sample_files(f"{folder}/data2/malicious1_crc.zip")
    assert any("checksum" in note for note in opened(flipped).facts.notes)


@pytest.mark.parametrize("name", ["model_best.pth.tar", "checkpoint.pth.tar"])
def test_a_whole_training_checkpoint_tells_its_settings(samples: Path, name: str) -> None:
    objects = opened(samples / "checkpoints/txie-93__cgcnn/output" / name).objects
    assert objects["optimizer.param_groups.0.lr"] == 0.01
    assert objects["args.optim"] == "SGD"
    assert objects["args.lr_milestones"] == [100]
    assert objects["args.train_ratio"] is None

"""It opens anyway: benign files of every kind, pickle protocol and container, held against what wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.tensors.elements import load
from inspector.artifacts.tensors.windows import Unreadable
from inspector.core.errors import FileError
from inspector.formats.nonfinite import to_json
from tests.with_torch import run_with_torch

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of all files, and what is in them as torch and numpy say."""
    folder = tmp_path_factory.mktemp("matrix")
    return folder, json.loads(run_with_torch("tests.artifacts.matrix_child", folder))


def digest(checkpoint: Checkpoint, name: str) -> str | None:
    window = checkpoint.windows[name]
    if isinstance(window, Unreadable):
        return None
    return hashlib.sha256(load(window).tobytes()).hexdigest()


def test_every_benign_file_opens_with_the_tensors_that_are_in_it(
    matrix: tuple[Path, dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    folder, said = matrix
    files = said["files"]
    assert len(files) >= 240
    equal = 0
    wrong: list[str] = []
    for name, tensors in files.items():
        try:
            found = opened(folder / name)
        except FileError as error:
            wrong.append(f"{name}: {error}")
            continue
        to_json(found.facts)
        shapes = {tensor.name: (list(tensor.shape), tensor.dtype) for tensor in found.facts.tensors}
        for tensor_name, shape, dtype, expected in tensors:
            if shapes.get(tensor_name, ([], ""))[0] != shape:
                wrong.append(f"{name}: {tensor_name} {shape} {dtype} is {shapes.get(tensor_name)}")
            elif expected is not None and digest(found, tensor_name) != expected:
                wrong.append(f"{name}: {tensor_name} has other elements; {found.windows[tensor_name]}"[:300])
            elif expected is not None:
                equal += 1
        if found.facts.notes:
            wrong.append(f"{name}: {found.facts.notes[:2]}")
    assert wrong == []
    assert equal >= 1_000
    record_property("inputs tried", len(files))
    record_property("tensors equal to torch's", equal)
    # only what its own pickling refuses is missing
    assert set(said["refused"].values()) <= {
        "TypeError: a class that defines __slots__ without defining __getstate__ cannot be pickled"
    }


SPOTS: dict[str, dict[str, Any]] = {
    "namespace": {"args.lr": 0.1, "args.out": "/runs/a", "args.flags": [1, 2]},
    "omegaconf": {"cfg.optim.lr": 0.5, "cfg.optim.name": "sgd", "cfg.seed": 7},
    "configdict": {"cfg.lr": 0.5, "cfg.model.depth": 4},
    "numpy": {"scalar": 0.25, "whole": -3, "truth": True, "objects": ["a", None, 3], "text": "hé"},
    "dataclass": {"config.lr": 0.1, "config.sizes": [1, 2], "config.inner.depth": 3},
    "slots": {"slots.left": 1},
    "partial": {"f": "partial(collections.Counter, 'ab')"},
    "project": {"project.name": "run", "project.history.1.loss": 0.25, "entries.lr": 0.5, "entries.depth": 3},
    "torch": {"device": "cuda:1", "dtype": "torch.float16", "size": [2, 3]},
    "training": {"epoch": 3, "optimizer.param_groups.0.eps": 1e-8, "optimizer.param_groups.0.betas": [0.9, 0.999]},
    "scheduler": {"scheduler.T_max": 10, "object.T_max": 10},
    "lightning": {"pytorch-lightning_version": "2.4.0", "hyper_parameters.lr": 0.1, "global_step": 9},
    "module": {"net.extra.lr": 0.1, "net.body.0.kernel_size": [3, 3]},
    "rng": {"generator.bit_generator": "PCG64", "numpy.0": "MT19937"},
    "nested": {"keys.3": 1, "keys.[1, 2]": 2, "keys.None": 3},
    "stdlib": {
        "when": "2024-05-06T07:08:09", "day": "1999-12-31", "span": "86400 s", "exact": "1.50", "third": "1/3",
        "id": "00000000-0000-0000-0000-000000000007", "re": "/a.*b/", "default.a": [1], "deque": [1, 2],
        "counter.a": 2, "bytes": "5 bytes", "slice": "slice(1, 2, None)", "range": "range(0, 3, 1)",
        "complex": "complex(3.0, 4.0)", "simple.a": 1, "set": [1], "path": ["a/b", "C:\\x"], "none": None,
        "big": str(2**200),
    },
}  # fmt: skip
"""What a reader must be able to read of each kind, whatever the protocol and container; values by hand."""


@pytest.mark.parametrize("kind", SPOTS)
def test_objects_are_readable(matrix: tuple[Path, dict[str, Any]], kind: str) -> None:
    folder, said = matrix
    names = [name for name in said["files"] if name.split("-")[0] == kind]
    assert len(names) >= 12
    for name in names:
        objects = opened(folder / name).objects
        found = {key: objects.get(key, "absent") for key in SPOTS[kind]}
        assert found == SPOTS[kind], name


def test_enumerations_and_calls_say_their_class(matrix: tuple[Path, dict[str, Any]]) -> None:
    folder, said = matrix
    for name in said["files"]:
        objects = opened(folder / name).objects
        if name.startswith("dataclass"):
            assert "Colour" in str(objects["colour"])
            assert "Colour" in str(objects["config.colour"])
            assert str(objects["config.__class__"]).endswith("Config")
        elif name.startswith("partial"):
            assert "Config" in str(objects["make"])
            assert "0.5" in str(objects["make"])
            assert "colour=" in str(objects["make"])
        elif name.startswith("stdlib"):
            assert "Point" in str(objects.get("point", objects.get("point.__class__")))

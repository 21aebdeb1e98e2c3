"""The check on a GPU on the CPU with few rounds, so that no part of it rots where there is no GPU."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import torch

from tests.long import gpu
from tests.long.gpu_parts import PARTS, Place
from tests.training.matrix import matrix_recipe


@pytest.fixture(autouse=True)
def _recipe() -> Iterator[None]:
    with matrix_recipe():
        yield
    torch.use_deterministic_algorithms(False)


def test_the_command_takes_every_part() -> None:
    assert tuple(PARTS) == gpu.PARTS


@pytest.mark.parametrize("name", [name for name in PARTS if name != "matrix two groups"])
def test_a_part_holds_on_the_cpu(name: str) -> None:
    assert json.loads(json.dumps(PARTS[name](Place("cpu", quick=True))))


def test_a_part_that_fails_is_told_and_the_others_stand() -> None:
    figures = {"about": {}}
    gpu.note("speed", figures, 1, "", "a traceback\nAssertionError: slow\n")
    gpu.note("memory", figures, 0, 'noise\n{"samples": 2}\n', "")
    assert figures == {
        "about": {},
        "broken": {"speed": ["a traceback", "AssertionError: slow"]},
        "memory": {"samples": 2},
    }
    with pytest.raises(AssertionError, match="slow"):
        gpu.round_of(len(gpu.PARTS), figures)

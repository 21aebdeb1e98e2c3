"""One uninterrupted run of twenty steps that many tests compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.training.runs import trained


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four epochs of five steps, checkpoints at steps 7, 10, 14 and 20."""
    return trained(tmp_path_factory.mktemp("whole") / "run", {"train.checkpoint_steps": 7})

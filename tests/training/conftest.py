"""One uninterrupted run of twenty steps that many tests compare with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from inspector.formats.run_folder import RUN_FILE
from inspector.training import resume
from tests.training.runs import trained
from tests.untouched import Sources


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


@pytest.fixture(autouse=True)
def _resumes_are_heard(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resumes in this process, and in forks of it, tell what they start from before they read it."""
    find = resume.parent_of

    def heard(named: str, checkpoint: str) -> tuple[Path, Path]:
        run, path = find(named, checkpoint)
        sources.keep(run if (run / RUN_FILE).is_file() else path)
        return run, path

    monkeypatch.setattr(resume, "parent_of", heard)

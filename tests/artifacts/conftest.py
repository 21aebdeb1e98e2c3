"""Folders of checkpoints that several tests read, made once; after each test nothing is open or counts as opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.artifacts.dumps.dump_file import close_all
from inspector.artifacts.opened_paths import lead_to
from tests.artifacts.torch_folders import make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Folders of every sort that torch and trainers write, not to be changed; the right bytes by `folder|name`."""
    root = tmp_path_factory.mktemp("folders")
    return root, make(root)


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    yield
    close_all()
    lead_to(())

"""What several tests of checkpoints read; it takes long to make, and is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.artifacts.torch_folders import make


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """Folders of every sort that torch and trainers write, not to be changed; the right bytes by `folder|name`."""
    root = tmp_path_factory.mktemp("folders")
    return root, make(root)

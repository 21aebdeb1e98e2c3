"""What every test shares: the real samples, a home of its own, and an offscreen Qt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

SAMPLES = Path(os.environ.get("RUN_INSPECTOR_SAMPLES", Path(__file__).resolve().parents[2] / "shared" / "samples"))


def sample_files(*patterns: str) -> list[Path]:
    """Real files by glob below the samples folder; empty where the folder is absent."""
    return sorted(path for pattern in patterns for path in SAMPLES.glob(pattern) if path.is_file())


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real files from public projects."""
    if not SAMPLES.is_dir():
        pytest.skip("the real sample files are not beside this checkout")
    return SAMPLES


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preferences, caches and notes of a test stay its own."""
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path_factory.mktemp("home")))

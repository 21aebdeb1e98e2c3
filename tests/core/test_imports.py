"""What is loaded with less."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from inspector.core.imports import one_thread

_COUNTED = """
import os
from inspector.core.imports import one_thread
with one_thread():
    import numpy
print(len(os.listdir("/proc/self/task")), os.environ.get("OPENBLAS_NUM_THREADS"))
"""


def test_numpy_makes_no_threads_and_what_is_started_later_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run([sys.executable, "-c", _COUNTED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "None"]


def test_how_many_threads_the_user_asked_for_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    with one_thread():
        assert os.environ["OMP_NUM_THREADS"] == "4"
    assert os.environ["OMP_NUM_THREADS"] == "4"

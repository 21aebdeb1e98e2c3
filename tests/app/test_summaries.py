"""The statistics of all tensors in the window: worked out by a locked reader, kept by the window, found by the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.desk import Desk
from inspector.core.outcome import Done
from inspector.diagnosis.values import Diagnosis
from inspector.formats import scan_cache, summary_cache
from inspector.formats.checkpoint_summary import CheckpointSummary
from inspector.formats.sealed_cache import SealedCache
from inspector.formats.summary_cache import keep_summary
from inspector.jobs.readers import Launcher, answered
from inspector.jobs.requests import Diagnose, Open, SummariesToKeep
from inspector.runs.values import Run
from inspector.session.values import State
from tests.artifacts.hdf5_files import arrays_of_a_dump, write_dump

torch = pytest.importorskip("torch")

PATIENCE_MS = 60_000


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "home"))
    made = Desk(State())
    yield made
    made.shutdown()


def is_filled(cache: SealedCache) -> bool:
    """Whether anything is kept in it."""
    return cache.folder().exists() and any(cache.folder().iterdir())


def worked_out(path: Path) -> tuple[CheckpointSummary, ...]:
    """What a fresh reader had to work out for the findings of a checkpoint."""
    with Launcher() as launcher:
        reader = launcher.reader([path])
        assert isinstance(answered(reader, "open", Open(), Run), Done)
        assert isinstance(answered(reader, "diagnose", Diagnose(), Diagnosis), Done)
        outcome = answered(reader, "summaries", SummariesToKeep(), tuple[CheckpointSummary, ...])
        assert isinstance(outcome, Done)
        return outcome.value


def test_a_locked_reader_takes_from_the_cache_what_the_window_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "home"))
    weights = torch.randn(70_000)
    torch.save({"weight": weights, "bias": torch.zeros(3, dtype=torch.bfloat16)}, tmp_path / "model.pt")
    (made,) = worked_out(tmp_path / "model.pt")
    assert made.names == ("weight", "bias")
    assert made.mean[0] == pytest.approx(float(weights.double().mean()), abs=1e-6)
    assert made.zeros.tolist() == [0, 3]
    assert worked_out(tmp_path / "model.pt") != ()
    keep_summary(made)
    assert worked_out(tmp_path / "model.pt") == ()


def test_what_a_diagnosis_has_worked_out_is_kept(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    torch.save({"model": {"weight": torch.randn(4, 4)}, "epoch": 3}, tmp_path / "model.pt")
    desk.open((str(tmp_path / "model.pt"),))
    qtbot.waitUntil(lambda: is_filled(summary_cache.CACHE), timeout=PATIENCE_MS)


def test_what_a_diagnosis_has_worked_out_of_a_dump_is_kept(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    path = write_dump(tmp_path / "dump.h5", arrays_of_a_dump())
    os.utime(path, (1, 1))
    desk.open((str(path),))
    qtbot.waitUntil(lambda: is_filled(scan_cache.CACHE), timeout=PATIENCE_MS)

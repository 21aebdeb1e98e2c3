"""The statistics of all tensors in the window: worked out by a locked reader, kept by the window, found by the next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.desk import Desk
from inspector.formats.checkpoint_summary import CheckpointSummary
from inspector.formats.scan_cache import scans_folder
from inspector.formats.summary_cache import known_summary, summaries_folder
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


def summarized(desk: Desk, path: Path, qtbot: QtBot) -> CheckpointSummary:
    with qtbot.waitSignal(desk.file_work.summarized, timeout=PATIENCE_MS) as blocker:
        desk.file_work.summarize("key", str(path))
    key, told, summary = blocker.args
    assert (key, told) == ("key", str(path))
    assert isinstance(summary, CheckpointSummary)
    return summary


def test_a_locked_reader_takes_from_the_cache_what_the_window_kept(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    weights = torch.randn(70_000)
    torch.save({"weight": weights, "bias": torch.zeros(3, dtype=torch.bfloat16)}, tmp_path / "model.pt")
    first = summarized(desk, tmp_path / "model.pt", qtbot)
    assert first.names == ("weight", "bias")
    assert first.mean[0] == pytest.approx(float(weights.double().mean()), abs=1e-6)
    assert first.zeros.tolist() == [0, 3]
    kept = known_summary(first.content)
    assert kept is not None
    (entry,) = summaries_folder().iterdir()
    # Told apart from what would be worked out anew by a number that no tensor gives.
    told_apart = CheckpointSummary(
        content=first.content, names=first.names, unread={},
        count=kept.count, zeros=kept.zeros, nans=kept.nans, infinities=kept.infinities,
        minimum=kept.minimum, maximum=kept.maximum, mean=kept.mean + 77, std=kept.std, norm=kept.norm,
    )  # fmt: skip
    from inspector.formats.summary_cache import keep_summary

    keep_summary(told_apart)
    assert entry.exists()
    again = summarized(desk, tmp_path / "model.pt", qtbot)
    assert again.mean[1] == 77.0


def test_what_a_diagnosis_has_worked_out_is_kept(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    torch.save({"model": {"weight": torch.randn(4, 4)}, "epoch": 3}, tmp_path / "model.pt")
    desk.open((str(tmp_path / "model.pt"),))
    qtbot.waitUntil(lambda: summaries_folder().exists() and any(summaries_folder().iterdir()), timeout=PATIENCE_MS)


def test_a_file_that_is_no_checkpoint_gives_a_sentence(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "log.txt").write_text("epoch 1 loss 2\n")
    with qtbot.waitSignal(desk.message, timeout=PATIENCE_MS) as blocker:
        desk.file_work.summarize("key", str(tmp_path / "log.txt"))
    assert blocker.args[0].sentence.startswith("log.txt: expected a checkpoint")


def test_what_a_diagnosis_has_worked_out_of_a_dump_is_kept(desk: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    path = write_dump(tmp_path / "dump.h5", arrays_of_a_dump())
    os.utime(path, (1, 1))
    desk.open((str(path),))
    qtbot.waitUntil(lambda: scans_folder().exists() and any(scans_folder().iterdir()), timeout=PATIENCE_MS)

"""Samples taken out of the real window by its keys, and out of a run by the command line."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from inspector.__main__ import main
from inspector.app.sample_export_sheet import SampleExportSheet
from inspector.app.sample_export_writers import LEAST_PX
from inspector.app.window import Window
from inspector.core import files
from inspector.core.resources import resource
from inspector.display.tokens import TOKENS
from inspector.formats.marks import Mark, marks_from
from inspector.formats.triage import FILE_NAME, Triage, encoded
from inspector.session.values import State
from tests.app.test_export import texts_of_pdf

PATIENCE_MS = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier
DUMP = "dumps/step_0001400.h5"
"""The newest of the sample run: 12 samples of 32 x 32 pixels."""

GT_RING_PX = 5.8


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    shutil.copytree(resource("sample_run"), folder)
    return folder


@pytest.fixture
def window(run: Path, make_window: Callable[..., Window], settle: Callable[[Window], None], qtbot: QtBot) -> Window:
    made = make_window(State(tab="points"))
    made.open_paths((str(run),))
    qtbot.waitUntil(lambda: made.desk.chosen() is not None, timeout=PATIENCE_MS)
    settle(made)
    gallery: Any = made.tabs.view("points").gallery  # type: ignore[attr-defined]  # of a view with samples
    qtbot.waitUntil(gallery.ready, timeout=PATIENCE_MS)
    made.setFocus()
    return made


class Exporting:
    """Exports by the keyboard: the sheet is opened, moved to a form, and sent off."""

    def __init__(self, window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.window, self.qtbot, self.folder = window, qtbot, folder
        self.said: list[tuple[bool, str]] = []
        window.desk.message.connect(self._hear)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *asked: (str(folder / Path(asked[2]).name), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_asked: str(folder))

    def _hear(self, message: Any) -> None:
        self.said.append((message.good, message.sentence))

    @property
    def sheet(self) -> SampleExportSheet:
        assert self.window.commands.sample_sheet is not None
        return self.window.commands.sample_sheet

    def open(self, form: str) -> None:
        self.qtbot.keyClick(self.window, Qt.Key.Key_E, CTRL)
        while self.sheet.form.value() != form:
            before = self.sheet.form.value()
            self.qtbot.keyClick(self.sheet, Qt.Key.Key_Down)
            assert self.sheet.form.value() != before

    def export(self, form: str) -> str:
        """What was said in the end."""
        self.open(form)
        self.said.clear()
        self.qtbot.keyClick(self.sheet, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: bool(self.said), timeout=PATIENCE_MS)
        return self.said[-1][1]


@pytest.fixture
def exporting(window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Exporting:
    folder = tmp_path / "out"
    folder.mkdir()
    return Exporting(window, qtbot, monkeypatch, folder)


def worst_first(dump: Path) -> list[int]:
    """The samples of a dump by the largest distance of a prediction from its truth."""
    with h5py.File(dump, locking=False) as file:
        gaps = np.linalg.norm(file["gt/points"][...] - file["pred/points"][...], axis=1)
        first = file["gt/points_offsets"][...]
    worst = [max(gaps[first[sample] : first[sample + 1]]) for sample in range(len(first) - 1)]
    return sorted(range(len(worst)), key=lambda sample: -worst[sample])


def test_flagged_samples_leave_the_window_by_keys_in_every_form(exporting: Exporting, run: Path, qtbot: QtBot) -> None:
    order = worst_first(run / DUMP)
    window = exporting.window
    for _ in range(12):
        qtbot.keyClick(window, Qt.Key.Key_K)
    flagged = []
    while len(flagged) < 3:
        flagged.append(window.desk.state.view.sample)
        qtbot.keyClick(window, Qt.Key.Key_F)
        if window.desk.state.view.sample == flagged[-1]:
            qtbot.keyClick(window, Qt.Key.Key_J)
    assert flagged == order[:3]

    assert exporting.export("csv").endswith("kB")
    table = exporting.folder / "sample_run-points-flagged.csv"
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(dict.fromkeys(int(row["index"]) for row in rows)) == flagged
    assert {row["flagged"] for row in rows} == {"true"}

    exporting.export("png")
    image = QImage(str(exporting.folder / "sample_run-points-flagged.png"))
    assert image.pixelColor(2, 2) == QColor(TOKENS["light"].panel)
    assert f"{len(flagged)} of 12 samples" in image.text("Title")

    exporting.export("pdf")
    texts = texts_of_pdf((exporting.folder / "sample_run-points-flagged.pdf").read_bytes())
    assert [text for text in texts if text.isdecimal()] == [str(sample + 1) for sample in flagged]
    assert {"sample_run · Points", "truth", "prediction"} <= set(texts)

    for name in ("sample_run-points-flagged", "sample_run-points-flagged-2"):  # what is there is left alone
        assert "3 pictures" in exporting.export("folder")
        names = sorted(path.name for path in (exporting.folder / name).iterdir())
        assert names == sorted(f"sample_{sample + 1:05d}.png" for sample in flagged)
    _check_rings(exporting.folder / "sample_run-points-flagged", run / DUMP, flagged)


def _check_rings(folder: Path, dump: Path, samples: list[int]) -> None:
    """See that the ring of the truth goes around where the dump says that it is."""
    with h5py.File(dump, locking=False) as file:
        points, first = file["gt/points"][...], file["gt/points_offsets"][...]
        side = file["samples/image"].shape[1]
    ring = QColor(TOKENS["dark"].gt)
    found = 0
    for sample in samples:
        image = QImage(str(folder / f"sample_{sample + 1:05d}.png"))
        factor = math.ceil(LEAST_PX / side)
        assert (image.width(), image.height()) == (side * factor, side * factor)
        for x, y in points[first[sample] : first[sample + 1]]:
            middle = (float(x) + 0.5) * factor, (float(y) + 0.5) * factor
            around = [
                image.pixelColor(round(middle[0] + GT_RING_PX * across), round(middle[1] + GT_RING_PX * down))
                for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1))
            ]
            found += any(_far(one, ring) < 90 for one in around)
    assert found >= len(samples)  # a label may lie over some


def _far(one: QColor, other: QColor) -> int:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


class FullDisk:
    """The operating system with a disk that takes no more."""

    def __getattr__(self, name: str) -> Any:
        if name == "write":
            return self._write
        return getattr(os, name)

    @staticmethod
    def _write(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_sentence_and_neither_it_nor_a_cancel_leaves_anything(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    old = exporting.folder / "sample_run-points-kept.png"
    old.write_bytes(b"old")

    def on_a_full_disk(form: str) -> None:
        with monkeypatch.context() as disk:
            disk.setattr(files, "_os", FullDisk())
            assert "was not written: No space left on device" in exporting.export(form)
            assert len(exporting.said) == 1

    on_a_full_disk("png")
    exporting.open("pdf")
    qtbot.keyClick(exporting.sheet, Qt.Key.Key_Return)
    assert exporting.sheet.exports.busy
    button = exporting.window.status.cancel_button
    qtbot.waitUntil(button.isVisible, timeout=PATIENCE_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not exporting.sheet.exports.busy
    assert not button.isVisible()
    on_a_full_disk("folder")
    assert [path.name for path in exporting.folder.iterdir()] == [old.name]
    assert old.read_bytes() == b"old"


def test_the_command_exports_what_was_flagged_in_the_order_of_the_view(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = marks_from({sample: Mark(flagged=True, flagged_s=1.0) for sample in (2, 5, 7)})
    (run / FILE_NAME).write_bytes(encoded(Triage(files={DUMP: flags})))
    out = tmp_path / "a.json"
    assert main(["export", str(run), "--view", "points", "--samples", "flagged", "-o", str(out)]) == 0
    told = json.loads(out.read_bytes())
    order = worst_first(run / DUMP)
    assert [sample["index"] for sample in told["samples"]] == [one for one in order if one in (2, 5, 7)]
    assert capsys.readouterr().out.startswith(f"{out} written: 3 samples with")


def test_what_the_command_cannot_write_is_said(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.csv"
    old.write_text("old")
    for arguments, sentence in (
        (["--view", "curves", "--samples", "all", "-o", "a.csv"], "curves has no samples"),
        (["--view", "points", "--samples", "all", "-o", "a.svg"], "samples are exported as CSV, JSON, PNG and PDF"),
        (["--view", "points", "--samples", "all", "-o", str(old)], "is there already; --overwrite replaces it"),
        (["--view", "points", "--samples", "all", "-o", f"{run}/"], "is there already and not empty"),
        (["--view", "points", "--samples", "depth>2", "-o", str(tmp_path / "b.csv")], "There is no number 'depth'"),
    ):
        assert main(["export", str(run), *arguments]) == 2
        assert sentence in capsys.readouterr().err
    assert old.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.csv", "run"]

"""Checking, copying and exporting from the window: told by signals, cancelled at once, never leaving half a file."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.app.desk import Desk
from inspector.app.news import Message, Working
from inspector.app.window import Window
from inspector.core import files
from inspector.formats.verified import CRC32, Verified
from inspector.session.values import State
from tests.reader.processes import wait_gone

torch = pytest.importorskip("torch")

PATIENCE_MS = 60_000


class Heard:
    """What a desk said."""

    def __init__(self, desk: Desk) -> None:
        self.messages: list[Message] = []
        self.working: list[Working] = []
        self.verified: list[tuple[str, str, Verified]] = []
        desk.message.connect(self.messages.append)
        desk.working.connect(self.working.append)
        desk.file_work.verified.connect(lambda *told: self.verified.append(told))

    def job(self) -> int | None:
        return next((one.job for one in self.working if one.job is not None), None)


@pytest.fixture
def desk(qapp: QApplication) -> Iterator[Desk]:
    made = Desk(State())
    yield made
    made.shutdown()


@pytest.fixture
def heard(desk: Desk) -> Heard:
    return Heard(desk)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    torch.save({"weight": torch.arange(12.0).reshape(3, 4), "half": torch.ones(3, dtype=torch.bfloat16)}, path)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough to be interrupted: 400 MB, most of it a hole."""
    path = tmp_path_factory.mktemp("large") / "large.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f4", "fortran_order": False, "shape": (100_000_000,)}
        )  # fmt: skip
        file.truncate(file.tell() + 400_000_000)
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_sound_checkpoint_is_told_so(desk: Desk, heard: Heard, source: Path, qtbot: QtBot) -> None:
    desk.file_work.verify("key", str(source))
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
    ((key, path, verified),) = heard.verified
    assert (key, path) == ("key", str(source))
    assert verified.sound
    assert verified.checked == CRC32
    assert heard.messages == [Message(verified.sentence(), good=True)]
    assert heard.working[0].what == "reading model.pt"
    assert heard.working[0].job is not None
    assert heard.working[-1].what == ""


def test_damage_is_told_with_its_tensor(desk: Desk, heard: Heard, source: Path, qtbot: QtBot) -> None:
    data = bytearray(source.read_bytes())
    data[data.index(np.float32(7).tobytes())] ^= 1
    source.write_bytes(data)
    desk.file_work.verify("key", str(source))
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
    assert heard.verified[0][2].damaged[0].tensors == ("weight",)
    (message,) = heard.messages
    assert not message.good
    assert "model.pt is damaged" in message.sentence
    assert "weight" in message.detail


def test_a_clean_copy_is_saved(desk: Desk, heard: Heard, source: Path, qtbot: QtBot) -> None:
    out = source.with_name("clean.pt")
    out.write_bytes(b"old")
    desk.file_work.save_clean_copy(str(source), str(out))
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
    assert heard.messages[0].good
    assert heard.messages[0].sentence.startswith("clean.pt written: 2 tensors and 0 values")
    assert torch.load(out, weights_only=True)["weight"].tolist() == torch.arange(12.0).reshape(3, 4).tolist()
    assert names(source.parent) == {"model.pt", "clean.pt"}


def test_a_tensor_is_exported(desk: Desk, heard: Heard, source: Path, qtbot: QtBot) -> None:
    for name, out, raw in (("weight", "w.npy", False), ("half", "h.npy", False), ("half", "bits.npy", True)):
        heard.messages.clear()
        desk.file_work.export_tensor(str(source), name, str(source.with_name(out)), raw=raw)
        qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
        assert heard.messages[0].good, heard.messages
    assert np.load(source.with_name("w.npy")).tolist() == torch.arange(12.0).reshape(3, 4).tolist()
    assert np.load(source.with_name("h.npy")).tolist() == [1, 1, 1]
    assert np.load(source.with_name("bits.npy")).tolist() == [0x3F80] * 3
    assert "bfloat16" in heard.messages[0].sentence


def test_what_cannot_be_done_is_said_and_the_old_file_stays(
    desk: Desk, heard: Heard, source: Path, qtbot: QtBot
) -> None:
    out = source.with_name("out")
    out.write_bytes(b"old")
    notes = source.with_name("notes.txt")
    notes.write_text("hello\n")
    asked: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: desk.file_work.save_clean_copy(str(source), str(source)), "take the place of what it is made from"),
        (lambda: desk.file_work.export_tensor(str(source), "weight", "/proc/a.npy"), "cannot be written there"),
        (lambda: desk.file_work.export_tensor(str(source), "nothing", str(out)), "expected a tensor named nothing"),
        (lambda: desk.file_work.save_clean_copy(str(notes), str(out)), "out was not written: notes.txt: expected a"),
        (lambda: desk.file_work.verify("key", str(notes)), "notes.txt: expected a checkpoint"),
    )
    for ask, words in asked:
        heard.messages.clear()
        ask()
        qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
        assert words in heard.messages[0].sentence
        assert not heard.messages[0].good
    assert out.read_bytes() == b"old"
    assert names(source.parent) == {"model.pt", "notes.txt", "out"}


def _copying(heard: Heard) -> bool:
    return any(one.done > 0 for one in heard.working)


def test_a_cancel_ends_it_and_leaves_nothing(
    desk: Desk, heard: Heard, large: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    out = tmp_path / "clean.pt"
    out.write_bytes(b"old")
    desk.file_work.save_clean_copy(str(large), str(out))
    qtbot.waitUntil(lambda: _copying(heard), timeout=PATIENCE_MS)
    job = heard.job()
    assert job is not None
    desk.cancel_job(job)
    qtbot.waitUntil(lambda: heard.working[-1].what == "", timeout=PATIENCE_MS)
    assert out.read_bytes() == b"old"
    assert names(tmp_path) == {"clean.pt"}
    assert heard.messages == []


def test_a_reader_that_dies_leaves_nothing_and_is_told(
    desk: Desk, heard: Heard, large: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    desk.file_work.export_tensor(str(large), "array", str(tmp_path / "t.npy"))
    qtbot.waitUntil(lambda: _copying(heard) or bool(heard.messages), timeout=PATIENCE_MS)
    assert not heard.messages, heard.messages
    (job,) = desk.file_work._jobs.values()
    assert job.reader.pid is not None
    os.kill(job.reader.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
    assert "SIGKILL" in heard.messages[0].sentence
    assert names(tmp_path) == set()


def test_closing_in_the_middle_leaves_nothing(large: Path, tmp_path: Path, qtbot: QtBot, qapp: QApplication) -> None:
    desk = Desk(State())
    heard = Heard(desk)
    desk.file_work.save_clean_copy(str(large), str(tmp_path / "clean.pt"))
    qtbot.waitUntil(lambda: _copying(heard), timeout=PATIENCE_MS)
    (job,) = desk.file_work._jobs.values()
    pid = job.reader.pid
    assert pid is not None
    desk.shutdown()
    wait_gone(pid)
    assert names(tmp_path) == set()


class FullDisk:
    """The operating system, whose disk is full when a file is to be put in place."""

    def __getattr__(self, name: str) -> object:
        if name != "replace":
            return getattr(os, name)

        def fail(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        return fail


def test_a_file_that_cannot_be_put_in_place_is_said(
    desk: Desk, heard: Heard, source: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_os", FullDisk())
    desk.file_work.save_clean_copy(str(source), str(source.with_name("clean.pt")))
    qtbot.waitUntil(lambda: bool(heard.messages), timeout=PATIENCE_MS)
    assert heard.messages == [Message("clean.pt: it could not be put in place (No space left on device)")]
    assert names(source.parent) == {"model.pt"}


def test_several_jobs_run_beside_each_other(desk: Desk, heard: Heard, source: Path, large: Path, qtbot: QtBot) -> None:
    desk.file_work.verify("key", str(source))
    desk.file_work.verify("key", str(large))
    assert len(set(desk.file_work.running)) == 2
    qtbot.waitUntil(lambda: len(heard.messages) == 2, timeout=PATIENCE_MS)
    assert {Path(path).name for _key, path, _verified in heard.verified} == {"model.pt", "large.npy"}
    assert desk.file_work.running == ()


def test_the_window_offers_to_cancel_a_job_as_long_as_it_runs(
    make_window: Callable[..., Window], large: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window = make_window()
    assert not window.status.cancel_button.isVisible()
    window.desk.file_work.save_clean_copy(str(large), str(tmp_path / "clean.pt"))
    qtbot.waitUntil(window.status.cancel_button.isVisible, timeout=PATIENCE_MS)
    window.desk.working.emit(Working("opening another run"))
    assert window.status.cancel_button.isVisible()
    window.desk.working.emit(Working(""))
    qtbot.mouseClick(window.status.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.status.cancel_button.isVisible(), timeout=PATIENCE_MS)
    assert names(tmp_path) == set()
    assert window.messages.sentences() == ()

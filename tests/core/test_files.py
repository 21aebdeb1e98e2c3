"""A write either happens whole or leaves what was there, whichever call of the system fails."""

from __future__ import annotations

import errno
import gc
import os
from pathlib import Path
from typing import Any

import pytest

from inspector.core import files


class FailingOs:
    """The operating system, failing at the k-th call that changes something."""

    CALLS = ("open", "write", "fsync", "replace", "ftruncate")

    def __init__(self, fail_at: int) -> None:
        self.count = 0
        self.fail_at = fail_at

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in self.CALLS:
            return real

        def call(*arguments: Any, **words: Any) -> Any:
            self.count += 1
            if self.count == self.fail_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **words)

        return call


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    files.write_atomically(path, b"old")
    files.write_atomically(path, b"new content")
    assert path.read_bytes() == b"new content"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_a_failure_at_any_call_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    failures = 0
    for fail_at in range(1, 50):
        path.write_bytes(b"old")
        failing = FailingOs(fail_at)
        monkeypatch.setattr(files, "_os", failing)
        try:
            files.write_atomically(path, b"new" * 100_000)
        except OSError as error:
            failures += 1
            assert error.errno == errno.ENOSPC
            assert path.read_bytes() in (b"old", b"new" * 100_000)
            assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]
        else:
            assert failing.count < fail_at
            break
    assert failures >= 5
    assert path.read_bytes() == b"new" * 100_000


def test_an_exception_in_the_block_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), files.atomic_file(path) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_stream_can_be_read_back_and_cut(tmp_path: Path) -> None:
    with files.atomic_file(tmp_path / "a.bin") as stream:
        stream.write(b"0123456789")
        stream.seek(2)
        assert stream.read(3) == b"234"
        stream.seek(0, os.SEEK_END)
        assert stream.tell() == 10
        stream.truncate(4)
    assert (tmp_path / "a.bin").read_bytes() == b"0123"


def test_appended_lines_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    descriptor = files.open_append(path)
    files.append_line(descriptor, b"{}")
    files.append_line(descriptor, b"[]")
    os.close(descriptor)
    assert path.read_bytes() == b"{}\n[]\n"


class HalfAWrite(FailingOs):
    """Of the second write, only half finds room; the third finds none."""

    def __getattr__(self, name: str) -> Any:
        if name != "write":
            return getattr(os, name)

        def write(descriptor: int, data: bytes) -> int:
            self.count += 1
            if self.count == self.fail_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return os.write(descriptor, data[: len(data) // 2] if self.count == 2 else data)

        return write


@pytest.mark.parametrize(("fail_at", "left"), [(3, b"{}\n"), (99, b"{}\n[1, 2]\n")])
def test_a_line_that_finds_only_half_its_room_is_finished_or_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int, left: bytes
) -> None:
    path = tmp_path / "a.jsonl"
    descriptor = files.open_append(path)
    monkeypatch.setattr(files, "_os", HalfAWrite(fail_at))
    files.append_line(descriptor, b"{}")
    try:
        files.append_line(descriptor, b"[1, 2]")
    except OSError as error:
        assert error.errno == errno.ENOSPC
    os.close(descriptor)
    assert path.read_bytes() == left


@pytest.mark.parametrize("fail_at", range(1, 5))
def test_a_failure_names_the_file_that_the_user_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int
) -> None:
    path = tmp_path / "a.bin"
    monkeypatch.setattr(files, "_os", FailingOs(fail_at))
    with pytest.raises(OSError, match="No space left") as found:
        files.write_atomically(path, b"new")
    assert found.value.filename == str(path)


def test_drafts_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    first, second, third = files.Draft(path), files.Draft(path), files.Draft(path)
    for draft, data in ((first, b"first"), (second, b"second"), (third, b"third")):
        os.write(draft.descriptor, data)
    assert path.read_bytes() == b"old"
    first.commit()
    assert path.read_bytes() == b"first"
    second.discard()
    second.discard()
    third.commit()
    third.discard()
    assert path.read_bytes() == b"third"
    assert not any(draft.open for draft in (first, second, third))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_a_draft_that_cannot_be_put_in_place_is_gone_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    for fail_at in (2, 3):  # after its opening: fsync, replace
        monkeypatch.setattr(files, "_os", FailingOs(fail_at))
        draft = files.Draft(path)
        os.write(draft.descriptor, b"new")
        with pytest.raises(OSError, match="No space left"):
            draft.commit()
        assert path.read_bytes() == b"old"
        assert [entry.name for entry in tmp_path.iterdir()] == ["a.bin"]


def test_a_folder_is_no_place_for_a_draft(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        files.Draft(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_an_abandoned_write_still_held_does_not_go_into_the_next_file_of_its_descriptor(tmp_path: Path) -> None:
    kept = []
    with pytest.raises(ValueError), files.atomic_file(tmp_path / "a.bin") as stream:
        kept.append(stream)
        del stream
        kept[0].write(b"half")
        raise ValueError
    with (tmp_path / "other.bin").open("wb", buffering=0) as other:
        other.write(b"other")
        kept.clear()
        gc.collect()
    assert (tmp_path / "other.bin").read_bytes() == b"other"
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.bin"]


def test_a_folder_takes_its_place_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pictures"
    failures = 0
    for fail_at in range(1, 20):
        monkeypatch.setattr(files, "_os", FailingOs(fail_at))
        draft = files.DraftFolder(path)
        try:
            draft.write("a.png", b"first")
            draft.write("b.png", b"second")
            draft.commit()
        except OSError:
            failures += 1
            draft.discard()
            left = {entry.name for entry in tmp_path.rglob("*")}
            assert left in (set(), {"pictures", "a.png", "b.png"})
            for entry in left and path.iterdir():
                entry.unlink()
        else:
            break
    assert failures >= 5
    assert (path / "b.png").read_bytes() == b"second"


def test_a_folder_that_holds_something_is_no_place_for_another(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    for path in (tmp_path, tmp_path / "a"):
        with pytest.raises(FileExistsError):
            files.DraftFolder(path)
    late = files.DraftFolder(tmp_path / "b")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine").write_bytes(b"")
    late.write("x.png", b"x")
    with pytest.raises(OSError, match="not empty"):
        late.commit()
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["a", "b", "mine"]

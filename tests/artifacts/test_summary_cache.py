"""Summaries are kept by content: found again in memory and on disk, and never believed when they are damaged."""

from __future__ import annotations

import os
import shutil
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from inspector.artifacts.checkpoints import checkpoint_summary, content
from inspector.artifacts.checkpoints.checkpoint import Checkpoint, opened
from inspector.artifacts.checkpoints.checkpoint_summary import summaries_to_keep, summary_of
from inspector.artifacts.checkpoints.content import content_of
from inspector.formats import summary_cache
from inspector.formats.checkpoint_summary import COLUMNS, CheckpointSummary
from inspector.formats.summary_cache import CACHE, keep_summary, known_summary

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN_INSPECTOR_HOME", str(tmp_path / "home"))
    forget()


def forget() -> None:
    """As a new process would begin."""
    checkpoint_summary._made.clear()
    checkpoint_summary._not_kept.clear()


def saved(path: Path, **tensors: Any) -> Checkpoint:
    torch.save(tensors, path)
    return opened(path)


def same(first: CheckpointSummary, second: CheckpointSummary) -> bool:
    return first.names == second.names and all(
        getattr(first, column).tobytes() == getattr(second, column).tobytes() for column in COLUMNS
    )


def count_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checkpoints whose tensors are really read from here on."""
    work: list[str] = []
    real = checkpoint_summary.statistics_of_all

    def noted(checkpoint: Checkpoint, pulse: Any, **options: Any) -> CheckpointSummary:
        work.append(checkpoint.path.name)
        return real(checkpoint, pulse, **options)

    monkeypatch.setattr(checkpoint_summary, "statistics_of_all", noted)
    return work


def test_a_second_look_reads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = count_work(monkeypatch)
    checkpoint = saved(tmp_path / "a.pt", w=torch.randn(1000), b=torch.zeros(3))
    first = summary_of(checkpoint)
    assert summary_of(checkpoint) is first
    (waiting,) = summaries_to_keep()
    assert waiting is first
    assert summaries_to_keep() == ()
    keep_summary(waiting)
    forget()
    shutil.copy(tmp_path / "a.pt", tmp_path / "copy.pt")
    again = summary_of(opened(tmp_path / "copy.pt"))
    assert work == ["a.pt"]
    assert same(first, again)
    assert summaries_to_keep() == ()


def test_other_numbers_have_another_content(tmp_path: Path) -> None:
    ones = saved(tmp_path / "a.pt", w=torch.ones(1000))
    twos = saved(tmp_path / "b.pt", w=torch.full((1000,), 2.0))
    assert content_of(ones) != content_of(twos)
    assert summary_of(ones).mean.tolist() == [1.0]
    assert summary_of(twos).mean.tolist() == [2.0]


def test_archives_without_checksums_are_told_apart_by_file(tmp_path: Path) -> None:
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        (tmp_path / "a").mkdir()
        ones = saved(tmp_path / "a" / "x.pt", w=torch.ones(99))
        (tmp_path / "b").mkdir()
        twos = saved(tmp_path / "b" / "x.pt", w=torch.full((99,), 2.0))
    finally:
        torch.serialization.set_crc32_options(before)
    assert content_of(ones) != content_of(twos)
    assert summary_of(ones).mean.tolist() != summary_of(twos).mean.tolist()


def test_a_legacy_file_is_known_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = count_work(monkeypatch)
    torch.save({"w": torch.ones(10)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    first = content_of(opened(tmp_path / "old.pt"))
    summary_of(opened(tmp_path / "old.pt"))
    summary_of(opened(tmp_path / "old.pt"))
    assert work == ["old.pt"]
    os.utime(tmp_path / "old.pt", ns=(1, 1))
    assert content_of(opened(tmp_path / "old.pt")) != first


def test_a_file_that_changed_since_it_was_opened_has_no_content(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path / "a.pt", w=torch.ones(10))
    (tmp_path / "a.pt").write_bytes(b"other")
    assert content_of(checkpoint) == ""
    summary_of(checkpoint)
    assert summaries_to_keep() == ()


def kept(tmp_path: Path) -> tuple[CheckpointSummary, Path]:
    summary = summary_of(saved(tmp_path / "a.pt", w=torch.randn(100), b=torch.zeros(3)))
    keep_summary(summary)
    (path,) = CACHE.folder().iterdir()
    return summary, path


def test_what_is_kept_is_what_is_found(tmp_path: Path) -> None:
    summary, path = kept(tmp_path)
    found = known_summary(summary.content)
    assert found is not None
    assert same(summary, found)
    assert path.name == f"{summary.content}.summary"


def test_any_damage_makes_an_entry_unknown(tmp_path: Path) -> None:
    summary, path = kept(tmp_path)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert known_summary(summary.content) is None, place
    for length in (0, 10, 60, len(data) - 1):
        path.write_bytes(data[:length])
        assert known_summary(summary.content) is None, length
    path.write_bytes(data)
    assert known_summary(summary.content) is not None
    path.write_bytes(data + bytes(summary_cache.CACHE.max_entry_bytes))
    assert known_summary(summary.content) is None


def sealed(entry: Any) -> bytes:
    """A file with a good checksum, whatever is in it."""
    body = msgspec.msgpack.encode(entry)
    return summary_cache.CACHE.magic + blake2b(body, digest_size=32).digest() + body


@pytest.mark.parametrize(
    "change",
    [
        {"content": "0" * 64},
        {"names": ["w"]},
        {"names": [1, 2]},
        {"columns": {}},
        {"columns": {"count": b"1234"}},
        {"unread": 3},
    ],
    ids=str,
)
def test_foreign_entries_are_unknown(tmp_path: Path, change: dict[str, Any]) -> None:
    summary, path = kept(tmp_path)
    entry = msgspec.msgpack.decode(path.read_bytes()[len(summary_cache.CACHE.magic) + 32 :])
    path.write_bytes(sealed(entry))
    assert known_summary(summary.content) is not None
    path.write_bytes(sealed(entry | change))
    assert known_summary(summary.content) is None
    path.write_bytes(sealed([1, 2]))
    assert known_summary(summary.content) is None


def test_an_entry_of_other_tensors_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary, path = kept(tmp_path)
    entry = msgspec.msgpack.decode(path.read_bytes()[len(summary_cache.CACHE.magic) + 32 :])
    path.write_bytes(sealed(entry | {"names": ["x", "y"]}))
    assert known_summary(summary.content) is not None
    forget()
    work = count_work(monkeypatch)
    assert summary_of(opened(tmp_path / "a.pt")).names == ("w", "b")
    assert work == ["a.pt"]


@pytest.mark.parametrize("content_name", ["", "../" + "a" * 61, "A" * 64, "0" * 63, "0" * 64 + "/x"])
def test_only_names_of_contents_reach_the_disk(tmp_path: Path, content_name: str) -> None:
    summary = msgspec.structs.replace(summary_of(saved(tmp_path / "a.pt", w=torch.ones(2))), content=content_name)
    keep_summary(summary)
    assert not CACHE.folder().exists()
    assert known_summary(content_name) is None


def test_the_oldest_entries_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = summary_of(saved(tmp_path / "a.pt", w=torch.ones(2)))
    names = [f"{number:064x}" for number in range(6)]
    monkeypatch.setattr(summary_cache, "CACHE", summary_cache.CACHE._replace(max_entries=3))
    for number, name in enumerate(names):
        keep_summary(msgspec.structs.replace(summary, content=name))
        os.utime(CACHE.folder() / f"{name}.summary", (number, number))
    assert sorted(path.stem for path in CACHE.folder().iterdir()) == names[3:]
    size = next(CACHE.folder().iterdir()).stat().st_size
    monkeypatch.setattr(summary_cache, "CACHE", summary_cache.CACHE._replace(max_bytes=size))
    keep_summary(summary)
    assert [path.stem for path in CACHE.folder().iterdir()] == [summary.content]


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = summary_of(saved(tmp_path / "a.pt", w=torch.ones(2)))
    CACHE.folder().parent.mkdir(parents=True, exist_ok=True)
    CACHE.folder().write_text("in the way")
    keep_summary(summary)
    assert known_summary(summary.content) is None


def test_only_a_few_summaries_are_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_summary, "KEPT_SUMMARIES", 2)
    for number in range(4):
        summary_of(saved(tmp_path / f"{number}.pt", w=torch.full((3,), float(number))))
    assert len(checkpoint_summary._made) == 2
    assert [summary.mean.tolist() for summary in summaries_to_keep()] == [[2.0], [3.0]]


def test_columns_from_the_cache_cannot_be_written(tmp_path: Path) -> None:
    summary, _ = kept(tmp_path)
    found = known_summary(summary.content)
    assert found is not None
    with pytest.raises(ValueError, match="read-only"):
        found.mean[0] = np.nan
    assert content.content_of(opened(tmp_path / "a.pt")) == found.content

"""Files that readers write: whole and in place, or not there at all, whatever happens to the reader."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.core.errors import UsageError
from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.jobs.bounds import MAX_BLOCK_BYTES, Limits
from inspector.jobs.outputs import begin, limits_for
from inspector.jobs.readers import Launcher, Reader, Ticket
from tests.reader.processes import COMMAND, answer, open_descriptors, wait_until


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with Launcher(COMMAND, limits=Limits(file_bytes=2_000_000)) as launcher:
        yield launcher


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.pt"
    path.write_bytes(b"source")
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "copy.pt"
    path.write_bytes(b"old")
    return path


class Asked:
    """A request that writes, and what was heard of it."""

    def __init__(self, reader: Reader, kind: str, output: int, **body: Any) -> None:
        self.outcomes: list[Outcome[Any]] = []
        self.progress: list[Progress] = []
        self.reader = reader
        self.ticket: Ticket = reader.ask(
            kind, body, int, self.outcomes.append, self.progress.append, output=output
        )  # fmt: skip

    def outcome(self) -> Outcome[Any]:
        assert isinstance(self.reader.launcher, Launcher)
        wait_until(self.reader.launcher, lambda: self.outcomes)
        return self.outcomes[0]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_reader_fills_a_draft_that_its_parent_puts_in_place(launcher: Launcher, source: Path, target: Path) -> None:
    draft = begin((source,), target)
    reader = launcher.reader((source,), limits_for(draft))
    assert Asked(reader, "fill", draft.descriptor, count=5).outcome() == Done(5)
    assert target.read_bytes() == b"old"
    draft.commit()
    assert target.read_bytes() == bytes(5_000_000)
    assert names(target.parent) == {"model.pt", "copy.pt"}
    reader.close()


def test_the_usual_limit_holds_where_no_larger_one_was_given(launcher: Launcher, source: Path, target: Path) -> None:
    draft = begin((source,), target)
    usual = launcher.reader((source,))
    outcome = Asked(usual, "fill", draft.descriptor, count=5).outcome()
    assert isinstance(outcome, Failed)
    assert outcome.sentence == (
        "model.pt: writing its copy would make a file larger than a reader may write (2.0 MB)"
    )  # fmt: skip
    draft.discard()
    assert target.read_bytes() == b"old"
    assert names(target.parent) == {"model.pt", "copy.pt"}
    assert answer(usual, "echo", text="still there") == Done("still there")
    usual.close()


def test_the_limit_of_an_output_is_hard(launcher: Launcher, source: Path, target: Path) -> None:
    draft = begin((source,), target)
    room = os.statvfs(target.parent).f_bavail * os.statvfs(target.parent).f_frsize
    assert limits_for(draft).file_bytes >= MAX_BLOCK_BYTES
    assert limits_for(draft).file_bytes == pytest.approx(max(room, MAX_BLOCK_BYTES), rel=0.2)
    reader = launcher.reader((source,), Limits(file_bytes=3_000_000))
    pid = answer(reader, "pid", int).value
    (line,) = (
        line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if line.startswith("Max file size")
    )
    assert line.split()[3:5] == ["3000000", "3000000"]
    reader.close()
    draft.discard()


def test_a_cancel_leaves_the_old_file_and_no_debris(launcher: Launcher, source: Path, target: Path) -> None:
    draft = begin((source,), target)
    reader = launcher.reader((source,), limits_for(draft))
    asked = Asked(reader, "fill", draft.descriptor, count=2000)
    wait_until(launcher, lambda: asked.progress)
    asked.ticket.cancel()
    assert asked.outcome() == Cancelled()
    reader.close()
    draft.discard()
    assert target.read_bytes() == b"old"
    assert names(target.parent) == {"model.pt", "copy.pt"}


def test_a_reader_that_dies_leaves_the_old_file_and_no_debris(launcher: Launcher, source: Path, target: Path) -> None:
    draft = begin((source,), target)
    reader = launcher.reader((source,), limits_for(draft))
    outcome = Asked(reader, "fill_and_crash", draft.descriptor, count=3).outcome()
    assert isinstance(outcome, Failed)
    assert "SIGSEGV" in outcome.sentence
    draft.discard()
    assert target.read_bytes() == b"old"
    assert names(target.parent) == {"model.pt", "copy.pt"}
    reader.close()


def test_a_request_without_a_file_has_none_and_descriptors_do_not_pile_up(
    launcher: Launcher, source: Path, target: Path
) -> None:
    reader = launcher.reader((source,), Limits())
    pid = answer(reader, "pid", int).value
    before, ours = open_descriptors(pid), open_descriptors()
    for _ in range(5):
        draft = begin((source,), target)
        asked = Asked(reader, "output", draft.descriptor)
        assert asked.outcome() == Done(os.fstat(draft.descriptor).st_ino)
        draft.discard()
        assert answer(reader, "output", type(None)) == Done(None)
    assert (open_descriptors(pid), open_descriptors()) == (before, ours)
    reader.close()


def test_a_file_that_is_replaced_meanwhile_is_written_by_a_new_reader(
    launcher: Launcher, source: Path, target: Path
) -> None:
    draft = begin((source,), target)
    reader = launcher.reader((source,), limits_for(draft))
    first = answer(reader, "pid", int).value
    other = source.with_name("other.pt")
    other.write_bytes(b"newer")
    other.replace(source)
    assert Asked(reader, "fill", draft.descriptor, count=1).outcome() == Done(1)
    assert answer(reader, "pid", int).value != first
    draft.commit()
    assert target.stat().st_size == 1_000_000
    reader.close()


def test_what_a_file_is_made_from_is_not_overwritten(tmp_path: Path, source: Path) -> None:
    link = tmp_path / "link.pt"
    link.symlink_to(source)
    hard = tmp_path / "hard.pt"
    hard.hardlink_to(source)
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    for out in (source, link, hard):
        with pytest.raises(UsageError, match="would take the place of what it is made from"):
            begin((source,), out)
    with pytest.raises(UsageError, match="would stand in the run that it is made from"):
        begin((source, folder), folder / "shard.bin")
    assert source.read_bytes() == b"source"
    assert names(folder) == set()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, source: Path) -> None:
    (tmp_path / "folder").mkdir()
    for out in (tmp_path / "folder", tmp_path / "nowhere" / "a.pt", Path("/proc/a.pt"), tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="cannot be written there"):
            begin((source,), out)
    assert names(tmp_path) == {"folder", "model.pt"}

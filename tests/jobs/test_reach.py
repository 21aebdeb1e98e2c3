"""Whether disks answer is asked by one child that is lost to nothing, and buried when it is; see also hung shares."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.jobs.descendants import descendants
from inspector.jobs.reach import Reach, SilentError

BOUND_S = 60.0

Children = Callable[[], set[int]]


@pytest.fixture
def children() -> Children:
    """Gives the processes below this one that were not there before the test."""
    others = descendants(os.getpid())
    return lambda: set(descendants(os.getpid())).difference(others)


@pytest.fixture
def asked(children: Children) -> Iterator[Reach]:
    """Some `Reach` whose child is there, and no child of the test's own before it."""
    assert not children()
    found = Reach()
    found.start()
    yield found
    found.close()


def test_one_child_asks_for_many_paths_as_long_as_may_be(asked: Reach, children: Children) -> None:
    before = children()
    paths = [Path("/", *(["x" * 250] * 15), f"{number}", "a") for number in range(300)]
    assert asked.answering(paths) == paths
    for number in range(20):
        asked(f"{number}/a\0/b\0c\0", "")
    assert children() == before


def test_a_window_with_many_descriptors_asks_as_well(tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, usual[1]), usual[1]))
    others = [os.dup(0) for _ in range(1100)]
    asked = Reach()
    try:
        asked(tmp_path)
        assert asked.answering([tmp_path]) == [tmp_path]
    finally:
        asked.close()
        for descriptor in others:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


def test_a_child_that_was_killed_is_buried_and_the_next_question_has_another(
    asked: Reach, children: Children, tmp_path: Path
) -> None:
    (killed,) = children()
    os.kill(killed, signal.SIGKILL)
    asked(tmp_path)
    assert killed not in children()
    asked(tmp_path)
    assert len(children()) == 1


def test_children_that_were_kept_waiting_go_when_they_have_answered_whatever_is_asked_next(
    asked: Reach, children: Children, tmp_path: Path
) -> None:
    waiting: set[int] = set()
    for name in ("a", "b"):
        asked(tmp_path)
        (child,) = children() - waiting
        os.kill(child, signal.SIGSTOP)  # as a disk would hold it
        for path in (tmp_path / name / "file", tmp_path / name / "another"):
            with pytest.raises(SilentError):
                asked(path)
        waiting.add(child)
    asked(tmp_path)
    assert len(children()) == 3
    for child in waiting:
        os.kill(child, signal.SIGCONT)
    until_s = time.monotonic() + BOUND_S
    while not waiting.isdisjoint(children()):
        assert time.monotonic() < until_s, "a child that has answered stays"
        asked(tmp_path)
    assert len(children()) == 1
    asked(tmp_path / "a" / "file")

from __future__ import annotations

import os
import sys

import pytest

from inspector.core.memory import mapped_bytes, memory_bounded

if sys.platform != "linux":
    pytest.skip("no other system bounds what is mapped for writing", allow_module_level=True)

import resource


def test_more_than_is_left_is_refused_and_afterwards_is_not() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with memory_bounded(64 << 20):
        assert len(bytearray(16 << 20)) == 16 << 20
        with pytest.raises(MemoryError):
            bytearray(256 << 20)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len(bytearray(256 << 20)) == 256 << 20


def test_a_bound_within_another_does_not_raise_it() -> None:
    with memory_bounded(64 << 20):
        outer = resource.getrlimit(resource.RLIMIT_DATA)
        with memory_bounded(1 << 30):
            assert resource.getrlimit(resource.RLIMIT_DATA) == outer
        assert resource.getrlimit(resource.RLIMIT_DATA) == outer


def test_what_is_mapped_is_told_of_each_process_by_itself() -> None:
    here = mapped_bytes()
    room = bytearray(64 << 20)
    child = os.fork()
    if not child:
        more = bytearray(128 << 20)
        os._exit(int(mapped_bytes() - here < len(room) + len(more)))
    assert os.waitpid(child, 0)[1] == 0
    assert len(room) <= mapped_bytes() - here < len(room) + (64 << 20)

"""What an interpreter tells of its devices; torch is a stand-in, so that GPUs can be there that are not."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

from inspector.training import probe


def _memory(index: int) -> tuple[int, int]:
    if index:
        raise RuntimeError("CUDA-capable device(s) is/are busy or unavailable")
    return 78 << 30, 80 << 30


def test_gpus_come_first_with_their_memory_and_one_that_is_taken_is_told_without(monkeypatch):
    torch = ModuleType("torch")
    torch.cuda = SimpleNamespace(
        is_available=lambda: True, device_count=lambda: 2, get_device_name=lambda _index: "GPU", mem_get_info=_memory
    )
    torch.backends = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert probe.devices() == [
        {"device": "cuda:0", "name": "GPU", "free_bytes": 78 << 30, "total_bytes": 80 << 30},
        {"device": "cuda:1", "name": "GPU"},
        {"device": "cpu", "name": "CPU"},
    ]
    torch.cuda.is_available = lambda: False
    torch.backends.mps = SimpleNamespace(is_available=lambda: True)
    assert [one["device"] for one in probe.devices()] == ["mps", "cpu"]


def test_without_torch_or_with_a_broken_one_there_are_no_devices(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert probe.devices() == []

"""Distributed checkpoints written by two processes of torch: every tensor put together bit by bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.tensors.elements import load
from tests.artifacts.torch_folders import make_with_two_ranks
from tests.long.harness import Check, Figures


def round_of(_number: int, figures: Figures) -> None:
    """One folder of two ranks."""
    with tempfile.TemporaryDirectory() as folder:
        right = make_with_two_ranks(Path(folder))
        checkpoint = opened(Path(folder) / "dcp")
        assert {tensor.name for tensor in checkpoint.facts.tensors} == {name.partition("|")[2] for name in right}
        for name, raw in right.items():
            assert load(checkpoint.window(name.partition("|")[2])).tobytes() == raw, name
        assert checkpoint.objects == {"step": 7}
        figures["tensors"] = figures.get("tensors", 0) + len(right)


CHECK = Check(
    name="torch_ranks",
    title="distributed checkpoints that two processes of torch wrote",
    round=round_of,
    target_rounds=3,
    quick_rounds=1,
)

"""What you see is what torch would load, or the doubt is said: on archives that contradict themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.tensors.elements import load
from inspector.core.errors import FileError
from tests.artifacts.ambiguous_archives import archives
from tests.artifacts.torch_oracle import torch_tensors

pytest.importorskip("torch")


def shown(path: Path) -> tuple[list[list[object]] | None, str]:
    """The tensors as torch_tensors gives them, and every doubt that is said; None where the file does not open."""
    try:
        found = opened(path)
        tensors: list[list[object]] = [
            [
                tensor.name,
                list(tensor.shape),
                tensor.dtype,
                hashlib.sha256(load(found.window(tensor.name)).tobytes()).hexdigest(),
            ]
            for tensor in found.facts.tensors
        ]
    except FileError as error:
        return None, str(error)
    return tensors, " ".join(found.facts.notes)


def test_what_is_shown_is_what_torch_loads_or_the_doubt_is_said(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    made = archives()
    assert len(made) >= 500
    paths = {}
    for i, (kind, data) in enumerate(made.items()):
        path = tmp_path / f"{i}.pt"
        path.write_bytes(data)
        paths[path] = kind
    expected = torch_tensors(paths)
    assert sum(tensors is not None for tensors in expected.values()) >= 100
    silent: list[str] = []
    equal = 0
    for path, kind in paths.items():
        tensors, doubt = shown(path)
        if tensors is not None and tensors == expected[path]:
            equal += 1
        elif not doubt:
            silent.append(f"{kind}: torch {expected[path] and [t[:2] for t in expected[path]]}, here {tensors}"[:300])
    assert silent == []
    assert equal >= 100
    record_property("inputs tried", len(paths))
    record_property("shown as torch loads them", equal)
    record_property("with their doubt said", len(paths) - equal)

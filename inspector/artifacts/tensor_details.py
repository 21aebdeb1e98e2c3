"""What is known of one tensor beside its name, shape and type, in reading order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.artifacts.lens_torch import TensorNode
from inspector.artifacts.windows import TensorWindow, contiguous_strides


def details_of(name: str, windows: Mapping[str, TensorWindow | str], nodes: Mapping[str, TensorNode]) -> dict[str, Any]:
    """Plain values by what they are called, only those that are known and notable.

    Args:
        name: of a tensor.
        windows: of the whole checkpoint, by name.
        nodes: what its pickles say of tensors, by name.
    """
    node, window = nodes.get(name), windows.get(name)
    found: dict[str, Any] = {}
    if node is not None and node.sort:
        found["sort"] = node.sort
    if isinstance(window, TensorWindow) and window.strides != contiguous_strides(window.shape):
        found["strides"] = list(window.strides)
    return found

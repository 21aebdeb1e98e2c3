"""What is known of one tensor beside its name, shape and type, in reading order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inspector.artifacts.pickles.lens_storage import StorageReference
from inspector.artifacts.pickles.lens_torch import MAX_SHOWN, TensorNode
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.tensors.pieces import Stitched
from inspector.artifacts.tensors.windows import TensorWindow, Unreadable, contiguous_strides
from inspector.core.errors import FileError

MAX_SHARING = 20
"""How many tensors of the same storage are named."""

_OWN_CLASSES = frozenset(("torch.Tensor", "torch._tensor.Tensor", "torch.nn.parameter.Parameter"))
_BLOCKED = ("sparse_bsr", "sparse_bsc")

Windows = Mapping[str, TensorWindow | Unreadable]


def details_of(
    name: str, windows: Windows, nodes: Mapping[str, TensorNode], sharing: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Plain values by what they are called, only those that are known and notable.

    Args:
        name: of a tensor.
        windows: of the whole checkpoint, by name.
        nodes: what its pickles say of tensors, by name.
        sharing: as `shared_storages` gives it.
    """
    node = nodes.get(name) or _part_node(name, nodes)
    window = windows.get(name)
    found: dict[str, Any] = {}
    if node is not None:
        found |= _of_node(node)
    if isinstance(window, TensorWindow):
        found |= _of_window(window)
    if node is not None:
        found |= dict(node.notable)
        found |= _of_parts(name, node, windows)
    others = sharing.get(name, ())
    if others:
        found["shares storage with"] = _shortened([other for other in others if other != name])
    if isinstance(window, Unreadable):
        found["elements"] = f"it {window.reason}"
    return {key: value for key, value in found.items() if value is not None and value != ""}


def shared_storages(windows: Windows) -> dict[str, tuple[str, ...]]:
    """The tensors whose storages have a byte in common, by each one's name; those that share nothing are left out."""
    runs: list[tuple[Path, int, int, int, str]] = []
    for name, window in windows.items():
        if isinstance(window, TensorWindow) and window.storage.packed_bytes:
            storage = window.storage
            source = id(storage.source) if storage.source is not None else 0
            runs.append((window.path, source, storage.start, storage.start + storage.packed_bytes, name))
    runs.sort(key=lambda run: run[:3])
    found: dict[str, tuple[str, ...]] = {}
    cluster: list[str] = []
    place, reach = (Path(), 0), 0
    for path, source, start, end, name in runs:
        if (path, source) != place or start >= reach:
            _keep(cluster, found)
            cluster, place, reach = [], (path, source), 0
        cluster.append(name)
        reach = max(reach, end)
    _keep(cluster, found)
    return found


def _keep(cluster: list[str], found: dict[str, tuple[str, ...]]) -> None:
    if len(cluster) > 1:
        names = tuple(cluster)
        found.update((name, names) for name in names)


def _shortened(names: list[str]) -> list[str]:
    return [*names[:MAX_SHARING], f"{len(names) - MAX_SHARING:,} more"] if len(names) > MAX_SHARING else names


def _part_node(name: str, nodes: Mapping[str, TensorNode]) -> TensorNode | None:
    """What a pickle says of a tensor that is a part of another one."""
    owner, _, part = name.rpartition(".")
    return dict(nodes[owner].parts).get(part) if owner in nodes else None


def _of_node(node: TensorNode) -> dict[str, Any]:
    reference = node.storage if type(node.storage) is StorageReference else None
    return {
        "sort": node.sort,
        "class": "" if node.class_name in _OWN_CLASSES else cut(node.class_name, 256),
        "parameter": node.parameter,
        # A state dict detaches what it holds, so that False says something of parameters alone.
        "requires_grad": node.requires_grad if node.parameter or node.requires_grad else None,
        "device": cut(reference.location, 80) if reference else None,
    }


def _of_window(window: TensorWindow) -> dict[str, Any]:
    """How the elements lie in their storage, and that in the file."""
    storage = window.storage
    found: dict[str, Any] = {}
    if window.strides != contiguous_strides(window.shape):
        found["strides"] = list(window.strides)
    expanded = [axis for axis, length in enumerate(window.shape) if length > 1 and window.strides[axis] == 0]
    if expanded:
        found["expanded axes"] = expanded
    if window.offset:
        found["offset"] = window.offset
    found["storage"] = f"{storage.plain_bytes:,} bytes"
    if isinstance(storage.source, Stitched):
        found["pieces"] = storage.source.pieces
    if storage.source is None:
        found["storage"] += f" from byte {storage.start:,} of the file"
    if storage.packing != "plain":
        found["packed"] = storage.packing
    if window.byteorder != "little":
        found["byte order"] = window.byteorder
    return found


def _of_parts(name: str, node: TensorNode, windows: Windows) -> dict[str, Any]:
    """What the tensors say that a tensor is made of, or read with."""
    parts = dict(node.parts)
    found: dict[str, Any] = {}
    if node.sort.startswith("sparse_"):
        found |= _of_sparse(node, parts)
    elif node.sort == "nested" and "sizes" in parts:
        found["tensors"] = parts["sizes"].shape[0] if parts["sizes"].shape else None
        found["their shapes"] = _numbers(windows.get(f"{name}.sizes"))
    elif node.sort == "quantized":
        found["scales"] = _numbers(windows.get(f"{name}.scales"))
        found["zero points"] = _numbers(windows.get(f"{name}.zero_points"))
    inner = sorted(key for key in windows if key.startswith(f"{name}.")) if node.sort == "wrapper subclass" else []
    named = [f"{name}.{part}" for part in parts] or _shortened(inner)
    found["made of"] = named or None
    found = {key: value for key, value in found.items() if value is not None}
    return {key: value for key, value in found.items() if key not in dict(node.notable)}


def _of_sparse(node: TensorNode, parts: Mapping[str, TensorNode]) -> dict[str, Any]:
    """Source: the invariants of sparse tensors, docs of torch.sparse (`nnz` is the length of the plain indices)."""
    values = parts["values"].shape
    if node.sort == "sparse_coo":
        indices = parts["indices"].shape
        return {
            "specified elements": indices[1] if len(indices) > 1 else None,
            "sparse axes": indices[0] if indices else None,
            "dense axes": max(0, len(values) - 1),
        }
    plain = parts["plain_indices"].shape
    found: dict[str, Any] = {"specified elements": plain[-1] if plain else None}
    if node.sort in _BLOCKED:
        found["block shape"] = list(values[len(plain) : len(plain) + 2])
    return found


def _numbers(window: TensorWindow | Unreadable | None) -> list[Any] | None:
    """The first few numbers of a small tensor; None where they cannot be read."""
    if not isinstance(window, TensorWindow):
        return None
    from inspector.artifacts.tensors.elements import load

    try:
        rows: list[Any] = load(window, (slice(0, MAX_SHOWN),) if window.shape else ()).tolist()
    except FileError:
        return None
    return rows

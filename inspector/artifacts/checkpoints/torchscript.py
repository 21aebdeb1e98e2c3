"""TorchScript archives: a module's tensors as its state dict names them, its code, a mobile model's operators.

Source: torch/csrc/jit/serialization/export_module.cpp, import.cpp and export_bytecode.cpp.
"""

from __future__ import annotations

from typing import Any

from inspector.artifacts.archives.zip_archive import Archive
from inspector.artifacts.archives.zip_content import content
from inspector.artifacts.byte_file import ReadableFile
from inspector.artifacts.checkpoints.listing import Listed, Lister
from inspector.artifacts.checkpoints.torch_legacy import MAX_SOURCE_CHARACTERS
from inspector.artifacts.checkpoints.torch_zip import TorchArchive, open_torch
from inspector.artifacts.pickles.node_text import cut
from inspector.artifacts.pickles.nodes import Call, Dict, Global, Set
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

MAX_CODE_BYTES = 4 * MAX_SOURCE_CHARACTERS
"""A longer file of code is shown in part."""

MAX_CODE_FILES = 2_000
MAX_OPERATORS = 1_000
_BEAT_FILES = 100
_BEAT_NODES = 10_000

_STATES = {
    "Conv": (
        "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "transposed", "output_padding",
        "groups", "padding_mode", "weight", "bias", "scale", "zero_point", "training",
    ),
    "Linear": ("in_features", "out_features", "bias", "weight", "scale", "zero_point", "training"),
}  # fmt: skip
"""What quantized modules keep in a tuple, in order; torch 1.3 left the last one out.

Source: torch/ao/nn/quantized/modules/conv.py and linear.py (`__getstate__`), torch/nn/quantized of torch 1.3.
"""

_PACKED_LINEAR = "LinearPackedParamsBase"


def read(file: ReadableFile, notes: Notes, pulse: Pulse) -> Listed:
    """List a TorchScript archive, one for mobile included.

    Raises:
        DamagedError: the archive has no directory or no pickle that can be read.
        LimitError: the pickle is larger than any real one.
        UnsupportedError: the archive is encrypted.
    """
    opened = open_torch(file, notes, pulse)
    pickled = opened.pickle("data.pkl")
    _name_packed(pickled.root, pulse)
    opened.lister.walk(pickled.root)
    names = pickled.names + opened.add_constants()
    if opened.member("bytecode.pkl") is not None:
        _add_bytecode(opened, notes)
    add_texts(opened.archive, opened.top, opened.lister, notes, pulse)
    return Listed(opened.lister, names)


def add_texts(archive: Archive, top: str, lister: Lister, notes: Notes, pulse: Pulse) -> None:
    """Show code and extra files as `code.PATH` and `extra.PATH`, each cut at MAX_SOURCE_CHARACTERS."""
    shown = 0
    for i, member in enumerate(archive.by_name.values()):
        if i % _BEAT_FILES == 0:
            pulse.beat(i, len(archive.by_name), "reading code")
        folder, _, path = member.name.removeprefix(top).partition("/")
        wanted = member.name.startswith(top) and ((folder == "code" and path.endswith(".py")) or folder == "extra")
        if not wanted or not member.plain_bytes:
            continue
        shown += 1
        if shown > MAX_CODE_FILES:
            notes.limit(f"only the first {MAX_CODE_FILES:,} files of code are shown")
            return
        name = f"{folder}.{cut(path, 500)}"
        if member.plain_bytes > MAX_CODE_BYTES:
            lister.add_object(name, f"{member.plain_bytes:,} bytes")
            continue
        try:
            text = content(archive, member, MAX_CODE_BYTES).decode("utf-8", "backslashreplace")
        except FileError as error:
            notes.add(f"{cut(clean(name), 200)}: {error.mismatch}")
        else:
            lister.add_object(name, cut(text, MAX_SOURCE_CHARACTERS))


def _name_packed(root: Any, pulse: Pulse) -> None:
    """Give what quantized modules keep in a tuple the names that it has in their state dict."""
    visited: set[int] = set()
    pending = [root]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind not in (list, tuple, Dict, Set, Call) or id(node) in visited:
            continue
        visited.add(id(node))
        if len(visited) % _BEAT_NODES == 0:
            pulse.beat(len(visited), 0, "listing tensors")
        if kind is Call:
            _name_state(node)
            pending.extend(node.states or ())
        elif kind is Dict:
            pending.extend(node.flat)
        else:
            pending.extend(node.items if kind is Set else node)


def _name_state(node: Call) -> None:
    if type(node.func) is not Global or not node.func.module.startswith("__torch__") or not node.states:
        return
    state = node.states[0]
    if len(node.states) != 1 or type(state) is not tuple:
        return
    if node.func.name == _PACKED_LINEAR and len(state) == 2:
        node.states = [Dict([0, state[0], 1, state[1]])]
    elif "quantized" in node.func.module:
        for kind, names in _STATES.items():
            if kind in node.func.name and len(names) - len(state) in (0, 1):
                node.states = [Dict([part for pair in zip(names, state, strict=False) for part in pair])]


def _add_bytecode(opened: TorchArchive, notes: Notes) -> None:
    """A mobile model's version, and of each method how many instructions it has and which operators it calls."""
    lister = opened.lister
    try:
        root = opened.pickle("bytecode.pkl").root
    except FileError as error:
        notes.add(f"the bytecode cannot be read: {error.mismatch}")
        return
    if type(root) is not tuple or not root or type(root[0]) is not int:
        notes.add("the bytecode is not in the form that torch writes")
        return
    lister.add_object("bytecode.version", root[0])
    for method in root[1:]:
        if type(method) is tuple and len(method) > 1 and type(method[0]) is str:
            name = f"bytecode.{cut(method[0], 500)}"
            lister.add_object(f"{name}.instructions", len(_field(method[1], "instructions")))
            operators = _field(method[1], "operators")
            lister.add_object(f"{name}.operators", [_operator(one) for one in operators[:MAX_OPERATORS]])


def _field(pairs: Any, name: str) -> tuple[Any, ...]:
    """What stands beside a name in a tuple of pairs; empty where it is no tuple."""
    for pair in _items(pairs):
        if type(pair) is tuple and len(pair) == 2 and type(pair[0]) is str and pair[0] == name:
            return _items(pair[1])
    return ()


def _items(node: Any) -> tuple[Any, ...]:
    return tuple(node) if type(node) in (tuple, list) else ()


def _operator(node: Any) -> str:
    """`aten::add.Tensor` of the pair of a name and an overload."""
    parts = [part for part in _items(node)[:2] if type(part) is str and part]
    return cut(".".join(parts), 200)

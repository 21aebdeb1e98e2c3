"""Values that a clean checkpoint is made of: plain ones, containers, tensors and their storages; nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from inspector.artifacts.tensors.dtypes import ITEM_BYTES, STORAGE_DTYPES
from inspector.artifacts.tensors.storage_blocks import Block

UNTYPED = "UntypedStorage"
"""The class of storages whose element type has none."""

STORAGE_CLASSES = {dtype: name for name, dtype in STORAGE_DTYPES.items() if name != UNTYPED}
"""Storage class by element type."""

QUANTIZED_SCHEMES = ("per_tensor_affine", "per_channel_affine", "per_channel_affine_float_qparams")

ALLOWED = frozenset(
    (
        "collections.OrderedDict",
        "torch.serialization._get_layout",
        *(f"torch._utils._rebuild_{name}" for name in (
            "tensor_v2", "tensor_v3", "parameter", "qtensor", "sparse_tensor", "nested_tensor",
            "meta_tensor_no_storage",
        )),
        *(f"torch.{name}" for name in (*ITEM_BYTES, *STORAGE_CLASSES.values(), *QUANTIZED_SCHEMES)),
        f"torch.storage.{UNTYPED}",
    )
)  # fmt: skip
"""Every name that a clean checkpoint may import: all are on the list of `torch.load(weights_only=True)`.

Source: torch/_weights_only_unpickler.py, `_get_allowed_globals` (torch 2.13).
"""


class Fixed:
    """A tuple whose items may still be filled in."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items


class Entries:
    """A dictionary: key and value in turn.

    Attributes:
        ordered: whether it is an `OrderedDict`.
        attributes: of an ordered one, an `Entries` in a list of its own that may still be filled in; or None.
    """

    __slots__ = ("attributes", "flat", "ordered")

    def __init__(self, flat: list[Any], *, ordered: bool = False) -> None:
        self.flat = flat
        self.ordered = ordered
        self.attributes: list[Any] | None = None


class Name(msgspec.Struct, frozen=True):
    """A name of `ALLOWED`."""

    path: str


class Rebuilt(msgspec.Struct, frozen=True):
    """What a function of `ALLOWED` makes of its arguments."""

    path: str
    args: Fixed


class StorageOut(msgspec.Struct, frozen=True, eq=False):
    """A storage of the new file.

    Attributes:
        key: its name there.
        class_name: one of `STORAGE_DTYPES`.
        elements: of the type of its class.
        blocks: gives its bytes, little-endian, when it is written.
    """

    key: str
    class_name: str
    elements: int
    blocks: Callable[[], Iterator[Block]]

    @property
    def bytes(self) -> int:
        """How many bytes it has."""
        return self.elements * ITEM_BYTES[STORAGE_DTYPES[self.class_name]]

"""Tensors of a checkpoint as the calls that rebuild them in a clean copy, each storage once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.clean.torch_values import (
    QUANTIZED_SCHEMES,
    STORAGE_CLASSES,
    UNTYPED,
    Entries,
    Fixed,
    Name,
    Rebuilt,
    StorageOut,
)
from inspector.artifacts.pickles.lens_torch import TensorNode, tensor_of
from inspector.artifacts.pickles.nodes import Call, Global
from inspector.artifacts.tensors.dtypes import FLOATING, ITEM_BYTES
from inspector.artifacts.tensors.storage_blocks import Block, storage_blocks, swapped
from inspector.artifacts.tensors.windows import Storage, Unreadable, misfit
from inspector.core.errors import LimitError

MAX_GROWTH = 16
GROWTH_FREE_BYTES = 1 << 30
"""A copy whose storages are larger than the file so many times, once they pass this, is taken for a bomb."""

_UTILS = "torch._utils._rebuild_"
_PARAMETERS = frozenset((
    "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter",
))  # fmt: skip

_SUBCLASSES = frozenset(f"torch.{name}" for name in (
    "_tensor._rebuild_from_type", "_tensor._rebuild_from_type_v2", "tensor._rebuild_from_type",
))  # fmt: skip

Read = Callable[[], Iterator[Block]]
FindStorage = Callable[[Any], tuple[Storage, str] | Unreadable]


class Left(Exception):  # noqa: N818 - what is left out is no error
    """This tensor cannot be kept; the text is the rest of a sentence that begins with its name."""


class Storages:
    """The storages of the copy: one for each of the source, whoever refers to it.

    Args:
        limit_bytes: how large they may be altogether.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = max(GROWTH_FREE_BYTES, limit_bytes)
        self._by_place: dict[tuple[object, ...], StorageOut] = {}
        self._sources: list[Storage] = []
        self._bytes = 0

    @property
    def all(self) -> tuple[StorageOut, ...]:
        """In the order they were first referred to."""
        return tuple(self._by_place.values())

    def of(self, path: Path, storage: Storage, dtype: str, byteorder: str, read: Read) -> StorageOut:
        """The storage of the copy that takes the place of one of the source.

        Args:
            path: the file that it is in.
            storage: where it is there.
            dtype: of its elements.
            byteorder: of its elements.
            read: gives its bytes.

        Raises:
            LimitError: all of them would be larger than a copy can be.
        """
        class_name = STORAGE_CLASSES.get(dtype, UNTYPED)
        unit = _unit_bytes(dtype) if byteorder == "big" else 1
        place = (path, storage.start, storage.plain_bytes, storage.packing, id(storage.source), class_name, unit)
        known = self._by_place.get(place)
        if known is None:
            elements = storage.plain_bytes // (ITEM_BYTES[dtype] if class_name != UNTYPED else 1)
            blocks = read if unit == 1 else lambda: swapped(read(), unit)
            known = StorageOut(str(len(self._by_place)), class_name, elements, blocks)
            self._bytes += known.bytes
            if self._bytes > self._limit_bytes:
                raise LimitError(path, f"at most {self._limit_bytes:,} bytes of storages", "more")
            self._by_place[place] = known
            self._sources.append(storage)  # keeps its source alive, and so the source's id its own
        return known


def _unit_bytes(dtype: str) -> int:
    """Bytes of one number: of complex types, of each of the two."""
    return ITEM_BYTES[dtype] // (2 if dtype.startswith("complex") else 1)


def strided(
    storage: StorageOut,
    dtype: str,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
    *,
    requires_grad: bool = False,
) -> Rebuilt:
    """A plain tensor as a view on a storage."""
    requires_grad = requires_grad and dtype in FLOATING
    arguments = [storage, offset, Fixed(list(shape)), Fixed(list(strides)), requires_grad, Entries([], ordered=True)]
    if storage.class_name != UNTYPED:
        return Rebuilt(f"{_UTILS}tensor_v2", Fixed(arguments))
    return Rebuilt(f"{_UTILS}tensor_v3", Fixed([*arguments, Name(f"torch.{dtype}")]))


class TensorWriter:
    """Makes the calls for tensors of one file.

    Args:
        find_storage: where the elements of a `TensorNode` are.
        byteorder: of the storages; numpy arrays say their own.
        storages: of the copy.
    """

    def __init__(self, file: ByteFile, find_storage: FindStorage, byteorder: str, storages: Storages) -> None:
        self._file = file
        self._find_storage = find_storage
        self._byteorder = byteorder
        self._storages = storages

    def rebuilt(self, node: Any, tensor: TensorNode) -> Rebuilt | Entries:
        """What the call at `node` rebuilds.

        Args:
            node: the call.
            tensor: what it was found to rebuild.

        Raises:
            Left: there are no elements for it, or of a type that is not kept.
            LimitError: the copy would be too large.
        """
        path, arguments = _called(node)
        if path in _SUBCLASSES and len(arguments) > 2:
            return self.rebuilt(Call(arguments[0], arguments[2]), tensor)
        if path in _PARAMETERS and arguments:
            requires_grad = arguments[1] if len(arguments) > 1 and type(arguments[1]) is bool else True
            inner = self.rebuilt(arguments[0], tensor)
            grad = requires_grad and tensor.dtype in FLOATING
            return Rebuilt(f"{_UTILS}parameter", Fixed([inner, grad, Entries([], ordered=True)]))
        return self._SORTS.get(tensor.sort, TensorWriter._strided)(self, tensor, arguments)

    def _strided(self, tensor: TensorNode, arguments: Any) -> Rebuilt:
        storage, dtype = self._storage(tensor)
        requires_grad = len(arguments) > 4 and arguments[4] is True
        return strided(storage, dtype, tensor.shape, tensor.strides, tensor.offset, requires_grad=requires_grad)

    def _storage(self, tensor: TensorNode) -> tuple[StorageOut, str]:
        found = self._find_storage(tensor)
        if isinstance(found, Unreadable):
            raise Left(found.reason)
        storage, stored_dtype = found
        dtype = tensor.dtype or stored_dtype
        if dtype not in ITEM_BYTES:
            raise Left(f"has elements of type {dtype or 'unknown'}, which torch does not have")
        wrong = misfit(tensor.shape, tensor.strides, tensor.offset, ITEM_BYTES[dtype], storage.plain_bytes)
        if wrong is not None:
            raise Left(wrong.reason)
        byteorder = getattr(tensor.storage, "byteorder", self._byteorder)
        return self.storage_out(storage, dtype, byteorder), dtype

    def storage_out(self, storage: Storage, dtype: str, byteorder: str = "little") -> StorageOut:
        """The storage of the copy for one of this file; raises as `Storages.of`."""
        read = partial(storage_blocks, self._file, storage)
        return self._storages.of(self._file.path, storage, dtype, byteorder, read)

    def _part(self, tensor: TensorNode) -> Rebuilt:
        return self._strided(tensor, ())

    def _quantized(self, tensor: TensorNode, arguments: Any) -> Rebuilt:
        storage, _ = self._storage(tensor)
        scheme = self._scheme(arguments[4] if len(arguments) > 4 else None, tensor)
        return Rebuilt(
            f"{_UTILS}qtensor",
            Fixed([
                storage, tensor.offset, Fixed(list(tensor.shape)), Fixed(list(tensor.strides)), scheme, False,
                Entries([], ordered=True),
            ]),
        )  # fmt: skip

    def _scheme(self, scheme: Any, tensor: TensorNode) -> Fixed:
        """Scale and zero point of a quantized tensor, or those of every channel."""
        if type(scheme) is not tuple or len(scheme) < 3 or type(scheme[0]) is not Global:
            raise Left("is quantized in a way that is not read")
        name, *numbers = scheme
        if name.module != "torch" or name.name not in QUANTIZED_SCHEMES:
            raise Left(f"is quantized by {name.path}, which is not kept")
        if name.name == "per_tensor_affine" and [type(number) for number in numbers] == [float, int]:
            return Fixed([Name(name.path), *numbers])
        parts = [part for number in numbers[:2] if (part := tensor_of(number)) is not None]
        axis = numbers[2] if len(numbers) == 3 else None
        if type(axis) is not int or not 0 <= axis < len(tensor.shape) or len(parts) != 2:
            raise Left("has scales and zero points that do not fit its shape")
        if any(part.shape != (tensor.shape[axis],) for part in parts):
            raise Left("has scales and zero points that do not fit its shape")
        return Fixed([Name(name.path), *(self._part(part) for part in parts), axis])

    def _sparse(self, tensor: TensorNode, arguments: Any) -> Rebuilt:
        if not _parts_fit(tensor):
            raise Left("has indices and values that do not fit its shape")
        layout = Rebuilt("torch.serialization._get_layout", Fixed([f"torch.{tensor.sort}"]))
        data: list[Any] = [self._part(part) for _, part in tensor.parts]
        data.append(Fixed(list(tensor.shape)))
        if tensor.sort == "sparse_coo":
            given = arguments[1] if len(arguments) > 1 and type(arguments[1]) is tuple else ()
            data.append(len(given) > 3 and given[3] is True)
        return Rebuilt(f"{_UTILS}sparse_tensor", Fixed([layout, Fixed(data)]))

    def _nested(self, tensor: TensorNode, _arguments: Any) -> Rebuilt | Entries:
        """A nested tensor; a jagged one, which weights_only does not take, as a dictionary of its parts."""
        if len(tensor.parts) != 4:
            return Entries([part for name, node in tensor.parts for part in (name, self._part(node))])
        return Rebuilt(f"{_UTILS}nested_tensor", Fixed([self._part(part) for _, part in tensor.parts]))

    def _meta(self, tensor: TensorNode, _arguments: Any) -> Rebuilt:
        if tensor.dtype not in ITEM_BYTES:
            raise Left(f"is of type {tensor.dtype}, which torch does not have")
        shape, strides = Fixed(list(tensor.shape)), Fixed(list(tensor.strides))
        return Rebuilt(f"{_UTILS}meta_tensor_no_storage", Fixed([Name(f"torch.{tensor.dtype}"), shape, strides, False]))

    _SORTS: ClassVar[dict[str, Callable[[TensorWriter, TensorNode, Any], Rebuilt | Entries]]] = {
        "quantized": _quantized,
        "nested": _nested,
        "meta": _meta,
        **dict.fromkeys(("sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"), _sparse),
    }


def _parts_fit(tensor: TensorNode) -> bool:
    """Whether a sparse tensor's parts have shapes and types that go together; torch refuses the whole file else."""
    *indices, values = (part for _, part in tensor.parts)
    if any(part.dtype not in ("int64", "int32") for part in indices):
        return False
    if tensor.sort == "sparse_coo":
        (places,) = indices
        return (
            len(places.shape) == 2
            and places.shape[1:] == values.shape[:1]
            and places.shape[0] + len(values.shape) - 1 == len(tensor.shape)
        )
    _, plain = indices
    return plain.shape == values.shape[: len(plain.shape)]


def _called(node: Any) -> tuple[str, Any]:
    """The function that a call names, and its arguments."""
    if type(node) is not Call or type(node.func) is not Global or type(node.args) is not tuple:
        return "", ()
    return node.func.path, node.args

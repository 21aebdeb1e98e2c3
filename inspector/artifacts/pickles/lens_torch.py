"""Tensors in the words of a pickle: which calls rebuild one, and where its arguments say the elements are.

Source: torch/_utils.py, torch/_tensor.py and torch/serialization.py of torch 0.3 to 2.13.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from inspector.artifacts.pickles.lens_numpy import ArrayNode, array_of
from inspector.artifacts.pickles.lens_storage import StorageReference, storage_reference
from inspector.artifacts.pickles.nodes import Call, Dict, Global, PersistentId, pairs_of
from inspector.artifacts.tensors.dtypes import ITEM_BYTES, TENSOR_DTYPES
from inspector.artifacts.tensors.windows import LONGEST_AXIS, MAX_AXES, contiguous_strides

MAX_NESTING = 8
"""Calls around a tensor (parameter, subclass, device) before it is taken for something else."""

MAX_SHOWN = 64
"""How many numbers of a list are shown of one tensor."""

LAZY_BITS = {"conj": "conjugated when read", "neg": "negated when read"}
"""What torch applies to stored elements only when it reads them, by its name in a pickle."""


class TensorNode(msgspec.Struct, frozen=True):
    """A tensor as the pickle describes it.

    Attributes:
        storage: a `StorageReference`, an `ArrayNode`, another node, or None where the file holds no elements.
        sort: what makes it special (`sparse_coo`, `meta`, ...), empty for a plain one.
        parameter: whether it is a parameter, None where the pickle does not say.
        parts: tensors it is made of, or read with, by name.
        attributes: nodes whose entries hang below it.
        requires_grad: whether it took a gradient, None where the pickle does not say.
        class_name: `module.Class` of a subclass, empty for torch's own.
        notable: what else the pickle says of it (`scale`, `zero point`, ...), as plain values in reading order.
    """

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    storage: Any
    sort: str = ""
    parameter: bool | None = None
    parts: tuple[tuple[str, TensorNode], ...] = ()
    attributes: tuple[Any, ...] = ()
    requires_grad: bool | None = None
    class_name: str = ""
    notable: tuple[tuple[str, Any], ...] = ()

    def changed(self, **changes: Any) -> TensorNode:
        """The same with other values for some fields."""
        return msgspec.structs.replace(self, **changes)


class _NotOne(Exception):  # noqa: N818 - a lens that does not apply is no error
    """The arguments are not those of a tensor."""


def tensor_of(node: Any, depth: int = 0) -> TensorNode | None:
    """The tensor that a call would rebuild; None where it is no such call.

    Files of torch 0.1 keep tensors outside the pickle; their reader puts them into the persistent ids.
    """
    if type(node) is PersistentId and type(node.id) is TensorNode:
        return node.id
    if type(node) is not Call or type(node.func) is not Global or depth > MAX_NESTING:
        return None
    rebuild = _REBUILDERS.get(node.func.path)
    if rebuild is None or type(node.args) is not tuple:
        return _early_tensor(node)
    try:
        tensor = rebuild(node.args, depth + 1)
    except (_NotOne, IndexError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return tensor.changed(attributes=(*tensor.attributes, *node.states)) if node.states else tensor


def _early_tensor(node: Call) -> TensorNode | None:
    """A tensor as torch before 0.4 kept it: `torch.FloatTensor()`, its storage, offset, size and stride set later."""
    if node.func.name not in TENSOR_DTYPES or node.func.module.partition(".")[0] != "torch" or not node.states:
        return None
    try:
        storage, offset, shape, strides = node.states[0]
        return TensorNode(
            TENSOR_DTYPES[node.func.name], _lengths(shape), _lengths(strides), _offset(offset), _storage(storage)
        )
    except (_NotOne, TypeError, ValueError):
        return None


def _storage(node: Any) -> Any:
    reference = storage_reference(node)
    if reference is not None:
        return reference
    if type(node) is Call and type(node.func) is Global and node.func.path == "torch.storage._load_from_bytes":
        return node
    raise _NotOne


def _lengths(node: Any) -> tuple[int, ...]:
    if type(node) is not tuple:
        if type(node) is Call and type(node.func) is Global and node.func.path == "torch.Size":
            node = node.args[0]
        if type(node) not in (tuple, list):
            raise _NotOne
    if len(node) > MAX_AXES:
        raise _NotOne
    for length in node:
        if type(length) is not int or not 0 <= length < LONGEST_AXIS:
            raise _NotOne
    return tuple(node)


def _offset(node: Any) -> int:
    if type(node) is not int:
        raise _NotOne
    return node


def _dtype(node: Any) -> str:
    if type(node) is not Global or node.module != "torch" or node.name not in ITEM_BYTES:
        raise _NotOne
    return node.name


def _v2(args: tuple[Any, ...], _depth: int) -> TensorNode:
    """`_rebuild_tensor(storage, offset, size, stride)` and `_v2`, whose other arguments change no element."""
    storage = _storage(args[0])
    dtype = storage.dtype if type(storage) is StorageReference else ""
    return TensorNode(
        dtype, _lengths(args[2]), _lengths(args[3]), _offset(args[1]), storage,
        requires_grad=_flag(args[4]) if len(args) > 4 else None,
        notable=_bits(args[6]) if len(args) > 6 else (),
    )  # fmt: skip


def _v3(args: tuple[Any, ...], depth: int) -> TensorNode:
    notable = _bits(args[7]) if len(args) > 7 else ()
    return _v2(args[:6], depth).changed(dtype=_dtype(args[6]), notable=notable)


def _flag(node: Any) -> bool | None:
    return node if type(node) is bool else None


def _bits(metadata: Any) -> tuple[tuple[str, Any], ...]:
    """Operations that torch applies only when the elements are read."""
    pairs = pairs_of(metadata.flat) if type(metadata) is Dict else ()
    set_ = {key for key, value in pairs if type(key) is str and value is True}
    return tuple((LAZY_BITS[bit], True) for bit in LAZY_BITS if bit in set_)


def _inner(node: Any, depth: int) -> TensorNode:
    tensor = tensor_of(node, depth)
    if tensor is None:
        raise _NotOne
    return tensor


def _parameter(args: tuple[Any, ...], depth: int) -> TensorNode:
    tensor = _inner(args[0], depth)
    flag = _flag(args[1]) if len(args) > 1 else None
    tensor = tensor.changed(parameter=True, requires_grad=tensor.requires_grad if flag is None else flag)
    return tensor.changed(attributes=(*tensor.attributes, args[3])) if len(args) > 3 else tensor


def _variable(args: tuple[Any, ...], depth: int) -> TensorNode:
    """What torch before 0.4 wrapped around a tensor of a graph."""
    return _inner(args[0], depth)


def _quantized(args: tuple[Any, ...], depth: int) -> TensorNode:
    tensor = _v2((*args[:4], args[5]), depth).changed(sort="quantized")
    given = args[4] if type(args[4]) is tuple else ()
    scheme = given[0].name if given and type(given[0]) is Global else ""
    if len(given) == 3 and type(given[1]) in (int, float) and type(given[2]) is int:
        return tensor.changed(notable=(("scheme", scheme), ("scale", given[1]), ("zero point", given[2])))
    if len(given) != 4:
        return tensor
    notable: list[tuple[str, Any]] = [("scheme", scheme), ("axis", given[3] if type(given[3]) is int else None)]
    parts: list[tuple[str, TensorNode]] = []
    for part, node in (("scales", given[1]), ("zero_points", given[2])):
        one = tensor_of(node, depth)
        if one is not None:
            parts.append((part, one))
        elif type(node) is list and all(type(item) in (int, float) for item in node[:MAX_SHOWN]):
            notable.append((part.replace("_", " "), node[:MAX_SHOWN]))
    return tensor.changed(notable=tuple(notable), parts=tuple(parts))


def _sparse(args: tuple[Any, ...], depth: int) -> TensorNode:
    layout = _layout(args[0])
    data = args[1]
    names = ("indices", "values") if layout == "sparse_coo" else ("compressed_indices", "plain_indices", "values")
    parts = tuple((name, _inner(data[i], depth)) for i, name in enumerate(names))
    shape = _lengths(data[len(names)])
    coalesced = _flag(data[3]) if layout == "sparse_coo" and len(data) > 3 else None
    return TensorNode(
        parts[-1][1].dtype, shape, contiguous_strides(shape), 0, None, layout, None, parts,
        requires_grad=parts[-1][1].requires_grad,
        notable=() if coalesced is None else (("coalesced", coalesced),),
    )  # fmt: skip


def _layout(node: Any) -> str:
    if type(node) is Call and type(node.args) is tuple and type(node.args[0]) is str:
        return node.args[0].removeprefix("torch.")
    if type(node) is Global:
        return node.name
    raise _NotOne


def _nested(args: tuple[Any, ...], depth: int) -> TensorNode:
    buffer = _inner(args[0], depth)
    names = ("buffer", "sizes", "strides", "offsets")
    parts = tuple((name, _inner(node, depth)) for name, node in zip(names, args, strict=False))
    return buffer.changed(storage=None, sort="nested", parts=parts)


def _jagged(args: tuple[Any, ...], depth: int) -> TensorNode:
    """A nested tensor of rows of all its tensors, and where each begins."""
    given = {key: value for key, value in pairs_of(args[0].flat) if type(key) is str}
    values = _inner(given["values"], depth)
    parts = (("values", values), ("offsets", _inner(given["offsets"], depth)))
    return values.changed(storage=None, sort="nested", parts=parts, notable=(("layout", "jagged"),))


def _meta(args: tuple[Any, ...], _depth: int) -> TensorNode:
    flag = _flag(args[3]) if len(args) > 3 else None
    return TensorNode(_dtype(args[0]), _lengths(args[1]), _lengths(args[2]), 0, None, "meta", requires_grad=flag)


def _wrapper(args: tuple[Any, ...], _depth: int) -> TensorNode:
    """A subclass that holds other tensors as attributes instead of elements."""
    device = args[6].args[0] if len(args) > 6 and type(args[6]) is Call and type(args[6].args) is tuple else None
    return TensorNode(
        _dtype(args[1]), _lengths(args[2]), _lengths(args[3]), 0, None, "wrapper subclass",
        requires_grad=_flag(args[7]) if len(args) > 7 else None,
        class_name=args[0].path if type(args[0]) is Global else "",
        notable=(("device", device),) if type(device) is str else (),
    )  # fmt: skip


def _from_type(args: tuple[Any, ...], depth: int) -> TensorNode:
    """`_rebuild_from_type_v2(func, type, args, state)`: a subclass around what another function rebuilds."""
    func, class_, arguments, state = args[:4]
    tensor = _inner(Call(func, arguments), depth)
    name = class_.path if type(class_) is Global else ""
    return tensor.changed(attributes=(*tensor.attributes, state), class_name=name)


def _from_numpy(args: tuple[Any, ...], _depth: int) -> TensorNode:
    array = array_of(args[0])
    if array is None:
        raise _NotOne
    return tensor_of_array(array).changed(dtype=_dtype(args[1]))


def _from_cpu_tensor(args: tuple[Any, ...], depth: int) -> TensorNode:
    return _inner(args[0], depth).changed(dtype=_dtype(args[1]))


def tensor_of_array(array: ArrayNode) -> TensorNode:
    """A numpy array as a tensor whose storage is the array's own bytes."""
    return TensorNode(array.dtype, array.shape, array.strides, 0, array)


_REBUILDERS: dict[str, Callable[[tuple[Any, ...], int], TensorNode]] = {
    "torch._utils._rebuild_tensor": _v2,
    "torch._utils._rebuild_tensor_v2": _v2,
    "torch._utils._rebuild_tensor_v3": _v3,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
    "torch.autograd.variable.Variable": _variable,
    "torch._utils._rebuild_qtensor": _quantized,
    "torch._utils._rebuild_sparse_tensor": _sparse,
    "torch._utils._rebuild_sparse_csr_tensor": _sparse,
    "torch._utils._rebuild_nested_tensor": _nested,
    "torch.nested._internal.nested_tensor._rebuild_njt": _jagged,
    "torch._utils._rebuild_meta_tensor_no_storage": _meta,
    "torch._utils._rebuild_wrapper_subclass": _wrapper,
    "torch._utils._rebuild_device_tensor_from_numpy": _from_numpy,
    "torch._utils._rebuild_xla_tensor": _from_numpy,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _from_cpu_tensor,
    "torch._tensor._rebuild_from_type": _from_type,
    "torch._tensor._rebuild_from_type_v2": _from_type,
    "torch.tensor._rebuild_from_type": _from_type,
}

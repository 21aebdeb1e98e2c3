"""Elements that torch stores as they were and conjugates or negates whenever it reads them.

Source: aten/src/ATen/ConjugateFallback.cpp and NegateFallback.cpp; torch/_utils.py (`set_tensor_metadata`).
"""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.byte_file import Reopened, Source
from inspector.artifacts.identity import Identity
from inspector.artifacts.lens_torch import LAZY_BITS, TensorNode
from inspector.artifacts.windows import Storage

_FLIPPED_SIGN = bytes(code ^ 0x80 for code in range(256))


class SignsFlipped:
    """A source in which the sign of some numbers is the other one.

    Args:
        source: of the stored bytes.
        first: the byte that holds the first such sign.
        step: bytes from one to the next.
    """

    __slots__ = ("_first", "_source", "_step", "size")

    def __init__(self, source: Source, first: int, step: int) -> None:
        self._source = source
        self._first = first
        self._step = step
        self.size = source.size

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`."""
        data = bytearray(self._source.read(offset, count))
        signs = slice((self._first - offset) % self._step, None, self._step)
        data[signs] = data[signs].translate(_FLIPPED_SIGN)
        return bytes(data)

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - its bytes are not in the file
        """As `Source.place`."""
        return None


def as_read(
    storage: Storage, tensor: TensorNode, path: Path, identity: Identity, item_bytes: int, byteorder: str
) -> Storage | str:
    """The storage with signs as torch reads them; a text says why that cannot be done.

    Args:
        storage: as the file has it.
        tensor: whose `notable` tells what torch would do.
        path: of the file.
        identity: of the file.
        item_bytes: of an element; a complex one is two numbers, of which the conjugate flips the second's sign.
        byteorder: of the numbers.
    """
    wanted = [name for bit, name in LAZY_BITS.items() if (name, True) in tensor.notable]
    if not wanted:
        return storage
    is_complex = tensor.dtype.startswith("complex")
    if storage.packing != "plain" or not tensor.dtype.startswith(("complex", "float", "bfloat")):
        return f"is {' and '.join(wanted)}, and is packed or holds no floating-point numbers"
    number = item_bytes // 2 if is_complex else item_bytes
    sign = number - 1 if byteorder == "little" else 0
    source: Source = storage.source or Reopened(path, identity)
    if LAZY_BITS["conj"] in wanted and is_complex:
        source = SignsFlipped(source, storage.start + number + sign, item_bytes)
    if LAZY_BITS["neg"] in wanted:
        source = SignsFlipped(source, storage.start + sign, number)
    return Storage(storage.start, storage.plain_bytes, storage.packed_bytes, source=source)

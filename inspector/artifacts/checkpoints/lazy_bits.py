"""Elements that torch changes whenever it reads them: conjugated or negated ones, and several to a byte.

Source: aten/src/ATen/ConjugateFallback.cpp and NegateFallback.cpp; torch/_utils.py (`set_tensor_metadata`);
aten/src/ATen/native/quantized/AffineQuantizer.cpp (`quantize_tensor_per_channel_float_qparams`: low bits first).
"""

from __future__ import annotations

from pathlib import Path

from inspector.artifacts.byte_file import Reopened, Source
from inspector.artifacts.identity import Identity
from inspector.artifacts.pickles.lens_torch import LAZY_BITS, TensorNode
from inspector.artifacts.tensors.windows import Storage, Unreadable

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


SUB_BYTE_BITS = {"quint4x2": 4, "quint2x4": 2}
"""Bits of an element, where a byte holds several."""


class SubBytes:
    """A source of one byte an element, from another that holds several in each byte, the low bits first.

    Args:
        source: of the stored bytes.
        start: the first of them there.
        stored_bytes: how many there are.
        bits: of an element.
    """

    __slots__ = ("_elements", "_per_byte", "_source", "_start", "size")

    def __init__(self, source: Source, start: int, stored_bytes: int, bits: int) -> None:
        self._source = source
        self._start = start
        self._per_byte = 8 // bits
        mask = (1 << bits) - 1
        self._elements = [bytes(code >> shift & mask for shift in range(0, 8, bits)) for code in range(256)]
        self.size = stored_bytes * self._per_byte

    def read(self, offset: int, count: int) -> bytes:
        """As `Source.read`."""
        end = min(self.size, offset + count)
        if not 0 <= offset < end:
            return b""
        first, skipped = divmod(offset, self._per_byte)
        stored = self._source.read(self._start + first, -(-end // self._per_byte) - first)
        return b"".join(map(self._elements.__getitem__, stored))[skipped : skipped + end - offset]

    def place(self, offset: int) -> int | None:  # noqa: ARG002 - its bytes are not in the file
        """As `Source.place`."""
        return None


def as_read(
    storage: Storage, tensor: TensorNode, path: Path, identity: Identity, item_bytes: int, byteorder: str
) -> Storage | Unreadable:
    """The storage as torch reads it, one element after the other, or why that cannot be done.

    Args:
        storage: as the file has it.
        tensor: whose `notable` tells what torch would do.
        path: of the file.
        identity: of the file.
        item_bytes: of an element; a complex one is two numbers, of which the conjugate flips the second's sign.
        byteorder: of the numbers.
    """
    bits = SUB_BYTE_BITS.get(tensor.dtype)
    if bits and storage.packing == "plain":
        spread = SubBytes(storage.source or Reopened(path, identity), storage.start, storage.plain_bytes, bits)
        return Storage(0, spread.size, spread.size, source=spread)
    wanted = [name for bit, name in LAZY_BITS.items() if (name, True) in tensor.notable]
    if not wanted:
        return storage
    is_complex = tensor.dtype.startswith("complex")
    if storage.packing != "plain" or not tensor.dtype.startswith(("complex", "float", "bfloat")):
        return Unreadable(f"is {' and '.join(wanted)}, and is packed or holds no floating-point numbers", "unread")
    number = item_bytes // 2 if is_complex else item_bytes
    sign = number - 1 if byteorder == "little" else 0
    source: Source = storage.source or Reopened(path, identity)
    if LAZY_BITS["conj"] in wanted and is_complex:
        source = SignsFlipped(source, storage.start + number + sign, item_bytes)
    if LAZY_BITS["neg"] in wanted:
        source = SignsFlipped(source, storage.start + sign, number)
    return Storage(storage.start, storage.plain_bytes, storage.packed_bytes, source=source)

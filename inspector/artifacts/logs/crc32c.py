"""CRC-32C as TFRecord masks it, for one stretch of bytes or for many of the same length at once.

Source: RFC 3720 appendix B.4 (Castagnoli polynomial, reflected); the mask is TensorFlow's core/lib/hash/crc32c.h.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8
_ALL_ONES = 0xFFFFFFFF

# Below this many stretches the plain loop is faster than numpy's call overhead on every byte.
_BATCH = 48

_KEPT_PAIRS = 64
"""Tables for two bytes, 256 kB each."""

Uint32Array = npt.NDArray[np.uint32]


def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_TABLE = _table()
_TABLE_ARRAY = np.array(_TABLE, dtype=np.uint32)


def crc32c(data: bytes | memoryview) -> int:
    """The CRC-32C of some bytes."""
    table = _TABLE
    value = _ALL_ONES
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value ^ _ALL_ONES


def masked(data: bytes | memoryview) -> int:
    """The masked CRC-32C that a TFRecord stores."""
    value = crc32c(data)
    return ((value >> 15 | value << 17) + _MASK_DELTA) & _ALL_ONES


def masked_array(values: Uint32Array) -> Uint32Array:
    """Checks as a TFRecord stores them; any shape, uint32."""
    return (values >> np.uint32(15) | values << np.uint32(17)) + np.uint32(_MASK_DELTA)


def unmasked_array(values: Uint32Array) -> Uint32Array:
    """The checks themselves, from what a TFRecord stores; any shape, uint32."""
    turned = values - np.uint32(_MASK_DELTA)
    return turned >> np.uint32(17) | turned << np.uint32(15)


def masked_many(buffer: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], length: int) -> Uint32Array:
    """The masked CRC-32C of several stretches of one buffer.

    Args:
        buffer: (bytes,) uint8.
        starts: (stretches,) int64, where each begins; each must lie within the buffer.
        length: bytes of every stretch.

    Returns:
        (stretches,) uint32.
    """
    if len(starts) < _BATCH:
        view = buffer.data
        return np.array([masked(view[start : start + length]) for start in starts.tolist()], dtype=np.uint32)
    values = np.full(len(starts), _ALL_ONES, dtype=np.uint32)
    for offset in range(length):
        values = _TABLE_ARRAY[(values ^ buffer[starts + offset]) & 0xFF] ^ (values >> 8)
    return masked_array(values ^ np.uint32(_ALL_ONES))


_changes = [_TABLE_ARRAY]


def change_by(distance: int) -> Uint32Array:
    """How a byte changes the CRC-32C of bytes that are zero there.

    The check is linear: those of two stretches that differ in some bytes differ by the changes of these bytes, each
    the exclusive or of the two. So the check of bytes that mostly agree with known ones costs a few look-ups.

    Args:
        distance: how many bytes follow the byte.

    Returns:
        (256,) uint32, by the byte's value.
    """
    while len(_changes) <= distance:
        nearer = _changes[-1]
        _changes.append(_TABLE_ARRAY[nearer & 0xFF] ^ (nearer >> 8))
    return _changes[distance]


@lru_cache(_KEPT_PAIRS)
def change_by_two(distance: int) -> Uint32Array:
    """The same of two bytes as one whole number, little end first: (65536,) uint32, by its value.

    Args:
        distance: how many bytes follow the first, at least one.
    """
    return (change_by(distance - 1)[:, None] ^ change_by(distance)[None, :]).ravel()


@cache
def masked_of_lengths() -> Uint32Array:
    """(65536,) uint32, the masked CRC-32C of each whole number below 65536 as 8 bytes, little end first."""
    return masked_array(change_by_two(7) ^ np.uint32(crc32c(bytes(8))))

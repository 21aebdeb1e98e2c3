"""Checkpoints as torch writes them, written by hand from plain values and arrays."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.artifacts import pickle_words as words

_STORAGES = {
    np.dtype(np.float32): "FloatStorage",
    np.dtype(np.float16): "HalfStorage",
    np.dtype(np.int64): "LongStorage",
}


def write_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """A `torch.save` archive of dictionaries, lists, numbers, text and arrays."""
    storages: dict[str, bytes] = {}
    stream = words.pickled(_word(content, storages))
    path.write_bytes(words.archive(stream, storages))


def _word(value: Any, storages: dict[str, bytes]) -> bytes:
    match value:
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            return words.number(value)
        case float():
            return b"G" + struct.pack(">d", value)
        case str():
            return words.text(value)
        case np.ndarray():
            return _tensor(value, storages)
        case dict():
            pairs = b"".join(_word(key, storages) + _word(one, storages) for key, one in value.items())
            return b"}(" + pairs + b"u"
        case list():
            return b"](" + b"".join(_word(one, storages) for one in value) + b"e"
        case tuple():
            return words.several(*(_word(one, storages) for one in value))
    raise TypeError(type(value))


def _tensor(array: Any, storages: dict[str, bytes]) -> bytes:
    key = str(len(storages))
    whole = np.ascontiguousarray(array)
    storages[key] = whole.tobytes()
    strides = [one // whole.itemsize for one in whole.strides]
    return words.called(
        words.name("torch._utils", "_rebuild_tensor_v2"),
        words.storage(key, whole.size, _STORAGES[whole.dtype]), words.number(0), words.numbers(whole.shape),
        words.numbers(strides), b"\x89", words.called(words.name("collections", "OrderedDict")),
    )  # fmt: skip

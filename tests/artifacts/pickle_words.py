"""Pickles written by hand: the opcodes of values, and of tensors as torch words them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable

PROTOCOL_2 = b"\x80\x02"
STOP = b"."


def text(value: str) -> bytes:
    """BINUNICODE."""
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def number(value: int) -> bytes:
    """LONG1."""
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes((size,)) + value.to_bytes(size, "little", signed=True)


def octets(data: bytes) -> bytes:
    """BINBYTES8."""
    return b"\x8e" + struct.pack("<Q", len(data)) + data


def name(module: str, attribute: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{attribute}\n".encode()


def several(*items: bytes) -> bytes:
    """A tuple."""
    return b"(" + b"".join(items) + b"t"


def called(function: bytes, *arguments: bytes) -> bytes:
    """REDUCE."""
    return function + several(*arguments) + b"R"


def entries(*pairs: tuple[str, bytes]) -> bytes:
    """A dictionary with text for keys."""
    return b"}(" + b"".join(text(key) + value for key, value in pairs) + b"u"


def numbers(values: Iterable[int]) -> bytes:
    """A tuple of numbers."""
    return several(*map(number, values))


def storage(key: str, elements: int, kind: str = "FloatStorage") -> bytes:
    """The persistent id of a storage."""
    return several(text("storage"), name("torch", kind), text(key), text("cpu"), number(elements)) + b"Q"


def tensor(
    shape: Iterable[int], strides: Iterable[int], *, key: str = "0", elements: int = 16, offset: int = 0
) -> bytes:
    """A tensor of a `torch.save` archive."""
    return called(
        name("torch._utils", "_rebuild_tensor_v2"),
        storage(key, elements), number(offset), numbers(shape), numbers(strides), b"\x89",
        called(name("collections", "OrderedDict")),
    )  # fmt: skip


def pickled(value: bytes) -> bytes:
    """A whole stream."""
    return PROTOCOL_2 + value + STOP


def archive(
    stream: bytes, storages: dict[str, bytes] | None = None, packing: int = zipfile.ZIP_STORED, top: str = "x"
) -> bytes:
    """A `torch.save` archive with this pickle and these storages."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", packing, compresslevel=1) as written:
        written.writestr(f"{top}/data.pkl", stream)
        written.writestr(f"{top}/byteorder", b"little")
        for key, data in (storages if storages is not None else {"0": bytes(64)}).items():
            written.writestr(f"{top}/data/{key}", data)
        written.writestr(f"{top}/version", b"3\n")
    return found.getvalue()


def legacy(root: bytes, keys: bytes = b"]", rest: bytes = b"") -> bytes:
    """A file as torch wrote it before 1.6."""
    system = entries(("protocol_version", number(1001)), ("little_endian", b"\x88"), ("type_sizes", b"}"))
    parts = (number(0x1950A86A20F9469CFC6C), number(1001), system, root, keys)
    return b"".join(map(pickled, parts)) + rest

"""Archives that contradict themselves, of which readers of zip take one half or the other."""

from __future__ import annotations

import io
import random
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator

from tests.artifacts.pickle_words import entries, pickled, tensor

Entries = list[tuple[str, bytes]]

FIRST = pickled(entries(("w", tensor((4,), (1,), elements=4))))
OTHER = pickled(entries(("w", tensor((2,), (1,), elements=4)), ("v", tensor((1,), (1,), elements=4, key="1"))))
NUMBERS = struct.pack("<4f", 1, 2, 3, 4)
OTHERS = struct.pack("<4f", 9, 8, 7, 6)

_DIRECTORY = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_END = b"PK\x05\x06"


def plain() -> Entries:
    """What a sound archive has in it."""
    return [
        ("x/data.pkl", FIRST), ("x/byteorder", b"little"), ("x/data/0", NUMBERS), ("x/data/1", OTHERS),
        ("x/version", b"3\n"),
    ]  # fmt: skip


def packed(content: Entries, method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """An archive with these entries in this order, repeated names kept."""
    found = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(found, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in content:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
        archive.comment = comment
    return found.getvalue()


_RIVALS = (
    "x/data.pkl", "x/DATA.PKL", "X/data.pkl", "x/Data.pkl", "data.pkl", "y/data.pkl", "x/data/0", "x/DATA/0",
    "x/data/00", "x/byteorder", "x/BYTEORDER", "x/version", "x//data.pkl", "x/./data.pkl", "x/../x/data.pkl",
    "x\\data.pkl", "/x/data.pkl", "x/data.pkl/", "x/data.pkl ", "x/constants.pkl", "x/.format_version",
)  # fmt: skip


def _rivals() -> Iterator[tuple[str, bytes]]:
    """A second entry whose name some reader may take for another's."""
    for rival in _RIVALS:
        content = b"big" if "order" in rival.lower() else OTHERS if "/0" in rival else OTHER
        for place in (0, 1, 3, 5):
            inside = plain()
            inside.insert(place, (rival, content))
            yield f"{rival} at {place}", packed(inside)


def _fields(signature: bytes, fields: dict[str, tuple[int, str, tuple[int, ...]]]) -> Iterator[tuple[str, bytes]]:
    """Every field of every entry's header changed by each of its values."""
    whole = packed(plain())
    place = -1
    for entry, _ in plain():
        place = whole.index(signature, place + 1)
        for name, (offset, layout, values) in fields.items():
            (now,) = struct.unpack_from(layout, whole, place + offset)
            for value in values:
                size = struct.calcsize(layout)
                new = (now + value) % (1 << 8 * size)
                data = bytearray(whole)
                data[place + offset : place + offset + size] = struct.pack(layout, new)
                yield f"{name} of {entry} {value:+}", bytes(data)


_IN_DIRECTORY: dict[str, tuple[int, str, tuple[int, ...]]] = {
    "flags": (8, "<H", (1, 8, 64, 2048)), "method": (10, "<H", (8, 12, 99)), "crc": (16, "<I", (1,)),
    "packed size": (20, "<I", (1, -1, 1000)), "plain size": (24, "<I", (1, -1, 1000)),
    "name length": (28, "<H", (-1, 1)), "disk": (34, "<H", (1,)), "place": (42, "<I", (1, -1, 30, 100)),
}  # fmt: skip
_IN_HEADERS: dict[str, tuple[int, str, tuple[int, ...]]] = {
    "own flags": (6, "<H", (1, 8, 64)), "own method": (8, "<H", (8,)), "own crc": (14, "<I", (1,)),
    "own packed size": (18, "<I", (1, -1)), "own plain size": (22, "<I", (1, -1)),
    "own name length": (26, "<H", (-1, 1)),
    "own extra length": (28, "<H", (1, 4)), "own name": (30, "<B", (1,)), "own name's end": (34, "<B", (1, 32)),
}  # fmt: skip
_IN_END: dict[str, tuple[int, str, tuple[int, ...]]] = {
    "disk": (4, "<H", (1,)), "entries here": (8, "<H", (1, -1)), "entries": (10, "<H", (1, -1)),
    "size": (12, "<I", (1, -1, 46)), "start": (16, "<I", (1, -1, 46)), "comment length": (20, "<H", (1, 9)),
}  # fmt: skip


def _ends() -> Iterator[tuple[str, bytes]]:
    whole = packed(plain())
    place = whole.index(_END)
    for name, (offset, layout, values) in _IN_END.items():
        (now,) = struct.unpack_from(layout, whole, place + offset)
        for value in values:
            size = struct.calcsize(layout)
            data = bytearray(whole)
            data[place + offset : place + offset + size] = struct.pack(layout, (now + value) % (1 << 8 * size))
            yield f"{name} of the end {value:+}", bytes(data)


def _around() -> Iterator[tuple[str, bytes]]:
    """Bytes before, behind and between, and archives one after the other."""
    first = packed(plain())
    other = packed([("x/data.pkl", OTHER), *plain()[1:]])
    for count in (1, 4, 22, 30, 64, 1000):
        yield f"{count} before", b"j" * count + first
        yield f"{count} after", first + b"j" * count
        yield f"{count} around", b"j" * count + first + b"j" * count
        yield f"a comment of {count}", packed(plain(), comment=b"c" * count)
    yield "much after", first + bytes(70_000)
    yield "two archives", first + other
    yield "two archives, turned", other + first
    yield "an end in the comment", packed(plain(), comment=other[-22:])
    yield "an archive in the comment", packed(plain(), comment=other)
    yield "an archive as an entry", packed([*plain(), ("x/inner.zip", other)])
    yield "an archive as a storage", packed([*plain(), ("x/data/2", other)])
    yield "deflated", packed(plain(), zipfile.ZIP_DEFLATED)


def _orders() -> Iterator[tuple[str, bytes]]:
    """Entries in other orders, and names exchanged in the directory alone."""
    chance = random.Random(1)
    for i in range(30):
        inside = plain()
        chance.shuffle(inside)
        yield f"order {i}", packed(inside)
    whole = packed(plain())
    start = whole.index(_DIRECTORY)
    for one, two in ((b"x/data/0", b"x/data/1"), (b"x/version", b"x/VERSION"), (b"x/data/0", b"x/DATA/0")):
        directory = whole[start:].replace(one, b"\0" * len(one)).replace(two, one).replace(b"\0" * len(one), two)
        yield f"{one!r} and {two!r} exchanged", whole[:start] + directory


def _pairs(known: dict[str, bytes], count: int) -> Iterator[tuple[str, bytes]]:
    """Two troubles at once: a rival entry, and a changed byte somewhere in the directory."""
    chance = random.Random(2)
    names = sorted(name for name in known if " at " in name)
    for i in range(count):
        data = bytearray(known[chance.choice(names)])
        place = chance.randrange(data.index(_DIRECTORY), len(data))
        data[place] ^= 1 << chance.randrange(8)
        yield f"pair {i}", bytes(data)


def archives() -> dict[str, bytes]:
    """Every archive by what is wrong with it."""
    makers: tuple[Callable[[], Iterator[tuple[str, bytes]]], ...] = (
        _rivals, lambda: _fields(_DIRECTORY, _IN_DIRECTORY), lambda: _fields(_LOCAL, _IN_HEADERS), _ends, _around,
        _orders,
    )  # fmt: skip
    found = {name: data for make in makers for name, data in make()}
    found.update(_pairs(found, 200))
    return found

"""The members of a tar archive, as places in it; nothing is extracted, no link is followed.

Source: POSIX.1-2017 pax (`ustar` and extended headers), GNU tar 1.35 (`L`, `K`, `S` headers, base-256 numbers).
"""

from __future__ import annotations

from typing import NamedTuple

from inspector.artifacts.byte_file import Source
from inspector.artifacts.pickles.node_text import cut
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse
from inspector.core.texts import clean

BLOCK_BYTES = 512
MAX_MEMBERS = 100_000
MAX_EXTENDED_BYTES = 1 << 20
"""Longest header of attributes or of a long name that is read."""

_BEAT_MEMBERS = 500
_FILES = frozenset(b"0\x007")
_KINDS = {
    ord("1"): "hard link", ord("2"): "symbolic link", ord("3"): "character device", ord("4"): "block device",
    ord("5"): "folder", ord("6"): "pipe", ord("S"): "sparse file",
}  # fmt: skip


class TarMember(NamedTuple):
    """One entry.

    Attributes:
        kind: `file`, `folder`, `hard link`, `symbolic link`, ...
        start: place of its first byte in the archive; `size` bytes from there are in it.
        target: where a link leads, as it is written.
        modified_s: when the file was written last, seconds since 1970; None where the header does not tell.
    """

    name: str
    kind: str
    start: int
    size: int
    target: str = ""
    modified_s: float | None = None


def tar_members(source: Source, notes: Notes, pulse: Pulse, most: int = MAX_MEMBERS) -> tuple[TarMember, ...]:
    """The first entries in the order of the archive; what is wrong with the archive becomes a note."""
    members: list[TarMember] = []
    attributes: dict[str, str] = {}
    place, ended = 0, False
    while place < source.size:
        header = source.read(place, BLOCK_BYTES)
        place += BLOCK_BYTES
        if not header.strip(b"\0"):
            ended = True
            break
        name = name_in(header)
        if not name:
            notes.add(f"the archive is damaged at byte {place - BLOCK_BYTES:,}; what follows is not listed")
            return tuple(members)
        size = _number(header[124:136])
        type_ = header[156]
        left = source.size - place
        if type_ in b"xgLK":
            attributes |= _extended(type_, source.read(place, min(size, MAX_EXTENDED_BYTES)))
        else:
            member = _member(header, name, size, place, attributes)
            size = member.size if member.kind == "file" else 0 if member.kind != "sparse file" else size
            if size > left:
                where = f"{cut(member.name, 200)} is cut off at byte {source.size:,}"
                notes.add(f"{where}: {size:,} bytes are declared and {left:,} are there")
            members.append(member._replace(size=min(member.size, left)))
            attributes = {}
        if len(members) >= most:
            notes.limit(f"only the first {most:,} files of the archive are listed")
            return tuple(members)
        if len(members) % _BEAT_MEMBERS == 0:
            pulse.beat(place, source.size, "reading the archive")
        place += -(-size // BLOCK_BYTES) * BLOCK_BYTES
    if not ended:
        notes.add(f"the archive ends at byte {source.size:,} without the empty blocks that it should end with")
    for member in members:
        _note_dangers(member, notes)
    return tuple(members)


def name_in(header: bytes) -> str:
    """The name in a header whose checksum holds; empty where there is none."""
    if len(header) < BLOCK_BYTES:
        return ""
    try:
        declared = int(header[148:156].strip(b" \0"), 8)
        _number(header[124:136])
    except ValueError:
        return ""
    if declared != sum(header) - sum(header[148:156]) + 8 * 0x20:
        return ""
    return _text(header[:100]) or "(no name)"


def _number(field: bytes) -> int:
    """Octal digits, or base 256 where the first bit is set."""
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") - (0x80 << 8 * (len(field) - 1))
        if field[0] == 0xFF:
            raise ValueError("a negative size")
        return number
    digits = field.strip(b" \0")
    if digits[:1] in (b"-", b"+") or b"_" in digits:
        raise ValueError("no octal number")
    return int(digits or b"0", 8)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "backslashreplace")


def _member(header: bytes, name: str, size: int, place: int, attributes: dict[str, str]) -> TarMember:
    folder = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    name = attributes.get("path") or (f"{folder}/{name}" if folder else name)
    declared = attributes.get("size", "")
    if declared.isascii() and declared.isdigit() and len(declared) < 19:
        size = int(declared)
    kind = "file" if header[156] in _FILES else _KINDS.get(header[156], "other entry")
    if kind == "file" and name.endswith("/"):
        kind = "folder"
    target = attributes.get("linkpath") or _text(header[157:257])
    return TarMember(name.removeprefix("./"), kind, place, size, target if "link" in kind else "", _time_s(header))


def _time_s(header: bytes) -> float | None:
    try:
        return float(_number(header[136:148])) or None
    except (OverflowError, ValueError):
        return None


def _extended(type_: int, data: bytes) -> dict[str, str]:
    """What a header before the real one says of it; headers for all entries (`g`) say nothing that is needed."""
    if type_ == ord("L"):
        return {"path": _text(data)}
    if type_ == ord("K"):
        return {"linkpath": _text(data)}
    found: dict[str, str] = {}
    at = 0
    while type_ == ord("x") and at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1:
            break
        key, _, value = data[at + len(digits) + 1 : at + int(digits)].partition(b"=")
        found[_text(key)] = _text(value.removesuffix(b"\n"))
        at += int(digits)
    return {key: value for key, value in found.items() if key in ("path", "linkpath", "size")}


def _note_dangers(member: TarMember, notes: Notes) -> None:
    name = cut(clean(member.name), 200)
    if member.name.startswith("/") or ".." in member.name.split("/"):
        notes.add(f"{name} would leave the folder in which the archive is unpacked")
    if member.kind not in ("file", "folder"):
        target = f" to {cut(member.target, 200)}" if member.target else ""
        notes.add(f"{name} is a {member.kind}{target}; it is not followed")

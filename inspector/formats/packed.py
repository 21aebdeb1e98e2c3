"""A run folder that is packed into an archive, as a reader tells of it."""

from __future__ import annotations

import msgspec

MAX_PART_BYTES = 200
"""Systems allow 255, of which a file that is being written takes some for itself."""

MAX_PARTS = 16


class PackedFile(msgspec.Struct, frozen=True):
    """One file to unpack.

    Attributes:
        name: where it goes, below the folder that the archive is unpacked into; parts between slashes.
        bytes: as declared.
        modified_s: seconds since 1970, None where the archive does not tell.
    """

    name: str
    bytes: int
    modified_s: float | None = None


class PackedRun(msgspec.Struct, frozen=True):
    """The files of an archive that are unpacked, and why others are not."""

    files: tuple[PackedFile, ...]
    notes: tuple[str, ...] = ()


class UnpackedFile(msgspec.Struct, frozen=True):
    """One file that was written; `notes` say what keeps it from being whole."""

    bytes: int
    notes: tuple[str, ...] = ()


def is_safe_name(name: str) -> bool:
    """Whether a name stays below the folder that it is joined to, and is none that a system refuses."""
    parts = name.split("/")
    return (
        name.isprintable()
        and "\\" not in name
        and all(
            0 < len(part.encode("utf-8", "replace")) <= MAX_PART_BYTES and part not in (".", "..") for part in parts
        )
        and len(parts) <= MAX_PARTS
    )

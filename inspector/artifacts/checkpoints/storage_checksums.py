"""What a checkpoint's archive says of its storages, so that equal ones need not be read.

A checksum is what the writer noted: it tells nothing of a bit that flipped since (see `verify`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from inspector.artifacts.archives.zip_archive import looks_like_zip, open_archive
from inspector.artifacts.archives.zip_format import STORED
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.identity import Identity
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import Pulse


class Checksum(NamedTuple):
    """CRC-32 and size in bytes."""

    crc: int
    bytes: int


Checksums = Mapping[tuple[Path, int], Checksum]
"""By the file, and where in it the storage starts."""


def checksums_of(checkpoint: Checkpoint, pulse: Pulse) -> Checksums:
    """The checksums of a checkpoint's storages; empty where its containers have none."""
    found: dict[tuple[Path, int], Checksum] = {}
    files: dict[Path, Identity] = {}
    for window in checkpoint.windows.values():
        if isinstance(window, TensorWindow):
            files[window.path] = window.identity
    for path, identity in files.items():
        try:
            with ByteFile(path) as file:
                if file.identity != identity or not looks_like_zip(file.read(0, 4)):
                    continue
                members = open_archive(file, Notes(), pulse).members
        except FileError:
            continue  # its tensors are read, and what is wrong is told there
        for member in members:
            # torch writes 0 for every entry where it is told to compute no checksums (`set_crc32_options`).
            if member.method == STORED and member.crc and not member.problem:
                found[path, member.data_start] = Checksum(member.crc, member.plain_bytes)
    return found


def checksum_of(window: TensorWindow, checksums: Checksums) -> Checksum | None:
    """That of the storage that a tensor is in, None where there is none."""
    storage = window.storage
    if storage.packing != "plain" or storage.source is not None:
        return None
    found = checksums.get((window.path, storage.start))
    return found if found is not None and found.bytes == storage.plain_bytes else None


def layout_of(window: TensorWindow) -> tuple[object, ...]:
    """How a tensor lies in its storage; tensors of one layout in equal storages are equal."""
    return window.dtype, window.byteorder, window.shape, window.strides, window.offset

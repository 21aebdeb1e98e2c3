"""What names the content of a checkpoint, so that what was worked out of it can be found again."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path

from inspector.artifacts.archives.zip_archive import Archive, looks_like_zip, open_archive
from inspector.artifacts.archives.zip_content import content, crc_fits
from inspector.artifacts.byte_file import ByteFile
from inspector.artifacts.checkpoints.checkpoint import Checkpoint
from inspector.artifacts.identity import Identity, identity_of
from inspector.artifacts.tensors.windows import TensorWindow
from inspector.core.errors import FileError
from inspector.core.notes import Notes
from inspector.core.pulse import QUIET, Pulse

_SCHEMA = "summary 1"
_TRIED = 4
_BEAT_TENSORS = 1024
_LARGEST_TRIED_BYTES = 1 << 20


def content_of(checkpoint: Checkpoint, pulse: Pulse = QUIET) -> str:
    """64 hexadecimal digits that another content would not have; empty where a file has changed since it was opened.

    A zip archive is named by the checksums that it gives of its entries, wherever the file is and however it is
    called; bytes that were changed without their checksum are found by Verify. An archive whose checksums are not
    kept, as torch writes it on demand, and any other file, are named by which file it is.
    """
    digest = blake2b(f"{_SCHEMA}\n{checkpoint.facts.container}\n".encode(), digest_size=32)
    windows = [window for window in checkpoint.windows.values() if isinstance(window, TensorWindow)]
    for path, identity in sorted(_files(checkpoint).items()):
        try:
            with ByteFile(path) as file:
                if file.identity != identity:
                    return ""
                named = _archive_name(file, pulse) or f"{path.name} {identity}"
        except FileError:
            return ""
        digest.update(f"{named}\n".encode("utf-8", "surrogatepass"))
    # What the tensors are called and how they lie comes from parts of the file that are read otherwise.
    for number, window in enumerate(windows):
        if number % _BEAT_TENSORS == 0:
            pulse.beat(what="looking for what is known of this file")
        view = (window.name, window.dtype, window.shape, window.strides, window.offset, window.storage.start)
        digest.update(f"{view}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def unchanged(checkpoint: Checkpoint) -> bool:
    """Whether every file that holds tensors is still the one that was opened."""
    try:
        return all(identity_of(path) == identity for path, identity in _files(checkpoint).items())
    except FileError:
        return False


def _files(checkpoint: Checkpoint) -> dict[Path, Identity]:
    return {window.path: window.identity for window in checkpoint.windows.values() if isinstance(window, TensorWindow)}


def _archive_name(file: ByteFile, pulse: Pulse) -> str:
    """An archive's entries by their checksums; empty for what is no archive, or one whose checksums do not fit."""
    if not looks_like_zip(file.read(0, 4)):
        return ""
    archive = open_archive(file, Notes(), pulse)
    if not archive.members or not _checksums_fit(archive):
        return ""
    return repr(
        [
            (member.name.partition("/")[2], member.method, member.crc, member.packed_bytes, member.plain_bytes)
            for member in archive.members
        ]
    )


def _checksums_fit(archive: Archive) -> bool:
    """Whether a few entries, the pickle among them, have the checksums that the archive gives."""
    small = [member for member in archive.members if 0 < member.plain_bytes <= _LARGEST_TRIED_BYTES]
    small.sort(key=lambda member: (not member.name.endswith("/data.pkl"), -member.plain_bytes))
    pickles = [member for member in archive.members if member.name.endswith("/data.pkl")]
    tried = {member.name: member for member in (*pickles, *small[:_TRIED])}
    return bool(tried) and all(crc_fits(member, content(archive, member)) for member in tried.values())

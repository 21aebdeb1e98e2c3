"""Which file a path named when it was opened; another identity means another content."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from inspector.core.errors import DamagedError, FileError, MissingError, UnsupportedError


class Identity(msgspec.Struct, frozen=True, order=True):
    """What changes whenever a file is replaced, grows or is rewritten; time in nanoseconds since 1970."""

    device: int
    inode: int
    bytes: int
    modified_ns: int


def identity_of(path: Path) -> Identity:
    """The identity of the regular file that a path names now.

    Raises:
        MissingError: it is not there, or may not be looked at.
        FileError: it is a folder.
        UnsupportedError: it is a pipe, a device or a socket.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise missing(path, error) from error
    return identity_of_status(path, status)


def identity_of_status(path: Path, status: os.stat_result) -> Identity:
    """The identity in an answer of `stat`; raises as `identity_of`."""
    if stat.S_ISDIR(status.st_mode):
        raise FileError(path, "a file", "a folder", "open it as a run")
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedError(path, "a regular file", "a pipe, a socket or a device")
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


_CLOCK_NS = 2_000_000_000
"""Disks count time in steps of up to 2 s (FAT): within one, a file may be rewritten without a sign of it."""


def is_settled(identity: Identity) -> bool:
    """Whether a file is older than the steps of a disk's clock, so that another content has another identity."""
    return time.time_ns() - identity.modified_ns > _CLOCK_NS


def stamp_of(path: Path) -> Identity | None:
    """The identity of a file, or of a folder's list of names; None where neither is there."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
    return Identity(status.st_dev, status.st_ino, size, status.st_mtime_ns)


def identity_of_all(identities: Iterable[Identity]) -> Identity:
    """One identity for several files: another one when any of them is; `inode` is then made of all of them."""
    from hashlib import blake2b

    known = sorted(identities)
    digest = blake2b(repr([msgspec.structs.astuple(one) for one in known]).encode(), digest_size=8).digest()
    return Identity(
        known[0].device if known else 0,
        int.from_bytes(digest, "little") >> 1,
        sum(one.bytes for one in known),
        max((one.modified_ns for one in known), default=0),
    )


def check_same(path: Path, now: Identity, then: Identity) -> None:
    """Go on only with the file that was opened.

    Raises:
        DamagedError: a path no longer names the file that it named then.
    """
    if now != then:
        raise DamagedError(path, "the file as it was when it was opened", "a changed one", "reload it")


def missing(path: Path, error: OSError | ValueError) -> MissingError:
    """The error of a file that the system did not open."""
    if isinstance(error, FileNotFoundError):
        return MissingError(path, "a file", "nothing of that name")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "a name the system refuses"
    return MissingError(path, "a readable file", reason[:1].lower() + reason[1:])

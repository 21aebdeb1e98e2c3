"""Landlock: this process may read the given files and folders from now on, and write none.

Stat and the names of files stay visible; sockets, exec and chmod are `seccomp`'s part.

Source:
    landlock(7) and linux/landlock.h, ABI 1 (Linux 5.13) to 7 (Linux 6.15).
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from inspector.jobs.kernel import forbid_new_privileges, syscall

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""ABI -> rights over files that it added: 13 basic ones, refer, truncate, ioctl on devices."""
_TCP_RIGHTS_ABI, _TCP_RIGHTS = 4, 0b11
_SCOPES_ABI, _SCOPES = 6, 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    try:
        return syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def _ruleset(version: int) -> int:
    rules = _Ruleset(files=sum(rights for since, rights in _FILE_RIGHTS.items() if version >= since))
    size = 8
    if version >= _TCP_RIGHTS_ABI:
        rules.tcp, size = _TCP_RIGHTS, 16
    if version >= _SCOPES_ABI:
        rules.scopes, size = _SCOPES, 24
    return syscall(_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))


def _allow_reading(ruleset: int, path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there, or not ours, needs no rule: opening it fails by itself
    try:
        rights = _READ_FILE | _READ_FOLDER if stat.S_ISDIR(os.fstat(descriptor).st_mode) else _READ_FILE
        rule = _PathBeneath(rights, descriptor)
        syscall(
            _ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_RULE_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0)
        )
    finally:
        os.close(descriptor)


def allow_only_reading(paths: Iterable[Path]) -> None:
    """Shut this thread, and what it starts, out of every file but these and what lies below them.

    Raises:
        OSError: the kernel has no Landlock, or refuses.
    """
    ruleset = _ruleset(abi())
    try:
        for path in paths:
            _allow_reading(ruleset, path)
        forbid_new_privileges()
        syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)

"""System calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
from functools import cache

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


@cache
def libc() -> ctypes.CDLL:
    """The C library; its errors are told by `checked`."""
    return ctypes.CDLL(None, use_errno=True)


def checked(result: int) -> int:
    """What a call of the C library gave.

    Raises:
        OSError: with the kernel's error number, where it gave less than 0.
    """
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def prctl(option: int, value: int) -> None:
    """Change a property of this process.

    Raises:
        OSError: the kernel does not know it.
    """
    zero = ctypes.c_ulong(0)
    checked(libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero))


def syscall(number: int, *arguments: object) -> int:
    """Call the kernel.

    Raises:
        OSError: with the kernel's error number.
    """
    return checked(int(libc().syscall(ctypes.c_long(number), *arguments)))


def forbid_new_privileges() -> None:
    """No program started from here gains rights; the kernel wants this before it takes a filter."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)

"""A seccomp filter: what Landlock leaves free fails with EPERM.

Sockets, starting programs and processes, permissions and ownership, times of files, names of files, other processes,
and the parts of the kernel that have no business in a reader. Opening for writing is refused here too, so that a
kernel without Landlock still lets nothing be changed.

Source:
    seccomp(2); numbers from asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from inspector.jobs.kernel import forbid_new_privileges, syscall

_BOTH = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_open": 434,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "fchmodat2": 452,
    "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469,
}  # fmt: skip
"""Refused calls that have one number everywhere (those since Linux 5.1)."""

_X86_64 = {
    "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53, "fork": 57, "vfork": 58,
    "execve": 59, "truncate": 76, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86, "unlink": 87,
    "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "ptrace": 101,
    "rt_sigqueueinfo": 129, "utime": 132, "mknod": 133, "pivot_root": 155, "adjtimex": 159, "chroot": 161,
    "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "create_module": 174, "init_module": 175, "delete_module": 176,
    "quotactl": 179, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198,
    "fremovexattr": 199, "tkill": 200, "clock_settime": 227, "utimes": 235, "mq_open": 240, "mq_unlink": 241,
    "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "mkdirat": 258, "mknodat": 259,
    "fchownat": 260, "futimesat": 261, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266,
    "fchmodat": 268, "unshare": 272, "utimensat": 280, "accept4": 288, "rt_tgsigqueueinfo": 297,
    "perf_event_open": 298, "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "renameat2": 316,
    "kexec_file_load": 320, "bpf": 321, "execveat": 322, "userfaultfd": 323,
}  # fmt: skip

_AARCH64 = {
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
    "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "umount2": 39,
    "mount": 40, "pivot_root": 41, "truncate": 45, "chroot": 51, "fchmod": 52, "fchmodat": 53, "fchownat": 54,
    "fchown": 55, "quotactl": 60, "utimensat": 88, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105,
    "delete_module": 106, "clock_settime": 112, "ptrace": 117, "tkill": 130, "rt_sigqueueinfo": 138, "reboot": 142,
    "sethostname": 161, "setdomainname": 162, "settimeofday": 170, "adjtimex": 171, "mq_open": 180,
    "mq_unlink": 181, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201, "accept": 202, "connect": 203,
    "add_key": 217, "request_key": 218, "keyctl": 219, "execve": 221, "swapon": 224, "swapoff": 225,
    "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "accept4": 242, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "kcmp": 272, "finit_module": 273, "renameat2": 276, "bpf": 280, "execveat": 281, "userfaultfd": 282,
    "kexec_file_load": 294,
}  # fmt: skip

_X86_64_JUDGED = {"open": 2, "ioctl": 16, "clone": 56, "kill": 62, "tgkill": 234, "openat": 257, "prlimit64": 302,
                  "seccomp": 317}  # fmt: skip
_AARCH64_JUDGED = {"ioctl": 29, "openat": 56, "kill": 129, "tgkill": 131, "clone": 220, "prlimit64": 261,
                   "seccomp": 277}  # fmt: skip
"""Calls that depend on their arguments, and the one that installs the filter."""

MACHINES = {
    "x86_64": (0xC000003E, {**_X86_64, **_BOTH}, _X86_64_JUDGED),
    "aarch64": (0xC00000B7, {**_AARCH64, **_BOTH}, _AARCH64_JUDGED),
}
"""Machine -> its audit number, refused calls, judged calls."""

# Their arguments lie in memory, where a filter cannot look; callers fall back when told that the kernel lacks them.
_UNKNOWN = {"clone3": 435, "openat2": 437}
_NEWEST_KNOWN = 469
_X32_BIT = 0x40000000

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x00010000
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing into the terminal that started us

_LOAD, _RETURN = 0x20, 0x06
_IF_EQUAL, _IF_ABOVE, _IF_FROM, _IF_BITS = 0x15, 0x25, 0x35, 0x45
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_SET_FILTER, _ALL_THREADS = 1, 1

_Instruction = tuple[int, int, int, int]


def _answer(code: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | code)


_REFUSE = _answer(errno.EPERM)
_UNKNOWN_CALL = _answer(errno.ENOSYS)
_PASS = (_RETURN, 0, 0, _ALLOW)


def _if_number(number: int, then: list[_Instruction]) -> list[_Instruction]:
    return [(_IF_EQUAL, 0, len(then), number), *then]


def _load_argument(index: int) -> _Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index)  # the lower half, on little-endian machines


def _unless_equal(index: int, *wanted: int) -> list[_Instruction]:
    """Pass where the argument is one of these, refuse otherwise."""
    return [_load_argument(index), *(line for value in wanted for line in ((_IF_EQUAL, 0, 1, value), _PASS)), _REFUSE]


def _unless_bits(index: int, bits: int) -> list[_Instruction]:
    """Pass where the argument has any of these bits, refuse otherwise."""
    return [_load_argument(index), (_IF_BITS, 0, 1, bits), _PASS, _REFUSE]


def _if_bits(index: int, bits: int) -> list[_Instruction]:
    """Refuse where the argument has any of these bits, pass otherwise."""
    return [_load_argument(index), (_IF_BITS, 0, 1, bits), _REFUSE, _PASS]


def _judgements(own_pid: int) -> dict[str, list[_Instruction]]:
    keys = [line for value in _TERMINAL_INPUT for line in ((_IF_EQUAL, 0, 1, value), _REFUSE)]
    return {
        "open": _if_bits(1, _WRITING),
        "openat": _if_bits(2, _WRITING),
        "clone": _unless_bits(0, _CLONE_THREAD),
        "kill": _unless_equal(0, own_pid),
        "tgkill": _unless_equal(0, own_pid),
        "prlimit64": _unless_equal(0, 0, own_pid),
        "ioctl": [_load_argument(1), *keys, _PASS],
    }


def program(machine: str, own_pid: int) -> list[_Instruction]:
    """The filter for a machine, as BPF instructions (code, jump if true, jump if false, constant).

    Raises:
        KeyError: there is no table for the machine.
    """
    audit, refused, judged = MACHINES[machine]
    judgements = _judgements(own_pid)
    lines: list[_Instruction] = [
        (_LOAD, 0, 0, _MACHINE_AT), (_IF_EQUAL, 1, 0, audit), _REFUSE,
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_FROM, 0, 1, _X32_BIT), _REFUSE,
        (_IF_ABOVE, 0, 1, _NEWEST_KNOWN), _UNKNOWN_CALL,
    ]  # fmt: skip
    for number in _UNKNOWN.values():
        lines += _if_number(number, [_UNKNOWN_CALL])
    for name, number in judged.items():
        if name in judgements:
            lines += _if_number(number, judgements[name])
    for number in refused.values():
        lines += _if_number(number, [_REFUSE])
    return [*lines, _PASS]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def refuse_calls() -> None:
    """Put the filter on every thread of this process, for good.

    Raises:
        OSError: the kernel takes no filter.
        KeyError: the machine is neither x86_64 nor aarch64.
    """
    machine = os.uname().machine
    lines = program(machine, os.getpid())
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    number = MACHINES[machine][2]["seccomp"]
    forbid_new_privileges()
    described = _Program(len(lines), code)
    syscall(number, ctypes.c_uint(_SET_FILTER), ctypes.c_uint(_ALL_THREADS), ctypes.byref(described))

"""The filter's numbers are the kernel's, and its program means what it says; checked by running it here."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from inspector.reader import seccomp

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
OWN_PID = 4242
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS


def numbers_of(machine: str) -> dict[str, int]:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize("machine", HEADERS)
def test_every_number_is_the_kernels(machine):
    _, refused, judged = seccomp.MACHINES[machine]
    kernels = numbers_of(machine)
    ours = {**refused, **judged}
    known = {name: number for name, number in ours.items() if name in kernels}
    assert len(known) > 60
    assert known == {name: kernels[name] for name in known}
    # What these headers do not know yet is numbered beyond their newest.
    assert all(ours[name] > max(kernels.values()) for name in ours.keys() - known.keys())


@pytest.mark.parametrize("machine", HEADERS)
def test_no_call_that_changes_something_was_forgotten(machine):
    kernels = numbers_of(machine)
    _, refused, judged = seccomp.MACHINES[machine]
    dangerous = re.compile(
        r"(f|l)?chown(at|32)?|f?chmod(at)?|.*mount.*|.*xattr.*|.*link(at)?|rename.*|mk(dir|nod)(at)?|rmdir|exec.*|ptrace|"
        r"socket(pair)?|connect|bind|listen|accept4?|.*module|kexec.*|reboot|swap(on|off)|bpf|io_uring.*|process_vm.*"
    )
    reading = {"readlink", "readlinkat", "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"}
    reading |= {"query_module"}  # gone since Linux 2.6
    missing = {name for name in kernels if dangerous.fullmatch(name)} - refused.keys() - judged.keys() - reading
    assert missing == set()


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter answers, by a small machine of our own for its instructions."""
    data = {0: number, 4: seccomp.MACHINES[machine][0] if audit is None else audit}
    data |= {16 + 8 * index: value & 0xFFFFFFFF for index, value in enumerate(arguments)}
    program = seccomp.program(machine, OWN_PID)
    at, loaded = 0, 0
    while True:
        code, if_true, if_false, constant = program[at]
        at += 1
        if code == 0x06:
            return constant
        if code == 0x20:
            loaded = data[constant]
            continue
        holds = {
            0x15: loaded == constant,
            0x25: loaded > constant,
            0x35: loaded >= constant,
            0x45: bool(loaded & constant),
        }[code]
        at += if_true if holds else if_false


@pytest.mark.parametrize("machine", HEADERS)
def test_refused_calls_are_refused_and_others_pass(machine):
    _, refused, judged = seccomp.MACHINES[machine]
    assert {verdict(machine, number) for number in refused.values()} == {EPERM}
    passing = set(range(424)) - set(refused.values()) - set(judged.values())
    assert {verdict(machine, number) for number in passing} == {ALLOW}


@pytest.mark.parametrize("machine", HEADERS)
def test_calls_are_judged_by_their_arguments(machine):
    calls = seccomp.MACHINES[machine][2]
    at = 0xFFFFFF9C  # the current folder
    assert verdict(machine, calls["openat"], at, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOW
    for writing in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_CREAT, os.O_RDONLY | os.O_TRUNC):
        assert verdict(machine, calls["openat"], at, 0, writing) == EPERM
    for signalling in ("kill", "tgkill"):
        assert verdict(machine, calls[signalling], OWN_PID, 9) == ALLOW
        for other in (1, 0, 0xFFFFFFFF, OWN_PID + 1):
            assert verdict(machine, calls[signalling], other, 9) == EPERM
    assert verdict(machine, calls["clone"], 0x003D0F00) == ALLOW  # a thread, as glibc starts one
    assert verdict(machine, calls["clone"], 0x01200011) == EPERM  # a process, as glibc forks one
    assert [verdict(machine, calls["prlimit64"], pid) for pid in (0, OWN_PID, 1)] == [ALLOW, ALLOW, EPERM]
    assert [verdict(machine, calls["ioctl"], 0, call) for call in (0x5412, 0x541C, 0x5401)] == [EPERM, EPERM, ALLOW]


@pytest.mark.parametrize("machine", HEADERS)
def test_other_doors_are_shut(machine):
    other = "aarch64" if machine == "x86_64" else "x86_64"
    assert verdict(machine, 0, audit=seccomp.MACHINES[other][0]) == EPERM
    assert verdict(machine, 0, audit=0x40000003) == EPERM  # 32-bit calls of x86
    assert verdict(machine, 435) == ENOSYS  # clone3
    assert verdict(machine, 437) == ENOSYS  # openat2
    assert verdict(machine, 480) == ENOSYS  # newer than this table
    assert verdict(machine, 0x40000000 | 41) == EPERM  # x32

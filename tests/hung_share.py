"""A real file system that hangs when it is told to: a folder served through FUSE by a process that can be stopped.

It answers every call anew and keeps nothing, as a share whose server has gone away would not either.
"""

from __future__ import annotations

import ctypes
import errno
import itertools
import os
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_DEVICE = Path("/dev/fuse")
_DETACH = 2
_IN, _OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
_MOST_WRITE = 1 << 17


def why_not() -> str:
    """Why there can be none here, or empty."""
    if sys.platform != "linux" or not os.access(_DEVICE, os.R_OK | os.W_OK):
        return "there is no /dev/fuse"
    return "" if os.geteuid() == 0 else "only root may mount"


@dataclass
class Share:
    """A folder that is mounted, and whether it answers.

    Attributes:
        folder: where it is mounted.
        behind: the folder that it shows, which always answers.
    """

    folder: Path
    behind: Path
    _server: subprocess.Popen[bytes]

    def hang(self) -> None:
        """Answer nothing any more."""
        self._server.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._server.pid, os.WSTOPPED)

    def come_back(self) -> None:
        """Answer again, and what has been asked meanwhile."""
        self._server.send_signal(signal.SIGCONT)

    def go_away(self) -> None:
        """End its server: every call fails from now on."""
        self._server.kill()
        self._server.wait()


@contextmanager
def mounted(folder: Path, behind: Path) -> Iterator[Share]:
    """A share that shows the folder `behind` in `folder`."""
    system = ctypes.CDLL(None, use_errno=True)
    device = os.open(_DEVICE, os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
    if system.mount(b"share", os.fsencode(folder), b"fuse", 0, options.encode()) != 0:
        os.close(device)
        raise OSError(ctypes.get_errno(), "the share could not be mounted")
    command = [sys.executable, "-I", str(Path(__file__)), str(device), str(behind)]
    server = subprocess.Popen(command, pass_fds=(device,))
    os.close(device)
    try:
        yield Share(folder, behind, server)
    finally:
        server.kill()  # whoever waits for it is told that it has gone
        server.wait()
        system.umount2(os.fsencode(folder), _DETACH)


class _Server:
    """Answers the kernel's questions of protocol 7.31.

    Source: include/uapi/linux/fuse.h.
    """

    def __init__(self, device: int, behind: str) -> None:
        self._device = device
        self._paths = {1: behind}
        self._numbers = {behind: 1}
        self._free = itertools.count(2)
        self._open: dict[int, int] = {}
        self._folders: dict[int, list[tuple[bytes, int]]] = {}
        self._last = 0
        self._answers: dict[int, Callable[[int, bytes], bytes]] = {
            1: self._look_up, 3: self._attributes, 4: self._set, 9: self._make_folder, 10: self._unlink,
            11: self._remove_folder, 12: self._rename, 45: self._rename_2, 14: self._open_file, 15: self._read,
            16: self._write, 17: self._room, 18: self._release, 20: self._sync, 26: self._begin,
            27: self._open_folder, 28: self._list, 29: self._nothing, 30: self._nothing, 34: self._nothing,
            35: self._create,
        }  # fmt: skip

    def serve(self) -> None:
        """Until it is unmounted."""
        while True:
            try:
                asked = os.read(self._device, _MOST_WRITE + 65536)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                continue
            _length, code, unique, node, *_ = _IN.unpack_from(asked)
            if code in (2, 36, 42):  # to forget, to interrupt: no answer is wanted
                continue
            try:
                answer, failed = self._answers[code](node, asked[_IN.size :]), 0
            except KeyError:  # so no question comes when a file is closed, as of NFS where nothing is left to write
                answer, failed = b"", errno.ENOSYS
            except OSError as error:
                answer, failed = b"", error.errno or errno.EIO
            with suppress(OSError):  # who asked was killed meanwhile
                os.write(self._device, _OUT.pack(_OUT.size + len(answer), -failed, unique) + answer)

    def _number(self, path: str) -> int:
        """A number that was no other path's before: to rename a file onto one of its number would do nothing."""
        if path not in self._numbers:
            self._numbers[path] = next(self._free)
        return self._numbers[path]

    def _path(self, node: int, name: bytes = b"") -> str:
        path = self._paths[node]
        return f"{path}/{os.fsdecode(name.partition(bytes(1))[0])}" if name else path

    def _attributes_of(self, status: os.stat_result, node: int) -> bytes:
        times = (status.st_atime_ns, status.st_mtime_ns, status.st_ctime_ns)
        return struct.pack(
            "<QQQQQQIIIIIIIIII", node, status.st_size, status.st_blocks, *(one // 10**9 for one in times),
            *(one % 10**9 for one in times), status.st_mode, status.st_nlink, status.st_uid, status.st_gid, 0, 4096, 0,
        )  # fmt: skip

    def _entry(self, path: str) -> bytes:
        status = os.lstat(path)
        node = self._number(path)
        self._paths[node] = path
        return struct.pack("<QQQQII", node, 0, 0, 0, 0, 0) + self._attributes_of(status, node)

    def _begin(self, _node: int, asked: bytes) -> bytes:
        _major, _minor, ahead, _flags = struct.unpack_from("<IIII", asked)
        return struct.pack("<IIIIHHIIHH32x", 7, 31, ahead, 0, 16, 12, _MOST_WRITE, 1, 0, 0)

    def _look_up(self, node: int, asked: bytes) -> bytes:
        return self._entry(self._path(node, asked))

    def _attributes(self, node: int, _asked: bytes) -> bytes:
        return struct.pack("<QII", 0, 0, 0) + self._attributes_of(os.lstat(self._path(node)), node)

    def _set(self, node: int, asked: bytes) -> bytes:
        valid, _pad, _handle, size, _owner, atime, mtime, _ctime, *_ = struct.unpack_from("<IIQQQQQQ", asked)
        path = self._path(node)
        if valid & 8:
            os.truncate(path, size)
        if valid & 1:
            (mode,) = struct.unpack_from("<I", asked, 68)
            Path(path).chmod(stat.S_IMODE(mode))
        if valid & 0x30:
            os.utime(path, (atime, mtime))
        return self._attributes(node, b"")

    def _make_folder(self, node: int, asked: bytes) -> bytes:
        path = self._path(node, asked[8:])
        Path(path).mkdir()
        return self._entry(path)

    def _unlink(self, node: int, asked: bytes) -> bytes:
        Path(self._path(node, asked)).unlink()
        return b""

    def _remove_folder(self, node: int, asked: bytes) -> bytes:
        Path(self._path(node, asked)).rmdir()
        return b""

    def _rename(self, node: int, asked: bytes) -> bytes:
        return self._renamed(node, asked[:8], asked[8:])

    def _rename_2(self, node: int, asked: bytes) -> bytes:
        return self._renamed(node, asked[:8], asked[16:])

    def _renamed(self, node: int, into: bytes, names: bytes) -> bytes:
        old, new = names.split(b"\0")[:2]
        before, after = self._path(node, old), self._path(struct.unpack("<Q", into)[0], new)
        Path(before).rename(after)
        number = self._numbers.pop(before, None)
        if number is not None:
            self._numbers[after], self._paths[number] = number, after
        return b""

    def _opened(self, descriptor: int) -> bytes:
        self._last += 1
        self._open[self._last] = descriptor
        return struct.pack("<QII", self._last, 1, 0)  # read it anew each time

    def _open_file(self, node: int, asked: bytes) -> bytes:
        (flags,) = struct.unpack_from("<I", asked)
        return self._opened(os.open(self._path(node), flags & ~os.O_NOFOLLOW))

    def _create(self, node: int, asked: bytes) -> bytes:
        flags, mode = struct.unpack_from("<II", asked)
        path = self._path(node, asked[16:])
        descriptor = os.open(path, flags | os.O_CREAT, mode)
        return self._entry(path) + self._opened(descriptor)

    def _read(self, _node: int, asked: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", asked)
        return os.pread(self._open[handle], size, offset)

    def _write(self, _node: int, asked: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", asked)
        data = asked[40 : 40 + size]
        return struct.pack("<II", os.pwrite(self._open[handle], data, offset), 0)

    def _room(self, node: int, _asked: bytes) -> bytes:
        room = os.statvfs(self._path(node))
        return struct.pack("<QQQQQIIII24x", room.f_blocks, room.f_bfree, room.f_bavail, room.f_files, room.f_ffree,
                           room.f_bsize, room.f_namemax, room.f_frsize, 0)  # fmt: skip

    def _release(self, _node: int, asked: bytes) -> bytes:
        os.close(self._open.pop(struct.unpack_from("<Q", asked)[0]))
        return b""

    def _sync(self, _node: int, asked: bytes) -> bytes:
        os.fsync(self._open[struct.unpack_from("<Q", asked)[0]])
        return b""

    def _nothing(self, _node: int, _asked: bytes) -> bytes:
        return b""

    def _open_folder(self, node: int, _asked: bytes) -> bytes:
        self._last += 1
        with os.scandir(self._path(node)) as entries:
            self._folders[self._last] = [(os.fsencode(one.name), one.inode()) for one in entries]
        return struct.pack("<QII", self._last, 0, 0)

    def _list(self, _node: int, asked: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", asked)
        told = b""
        for place, (name, number) in enumerate(self._folders[handle][offset:], offset + 1):
            entry = struct.pack("<QQII", number, place, len(name), 0) + name
            entry += b"\0" * (-len(entry) % 8)
            if len(told) + len(entry) > size:
                break
            told += entry
        return told


if __name__ == "__main__":
    _Server(int(sys.argv[1]), sys.argv[2]).serve()

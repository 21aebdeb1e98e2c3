"""`python -I -m inspector.jobs.reach_child FD`: asks the disk of each path that it is told, for it may hang there."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence

from inspector.jobs.kernel import PR_SET_PDEATHSIG, prctl

_SAID = b"."


def main(arguments: Sequence[str]) -> int:
    """Reach for each path that is told, and say so when its disk has answered."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    end = socket.socket(fileno=int(arguments[0]))
    end.sendall(_SAID)
    told = b""
    while more := end.recv(1 << 16):
        told += more
        while b"\0" in told:
            path, _, told = told.partition(b"\0")
            _ask(path)
            end.sendall(_SAID)
    return 0


def _ask(path: bytes) -> None:
    """Ask the disk of a path for its size, which no memory of this machine answers for it."""
    while True:
        try:
            os.statvfs(path)
        except (FileNotFoundError, NotADirectoryError):
            if (folder := os.path.dirname(path)) != path:  # noqa: PTH120 - bytes
                path = folder
                continue
        except (OSError, ValueError):
            pass  # an answer, too
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

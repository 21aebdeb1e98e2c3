"""An X server without a screen, whose picture a test can look at."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from inspector.core.arrays import AnyArray

SCREEN = (1280, 800)


@contextmanager
def x_server(folder: Path, *options: str) -> Iterator[tuple[str, Path]]:
    """A server of its own: the DISPLAY of programs on it, empty where none starts here, and the file of its picture."""
    read, write = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-fbdir", str(folder)]
    server = subprocess.Popen([*command, *options], pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    try:
        yield f":{number}" if number else "", folder / "Xvfb_screen0"
    finally:
        server.terminate()
        server.wait(10)


def screen_picture(path: Path) -> AnyArray:
    """The screen, from the X window dump that the server keeps: (rows, columns, 4) uint8, blue first.

    Source: X11/XWDFile.h: 25 numbers of 32 bits, big-endian; a colour map of 12 bytes an entry; the rows.
    """
    data = path.read_bytes()
    header = struct.unpack_from(">25I", data)
    start = header[0] + 12 * header[19]
    columns, rows, row_bytes = header[4], header[5], header[12]
    return np.frombuffer(data, np.uint8, rows * row_bytes, start).reshape(rows, row_bytes // 4, 4)[:, :columns]


def screen_colours(path: Path) -> int:
    """How many there are in every fourth column of every fourth row."""
    return len(np.unique(screen_picture(path)[::4, ::4, :3].reshape(-1, 3), axis=0))

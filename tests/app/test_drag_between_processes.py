"""A real drag: another process offers files, the mouse carries them over, the program takes them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector.app.guard import missing_packages
from inspector.core.arrays import AnyArray

SCREEN = (1280, 800)
SOURCE = (1060, 680)
"""Where the other program's window lies, over a corner of ours."""

PATIENCE_S = 60.0

PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
"""Command -> Debian package."""


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An X server of its own, which keeps its picture in a file; the environment of programs on it."""
    missing = missing_packages()
    missing += [package for command, package in PROGRAMS.items() if shutil.which(command) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    read, write = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp", "-fbdir", str(tmp_path)]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as told:
        number = told.readline().strip()
    if not number:
        server.wait(10)
        pytest.skip("Xvfb does not start here")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    }
    yield {
        **environment,
        "DISPLAY": f":{number}",
        "QT_QPA_PLATFORM": "xcb",
        "RUN_INSPECTOR_HOME": str(tmp_path / "home"),
    }
    server.terminate()
    server.wait(10)


def _wait(until: Callable[[], object], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < give_up_s, f"{what} did not come"
        time.sleep(0.2)


def _picture(path: Path) -> AnyArray:
    """The screen, from the X window dump that the server keeps: (rows, columns, 4) uint8, blue first.

    Source: X11/XWDFile.h: 25 numbers of 32 bits, big-endian; a colour map of 12 bytes an entry; the rows.
    """
    data = path.read_bytes()
    header = struct.unpack_from(">25I", data)
    start = header[0] + 12 * header[19]
    columns, rows, row_bytes = header[4], header[5], header[12]
    return np.frombuffer(data, np.uint8, rows * row_bytes, start).reshape(rows, row_bytes // 4, 4)[:, :columns]


def _colours(path: Path) -> int:
    """How many there are in every fourth column of every fourth row."""
    return len(np.unique(_picture(path)[::4, ::4, :3].reshape(-1, 3), axis=0))


def test_files_are_dragged_from_another_program(screen: dict[str, str], tmp_path: Path) -> None:
    run = tmp_path / "clevr-slots"
    run.mkdir()
    (run / "metrics.csv").write_text("step,loss\n" + "".join(f"{step},{1 / step}\n" for step in range(1, 50)))
    frame = tmp_path / "Xvfb_screen0"
    recent = tmp_path / "home" / "config" / "recent.json"
    program = subprocess.Popen([sys.executable, "-m", "inspector"], env=screen)
    others = [program]
    try:
        _wait(lambda: _colours(frame) > 20, "the window")
        place = [str(number) for number in SOURCE]
        source = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("drag_source.py")), *place, str(run)],
            env=screen,
            stdout=subprocess.PIPE,
        )
        others.append(source)
        assert source.stdout is not None
        assert source.stdout.readline() == b"ready\n"

        def mouse(*words: object) -> None:
            subprocess.run(["xdotool", *map(str, words)], env=screen, check=True, timeout=20)
            time.sleep(0.1)

        time.sleep(0.5)  # the server has shown the window by then
        welcome = _picture(frame).copy()
        mouse("mousemove", SOURCE[0] + 100, SOURCE[1] + 50)
        mouse("mousedown", 1)
        for by in (5, 15, 40, 120, 300, 500):
            mouse("mousemove", SOURCE[0] + 100 - by, SOURCE[1] + 50 - by // 2)
        over = (SOURCE[0] + 100 - 500, SOURCE[1] + 50 - 250)
        time.sleep(0.5)
        mouse("mousemove", *over)
        dragged = _picture(frame)
        assert np.mean(np.any(dragged != welcome, axis=2)) > 0.01, "what would take the files is not marked"
        mouse("mouseup", 1)
        _wait(recent.exists, "the run")
        assert [entry["paths"] for entry in json.loads(recent.read_bytes())] == [[str(run)]]
        _wait(lambda: _colours(frame) > 20, "the picture of the run")
        assert np.mean(np.any(_picture(frame) != welcome, axis=2)) > 0.05
    finally:
        for other in others:
            other.send_signal(signal.SIGINT if other is program else signal.SIGTERM)
        for other in others:
            other.wait(20)
            if other.stdout is not None:
                other.stdout.close()
    assert program.returncode == 0

"""A real drag: another process offers files, the mouse carries them over, the program takes them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector.app.guard import missing_packages
from tests.screen import screen_colours, screen_picture, x_server

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
    environment = {
        name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")
    }
    with x_server(tmp_path) as (display, _frame):
        if not display:
            pytest.skip("Xvfb does not start here")
        yield {
            **environment,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "RUN_INSPECTOR_HOME": str(tmp_path / "home"),
        }


def _wait(until: Callable[[], object], what: str) -> None:
    give_up_s = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < give_up_s, f"{what} did not come"
        time.sleep(0.2)


def test_files_are_dragged_from_another_program(screen: dict[str, str], tmp_path: Path) -> None:
    run = tmp_path / "clevr-slots"
    run.mkdir()
    (run / "metrics.csv").write_text("step,loss\n" + "".join(f"{step},{1 / step}\n" for step in range(1, 50)))
    frame = tmp_path / "Xvfb_screen0"
    recent = tmp_path / "home" / "config" / "recent.json"
    program = subprocess.Popen([sys.executable, "-m", "inspector"], env=screen)
    others = [program]
    try:
        _wait(lambda: screen_colours(frame) > 20, "the window")
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
        welcome = screen_picture(frame).copy()
        mouse("mousemove", SOURCE[0] + 100, SOURCE[1] + 50)
        mouse("mousedown", 1)
        for by in (5, 15, 40, 120, 300, 500):
            mouse("mousemove", SOURCE[0] + 100 - by, SOURCE[1] + 50 - by // 2)
        over = (SOURCE[0] + 100 - 500, SOURCE[1] + 50 - 250)
        time.sleep(0.5)
        mouse("mousemove", *over)
        dragged = screen_picture(frame)
        assert np.mean(np.any(dragged != welcome, axis=2)) > 0.01, "what would take the files is not marked"
        mouse("mouseup", 1)
        _wait(recent.exists, "the run")
        assert [entry["paths"] for entry in json.loads(recent.read_bytes())] == [[str(run)]]
        _wait(lambda: screen_colours(frame) > 20, "the picture of the run")
        assert np.mean(np.any(screen_picture(frame) != welcome, axis=2)) > 0.05
    finally:
        for other in others:
            other.send_signal(signal.SIGINT if other is program else signal.SIGTERM)
        for other in others:
            other.wait(20)
            if other.stdout is not None:
                other.stdout.close()
    assert program.returncode == 0

"""The frozen program beside the one of this checkout: run alike, and compared."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from PySide6.QtGui import QImage

from inspector.artifacts.sniff import sniff
from inspector.core.errors import FileError
from inspector.jobs.descendants import descendants
from tests.conftest import sample_files
from tests.screen import screen_colours, x_server

VARIABLE = "INSPECTOR_FROZEN"
"""Names the frozen program."""

SOURCE = (sys.executable, "-I", "-m", "inspector")
PATIENCE_S = 120.0
_STATUS_BAR_PX = 26
_GROUPS = ("checkpoints", "hdf5", "logs", "rundirs", "tfevents", "wandb", "hostile")
_LEAST_BYTES, _MOST_BYTES = 500, 2_000_000

RULES_THAT_TRY = """
import socket, subprocess, sys
from pathlib import Path
from inspector.diagnosis.check import About, Check
from inspector.diagnosis.values import Severity, Sureness
ABOUT = About(id="own-tries", title="What a reader can do", rules=(), symptom="-", definition="-", why="-",
              confirm="-", false_alarm="-", cure="-", source="-")
def succeeds(attempt):
    try:
        attempt()
    except Exception:
        return False
    return True
def tries(material, _pulse):
    done = {
        "read": succeeds(lambda: Path("/etc/passwd").read_bytes()),
        "written": succeeds(lambda: Path("written").write_text("here")),
        "connected": succeeds(lambda: socket.socket()),
        "started": succeeds(lambda: subprocess.run([sys.executable, "--version"], check=True)),
        "loaded": succeeds(lambda: __import__("inspector.display.report.html")),
    }
    said = ", ".join(name for name, able in done.items() if able)
    return ABOUT.finding(summary=f"able: {said}", severity=Severity.INFO, sureness=Sureness.CERTAIN)
CHECKS = (Check((ABOUT,), tries),)
"""


class Said(NamedTuple):
    """What a program said, and how it ended."""

    code: int
    out: str
    errors: str


def said(program: Sequence[str | Path], *words: str | Path, home: Path, **variables: str) -> Said:
    """Of a program run in an empty folder, with a home of its own; a variable without a value is taken away."""
    elsewhere = home / "elsewhere"
    elsewhere.mkdir(parents=True, exist_ok=True)
    told = {**os.environ, "RUN_INSPECTOR_HOME": str(home), "QT_QPA_PLATFORM": "", **variables}
    done = subprocess.run(
        [*program, *words],
        cwd=elsewhere,
        env={name: value for name, value in told.items() if value},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=PATIENCE_S,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def both(program: Path, *words: str | Path, home: Path) -> Said:
    """What both programs say to the same words, which must be the same."""
    there = said(SOURCE, *words, home=home)
    here = said([program], *words, home=home)
    assert here == there, words
    return here


def files_of_every_format() -> list[Path]:
    """Two real files of each kind and container: the smallest that holds something, and one of middle size."""
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sample_files(*(f"{group}/**/*" for group in _GROUPS)):
        if path.stat().st_size <= _MOST_BYTES:
            try:
                facts = sniff(path)
            except FileError:
                continue
            found.setdefault((facts.kind, facts.container), []).append(path)
    chosen = []
    for paths in found.values():
        by_size = sorted(paths, key=lambda path: path.stat().st_size)
        large = [path for path in by_size if path.stat().st_size >= _LEAST_BYTES] or by_size
        chosen += dict.fromkeys((large[0], large[len(large) // 2]))
    return sorted(chosen)


def pictures_differ(one: Path, other: Path) -> float:
    """Share of differing pixels of two pictures, but for the lowest line, which tells what trains here."""
    first, second = (_pixels(path) for path in (one, other))
    assert first.shape == second.shape
    return float((first != second).any(axis=2).mean())


def _pixels(path: Path) -> np.ndarray:
    picture = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.width(), 4)
    return rows[: -round(_STATUS_BAR_PX * picture.width() / 1600), :, :3].copy()


def filtered_copy(source: Path, target: Path) -> list[str]:
    """A dump with its datasets packed anew by filters of hdf5plugin in turn; which they were."""
    import hdf5plugin

    packings = {"zstd": hdf5plugin.Zstd(), "blosc": hdf5plugin.Blosc(), "blosc2": hdf5plugin.Blosc2(),
                "bitshuffle": hdf5plugin.Bitshuffle(), "lz4": hdf5plugin.LZ4()}  # fmt: skip
    used: list[str] = []
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        new.attrs.update(old.attrs)

        def copy(name: str, node: h5py.Group | h5py.Dataset) -> None:
            if isinstance(node, h5py.Group):
                made: h5py.Group | h5py.Dataset = new.require_group(name)
            elif node.ndim and node.dtype.kind in "fiu":
                packing = list(packings)[len(used) % len(packings)]
                used.append(packing)
                made = new.create_dataset(name, data=node[()], chunks=node.shape, **packings[packing])
            else:
                made = new.create_dataset(name, data=node[()], dtype=node.dtype)
            made.attrs.update(node.attrs)

        old.visititems(copy)
    return sorted(set(used))


class Window(NamedTuple):
    """What a window did that was opened and closed by a key.

    Attributes:
        colours: seen on the screen.
        readers: processes that read for it, by how the kernel holds each.
        left: processes that it left behind.
    """

    code: int
    errors: str
    colours: int
    readers: list[tuple[bool, bool]]
    left: int


def window(program: Path, path: Path, home: Path) -> Window:
    """Open the window on a run under an X server of its own, and close it by its key."""
    home.mkdir(parents=True, exist_ok=True)
    with x_server(home) as (display, frame):
        assert display, "Xvfb does not start here"
        told = {**os.environ, "RUN_INSPECTOR_HOME": str(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        told.pop("WAYLAND_DISPLAY", None)
        process = subprocess.Popen([program, path], env=told, stderr=subprocess.PIPE, text=True)
        try:
            _until(lambda: _found(display), "its window")
            _until(lambda: screen_colours(frame) > 150, "its pictures")
            _until(lambda: _readers(process.pid), "its readers")
            below = descendants(process.pid)
            readers = [_held(pid) for pid in _readers(process.pid)]
            colours = screen_colours(frame)
            (number,) = _found(display)[:1]
            for words in (("windowfocus", number), ("key", "ctrl+q")):
                subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": display}, check=True)
            _, errors = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
            process.wait()
        left = sum(Path(f"/proc/{pid}").exists() for pid in below)
    assert "Traceback" not in errors, errors
    return Window(process.returncode, errors, colours, readers, left)


def _found(display: str) -> list[str]:
    asked = ["xdotool", "search", "--onlyvisible", "--name", "Run Inspector"]
    done = subprocess.run(asked, env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, check=False)
    return done.stdout.split()


def _until(came: object, what: str) -> None:
    assert callable(came)
    until_s = time.monotonic() + PATIENCE_S
    while not came():
        assert time.monotonic() < until_s, f"{what} did not come"
        time.sleep(0.1)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _readers(window: int) -> list[int]:
    """The processes that its launcher has forked and that are locked, or should be."""
    return [pid for pid in descendants(window) if int(_status(pid)["PPid"]) != window]


def _held(pid: int) -> tuple[bool, bool]:
    """Whether a filter of calls holds a process, and whether it may gain no privileges."""
    told = _status(pid)
    return told["Seccomp"] == "2", told["NoNewPrivs"] == "1"


def cpu_s(program: Sequence[str | Path], *words: str | Path, home: Path) -> float:
    """Processor seconds of a command and of all that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert said(program, *words, home=home).code == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def findings(told: Said) -> list[object]:
    """What a triage in JSON has found, without the names of files, which differ for a copy."""
    return [[one["id"] for one in run["findings"]] for run in json.loads(told.out)["runs"]]

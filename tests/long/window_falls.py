"""A real window is killed at a random moment: what was staged is kept, and the next one only offers it.

Half of the kills come once edits are being staged, the others at any moment of the start.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from inspector.core.places import config_folder, data_folder
from inspector.core.resources import resource
from inspector.session.own_folder import SESSION_FILE, Fallen, fallen_windows
from inspector.session.store import SESSION_FILE as LAST_SESSION
from tests.long.harness import Check, Figures

_STAGING_S = 2.0
_START_S = 2.0
_PATIENCE_S = 300.0
"""However busy the machine is."""


@contextmanager
def _start(*paths: str) -> Iterator[subprocess.Popen[str]]:
    """A window, which is gone at the end."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.app.falling_window", "kill", *paths]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as window:
        try:
            yield window
        finally:
            window.kill()


def _staged_before_the_kill(run: str, chance: random.Random) -> int:
    """How many edits a window had told of, each once it was staged, when it was killed."""
    with _start(run) as window:
        assert window.stdout is not None
        last = window.stdout.readline()
        until_s = time.monotonic() + chance.uniform(0.0, _STAGING_S)
        while time.monotonic() < until_s:
            last = window.stdout.readline()
        window.kill()
        return int([last, *window.stdout][-1])


def _killed_at_its_start(run: str, chance: random.Random) -> None:
    with _start(run) as window:
        time.sleep(chance.uniform(0.0, _START_S))  # any moment is a good one
        window.kill()


def _wait(until: Callable[[], bool]) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not until():
        assert time.monotonic() < end_s, "the next window did not come up"
        time.sleep(0.02)


def _next_start(fallen: tuple[Fallen, ...]) -> None:
    """The next window opens nothing of what fell, and lets go of nothing when it is ended in order."""
    known = {one.folder for one in fallen}
    with _start() as window:
        own = data_folder() / "windows"
        _wait(lambda: any((path / SESSION_FILE).exists() for path in own.glob("[0-9]*") if path not in known))
        (folder,) = (path for path in own.glob("[0-9]*") if path not in known)
        _wait(lambda: _listens(window.pid))
        content = (folder / SESSION_FILE).read_bytes()
        window.send_signal(signal.SIGTERM)
        assert window.wait(_PATIENCE_S) == 0
    if known:
        assert b'"runs":[]' in content, "it was opened unasked"
    assert not folder.exists()
    assert (config_folder() / LAST_SESSION).exists()
    assert {one.folder for one in fallen_windows()} == known


def _listens(process: int) -> bool:
    """Whether a process has a handler of its own for SIGTERM."""
    caught = next(
        line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("SigCgt:")
    )
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def round_of(number: int, figures: Figures) -> None:
    """One fall, and the start after it."""
    chance = random.Random(number)
    run = resource("sample_run")
    before = _digest(run)
    with tempfile.TemporaryDirectory(prefix="window-falls-") as home, patch.dict(os.environ, RUN_INSPECTOR_HOME=home):
        if number % 2 == 0:
            staged = _staged_before_the_kill(str(run), chance)
            fallen = fallen_windows()
            (one,) = fallen
            assert one.state is not None
            assert staged > 0
            assert one.state.runs[0].staged[0].new >= staged, "what was staged is gone"
            figures["staged"] = figures.get("staged", 0) + staged
        else:
            _killed_at_its_start(str(run), chance)
            fallen = fallen_windows()
            assert all(one.state is not None for one in fallen), "a session is half-written"
        _next_start(fallen)
        assert _digest(run) == before
    for name, count in (("kills", 1), ("offered", len(fallen))):
        figures[name] = figures.get(name, 0) + count


CHECK = Check(
    name="window_falls",
    title="kill -9 of the window loses nothing that was staged; the next start offers it",
    round=round_of,
    target_rounds=200,
    quick_rounds=1,
)

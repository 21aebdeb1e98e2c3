"""From sample to sample of a real 4 GB dump packed with gzip and shuffle: what each step takes, cold and warm."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from inspector.core.outcome import Done, Outcome
from inspector.display.slots.scene import SlotsAsk, SlotsScene
from inspector.jobs.readers import Launcher
from inspector.jobs.requests import scene_ask
from tests.benchmarks.dumps import forget_pages, make_samples, read_pages
from tests.benchmarks.dumps import steps as read_steps
from tests.long.harness import Check, Figures

_HELD_MS = 20
"""Between two steps that are only read: a key that is held down."""

_LOOKED_MS = 120
"""Between two that are shown: someone looks."""

_DUMP = (4 * 10**9, 256, 1000)
_SMALL = (3 * 10**6, 64, 8)
_STATES = ("cold", "warm")
_NEEDED_BYTES = 6 * 10**9
_COMPARED_EVERY = 50
_BOUND_S = 60.0


def round_(number: int, figures: Figures) -> None:
    """Round 0 goes through a small dump; the next go through the large one cold, then warm."""
    total_bytes, side, steps = _SMALL if number == 0 else _DUMP
    state = _STATES[max(number - 1, 0)]
    path = _dump(total_bytes, side)
    held_ms, looked_ms = (0, 0) if number == 0 else (_HELD_MS, _LOOKED_MS)
    load = os.getloadavg()[0]
    figures["small" if number == 0 else state] = {
        "dump MB": round(path.stat().st_size / 1e6),
        "steps": steps - 1,
        "read": _read(path, "ours", state, steps - 1, held_ms),
        "read by h5py": _read(path, "h5py", state, steps - 1, held_ms),
        "read, prepared, sent and painted": _shown(path, state, steps - 1, looked_ms),
        "samples equal to h5py's": 1 + (steps - 1) // _COMPARED_EVERY,
        "load before and after": [round(load, 1), round(os.getloadavg()[0], 1)],
    }


@cache
def _dump(total_bytes: int, side: int) -> Path:
    folder = tempfile.TemporaryDirectory()
    _KEPT.append(folder)
    path = Path(folder.name) / "dump.h5"
    make_samples(path, total_bytes, side)
    return path


_KEPT: list[tempfile.TemporaryDirectory[str]] = []
"""Removed with this process."""


def _read(path: Path, who: str, state: str, steps: int, think_ms: int) -> dict[str, float]:
    """What a sample takes that is only read: by this program, or as it is stored by h5py."""
    told = read_steps(path, who, state, steps, think_ms)
    told.pop("peak MB")  # this process has made the dump
    return told | {"ms between two": think_ms}


def _shown(path: Path, state: str, steps: int, think_ms: int) -> dict[str, float]:
    """Every step from the request to a reader process to the painted Slots tab; its masks are now and then compared."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from inspector.session.values import ViewState
    from inspector.views.slots.view import make
    from inspector.views.theme import apply_theme

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    apply_theme(application, "dark")
    view = make(None)
    view.resize(1600, 1000)
    view.set_state(None, ViewState())
    view.show()
    (forget_pages if state == "cold" else read_pages)(path)
    took_ms = []
    with Launcher() as launcher, h5py.File(path, locking=False) as file:
        reader = launcher.reader([path])
        for sample in range(steps + 1):
            time.sleep(think_ms / 1000)
            began = time.perf_counter()
            outcomes: list[Outcome[Any]] = []
            ask = SlotsAsk(path=str(path), place="dump", sample=sample)
            reader.ask("scene", scene_ask("slots", ask), SlotsScene, outcomes.append)
            until = time.monotonic() + _BOUND_S
            while not outcomes:
                assert time.monotonic() < until, "the reader never answered"
                launcher.wait(1.0)
            assert isinstance(outcomes[0], Done), outcomes[0]
            scene = outcomes[0].value
            view.show_scene(scene)
            application.processEvents()
            took_ms.append(1000 * (time.perf_counter() - began))
            if sample % _COMPARED_EVERY == 0:
                assert scene.sample == sample
                assert np.array_equal(scene.masks, file["slots/masks"][sample])
    view.deleteLater()
    median, most = np.percentile(took_ms[1:], (50, 95))
    return {
        "first ms": round(took_ms[0], 1),
        "median ms": round(float(median), 2),
        "p95 ms": round(float(most), 2),
        "longest ms": round(max(took_ms[1:]), 1),
        "ms between two": think_ms,
    }


def _no_room() -> str:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    return "" if free > _NEEDED_BYTES else f"needs {_NEEDED_BYTES:,} bytes in {folder}, {free:,} are free"


CHECK = Check(
    name="dump_steps",
    title="Stepping through a 4 GB dump, cold and warm",
    round=round_,
    target_rounds=3,
    quick_rounds=1,
    skip=_no_room,
)

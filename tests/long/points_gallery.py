"""The Points view of 50,000 large pictures: how soon it stands, is sorted anew and scrolls, and what memory it takes.

`python -m tests.long.points_gallery PATH` looks at a dump that stands already.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import Qt

from tests.benchmarks.dumps import forget_pages
from tests.long.gallery_hand import Acts, brush, drag_bar, keys, sort, type_filter, wheel
from tests.long.gallery_scroll import Watched
from tests.long.harness import Check, Figures
from tests.long.points_dump import make_points_dump

_ROUNDS = (("quick", 60, 3, ("err_px",)), ("whole", 50_000, 100, ("err_px", "dx_px", "done_error")))
"""Name, samples, for how many frames the hand does each thing, and by what it sorts."""

_NEEDED_BYTES = 12 * 10**9


def _acts(gallery: Any, frames: int, orders: tuple[str, ...]) -> Iterator[tuple[str, Acts]]:
    """What the hand does to the gallery, by name."""
    for order in orders:
        yield f"sort by {order}", sort(gallery, f"by {order}")
        yield f"sort by {order}, the other way", sort(gallery, "<")
        yield f"sort by {order}, largest first", sort(gallery, ">")
    yield "wheel down", wheel(gallery, 3 * frames)
    yield "filter", type_filter(gallery, "err_px>20 done<0.5")
    if len(orders) == 1:
        return  # the quick form of `gallery_scroll` does the rest
    yield "drag the scroll bar", drag_bar(gallery, frames)
    yield "end", keys(gallery, Qt.Key.Key_End, 1)
    yield "page up", keys(gallery, Qt.Key.Key_PageUp, frames)
    yield "next sample", keys(gallery, Qt.Key.Key_J, frames)
    yield "brush the histogram", brush(gallery, frames)


def look_at(path: Path, frames: int, orders: tuple[str, ...]) -> Figures:
    """What the Points view of a dump costs: opened from the disk and, where there is time, from memory; then used."""
    opened: Figures = {}
    if len(orders) > 1:
        forget_pages(path)
        opened["cold"] = _opened(path)
    watched = Watched(path, "points")
    try:
        opened["warm"] = _opening(watched)
        used = {name: watched.use(name, acts) for name, acts in _acts(watched.gallery, frames, orders)}
        memory = _memory_mb(watched)
    finally:
        watched.close()
    return {
        "opened": opened,
        "longest_sort_s": max(used[f"sort by {order}"]["painted_after_s"] for order in orders),
        "longest_cpu_ms": max(one["longest_cpu_ms"] for one in used.values()),
        "over_50_cpu_ms": sum(one["over_50_cpu_ms"] for one in used.values()),
        "wrong_tiles": sum(one["wrong_tiles"] for one in used.values()),
        "memory_mb": memory,
        "actions": used,
        "load": round(os.getloadavg()[0], 1),
    }


def _opened(path: Path) -> Figures:
    watched = Watched(path, "points")
    try:
        return _opening(watched)
    finally:
        watched.close()


def _opening(watched: Watched) -> Figures:
    """Seconds from opening the dump in a window that stands to its first picture and to the whole screen."""
    turns = watched.pauses.actions[-1]
    return {
        "first_picture_s": round(watched.first_s - watched.opened_s, 2),
        "screen_s": round(watched.stood_s - watched.opened_s, 2),
        "longest_cpu_ms": round(turns.longest_cpu_ms, 1),
    }


def _memory_mb(watched: Watched) -> Figures:
    """The most that the window's process and each of its readers have held."""
    launcher = watched.window.desk._launcher.pid
    readers = [pid for pid in Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split() if pid]
    return {"window": _most_mb("self"), "readers": sorted(_most_mb(pid) for pid in readers)}


def _most_mb(process: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1000


def _round(number: int, figures: Figures) -> None:
    name, samples, frames, orders = _ROUNDS[number]
    with (
        tempfile.TemporaryDirectory(prefix="points-") as place,
        patch.dict(os.environ, RUN_INSPECTOR_HOME=str(Path(place) / "home")),
    ):
        path = Path(place) / "dump.h5"
        make_points_dump(path, samples)
        figures[name] = told = look_at(path, frames, orders)
    assert not told["wrong_tiles"], told


def _no_way() -> str:
    if not Path("/proc/self/task").exists():
        return "the memory of processes is read in /proc"
    free = shutil.disk_usage(tempfile.gettempdir()).free
    return "" if free > _NEEDED_BYTES else f"needs {_NEEDED_BYTES:,} bytes, {free:,} are free"


CHECK = Check(
    name="points_gallery",
    title="the Points view of 50,000 pictures of 384 x 384: opened, sorted, scrolled, and the memory it takes",
    round=_round,
    target_rounds=len(_ROUNDS),
    quick_rounds=1,
    skip=_no_way,
)


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as home,
        patch.dict(os.environ, RUN_INSPECTOR_HOME=home),
    ):
        print(json.dumps(look_at(Path(sys.argv[1]), *_ROUNDS[-1][2:]), indent=1))

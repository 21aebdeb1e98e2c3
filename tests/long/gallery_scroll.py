"""The real window over a dump of 100,000 samples: how long it holds still while its galleries are used by hand."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from inspector.app.launch import start_qt
from inspector.session.intents import TabChosen
from inspector.views.pictures import rgba_of
from tests.long.gallery_dump import IMAGE_SIDE, make_dump, number_in
from tests.long.gallery_hand import Acts, Hand, brush, drag_bar, keys, sort, together, type_filter, wheel
from tests.long.harness import Check, Figures

_VIEWS = ("slots", "features", "points")
_ROUNDS = (("quick", 120, 3, _VIEWS[:1]), ("whole", 100_000, 100, _VIEWS))
"""Name, samples, for how many frames the hand does each thing, and in which views."""

_SHOWN_S = 240.0
"""So long tiles are waited for."""

_QUIET_MS = 80
"""Less than between two looks of a scan, each of which paints tiles anew."""


class Watched:
    """The window on a run with one dump, in its views of samples.

    Args:
        folder: of the run, or its dump.
        tab: the view that is shown first.

    Attributes:
        stood_s: when tiles were last missing on the screen, of the monotonic clock; first_s: when the first one came.
    """

    def __init__(self, folder: Path, tab: str = _VIEWS[0]) -> None:
        application = start_qt("offscreen")
        from inspector.app.launch import first_window
        from inspector.session.values import State
        from tests.benchmarks.pauses import Pauses

        self.window = first_window(application, State(tab=tab), remember=False)
        self.pauses = Pauses()
        self.hand = Hand()
        self.stood_s = self.first_s = 0.0
        self.watch("show the window", self.window.show, lambda: self.window.loading.busy or not self.reads())
        gc.freeze()  # as the program does when its window stands
        self.opened_s = time.monotonic()
        self.watch("open", lambda: self.window.open_paths((str(folder),)), lambda: not self.stands())

    @property
    def gallery(self) -> Any:
        """The gallery of the view that is shown."""
        view: Any = self.window.tabs.view(self.window.desk.state.tab)
        return view.gallery

    def watch(self, name: str, act: Callable[[], object], busy: Callable[[], bool]) -> Figures:
        """Do something and wait while something is busy; what it cost the window's thread."""
        until_s = time.monotonic() + _SHOWN_S
        self.pauses.watch(name, act, lambda: busy() and time.monotonic() < until_s, _QUIET_MS)
        action = self.pauses.actions[-1]
        print(action.line(), flush=True)
        cpu, wall = np.array(action.turns).T
        told: Figures = {
            "turns": len(cpu),
            "longest_cpu_ms": round(float(cpu.max()), 1),
            "longest_wall_ms": round(float(wall.max()), 1),
            "over_50_cpu_ms": int((cpu > 50).sum()),
        }
        return told | ({"in_the_longest": list(action.where)} if told["over_50_cpu_ms"] else {})

    def use(self, name: str, acts: Acts) -> Figures:
        """Have the hand do something, and wait until every tile on the screen is painted."""
        told = self.watch(name, lambda: self.hand.begin(acts), lambda: self.hand.busy or not self.stands())
        return told | {
            "painted_after_s": round(max(self.stood_s - self.hand.ended_s, 0.0), 2),
            "tiles": len(self.gallery.grid.shown_rows()),
            "wrong_tiles": self.wrong_tiles(),
        }

    def reads(self) -> bool:
        """Whether what readers are forked from has come to life."""
        process = self.window.desk._launcher._processes.get(False)
        return process is not None and process.ready

    def stands(self) -> bool:
        """Whether the shown view has a gallery all of whose tiles on the screen are painted."""
        gallery = self.gallery if self.window.desk.chosen() else None
        if gallery is not None and gallery.ready() and not gallery.grid.pending():
            if not self.first_s and len(gallery.tiles):
                self.first_s = time.monotonic()
            if not _missing(gallery):
                return not gallery.pending()
        self.stood_s = time.monotonic()
        return False

    def wrong_tiles(self) -> int:
        """How many tiles on the screen show another sample than theirs, by the number in their pictures."""
        gallery = self.gallery
        screen = gallery.grid.viewport().grab().toImage()
        wrong = 0
        for row in gallery.grid.shown_rows():
            sample, area = int(gallery.model.samples[row]), gallery.grid.area_of(row)
            if screen.rect().contains(area):
                tile = screen.copy(area).scaled(IMAGE_SIDE, IMAGE_SIDE, mode=Qt.TransformationMode.SmoothTransformation)
                wrong += number_in(rgba_of(tile)) != sample
        return wrong

    def close(self) -> None:
        """Close the window."""
        gc.unfreeze()
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()


def _acts(gallery: Any, frames: int) -> Iterator[tuple[str, Acts]]:
    """What the hand does to a gallery, by name."""
    yield "wheel down", wheel(gallery, 3 * frames)
    yield "wheel up", wheel(gallery, -frames)
    yield "drag the scroll bar", drag_bar(gallery, frames)
    yield "page down", keys(gallery, Qt.Key.Key_PageDown, frames)
    yield "end", keys(gallery, Qt.Key.Key_End, 1)
    yield "page up", keys(gallery, Qt.Key.Key_PageUp, frames)
    yield "home", keys(gallery, Qt.Key.Key_Home, 1)
    yield "next sample", keys(gallery, Qt.Key.Key_J, frames)
    yield "sort", sort(gallery, "by ", ">", "<")
    yield "brush the histogram", brush(gallery, frames)
    yield "filter", type_filter(gallery, "sample<5000 -flagged")
    yield "flag", keys(gallery, Qt.Key.Key_F, 1)
    yield "select all", together(gallery, Qt.Key.Key_A)
    yield "flag all", keys(gallery, Qt.Key.Key_F, 1)
    yield "undo", together(gallery, Qt.Key.Key_Z)


def _of_view(watched: Watched, view: str, frames: int) -> Figures:
    """What using one view's gallery costs, its numbers being read meanwhile."""
    desk = watched.window.desk
    before_mb = _window_mb()
    told: Figures = {}
    if desk.state.tab != view:
        told["open"] = watched.watch(
            f"{view}: open", lambda: desk.dispatch(TabChosen(view)), lambda: not watched.stands()
        )
    for name, acts in _acts(watched.gallery, frames):
        told[name] = watched.use(f"{view}: {name}", acts)
    read = watched.gallery._table.scanned
    return {"samples_read": read, "window_mb": [before_mb, _window_mb()], "actions": told}


def _missing(gallery: Any) -> bool:
    """Whether a tile on the screen has no picture yet."""
    rows = gallery.grid.shown_rows()
    return any(sample not in gallery.tiles for sample in gallery.model.samples[rows.start : rows.stop].tolist())


def _window_mb() -> int:
    """What the window's process holds in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 10**6


def use_dump(folder: Path, frames: int, views: tuple[str, ...]) -> Figures:
    """What using the galleries of a folder's dump costs the window."""
    watched = Watched(folder)
    try:
        opened = watched.pauses.actions[-1]
        told: Figures = {
            "open": {"longest_cpu_ms": round(opened.longest_cpu_ms, 1), "over_50_cpu_ms": opened.noticed},
            "views": {view: _of_view(watched, view, frames) for view in views},
        }
    finally:
        watched.close()
    actions = [one for view in told["views"].values() for one in view["actions"].values()]
    return told | {
        "longest_cpu_ms": max(one["longest_cpu_ms"] for one in actions),
        "over_50_cpu_ms": sum(one["over_50_cpu_ms"] for one in actions),
        "wrong_tiles": sum(one.get("wrong_tiles", 0) for one in actions),
        "load": round(os.getloadavg()[0], 1),
    }


def _round(number: int, figures: Figures) -> None:
    name, samples, frames, views = _ROUNDS[number]
    with (
        tempfile.TemporaryDirectory(prefix="gallery-") as place,
        patch.dict(os.environ, RUN_INSPECTOR_HOME=str(Path(place) / "home")),
    ):
        folder = Path(place) / "run"
        folder.mkdir()
        make_dump(folder / "dump.h5", samples)
        figures[name] = told = use_dump(folder, frames, views)
    assert not told["wrong_tiles"], told


CHECK = Check(
    name="gallery_scroll",
    title="galleries of 100,000 samples scrolled, sorted, filtered and flagged by hand: turns of the window's thread",
    round=_round,
    target_rounds=len(_ROUNDS),
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/statm").exists() else "the window's memory is read in /proc",
)


if __name__ == "__main__":
    print(json.dumps(use_dump(Path(sys.argv[1]), 100, _VIEWS), indent=1))

"""The real window over logs that are written: what it shows late, what it loses, and how long it holds still."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PySide6.QtCore import QTimer

from inspector.app.launch import start_qt
from inspector.core.pulse import QUIET
from tests.long.harness import Check, Figures
from tests.long.live_writer import LOGS, LiveLog, Written, append, value

_RATE = 1000.0
_SECONDS = 60.0
_QUICK_SECONDS = 2.5
_BEGIN = 200
"""Records that stand in each log before the window opens it."""

_PATIENCE_S = 30.0
_LOOK_AT_READERS_MS = 500
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

Places = dict[str, list[np.ndarray]]


class Watched:
    """A window on one folder of logs, and when it has painted how many points of each.

    Args:
        folder: what is opened, with logs in it already.
    """

    def __init__(self, folder: Path) -> None:
        application = start_qt("offscreen")
        from inspector.app.desk import Desk
        from inspector.app.window import Window
        from inspector.session.values import State
        from inspector.views.theme import apply_theme
        from tests.benchmarks.pauses import Pauses
        from tests.long.live_hand import Hand

        apply_theme(application, "dark")
        self.folder = folder
        self.window = Window(Desk(State(tab="curves")), remember=False)
        self.window.resize(1600, 1000)
        self.pauses = Pauses()
        self.painted: dict[str, Written] = {}
        self.view: Any = self.window.tabs.view("curves")
        self.hand = Hand(self.window, self.view)
        self._seen: dict[str, object] = {}
        self._looking = QTimer(interval=2)
        self._looking.timeout.connect(self._look)
        self._looking.start()
        self.window.show()
        self.watch("open", lambda: self.window.desk.open((str(folder),)), lambda: not self.view.scene)
        gc.freeze()  # as the program does when its window stands

    def watch(self, name: str, act: Callable[[], object], busy: Callable[[], bool]) -> Any:
        """Do something and wait while something is busy; what it cost the window's thread."""
        self.pauses.watch(name, act, busy)
        return self.pauses.actions[-1]

    def _look(self) -> None:
        """Note what has been painted since the last look."""
        grid = self.view.grid()
        for card in grid.cards() if grid is not None else ():
            drawing = card.canvas.picture().drawing
            if self._seen.get(card.panel.key) is drawing:
                continue
            self._seen[card.panel.key] = drawing
            now_s = time.monotonic()
            for line, trace in zip(card.panel.lines, drawing.traces, strict=False):
                self.painted.setdefault(line.tag, []).append((sum(len(part.x) for part in trace.parts), now_s))

    def shown(self) -> Places:
        """x and y of every stretch of every curve, as logged."""
        return _places(self.view.scene)

    def close(self) -> None:
        """Close the window."""
        gc.unfreeze()
        self._looking.stop()
        self.hand.stop()
        self.window.close()
        self.window.deleteLater()


def _places(scene: Any) -> Places:
    places: Places = {}
    for line in (line for panel in scene.panels for line in panel.lines) if scene is not None else ():
        for stretch in line.stretches:
            logged = stretch.logged or stretch.shown
            places.setdefault(f"{line.tag} {line.file}", []).append(np.stack((stretch.x, logged.y)))
    return places


def fresh(folder: Path, window: Any) -> Places:
    """What a scene of a copy of the folder holds, which nothing has read before."""
    from inspector.display.curves.judge import ask
    from inspector.display.curves.panels import curves_of
    from inspector.runs.curves import run_series
    from inspector.runs.scan import scan
    from inspector.session.values import RunState

    with tempfile.TemporaryDirectory(prefix="fresh-") as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy)
        run = scan((copy,), QUIET)
        wanted = ask(run, RunState(key=run.key, paths=run.paths), window.desk.state.view)
        if wanted is None:
            return {}
        found = [(curve.file, curve.series) for curve in run_series(wanted.paths, QUIET).curves]
        return _places(curves_of(found, wanted, QUIET))


def same(one: Places, other: Places) -> bool:
    """Whether two scenes hold the same curves."""
    return one.keys() == other.keys() and all(
        len(one[key]) == len(other[key])
        and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one[key], other[key], strict=True))
        for key in one
    )


def children(pid: int) -> list[int]:
    """The processes that a process started and that have not ended."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(word) for word in tasks.read_text().split()]
    return found


class ReaderClock:
    """Processor seconds of the reading processes, those that ended among them, and how many there were."""

    def __init__(self, apart: int) -> None:
        self._apart = apart
        self._spent: dict[int, float] = {}
        self._began = sum(self._now().values())
        self.pids: set[int] = set()

    def _now(self) -> dict[int, float]:
        for launcher in (pid for pid in children(os.getpid()) if pid != self._apart):
            for pid in children(launcher):
                try:
                    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                self._spent[pid] = (int(words[11]) + int(words[12])) / _CLOCK_TICKS
        return self._spent

    def look(self) -> float:
        """Seconds since it was made."""
        now = self._now()
        self.pids |= now.keys()
        return sum(now.values()) - self._began


def latencies(written: Written, painted: Written) -> np.ndarray:
    """Seconds from each write to the first picture that holds it; what never was painted is infinite."""
    counts = np.array([count for count, _ in painted])
    times = np.array([at for _, at in painted])
    order = np.maximum.accumulate(counts) if counts.size else counts
    found = []
    for count, at in written:
        place = int(np.searchsorted(order, count, "left"))
        found.append(times[place] - at if place < len(times) else np.inf)
    return np.maximum(np.array(found), 0.0)


def _live(watched: Watched, logs: tuple[LiveLog, ...], seconds: float) -> Figures:
    """Follow a writer while the hand is at work."""
    out = watched.folder.parent / "written.json"
    names = [log.name for log in logs]
    writer = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.long.live_writer",
            watched.folder,
            out,
            *map(str, (seconds, _RATE, _BEGIN)),
            *names,
        ],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE,
        text=True,
    )
    clock = ReaderClock(writer.pid)
    said: dict[str, Written] = {}
    ended_s = 0.0

    def busy() -> bool:
        nonlocal ended_s
        if writer.poll() is None:
            return True
        if not said:
            said.update(json.loads(out.read_text()))
            watched.hand.stop()
            ended_s = time.monotonic()
        enough = all(_last(watched, log) >= said[log.name][-1][0] for log in logs)
        return not enough and time.monotonic() - ended_s < _PATIENCE_S

    def begin() -> None:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.close()
        watched.hand.start()

    looking = QTimer(interval=_LOOK_AT_READERS_MS)
    looking.timeout.connect(clock.look)
    looking.start()
    action = watched.watch("follow", begin, busy)
    looking.stop()
    shown = watched.shown()
    lost = 0
    late = []
    for log in logs:
        steps = np.arange(said[log.name][-1][0], dtype=float)
        wanted = np.stack((steps, np.array([value(int(step)) for step in steps])))
        lines = [lines for key, lines in shown.items() if key.startswith(f"{log.tag} ")]
        have = np.concatenate(lines[0], axis=1) if lines else np.zeros((2, 0))
        lost += len(set(map(tuple, wanted.T.tolist())) - set(map(tuple, have.T.tolist())))
        late.append(latencies(said[log.name], watched.painted.get(log.tag, [])))
    all_late = np.concatenate(late)
    turns = np.array(action.turns)
    return {
        "records": int(sum(pairs[-1][0] - _BEGIN for pairs in said.values())),
        "lost": lost,
        "latency_s": _spread(all_late),
        "pictures": sum(len(watched.painted.get(log.tag, [])) for log in logs),
        "events": watched.hand.events,
        "turns": len(turns),
        "turn_cpu_ms": _spread(turns[:, 0]),
        "turn_wall_ms": _spread(turns[:, 1]),
        "turns_over_50_cpu_ms": int((turns[:, 0] > 50).sum()),
        "turns_over_50_wall_ms": int((turns[:, 1] > 50).sum()),
        "in_the_longest": list(action.where),
        "window_cpu_s": round(action.cpu_ms / 1000, 2),
        "reader_cpu_s": round(clock.look(), 2),
        "readers": len(clock.pids),
        "load": round(os.getloadavg()[0], 1),
    }


def _spread(values: np.ndarray) -> dict[str, float]:
    return {
        "median": round(float(np.median(values)), 3),
        "p99": round(float(np.quantile(values, 0.99, method="higher")), 3),
        "most": round(float(values.max()), 3),
    }


def _last(watched: Watched, log: LiveLog) -> int:
    painted = watched.painted.get(log.tag, [])
    return painted[-1][0] if painted else 0


def _half(folder: Path, log: LiveLog, at: int) -> None:
    """Half of a record."""
    with (folder / log.name).open("ab") as file:
        data = log.records(range(at, at + 1), file.tell())
        file.write(data[: len(data) // 2])


def _other_half(folder: Path, log: LiveLog, at: int) -> None:
    """The rest of that record, and some more."""
    path = folder / log.name
    begun = path.read_bytes()
    for cut in range(1, 200):
        data = log.records(range(at, at + 1), len(begun) - cut)
        if len(data) // 2 == cut and begun.endswith(data[:cut]):
            with path.open("ab") as file:
                file.write(data[cut:])
            break
    append(folder, log, range(at + 1, at + 20))


def _truncate(folder: Path, log: LiveLog, _at: int) -> None:
    """The file ends within a record now."""
    path = folder / log.name
    os.truncate(path, path.stat().st_size * 2 // 5 - 3)


def _go_on(folder: Path, log: LiveLog, at: int) -> None:
    """More behind what is left."""
    append(folder, log, range(at + 100, at + 120))


def _rotate(folder: Path, log: LiveLog, at: int) -> None:
    """The file is put away and another begun."""
    (folder / log.name).rename(folder / log.rotated)
    append(folder, log, range(at + 200, at + 260))


def _replace(folder: Path, log: LiveLog, at: int) -> None:
    """Another file takes the name."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        append(Path(place), log, range(at + 90, at + 390))
        (Path(place) / log.name).replace(folder / log.name)


_TURNS = {
    "half a record": _half,
    "the other half": _other_half,
    "truncated": _truncate,
    "appended to": _go_on,
    "rotated": _rotate,
    "replaced by rename": _replace,
}
"""What becomes of the logs when they are followed no more in peace."""


def _hurdles(watched: Watched, logs: tuple[LiveLog, ...], at: int) -> Figures:
    """Seconds after which the window shows what a fresh read gives, by what was done to the logs; None for never."""
    found: Figures = {}
    for name, turn in _TURNS.items():
        for log in logs:
            turn(watched.folder, log, at)
        began_s = time.monotonic()
        wanted = fresh(watched.folder, watched.window)
        until_s = time.monotonic() + _PATIENCE_S

        def differs(wanted: Places = wanted, until_s: float = until_s) -> bool:
            return not same(watched.shown(), wanted) and time.monotonic() < until_s

        watched.watch(name, bool, differs)
        took_s = time.monotonic() - began_s
        found[name] = round(took_s, 1) if same(watched.shown(), wanted) else None
    return found


def _round(number: int, figures: Figures) -> None:
    """The first round is short; the second follows all logs for a minute, the others one each."""
    quick = number == 0
    logs = LOGS[number - 2 : number - 1] if number > 1 else LOGS
    with (
        tempfile.TemporaryDirectory(prefix="live-") as place,
        patch.dict(os.environ, RUN_INSPECTOR_HOME=str(Path(place) / "home")),
    ):
        folder = Path(place) / "run"
        folder.mkdir()
        for log in logs:
            append(folder, log, range(_BEGIN))
        watched = Watched(folder)
        try:
            told = _live(watched, logs, _QUICK_SECONDS if quick else _SECONDS)
            told["settled_s"] = _hurdles(watched, logs, _last(watched, logs[0]))
        finally:
            watched.close()
    figures["quick" if quick else logs[0].name if len(logs) == 1 else "all together"] = told
    assert told["lost"] == 0, told
    assert None not in told["settled_s"].values(), told


CHECK = Check(
    name="live_follow",
    title="1,000 records a second followed for a minute by a window in use: points lost, latency, turns of its thread",
    round=_round,
    target_rounds=len(LOGS) + 2,
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/stat").exists() else "what readers use is read in /proc",
)

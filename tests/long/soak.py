"""The real window in use for long: files that grow and break under it, readers that are killed, and nobody resting.

Round 0 is a few seconds. Every further round is a minute of one window that stands till the end, in a process of its
own: `python -m tests.long.soak SEED`. After each all is put away but the run that is followed, so that what is left
over can be counted.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import logging
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollBar

from inspector.app.launch import start_qt
from inspector.core.resources import resource
from inspector.jobs.endings import ended_how
from tests.long.harness import Check, Figures
from tests.long.live_follow import children
from tests.long.live_writer import LOGS, append

_MINUTE_S, _QUICK_S = 60.0, 1.5
_QUIET_S = 0.1
_RATE = 50.0
_BEGIN = 200
_PROBE_MS = 5
_LAG_MS = 50.0
_SIZE_PX = 1280, 800
_WARM = 2
"""Minutes in which caches fill and views are made."""

_ENOUGH = 6
"""Minutes after those, before a slope means anything."""

_MAY_RISE = {"rss_mb": 0.05, "threads": 0.0, "handles": 0.1, "children": 0.0, "widgets": 0.02, "objects": 0.02}
"""Share of its median by which each may rise over all minutes after the warm ones, by a line fitted robustly.

Whether they are ten or five hundred: of memory as much as the 200 states of undo and gaps of the allocator take; of
handles and objects one or two, which a minute that ends while a reader is replaced has more than another.
"""

_UNLIKELY = 1.645
"""Standard deviations that one value in twenty exceeds: what a minute leaves is partly chance, as how many findings."""

_PATIENCE_S = 300.0
_LAST_WORD_S = 10.0
_MOST_TOLD = 6_000
"""Characters of what a process wrote before its end."""

_NO_FAULT = ("This plugin does not support",)
"""What Qt says of the offscreen platform itself."""


class Heard(logging.Handler):
    """What went wrong while it listened: exceptions that nobody caught, warnings of Qt and of the program."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.tracebacks: list[str] = []
        self.qt: list[str] = []
        self.logged: list[str] = []

    def __enter__(self) -> Self:
        self._hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = lambda kind, error, trace: self._fault(error)
        threading.excepthook = lambda told: self._fault(told.exc_value)
        sys.unraisablehook = lambda told: self._fault(told.exc_value)
        self._before = qInstallMessageHandler(self._of_qt)
        logging.getLogger("inspector").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
        qInstallMessageHandler(self._before)
        logging.getLogger("inspector").removeHandler(self)

    def _fault(self, error: BaseException | None) -> None:
        self.tracebacks.append("".join(traceback.format_exception(error)) if error is not None else "unknown")

    def _of_qt(self, kind: QtMsgType, _where: object, message: str) -> None:
        loud = kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
        if loud and not message.startswith(_NO_FAULT):
            self.qt.append(message)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what the program logged."""
        self.logged.append(record.getMessage())


class Lags:
    """How late the event loop was, looked at every few milliseconds; a long turn counts as often as it was missed."""

    def __init__(self) -> None:
        self._turns: list[tuple[float, float]] = []
        self._last = _clock_ms()
        self._timer = QTimer(interval=_PROBE_MS)
        self._timer.timeout.connect(self._turn)

    def start(self) -> None:
        """Look from now on."""
        self._last = _clock_ms()
        self._timer.start()

    def stop(self) -> Figures:
        """CPU and wall milliseconds since the start."""
        self._timer.stop()
        cpu, wall = (np.array(column) for column in zip(*self._turns, strict=True))
        return {"lag_cpu_ms": _spread(late(cpu)), "lag_wall_ms": _spread(late(np.maximum(wall - _PROBE_MS, 0.0)))}

    def _turn(self) -> None:
        now = _clock_ms()
        self._turns.append((now[1] - self._last[1], now[0] - self._last[0]))
        self._last = now


def _clock_ms() -> tuple[float, float]:
    return time.monotonic() * 1000, time.thread_time() * 1000


def late(turns_ms: np.ndarray) -> np.ndarray:
    """How long what came every few milliseconds during some turns waited; milliseconds, shape (arrivals,)."""
    counts = (turns_ms // _PROBE_MS).astype(int) + 1
    place = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    waited: np.ndarray = np.repeat(turns_ms, counts) - place * _PROBE_MS
    return waited


def _spread(values: np.ndarray) -> dict[str, float]:
    names = {"median": 0.5, "p99": 0.99, "most": 1.0}
    return {name: round(float(np.quantile(values, share)), 1) for name, share in names.items()}


class Soak:
    """A window in use, with all that it is used on in a folder of its own."""

    def __init__(self, seed: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="soak-")
        place = Path(self._folder.name)
        self._home = patch.dict(os.environ, RUN_INSPECTOR_HOME=str(place / "home"))
        self._home.start()
        self.live = place / "run"
        self.finished = place / "finished"
        for run in (self.live, self.finished):
            run.mkdir()
            for log in LOGS:
                append(run, log, range(_BEGIN))
        self._application = start_qt("offscreen")
        from inspector.app.launch import first_window
        from inspector.session.values import State
        from tests.long.soak_hand import Hand, bad_files

        self.seed, self.minute = seed, 0
        self.window = first_window(self._application, State(tab="curves"))
        self.window.show()
        self.window.stalls.start()
        self.hand = Hand(self.window, self.live, bad_files(place / "bad"), seed)
        self._show_alone(resource("sample_run"))
        self.hand.each_command()  # what is made when it is first wanted is there from now on
        self._show_alone(self.live)
        gc.freeze()  # as the program does when its window stands

    def use(self, seconds: float) -> Figures:
        """Use it for so long, put all away, and tell what that was like, what went wrong, and what is left."""
        self.minute += 1
        first = _BEGIN + self.minute * 100_000
        out = self.live.parent / "written.json"
        words = (self.live, out, seconds, _RATE, first, *(log.name for log in LOGS))
        line = [sys.executable, "-m", "tests.long.live_writer", *map(str, words)]
        root = Path(__file__).resolve().parents[2]
        lags = Lags()
        self.window.stalls.kept.clear()
        with Heard() as heard, subprocess.Popen(line, cwd=root, stdin=subprocess.PIPE, text=True) as writer:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.close()
            lags.start()
            self.hand.start()
            _turn_until(lambda: writer.poll() is not None, seconds * 4 + 60)
            self.hand.stop()
            told = lags.stop()
            worst = [f"{stall.cpu_s * 1000:.0f} ms of work in {stall.culprit}" for stall in self.window.stalls.kept[:3]]
            settled = self._show_alone(self.finished)
            left = self._left()
            settled = self._show_alone(self.live) and settled
        wrong = [*heard.tracebacks, *heard.qt, *heard.logged, *([] if settled else ["it did not come to rest"])]
        return {
            **told,
            "acts": self.hand.acts,
            "faults": self.hand.faults,
            "tracebacks": len(heard.tracebacks),
            "qt_warnings": len(heard.qt),
            "logged": len(heard.logged),
            "stalls": worst,
            **left,
            "load": round(os.getloadavg()[0], 1),
            **({"wrong": wrong, "last_acts": list(self.hand.told)} if wrong else {}),
        }

    def _still(self) -> bool:
        return not self.window.desk.opening and not self.window.desk.busy

    def _show_alone(self, run: Path) -> bool:
        """Put all away and look at every view of a run: of one that does not grow, the same is left each time."""
        from inspector.app.tabs import TABBED
        from inspector.session.intents import EditUnstaged, RunClosed, TabChosen, ViewChanged
        from inspector.session.values import ViewState

        desk = self.window.desk
        self.hand.put_away()
        self.window.resize(*_SIZE_PX)
        _turn_until(self._still, 60.0)
        for opened in desk.state.runs:
            desk.dispatch(RunClosed(opened.key))
        desk.dispatch(EditUnstaged(None))
        plain = ViewState()
        desk.dispatch(
            ViewChanged({name: getattr(plain, name) for name in plain.__struct_fields__ if name != "galleries"})
        )
        self.window.open_paths((str(run),))
        _turn_until(self._still, 60.0)
        for key in (*(offer.key for offer in TABBED), "curves"):  # a view that is hidden keeps what it showed last
            desk.dispatch(TabChosen(key))
            _turn_until(self._still, 60.0)
            for place in (QScrollBar.maximum, QScrollBar.minimum):  # what lies below is made when it is first seen
                for area in self.window.tabs.findChildren(QAbstractScrollArea):
                    area.verticalScrollBar().setValue(place(area.verticalScrollBar()))
                settled = _turn_until(self._still, 60.0)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return settled

    def _left(self) -> dict[str, Any]:
        process = Path("/proc/self")
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return {
            "rss_mb": round(int(status["VmRSS"].split()[0]) / 1024, 1),
            "threads": int(status["Threads"]),
            "handles": len(list((process / "fd").iterdir())),
            "children": sum(len(children(pid)) + 1 for pid in children(os.getpid())),
            "widgets": len(QApplication.allWidgets()),
            "objects": len(self.window.findChildren(QObject)),
        }

    def close(self) -> None:
        """End it and all it started."""
        gc.unfreeze()
        self.hand.stop()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._home.stop()
        self._folder.cleanup()


def _turn_until(so: Callable[[], bool], seconds: float) -> bool:
    """Let the event loop turn until something has been so for a while; whether it came to that."""
    loop, until_s, since_s = QEventLoop(), time.monotonic() + seconds, time.monotonic()

    def look() -> None:
        nonlocal since_s
        now_s = time.monotonic()
        if not so():
            since_s = now_s
        if now_s - since_s > _QUIET_S or now_s > until_s:
            loop.quit()

    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    return so()


def rise(values: list[float]) -> float:
    """By what share of their median values rise from the first to the last, by the median of all slopes (Theil-Sen)."""
    y = np.array(values, dtype=float)
    one, other = np.triu_indices(len(y), 1)
    slope = float(np.median((y[other] - y[one]) / (other - one)))
    return slope * (len(y) - 1) / float(np.median(y))


def is_chance(values: list[float]) -> bool:
    """Whether values without any trend would often rise as much: the test of Mann and Kendall, one-sided.

    Source:
        H. B. Mann, Nonparametric tests against trend, Econometrica 13 (1945); the normal limit with its correction for
        continuity, and no correction for ties, which makes it the more careful.
    """
    y, count = np.array(values), len(values)
    one, other = np.triu_indices(count, 1)
    risen = float(np.sign(y[other] - y[one]).sum())
    return risen - 1 < _UNLIKELY * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)


def verdict(minutes: list[Figures]) -> Figures:
    """How much each rose since it was warm, what rose by more than it may, and the worst of the lags' p99."""
    warm = minutes[_WARM:]
    rises = {name: round(rise([row[name] for row in warm]), 4) for name in _MAY_RISE} if len(warm) > 1 else {}
    rising = [name for name, share in rises.items() if share > _MAY_RISE[name]]
    return {
        "lag_cpu_p99_ms": max(row["lag_cpu_ms"]["p99"] for row in minutes),
        "lag_wall_p99_ms": max(row["lag_wall_ms"]["p99"] for row in minutes),
        "rises": rises,
        "judged": len(warm) >= _ENOUGH,
        "rising": [name for name in rising if not is_chance([row[name] for row in warm])],
    }


class Standing:
    """A window in use in a process of its own, which leaves its stack where it falls or hangs.

    Args:
        line: starts it; it answers each line of seconds by one of figures.
    """

    def __init__(self, line: Sequence[str]) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115 - `close` closes it
        root = Path(__file__).resolve().parents[2]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(line, cwd=root, stdin=pipe, stdout=pipe, stderr=self._said, text=True)

    def use(self, seconds: float, patience_s: float = _PATIENCE_S) -> Figures:
        """What `Soak.use` tells; of a process that fell or hangs, that and its stack."""
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None
        assert answering is not None
        with suppress(BrokenPipeError):
            asking.write(f"{seconds}\n")
            asking.flush()
        heard, _, _ = select.select([answering], [], [], seconds * 4 + patience_s)
        answer = answering.readline() if heard else ""
        if answer:
            return dict(json.loads(answer))
        if not heard:
            self._process.send_signal(signal.SIGABRT)  # so that it tells where it is
        how = "" if heard else "hung and "
        try:
            ended = ended_how(self._process.wait(_LAST_WORD_S))
        except subprocess.TimeoutExpired:
            self._process.kill()
            ended = ended_how(self._process.wait())
        self._said.seek(0)
        return {"wrong": [f"the window's process {how}{ended}", self._said.read()[-_MOST_TOLD:]]}

    def close(self) -> None:
        """End it and all it started."""
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=_PATIENCE_S)
        self._said.close()


def _serve(seed: int) -> None:
    faulthandler.enable()
    soak = Soak(seed)
    for line in sys.stdin:
        print(json.dumps(soak.use(float(line))), flush=True)
    soak.close()


_standing: list[Standing] = []


def _end() -> None:
    while _standing:
        _standing.pop().close()


def _round(number: int, figures: Figures) -> None:
    if number == 0:
        soak = Soak(seed=0)
        try:
            figures["quick"] = soak.use(_QUICK_S)
        finally:
            soak.close()
        assert "wrong" not in figures["quick"], figures["quick"]
        return
    if not _standing:
        _standing.append(Standing((sys.executable, "-m", "tests.long.soak", str(number))))
        figures["seed"], figures["minutes"] = number, []
    row = _standing[0].use(_MINUTE_S)
    if "wrong" in row:
        _end()
        figures["failed_minute"] = row
        raise AssertionError("\n".join(row["wrong"]))
    figures["minutes"].append(row)
    found = figures["verdict"] = verdict(figures["minutes"])
    assert found["lag_cpu_p99_ms"] <= _LAG_MS, found
    assert not found["judged"] or not found["rising"], found


CHECK = Check(
    name="soak",
    title="a window in use over files that grow and break: lag of its thread, and what is left over minute by minute",
    round=_round,
    target_rounds=481,
    quick_rounds=1,
    skip=lambda: "" if Path("/proc/self/status").exists() else "what is left over is read in /proc",
    end=_end,
)

if __name__ == "__main__":
    _serve(int(sys.argv[1]))

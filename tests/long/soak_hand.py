"""Whoever uses a window for long: what is done to it, and what becomes of the files meanwhile, both by seed."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from inspector.app.sheets import Sheet
from inspector.app.tabs import TABBED
from inspector.app.window import Window
from inspector.core.resources import resource
from inspector.session.intents import CursorMoved, RunChosen, RunClosed, TabChosen, ViewChanged
from tests.long.live_follow import children
from tests.long.live_writer import LOGS

_T = TypeVar("_T")

_EVERY_MS = 120
_FAULT_AMONG = 12
"""One act in so many is a fault."""

_TOLD = 40
_NONE, _LEFT, _PLAIN = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
_COMMANDS = (
    "next_sample", "previous_sample", "flag", "reject", "worst_first", "grid", "select_next", "hide_dead",
    "zoom_error", "next_layer", "smoothing", "log_axis", "fit", "next_step", "previous_step", "follow",
    "next_finding", "show_finding", "show_dismissed", "stage_cure", "stage_cure", "dismiss", "clear_staged", "undo",
    "undo", "redo", "theme", "reload", "copy_values", "copy_picture", "shortcuts", "about", "preferences", "help",
    "stalls", "point_plots", "resume",
)  # fmt: skip
_CHANGES: tuple[dict[str, Any], ...] = (
    {"series_filter": "loss"}, {"series_filter": "value"}, {"series_filter": ""}, {"smoothing": 0.9},
    {"smoothing": 0.0}, {"x_axis": "time"}, {"x_axis": "step"}, {"y_scale": "log"}, {"y_scale": "linear"},
    {"curves_page": "table"}, {"curves_page": "cards"}, {"log_filter": "step"}, {"log_filter": ""},
    {"settings_filter": "lr"}, {"settings_filter": ""}, {"tensor_filter": "weight"}, {"tensor_filter": ""},
    {"weights_page": "objects"}, {"weights_page": "tensors"}, {"features_page": "firing"},
    {"features_page": "channels"},
)  # fmt: skip


def bad_files(folder: Path) -> list[Path]:
    """Files that no reader can make anything of, or not all."""
    folder.mkdir()
    made = {
        "empty.pt": b"",
        "cut.pt": b"PK\x03\x04" + bytes(60),
        "noise.h5": b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 4,
        "noise.safetensors": b"\xff" * 64,
        "bad.jsonl": b'{"step": 1, "loss": 2}\n{"step": \n\xff\xfe\n',
        "events.out.tfevents.1.bad": b"\x18" + bytes(7) + b"\xee" * 40,
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


class Hand:
    """Acts on a window, each time as long after the last.

    Attributes:
        told: the last acts, the newest last; acts, faults: how many there were.
    """

    def __init__(self, window: Window, live: Path, bad: list[Path], seed: int) -> None:
        self.told: deque[str] = deque(maxlen=_TOLD)
        self.acts = self.faults = 0
        self._window, self._live, self._bad = window, live, bad
        self._chance = random.Random(seed)
        self._timer = QTimer(interval=_EVERY_MS)
        self._timer.timeout.connect(self._act)
        self.start, self.stop = self._timer.start, self._timer.stop

    def _act(self) -> None:
        """One act; three numbers are drawn for each, whatever is open, so that a seed gives the same ones."""
        which, one, other = (self._chance.random() for _ in range(3))
        self.acts += 1
        if self.acts % _FAULT_AMONG == 0:
            self.faults += 1
            self._do(_pick(self._faults(), which), one, other)
        else:
            self._do(_pick(self._doings(), which), one, other)

    def _do(self, act: Callable[[float, float], str], one: float, other: float) -> None:
        self.told.append(f"{self.acts} {act.__name__.strip('_')}")
        self.told[-1] += f" {act(one, other)}"

    def _doings(self) -> tuple[Callable[[float, float], str], ...]:
        often = (self._command, self._command, self._command, self._tab, self._tab, self._change, self._cursor)
        return (*often, self._wheel, self._wheel, self._open, self._choose, self._close, self._resize, self._palette,
                self._drop, self._sheets_away)  # fmt: skip

    def _faults(self) -> tuple[Callable[[float, float], str], ...]:
        return (self._truncated, self._replaced, self._removed, self._rotated, self._reader_killed)

    def _command(self, one: float, _other: float) -> str:
        key = _pick(_COMMANDS, one)
        self._window.commands.run(key)
        return key

    def _tab(self, one: float, _other: float) -> str:
        key = _pick(TABBED, one).key
        self._window.desk.dispatch(TabChosen(key))
        return key

    def _change(self, one: float, _other: float) -> str:
        changes = _pick(_CHANGES, one)
        self._window.desk.dispatch(ViewChanged(changes))
        return str(changes)

    def _cursor(self, one: float, other: float) -> str:
        step = None if other < 0.2 else float(round(one * 3000))
        self._window.desk.dispatch(CursorMoved(step))
        return str(step)

    def _wheel(self, one: float, other: float) -> str:
        tabs = self._window.tabs
        place = QPointF(tabs.width() * one, tabs.height() * other)
        widget = tabs.childAt(place.toPoint())
        if widget is None:
            return "nothing there"
        there = QPointF(tabs.mapToGlobal(place.toPoint()))
        turned = QPoint(0, -360 if other < 0.6 else 360)
        inside = QPointF(widget.mapFrom(tabs, place.toPoint()))
        event = QWheelEvent(inside, there, QPoint(), turned, _NONE, _PLAIN, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(widget, event)
        return type(widget).__name__

    def _open(self, one: float, _other: float) -> str:
        path = _pick((str(resource("sample_run")), str(self._live), *map(str, self._bad)), one)
        self._window.open_paths((path,))
        return Path(path).name

    def _choose(self, one: float, _other: float) -> str:
        runs = self._window.desk.state.runs
        if runs:
            self._window.desk.dispatch(RunChosen(_pick(runs, one).key))
        return str(len(runs))

    def _close(self, one: float, _other: float) -> str:
        runs = self._window.desk.state.runs
        if runs:
            self._window.desk.dispatch(RunClosed(_pick(runs, one).key))
        return str(len(runs))

    def _resize(self, one: float, other: float) -> str:
        self._window.resize(800 + round(900 * one), 560 + round(500 * other))
        return f"{self._window.width()} x {self._window.height()}"

    def _palette(self, one: float, _other: float) -> str:
        """Search, and choose nothing: what it finds may be a dialog that waits for an answer."""
        self._window.commands.run("palette")
        text = _pick(("loss", "slot", "theme", "lr", "zzz"), one)
        QTest.keyClicks(self._window.palette_box.field, text)
        QTest.keyClick(self._window.palette_box.field, Qt.Key.Key_Escape)
        return text

    def _drop(self, one: float, _other: float) -> str:
        dropped = _pick((self._live, *self._bad, resource("sample_run")), one)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(dropped))])
        copy = Qt.DropAction.CopyAction
        middle = self._window.rect().center()
        QApplication.sendEvent(self._window, QDragEnterEvent(middle, copy, data, _LEFT, _PLAIN))
        QApplication.sendEvent(self._window, QDropEvent(QPointF(middle), copy, data, _LEFT, _PLAIN))
        return dropped.name

    def _sheets_away(self, _one: float, _other: float) -> str:
        self.put_away()
        return ""

    def each_command(self) -> None:
        """Run each command that it may run once."""
        for key in _COMMANDS:
            self._window.commands.run(key)

    def put_away(self) -> None:
        """Close every page that lies over the views."""
        for sheet in self._window.findChildren(Sheet):
            sheet.hide()
        self._window.resuming.close()

    def _truncated(self, one: float, other: float) -> str:
        path = self._live / _pick(LOGS, one).name
        with suppress(FileNotFoundError):
            os.truncate(path, round(path.stat().st_size * other))
        return path.name

    def _replaced(self, one: float, _other: float) -> str:
        path = self._live / _pick(LOGS, one).name
        beside = self._live.parent / "beside"
        with suppress(FileNotFoundError):
            shutil.copyfile(path, beside)
            beside.replace(path)
        return path.name

    def _removed(self, one: float, _other: float) -> str:
        path = self._live / _pick(LOGS, one).name
        path.unlink(missing_ok=True)
        return path.name

    def _rotated(self, one: float, _other: float) -> str:
        log = _pick(LOGS, one)
        with suppress(FileNotFoundError):
            (self._live / log.name).rename(self._live / log.rotated)
        return log.name

    def _reader_killed(self, one: float, _other: float) -> str:
        readers = sorted(pid for child in children(os.getpid()) for pid in children(child))
        if readers:
            with suppress(ProcessLookupError):
                os.kill(_pick(readers, one), signal.SIGKILL)
        return str(len(readers))


def _pick(among: Sequence[_T], share: float) -> _T:
    return among[int(share * len(among))]

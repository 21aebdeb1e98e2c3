"""Where the window's thread was when the event loop did not turn: a second thread looks at its stack meanwhile."""

from __future__ import annotations

import faulthandler
import os
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import cache
from typing import BinaryIO, NamedTuple

from PySide6.QtCore import QObject, QTimer

from inspector.core.language import tr

STALL_S = 0.1
"""A pause that a user feels; Source: J. Nielsen, Usability Engineering (1993), chapter 5."""

KEPT = 50
_BEAT_MS = 50
_LOOK_S = 0.025
_OURS = "inspector."
_THREAD = re.compile(r"(?:Current t|T)hread 0x([0-9a-f]+) ")
_CALL = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)

Stack = tuple[str, ...]


class Stall(NamedTuple):
    """One pause of the event loop.

    Attributes:
        wall_s: from one turn to the next; cpu_s: of it, what the window's own thread worked.
        at_s: when it ended, in seconds since the epoch.
        stack: what was found most often meanwhile, the innermost call first; `module.function:line` each.
    """

    wall_s: float
    cpu_s: float
    at_s: float
    stack: Stack

    @property
    def culprit(self) -> str:
        """The innermost call of the program's own, empty where there is none."""
        return next((call for call in self.stack if call.startswith(_OURS)), "")

    def text(self) -> str:
        """Figures, and the stack below them, one call a line."""
        ended = time.strftime("%H:%M:%S", time.localtime(self.at_s))
        head = tr("{wall:.0f} ms ({work:.0f} ms of work), until {ended}").format(
            wall=self.wall_s * 1000, work=self.cpu_s * 1000, ended=ended
        )
        return "\n".join((head, *(f"    {call}" for call in self.stack)))


class Stalls(QObject):
    """Watches the event loop of the thread it was made in.

    Args:
        bound_s: pauses from here on are kept.

    Attributes:
        kept: the longest, the longest first, at most `KEPT`.
    """

    def __init__(self, parent: QObject | None = None, bound_s: float = STALL_S) -> None:
        super().__init__(parent)
        self.kept: list[Stall] = []
        self._bound_s = bound_s
        self._watched = threading.get_ident()
        self._found: list[Stack] = []
        self._turned_s, self._worked_s = 0.0, 0.0
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self._turn)
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def caught(self) -> bool:
        """Whether a pause is under way whose stack has been seen."""
        return bool(self._found)

    def start(self) -> None:
        """Watch from now on."""
        if self._watcher is not None:
            return
        self._turned_s, self._worked_s = time.monotonic(), time.thread_time()
        self._ended.clear()
        self._watcher = threading.Thread(target=self._watch, name="stalls", daemon=True)
        self._watcher.start()
        self._beat.start()

    def stop(self) -> None:
        """Watch no more; what was found is kept, also of a pause that is under way."""
        if self._watcher is not None:
            self._beat.stop()
            self._ended.set()
            self._watcher.join()
            self._watcher = None
            self._turn()

    def _turn(self) -> None:
        now_s, worked_s = time.monotonic(), time.thread_time()
        found, self._found = self._found, []
        before_s, self._turned_s = self._turned_s, now_s
        if found:
            stack = Counter(found).most_common(1)[0][0]
            self.kept.append(Stall(now_s - before_s, worked_s - self._worked_s, time.time(), stack))
            self.kept.sort(key=lambda stall: stall.wall_s, reverse=True)
            del self.kept[KEPT:]
        self._worked_s = worked_s

    def _watch(self) -> None:
        with _paper() as paper:
            while not self._ended.wait(max(self._turned_s + self._bound_s - time.monotonic(), _LOOK_S)):
                if time.monotonic() - self._turned_s >= self._bound_s:
                    self._found.append(_stack_of(self._watched, paper))


def _paper() -> BinaryIO:
    """What stacks are written on: memory, or elsewhere than on Linux a file without a name."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stalls"), "w+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _stack_of(thread: int, paper: BinaryIO) -> Stack:
    """What a thread is doing, as the interpreter itself writes it down.

    It keeps nothing of that. A frame, as `sys._current_frames` gives it, would outlive its call, and objects of Qt
    that the call had made would end in the thread that looks, which ends the process.
    """
    paper.seek(0)
    faulthandler.dump_traceback(paper.fileno(), all_threads=True)
    length_bytes = paper.tell()
    paper.seek(0)
    return stack_in(paper.read(length_bytes).decode(errors="replace"), thread)


def stack_in(dump: str, thread: int) -> Stack:
    """The calls of one thread in what `faulthandler` wrote of all, the innermost first; none where it is not there."""
    for told in dump.split("\n\n"):
        named = _THREAD.match(told)
        if named and int(named[1], 16) == thread:
            return tuple(f"{_module(file)}.{function}:{line}" for file, line, function in _CALL.findall(told))
    return ()


@cache
def _module(file: str) -> str:
    """The name by which a file is imported; where it is found nowhere, its path."""
    if file.startswith("<frozen "):
        return file[len("<frozen ") : -1]
    for place in sorted(sys.path, key=len, reverse=True):
        if place and file.startswith(f"{place}{os.sep}"):
            file = file[len(place) + 1 :].removesuffix(".py").removesuffix(f"{os.sep}__init__").replace(os.sep, ".")
            break
    return file

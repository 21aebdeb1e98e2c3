"""Whether the disk of a path answers: one that hangs would hold whoever asks for a file, so a small child asks first.

A share that stops answering holds every call for good, and a thread or process that waits for it cannot be ended. So
the window asks for a path of the user's only after `reach`, which waits a moment and gives up; the child that was left
waiting for it is heard again, and tells when the share is back.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import math
import os
import stat
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from inspector.core.texts import visible
from inspector.jobs.children import child_command, start_child
from inspector.jobs.waiting import readable, works

PATIENCE_S = 0.2
"""A disk that is asked for nothing but its size and does not answer in this time is taken for hung; the window waits
so long once."""

_BUSY_S = 5.0
"""On a busy machine the child itself waits for the processor; that is no fault of the disk."""

_MOST_S = 2.0
_AT_ONCE = 32
"""Paths in one question: as long as the system lets them be, they still fit into the socket, which does not wait."""

_STEP_S = 0.01
_MOUNTS = Path("/proc/self/mounts")


class SilentError(TimeoutError):
    """A path whose disk does not answer.

    Args:
        path: that was to be reached.
    """

    def __init__(self, path: Path | str) -> None:
        super().__init__(errno.ETIMEDOUT, "its disk does not answer", str(path))

    def __str__(self) -> str:
        return f"{visible(self.filename)}: {self.strerror}"


class _Asker:
    """A child that asks for one path after the other."""

    def __init__(self) -> None:
        self._process, self._end = start_child(
            "reach", lambda descriptor: child_command("reach", descriptor), stderr=subprocess.DEVNULL
        )
        self._owed = 1  # it says first that it is there

    def ask(self, *paths: str) -> None:
        """Have it reach for paths, one after the other."""
        self._end.sendall(b"".join(os.fsencode(path).partition(b"\0")[0] + b"\0" for path in paths))
        self._owed += len(paths)

    def answered_of(self, paths: Sequence[str]) -> int:
        """How many of these paths it has reached, in their order, until one kept it waiting."""
        self.ask(*paths)
        owed = math.inf
        while not self.answers(PATIENCE_S) and self._owed < owed:
            owed = self._owed
        return max(len(paths) - self._owed, 0)

    def answers(self, patience_s: float) -> bool:
        """Whether it owes no answer any more, waited for; it ends where it can tell nothing."""
        now_s = time.monotonic()
        until_s, at_most_s = now_s + patience_s, now_s + _BUSY_S
        while self._owed:
            if readable(self._end, max(until_s - now_s, 0.0)):
                said = self._end.recv(64)
                if not said:
                    raise ChildProcessError(errno.ECHILD, "it has ended")
                self._owed -= len(said)
            elif patience_s and now_s < at_most_s and (self._owed > 1 or works(self._process.pid)):
                until_s = time.monotonic() + _STEP_S
            else:
                break
            now_s = time.monotonic()
        return not self._owed

    def tells_no_more(self) -> bool:
        """Whether it has answered by now, or was killed."""
        try:
            return self.answers(0.0)
        except OSError:
            return True

    def end(self) -> None:
        """Be rid of it; one that a disk holds goes when the disk lets it."""
        self._end.close()
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S if self._owed else _BUSY_S)


class Reach:
    """What is known of the disks that were asked for."""

    def __init__(self) -> None:
        self._asker: _Asker | None = None
        self._silent: dict[str, _Asker] = {}
        self._patience_s: dict[str, float] = {}

    def start(self) -> None:
        """Start the child ahead of the first question."""
        if self._asker is None:
            with contextlib.suppress(OSError):
                self._asker = _Asker()

    def __call__(self, *paths: Path | str) -> None:
        """Wait a moment until the disks of these paths have answered, whether anything is there or not.

        Raises:
            SilentError: one does not answer.
        """
        mounts = _mounts()
        places = {_place_of(path, mounts): str(path) for path in reversed(paths)}
        self._back()
        for place, path in places.items():
            if not self._answered(place, path):
                raise SilentError(path)

    def answering(self, paths: Iterable[Path]) -> list[Path]:
        """Those of these paths whose disks answer, all asked at once."""
        by_place: dict[str, list[Path]] = {}
        mounts = _mounts()
        for path in paths:
            by_place.setdefault(_place_of(path, mounts), []).append(path)
        back = self._back()
        good = [place for place in by_place if place in back and self._answered(place, str(by_place[place][0]))]
        asked = [place for place in by_place if place not in self._silent and place not in back]
        while asked:
            now, asked = asked[:_AT_ONCE], asked[_AT_ONCE:]
            self.start()
            count = len(now)
            try:
                if self._asker is not None:
                    count = self._asker.answered_of([str(by_place[place][0]) for place in now])
            except OSError:
                self._lose()
            good += now[:count]
            if count < len(now) and self._asker is not None:
                self._silent[now[count]], self._asker = self._asker, None
                asked = now[count + 1 :] + asked
        return [path for place in good for path in by_place[place]]

    def _answered(self, place: str, path: str) -> bool:
        """Whether the disk of a path answers; also where no child can be had that would tell."""
        if place in self._silent:
            return False
        self.start()
        asker = self._asker
        if asker is None:
            return True
        try:
            asker.ask(path)
            if asker.answers(self._patience_s.get(place, PATIENCE_S)):
                return True
        except OSError:
            self._lose()
            return True
        self._silent[place], self._asker = asker, None
        return False

    def _back(self) -> set[str]:
        """The places that kept a child waiting and have answered since; the child is let go.

        They are back, or slow; how long ago they answered is not known, so they are asked anew and waited for longer.
        """
        back = {place for place, asker in self._silent.items() if asker.tells_no_more()}
        for place in back:
            self._silent.pop(place).end()
            self._patience_s[place] = min(self._patience_s.get(place, PATIENCE_S) * 2, _MOST_S)
        return back

    def _lose(self) -> None:
        """Be rid of a child that can tell nothing; the next question starts another."""
        if self._asker is not None:
            self._asker.end()
            self._asker = None

    def close(self) -> None:
        """End the children."""
        for asker in (self._asker, *self._silent.values()):
            if asker is not None:
                asker.end()
        self._asker = None
        self._silent.clear()


reach = Reach()
"""That of this process."""
atexit.register(reach.close)


def there(path: Path | str) -> os.stat_result | None:
    """What stands at a path; None where nothing does, or its disk does not tell."""
    try:
        reach(path)
        return os.stat(path)  # noqa: PTH116 - its name may hold a zero byte
    except (OSError, ValueError):
        return None


def folder_there(path: Path | str) -> bool:
    """Whether a folder stands at a path, as far as its disk tells."""
    status = there(path)
    return status is not None and stat.S_ISDIR(status.st_mode)


def _mounts() -> list[str]:
    """Where anything is mounted."""
    try:
        mounts = [os.fsdecode(line.split(b" ")[1]) for line in _MOUNTS.read_bytes().splitlines()]
    except OSError:
        return []
    return [mount.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\") for mount in mounts]


def _place_of(path: Path | str, mounts: Sequence[str]) -> str:
    """What hangs together with a path: what is mounted there, or only its folder on the disk of the system."""
    text = os.path.abspath(path)  # noqa: PTH100 - no question to any disk
    found = max((mount for mount in mounts if text == mount or text.startswith(mount.rstrip("/") + "/")),
                key=len, default="/")  # fmt: skip
    return os.path.dirname(text) if found == "/" else found  # noqa: PTH120 - it is text

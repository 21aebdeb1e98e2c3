"""A descriptor that becomes readable at a chosen time, so that whoever watches descriptors needs no timer beside them.

Source:
    timerfd_create(2); Python has it from 3.13 on.
"""

from __future__ import annotations

import ctypes
import os
import time

from inspector.jobs.kernel import checked, libc

_TFD_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_SOONEST_S = 1e-6  # 0 would disarm it


class _Setting(ctypes.Structure):
    """struct itimerspec: interval, then first expiry, each in seconds and nanoseconds."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("first_s", ctypes.c_long),
        ("first_ns", ctypes.c_long),
    )


class Alarm:
    """Becomes readable at the time set, in seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self._descriptor = checked(libc().timerfd_create(time.CLOCK_MONOTONIC, _TFD_FLAGS))

    def fileno(self) -> int:
        """The descriptor to watch for reading."""
        return self._descriptor

    def set(self, at_s: float | None) -> None:
        """Ring at this time, at once if it has passed, never for None; an alarm that rings is quiet again."""
        left_s = 0.0 if at_s is None else max(_SOONEST_S, at_s - time.monotonic())
        whole_s = int(left_s)
        setting = _Setting(0, 0, whole_s, int((left_s - whole_s) * 1e9))
        checked(libc().timerfd_settime(self._descriptor, 0, ctypes.byref(setting), None))

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

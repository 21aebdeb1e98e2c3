"""Signals as bytes on a socket, so that a loop sees them between two waits."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Those that ask a process to stop."""


def heard_signals(numbers: Sequence[signal.Signals]) -> socket.socket:
    """A non-blocking socket on which each of these signals arrives as the byte of its number; they do nothing else."""
    heard, write = socket.socketpair()
    heard.setblocking(False)
    write.setblocking(False)
    signal.set_wakeup_fd(write.detach())
    for number in numbers:
        signal.signal(number, lambda *_: None)
    return heard

"""Waiting for one descriptor, whatever its number, for `select` takes none above 1023; and for whom to wait longer."""

from __future__ import annotations

import select
import socket
import threading
from pathlib import Path


def readable(end: int | socket.socket, patience_s: float | None) -> bool:
    """Whether there is anything to read from a descriptor, waited for so long; for as long as it takes with None."""
    watch = select.poll()
    watch.register(end, select.POLLIN)
    return bool(watch.poll(None if patience_s is None else patience_s * 1000))


def works(who: int | threading.Thread) -> bool:
    """Whether a process, by its number, or a thread of this one is at work or waits for the processor, and for no disk.

    Where the system does not tell, it is taken to wait.
    """
    place = f"self/task/{who.native_id}" if isinstance(who, threading.Thread) else f"{who}"
    try:
        status = Path(f"/proc/{place}/stat").read_bytes()
    except OSError:
        return False
    return status[status.rindex(b")") + 2 :].startswith(b"R")

"""Waiting for one descriptor, whatever its number: `select` takes none above 1023."""

from __future__ import annotations

import select
import socket


def readable(end: int | socket.socket, patience_s: float | None) -> bool:
    """Whether there is anything to read from a descriptor, waited for so long; for as long as it takes with None."""
    watch = select.poll()
    watch.register(end, select.POLLIN)
    return bool(watch.poll(None if patience_s is None else patience_s * 1000))

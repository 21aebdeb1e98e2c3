"""What the frozen program runs first; every role of it starts here."""

import contextlib
import os
import sys
from pathlib import Path

from inspector.__main__ import run

_TAKEN = b"VIRTUAL_ENV="
"""PyInstaller takes it out; it says which Python the user trains with."""

with contextlib.suppress(OSError):
    for variable in Path("/proc/self/environ").read_bytes().split(b"\0"):
        if variable.startswith(_TAKEN):
            os.environb[_TAKEN[:-1]] = variable[len(_TAKEN) :]

sys.exit(run())

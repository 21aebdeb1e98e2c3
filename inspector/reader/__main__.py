"""`python -I -m inspector.reader FD`: the launcher, talking on an inherited socket."""

from __future__ import annotations

import signal
import socket
import sys
import traceback

from inspector.core.collector import collector_paused
from inspector.jobs.kernel import PR_SET_PDEATHSIG, prctl
from inspector.jobs.requests import BROKEN, Broken
from inspector.jobs.wire import Channel, message_of
from inspector.reader.answers import ANSWERS, load_all
from inspector.reader.launcher import Launcher, warm


def main(arguments: list[str]) -> int:
    """Load what readers need, then fork them as told."""
    if sys.platform == "linux":  # a killed window is not outlived by as long as it takes to load
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    end = socket.socket(fileno=int(arguments[0]))
    with collector_paused():
        try:
            load_all()
        except Exception as error:  # noqa: BLE001 - the window words it
            broken = Broken(f"Reading files does not work in this installation ({error})", traceback.format_exc())
            Channel(end).send(message_of(0, BROKEN, broken))
            return 1
        warm()
    Launcher(end, ANSWERS).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

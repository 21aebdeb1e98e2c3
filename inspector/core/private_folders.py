"""Folders of this process alone, removed when they are wanted no more; what a crash leaves is swept."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from threading import Thread

_serial = itertools.count()


def new_private_folder(inside: Path) -> Path:
    """A new empty folder that only the user may look into, named after this process.

    Raises:
        OSError: it cannot be made.
    """
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        folder = inside / f"{os.getpid()}-{next(_serial)}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:  # of an earlier process with our number
            remove_folder(folder).join()
        else:
            return folder


def remove_folder(folder: Path) -> Thread:
    """Remove a folder with all in it, beside whatever else is done: to let go of large files takes its time."""
    thread = Thread(target=shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True})
    thread.start()
    return thread

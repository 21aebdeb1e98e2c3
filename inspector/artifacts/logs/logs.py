"""The curves of any log, whatever its format."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from inspector.artifacts.container_table import BY_NAME, LOGS
from inspector.artifacts.sniff import sniff
from inspector.artifacts.unread_stores import UNREAD_STORES
from inspector.core.errors import UnknownKindError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.formats.series import SeriesSet


def series_of(path: Path, pulse: Pulse) -> SeriesSet:
    """Every curve of a log; asked again, only what was appended since is read.

    Raises:
        UnknownKindError: the file is no log.
        UnsupportedError: it is a log of a format that is not read.
        DamagedError: it is empty, or nothing in it is what its format promises.
        MissingError: it is not there, or may not be read.
        WorkCancelled: the pulse was cancelled; what was read by then is kept.
    """
    container = sniff(path).container
    if container in LOGS:
        return cast("SeriesSet", import_module(BY_NAME[container].reader).series(path, pulse))
    if container in UNREAD_STORES:
        raise UnsupportedError(path, "a log that is read", *UNREAD_STORES[container])
    raise UnknownKindError(path, "a log of numbers", f"a file of kind {container}")

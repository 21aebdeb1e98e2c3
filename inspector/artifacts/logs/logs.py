"""The curves of any log, whatever its format."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from inspector.artifacts.sniff import sniff
from inspector.artifacts.unread_stores import UNREAD_STORES
from inspector.core.errors import UnknownKindError, UnsupportedError
from inspector.core.pulse import Pulse
from inspector.formats.series import SeriesSet

READERS = {
    "tfevents": "inspector.artifacts.logs.tensorboard",
    "wandb": "inspector.artifacts.logs.wandb",
    "jsonl": "inspector.artifacts.logs.metrics_jsonl",
    "json-history": "inspector.artifacts.logs.json_history",
    "mlflow-metric": "inspector.artifacts.logs.mlflow",
    "evaluations": "inspector.artifacts.logs.evaluations",
    "csv": "inspector.artifacts.logs.table_csv",
    "text": "inspector.artifacts.logs.console",
}
"""Each container's module; its function `series` takes (path, pulse)."""


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
    module = READERS.get(container)
    if module is not None:
        return cast("SeriesSet", import_module(module).series(path, pulse))
    if container in UNREAD_STORES:
        raise UnsupportedError(path, "a log that is read", *UNREAD_STORES[container])
    raise UnknownKindError(path, "a log of numbers", f"a file of kind {container}")

"""The run folder as its writer sees it: run.json, records, console text; every file whole or growing by lines."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import sys
import time
from pathlib import Path
from typing import IO, Any

import msgspec

from inspector import __version__
from inspector.core.errors import RunFolderError
from inspector.core.files import (
    append_line,
    naming,
    open_append,
    remove,
    sync,
    sync_folder,
    write_atomically,
)
from inspector.core.leftovers import sweep_temporaries
from inspector.formats.metrics import EPOCH, EVENT, STEP, TIME, encode_record
from inspector.formats.nonfinite import to_json
from inspector.formats.run_folder import (
    ALIVE_FILE,
    CHECKPOINT_FOLDER,
    CONSOLE_FILE,
    CONTROL_FILE,
    DUMP_FOLDER,
    EDITS_FILE,
    METRICS_FILE,
    RECIPE_FILE,
    RESERVE_FILE,
    RUN_FILE,
    SETTINGS_FILE,
    SETTINGS_SCHEMA_FILE,
    Edit,
    Parent,
    RunRecord,
    Status,
    resumed_folders,
)
from inspector.formats.settings_schema import json_schema
from inspector.training.catalogue import Trainable

_RESERVE_BYTES = 65_536

_OTHERS = frozenset((ALIVE_FILE, CONTROL_FILE))
"""What a supervisor may have put there first."""


def claim(path: Path) -> Path:
    """Make the folder of a new run, so that no two runs share one.

    Raises:
        RunFolderError: it is taken, or cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
        strangers = [name for name in names if name not in _OTHERS]
        if strangers and strangers != [CHECKPOINT_FOLDER]:
            raise RunFolderError(f"{path.name} already holds {strangers[0]}; choose another folder with -o")
        # Making this one decides between two that saw the folder empty.
        (path / CHECKPOINT_FOLDER).mkdir()
        (path / DUMP_FOLDER).mkdir()
        with contextlib.suppress(OSError):  # a folder that may be written need not be readable
            sync_folder(path.parent)
    except FileExistsError as error:
        raise RunFolderError(f"{path.name} is already a run or a file; choose another folder with -o") from error
    except OSError as error:
        raise RunFolderError(
            f"{path.name} cannot be made in {path.parent} ({error.strerror}); choose a folder with -o"
        ) from error
    return path


def claim_beside(parent: Path) -> Path:
    """A new folder beside a run: its name with `-resumed`, then `-resumed-2` and so on.

    Raises:
        RunFolderError: none can be made there.
    """
    return claim(next(path for path in resumed_folders(parent) if not path.exists()))


class RunFolder:
    """The open files of a run that is being trained.

    Args:
        path: a folder made by `claim`.
        record: run.json to begin with.
        console: where console lines go too, None for nowhere.
    """

    def __init__(self, path: Path, record: RunRecord, console: IO[str] | None = None) -> None:
        self.path = path
        self.record = record
        self._console = console
        for folder in (path, path / CHECKPOINT_FOLDER, path / DUMP_FOLDER):
            sweep_temporaries(folder)
        self._metrics_path, self._console_path = path / METRICS_FILE, path / CONSOLE_FILE
        self._metrics = open_append(self._metrics_path)
        self.log = open_append(self._console_path)
        sync_folder(path)

    def begin(self, settings: msgspec.Struct, edits: tuple[Edit, ...] | None) -> None:
        """Write what describes the run; run.json comes last, as the mark that the rest is there."""
        write_atomically(self.path / SETTINGS_SCHEMA_FILE, to_json(json_schema(type(settings)), indent=2))
        self.write_settings(settings)
        if self.record.recipe_file is not None:
            write_atomically(self.path / RECIPE_FILE, Path(self.record.recipe_file.path).read_bytes())
        if edits is not None:
            write_atomically(self.path / EDITS_FILE, to_json(edits, indent=2))
        # Bytes that no file system stores as fewer.
        write_atomically(self.path / RESERVE_FILE, os.urandom(_RESERVE_BYTES), durable=False)
        self.update()

    def end(self, status: Status, reason: str) -> None:
        """Say how the run ended, on a full disk too.

        Raises:
            OSError: run.json still says that it runs.
        """
        with contextlib.suppress(OSError):
            remove(self.path / RESERVE_FILE)
        with contextlib.suppress(OSError):
            self.say(reason)
            self.sync()
        self.update(status=status, reason=reason, ended=time.time())

    def write_settings(self, settings: msgspec.Struct) -> None:
        """The settings in force."""
        write_atomically(self.path / SETTINGS_FILE, to_json(settings, indent=2))

    def update(self, **changes: Any) -> None:
        """Change fields of run.json."""
        self.record = msgspec.structs.replace(self.record, **changes)
        write_atomically(self.path / RUN_FILE, to_json(self.record, indent=2))

    def metrics(self, step: int, epoch: float, values: dict[str, Any]) -> None:
        """Append one record."""
        with naming(self._metrics_path):
            append_line(self._metrics, encode_record({STEP: step, EPOCH: epoch, TIME: time.time(), **values}))

    def event(self, step: int, epoch: float, name: str, **values: Any) -> None:
        """Append what happened."""
        self.metrics(step, epoch, {EVENT: name, **values})

    def say(self, line: str) -> None:
        """One console line, to the log and to whoever listens."""
        with naming(self._console_path):
            append_line(self.log, line.encode())
        if self._console is not None:
            try:
                self._console.write(f"{line}\n")
                self._console.flush()
            except OSError:
                # The terminal or pipe is gone; the log goes on.
                self._console = None

    def sync(self) -> None:
        """Make records and console text durable."""
        with naming(self._metrics_path):
            sync(self._metrics)
        with naming(self._console_path):
            sync(self.log)

    def remove_checkpoint(self, name: str) -> None:
        """Forget one checkpoint."""
        with contextlib.suppress(OSError):
            remove(self.path / CHECKPOINT_FOLDER / name)

    def checkpoint(self, name: str) -> Path:
        """Where a checkpoint of that name stands."""
        return self.path / CHECKPOINT_FOLDER / name

    def dump(self, name: str) -> Path:
        """Where a dump of that name stands."""
        return self.path / DUMP_FOLDER / name

    def close(self) -> None:
        """Close the growing files."""
        os.close(self._metrics)
        os.close(self.log)


class OthersFolder(RunFolder):
    """The run folder to a process that leaves writing to the first one.

    Args:
        path: of the run.
        record: run.json to begin with.
    """

    def __init__(self, path: Path, record: RunRecord) -> None:
        self.path = path
        self.record = record

    def begin(self, settings: msgspec.Struct, edits: tuple[Edit, ...] | None) -> None:
        """Nothing."""

    def end(self, status: Status, reason: str) -> None:
        """Nothing."""

    def write_settings(self, settings: msgspec.Struct) -> None:
        """Nothing."""

    def metrics(self, step: int, epoch: float, values: dict[str, Any]) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def new_record(
    name: str,
    what: Trainable,
    seed: int,
    *,
    model_size: str,
    device: str,
    samples: int,
    processes: int,
    parent: Parent | None = None,
) -> RunRecord:
    """run.json of a run that starts now."""
    import h5py
    import numpy as np
    import torch

    return RunRecord(
        id=secrets.token_hex(6),
        name=name,
        recipe=what.name,
        seed=seed,
        host=platform.node(),
        started=time.time(),
        model_size=model_size,
        versions={
            "inspector": __version__,
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "h5py": h5py.__version__,
        },
        device=device,
        samples=samples,
        processes=processes,
        parent=parent,
        recipe_file=what.file,
        command=("run-inspector", *sys.argv[1:]),
    )

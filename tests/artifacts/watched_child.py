"""Opens every file in a folder, or named on its input, and prints what happened beside: `python -m ... < paths.json`.

What the interpreter announces (imports, opened files, started programs, sockets, code made or run) is written down
from the moment on when benign files of each kind were opened.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from inspector.artifacts.checkpoints import checkpoint
from inspector.artifacts.checkpoints.checkpoint import opened
from inspector.artifacts.container_table import CONTAINERS
from inspector.artifacts.facts import facts_of
from inspector.artifacts.tensors.elements import load, statistics
from inspector.core.errors import FileError
from inspector.formats.facts import CheckpointFacts
from inspector.formats.nonfinite import to_json

HARMLESS = frozenset((
    "array.__new__", "builtins.id", "object.__getattr__", "object.__setattr__", "object.__delattr__",
    "resource.setrlimit",
))  # fmt: skip
"""What is announced and does nothing outside the program; it bounds its own memory while the HDF5 library reads."""

READ_ONLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
FIRST_TENSORS = 3

_events: list[str] = []
_listening = False
_named: set[str] = set()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listening or event in HARMLESS or event.startswith(("gc.", "sys._getframe")):
        return
    if event == "open" and str(arguments[0]) in _named and not arguments[2] & ~READ_ONLY:
        return
    _events.append(f"{event} {arguments!r}"[:300])


def open_whole(path: Path) -> bool:
    """What a window does with a file: its facts, their text, details and numbers of its first tensors."""
    try:
        found = facts_of(path)
    except FileError as error:
        str(error)
        return False
    to_json(found)
    if isinstance(found, CheckpointFacts):
        known = opened(path)
        for tensor in found.tensors[:FIRST_TENSORS]:
            known.details(tensor.name)
            try:
                statistics(known.window(tensor.name))
                load(known.window(tensor.name))
            except FileError:
                continue
    return True


def main() -> None:
    """Open benign files, then the others with every event written down."""
    global _listening
    asked = json.loads(sys.stdin.read())
    warnings.simplefilter("ignore")
    for container in CONTAINERS:
        import_module(container.reader)
    for path in asked["benign"]:
        open_whole(Path(path))
    checkpoint._opened.clear()
    _named.update(asked["hostile"])
    sys.addaudithook(_hear)
    loaded = set(sys.modules)
    shown = 0
    unexpected: list[str] = []
    found: dict[str, list[str]] = {}
    for path in asked["hostile"]:
        _listening = True
        try:
            shown += open_whole(Path(path))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            unexpected.append(f"{path}: {type(error).__name__}: {error}")
        finally:
            _listening = False
        if _events:
            found[path] = _events[:5]
            _events.clear()
    gc.collect()
    new = sorted(set(sys.modules) - loaded)
    print(json.dumps({"events": found, "unexpected": unexpected, "shown": shown, "modules": new}))


if __name__ == "__main__":
    main()

"""Commands to a live run: signals, and lines of control.jsonl."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import msgspec

from inspector.core.errors import SettingsError
from inspector.formats.setting_fields import fields_of
from inspector.formats.settings import with_edits

S = TypeVar("S", bound=msgspec.Struct)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopFlag:
    """Set by the first signal that asks to stop; `name` says which."""

    def __init__(self) -> None:
        self.name = ""

    def set(self, number: int, _frame: FrameType | None) -> None:
        """A signal handler."""
        self.name = signal.Signals(number).name


@contextmanager
def stop_on_signals() -> Iterator[StopFlag]:
    """A flag that SIGTERM and SIGINT set while the block runs; the run then ends at its next step."""
    flag = StopFlag()
    before = {number: signal.signal(number, flag.set) for number in _SIGNALS}
    try:
        yield flag
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Control:
    """Whole lines that were added to control.jsonl since the last look; one stat a look while there are none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def commands(self) -> list[dict[str, Any]]:
        """New commands in order; a line that is not a JSON object with a command comes as `{"command": ""}`."""
        try:
            if self._path.stat().st_size <= self._offset:
                return []
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                data = stream.read()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [_command(line) for line in whole.splitlines() if line.strip()]


def _command(line: bytes) -> dict[str, Any]:
    with contextlib.suppress(ValueError, RecursionError):
        found = msgspec.json.decode(line)
        if isinstance(found, dict) and isinstance(found.get("command"), str):
            return found
    return {"command": ""}


def live_edit(settings: S, path: str, value: Any) -> S:
    """The settings with one changed that takes effect while training.

    Raises:
        SettingsError: there is no such setting, it takes another value, or it waits for a resume.
    """
    edited = with_edits(settings, {path: value})
    if path not in {item.path for item in fields_of(type(settings)) if item.applies == "live"}:
        raise SettingsError(f"{path} takes effect on resume, not while training")
    return edited

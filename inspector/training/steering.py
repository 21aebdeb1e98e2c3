"""What a live run is asked for: to stop, to wait, to write a checkpoint, to change a setting."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Protocol

from inspector.core.errors import SettingsError
from inspector.training.control import Control, StopFlag
from inspector.training.engine import Engine

_LOOK_S = 0.1
"""How often control.jsonl is looked at: a look at a file costs more than all else between two short steps."""


class Steered(Protocol):
    """A run that can be asked."""

    def happened(self, name: str, **values: Any) -> None:
        """Tell of an event."""

    def checkpoint_now(self) -> None:
        """Write a checkpoint."""

    def edit(self, path: str, value: Any) -> None:
        """Change a setting that takes effect while training.

        Raises:
            SettingsError: it takes no such edit.
        """


class Steering:
    """Who asks: signals, and lines of control.jsonl; all processes of a run hear the same.

    Args:
        control: of the run folder, None where another process reads it.
        stop: set by a signal.
        engine: where the other processes are.
    """

    def __init__(self, control: Control | None, stop: StopFlag, engine: Engine) -> None:
        self._control = control
        self._stop = stop
        self._engine = engine
        self._paused = False
        self._next_look_s = -math.inf

    def asked_to_stop(self, run: Steered) -> str:
        """Who asked to stop, or an empty string; while paused, it waits here."""
        while True:
            name, commands = self._heard()
            if name:
                return name
            for command in commands:
                word = command["command"]
                if word == "stop":
                    return "command"
                answer = _ANSWERS.get(word)
                if answer is None:
                    run.happened("refused", command=word, reason="unknown command")
                else:
                    answer(self, run, command)
            if not self._paused:
                return ""
            time.sleep(_LOOK_S)

    def _heard(self) -> tuple[str, list[dict[str, Any]]]:
        heard = self._stop.name, self._commands()
        if self._engine.processes == 1:
            return heard
        if not self._engine.any(bool(heard[0] or heard[1])):
            return "", []
        every = self._engine.gathered(heard)
        return next((name for name, _ in every if name), ""), [command for _, said in every for command in said]

    def _commands(self) -> list[dict[str, Any]]:
        now_s = time.monotonic()
        if self._control is None or now_s < self._next_look_s:
            return []
        self._next_look_s = now_s + _LOOK_S
        return self._control.commands()

    def _checkpoint(self, run: Steered, _command: dict[str, Any]) -> None:
        run.checkpoint_now()

    def _pause(self, run: Steered, _command: dict[str, Any]) -> None:
        self._paused = True
        run.happened("paused")

    def _continue(self, run: Steered, _command: dict[str, Any]) -> None:
        self._paused = False
        run.happened("continued")

    def _edit(self, run: Steered, command: dict[str, Any]) -> None:
        path, value = str(command.get("path", "")), command.get("value")
        try:
            run.edit(path, value)
        except SettingsError as error:
            run.happened("refused", command="edit", path=path, reason=str(error))
            return
        run.happened("edited", path=path, value=value)


_ANSWERS: dict[str, Callable[[Steering, Steered, dict[str, Any]], None]] = {
    "checkpoint": Steering._checkpoint,  # noqa: SLF001 - the class's own table
    "pause": Steering._pause,  # noqa: SLF001 - likewise
    "continue": Steering._continue,  # noqa: SLF001 - likewise
    "edit": Steering._edit,  # noqa: SLF001 - likewise
}

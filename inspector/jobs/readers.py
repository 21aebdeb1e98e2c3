"""Where readers come from.

The window watches `Launcher.fileno` and calls `Launcher.on_readable`, where outcomes are delivered; a command line
calls `answered`. No thread takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from inspector.core.language import language
from inspector.core.outcome import Outcome
from inspector.core.places import cache_folder
from inspector.core.pulse import Progress
from inspector.formats.role_corrections import FileCorrections
from inspector.jobs.bounds import Limits
from inspector.jobs.children import Started, start_launcher
from inspector.jobs.launching import LauncherProcess
from inspector.jobs.pump import Pump
from inspector.jobs.reach import folder_there
from inspector.jobs.reader import Reader, Ticket
from inspector.jobs.requests import Fork
from inspector.jobs.wire import Channel

__all__ = ["SILENT_FOR_S", "Launcher", "Reader", "Ticket", "answered"]

T = TypeVar("T")

SILENT_FOR_S = 30.0
"""A reader at work that neither answers nor reports progress for so long is taken for hung."""

_TURN_S = 0.006
"""A third of a frame; many readers may answer at once."""


class Launcher:
    """Where readers come from; the process behind it starts with the first request and again after it died.

    Args:
        command: starts the launcher process, by default the product's.
        limits: what each reader may use.
        silent_for_s: how long a reader at work may say nothing.
        started: the process behind it, where that has been started already.

    Attributes:
        role_corrections: what the user says of datasets in dumps, for processes that start from now on.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        limits: Limits | None = None,
        silent_for_s: float = SILENT_FOR_S,
        started: Started | None = None,
    ) -> None:
        self.pump = Pump()
        self.silent_for_s = silent_for_s
        self.role_corrections: tuple[FileCorrections, ...] = ()
        self._command = tuple(command or ())
        self._limits = limits or Limits()
        self._processes: dict[bool, LauncherProcess] = {}  # by whether they speak English alone
        if started:
            self._adopt(started)
        self._readers: list[Reader] = []
        self._last_number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The launcher process, None while there is none."""
        process = self._processes.get(False)
        return process.pid if process else None

    def reader(
        self, paths: Sequence[Path | str], limits: Limits | None = None, *, rules: str = "", english: bool = False
    ) -> Reader:
        """A reader of these paths; its process starts with its first request.

        Args:
            paths: what it may read.
            limits: what its process may use; the usual without.
            rules: a Python file of the user's own rules, which each of its processes runs before it locks itself.
            english: it speaks English in every language of the window, as it writes a file.
        """
        reader = Reader(self, paths, limits, rules=rules, english=english and bool(language()))
        self.pump.add(reader)
        self._readers.append(reader)
        return reader

    def fileno(self) -> int:
        """Readable when `on_readable` has something to do; the same for the launcher's whole life."""
        return self.pump.fileno()

    def on_readable(self) -> None:
        """Take what came and keep deadlines, or deliver outcomes; for what is left `fileno` is readable again."""
        self.pump.short_turn(_TURN_S)

    def wait(self, timeout_s: float | None = None) -> None:
        """As `on_readable`, waiting for something to do; None waits as long as it takes."""
        self.pump.turn(timeout_s)

    def start(self, *, english: bool = False) -> None:
        """Start the process now, so that the first request finds it warm; or the one that speaks English alone.

        Raises:
            OSError: it cannot be started.
        """
        if english not in self._processes:
            self._adopt(start_launcher(self._command, english=english), english=english)

    def _adopt(self, started: Started, *, english: bool = False) -> None:
        self._processes[english] = LauncherProcess(self.pump, started, partial(self._forget, english=english))

    def _forget(self, *, english: bool) -> None:
        del self._processes[english]

    def fork(self, reader: Reader) -> tuple[int, Channel]:
        """A new process for a reader: its number, and a channel that takes messages at once.

        Raises:
            OSError: the launcher cannot be started.
        """
        self.start(english=reader.english)
        self._last_number += 1
        limits = reader.limits or self._limits
        cache = str(cache_folder()) if folder_there(cache_folder()) else ""
        order = Fork(reader.paths, cache, limits, self.role_corrections, reader.rules)
        return self._last_number, self._processes[reader.english].fork(self._last_number, order, reader)

    def end(self, number: int, *, silently: bool) -> None:
        """End a reader's process at once; `silently` hears no more of it."""
        for process in self._processes.values():
            process.end(number, silently=silently)

    def discard(self, reader: Reader) -> None:
        """Keep a closed reader no longer."""
        self.pump.remove(reader)
        self._readers.remove(reader)

    def kill(self, reader: Reader) -> None:
        """End the process that does not fork a reader."""
        if (process := self._processes.get(reader.english)) is not None:
            process.kill()

    def close(self) -> None:
        """End every process; outcomes not delivered yet are dropped."""
        for reader in tuple(self._readers):
            reader.close()
        for process in self._processes.values():
            process.close()
        self._processes.clear()
        self.pump.close()


def answered(
    reader: Reader,
    kind: str,
    body: Any,
    answer_type: type[T],
    on_progress: Callable[[Progress], None] | None = None,
    *,
    output: int | None = None,
) -> Outcome[T]:
    """The outcome of one request, waited for; for a command line, never for the window."""
    outcomes: list[Outcome[T]] = []
    reader.ask(kind, body, answer_type, outcomes.append, on_progress, output=output)
    while not outcomes:
        reader.launcher.pump.turn(None)
    return outcomes[0]

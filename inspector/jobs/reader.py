"""One set of opened paths, asked one thing at a time; each request ends in exactly one Done, Failed or Cancelled."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from inspector.core.errors import ReaderLostError
from inspector.core.language import tr
from inspector.core.outcome import Cancelled, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.jobs.asking import Request, outcome_of, progress_of
from inspector.jobs.bounds import Limits
from inspector.jobs.names import names_text
from inspector.jobs.pump import Pump
from inspector.jobs.wire import Channel, Message, message_of, request_of

T = TypeVar("T")

OBEY_WITHIN_S = 0.2
"""A cancel that is not obeyed by then costs the reader its life."""

_START_WITHIN_S = 60.0
_SAY_WHY_WITHIN_S = 2.0
_MOST_REPLACEMENTS = 5


class Host(Protocol):
    """Where a reader gets its processes."""

    pump: Pump
    silent_for_s: float

    def fork(self, reader: Reader) -> tuple[int, Channel]:
        """A new process: its number, and a channel that takes messages at once."""

    def end(self, number: int, *, silently: bool) -> None:
        """End a process at once; `silently` hears no more of it."""

    def kill(self, reader: Reader) -> None:
        """End what starts processes, as it does not start one of this reader's."""

    def discard(self, reader: Reader) -> None:
        """Keep a closed reader no longer."""


class Ticket:
    """A request that can be taken back."""

    __slots__ = ("_reader", "_request")

    def __init__(self, reader: Reader, request: Request[Any]) -> None:
        self._reader = reader
        self._request = request

    @property
    def settled(self) -> bool:
        """Whether its outcome is decided, though perhaps not delivered yet."""
        return self._request.settled

    def cancel(self) -> None:
        """Want it no more: the outcome is Cancelled unless it was decided already."""
        self._reader.cancel(self._request)


class Reader:
    """A set of opened paths and the locked process that reads them, replaced whenever it is lost.

    Attributes:
        paths: what was opened, absolute.
        limits: what its process may use, None for the launcher's usual.
        rules: the file that its process runs before it locks itself, empty for none.
        english: its process speaks English whatever the window speaks.
        pid: the process, None while there is none.
    """

    def __init__(
        self,
        launcher: Host,
        paths: Sequence[Path | str],
        limits: Limits | None = None,
        *,
        rules: str = "",
        english: bool = False,
    ) -> None:
        self.launcher = launcher
        self.limits = limits
        self.rules = rules
        self.english = english
        self.paths = tuple(str(Path(path).absolute()) for path in paths)
        self.pid: int | None = None
        self._queue: deque[Request[Any]] = deque()
        self._current: Request[Any] | None = None
        self._channel: Channel | None = None
        self._number = 0
        self._dying = False  # its socket has ended, the launcher will say why
        self._give_up_s: float | None = None
        self._last_id = 0
        self._closed = False

    def ask(
        self,
        kind: str,
        body: Any,
        answer_type: type[T],
        on_outcome: Callable[[Outcome[T]], None],
        on_progress: Callable[[Progress], None] | None = None,
        *,
        supersedes: str | None = None,
        output: int | None = None,
    ) -> Ticket:
        """Send a request; those of one reader are answered one at a time, in order.

        Args:
            kind: a line of the reader's table of answers.
            body: the struct that the table names for it.
            answer_type: what the answer is decoded to.
            on_outcome: called exactly once, never from within `ask` or `cancel`; not at all after `Launcher.close`.
            on_progress: called at most ten times a second, never after the outcome.
            supersedes: a word; unsettled requests that carry the same one are cancelled.
            output: descriptor of a file for the reader to write; stays the caller's, open until the outcome.
        """
        if supersedes is not None:
            for older in self._asked():
                if older.supersedes == supersedes:
                    self.cancel(older)
        self._last_id += 1
        request = Request(self._last_id, kind, body, answer_type, on_outcome, on_progress, supersedes, output)
        if self._closed:
            self._settle(request, Cancelled())
        else:
            self._queue.append(request)
            self._advance()
        return Ticket(self, request)

    def cancel(self, request: Request[Any]) -> None:
        """As `Ticket.cancel`."""
        if request.settled:
            return
        self._settle(request, Cancelled())
        if request is not self._current:
            self._queue.remove(request)
        elif self.pid is not None and not self._dying:
            self._send(message_of(request.id, "cancel", None))
            self._give_up_in(OBEY_WITHIN_S)

    def close(self) -> None:
        """End the process; what is still asked is cancelled."""
        if self._closed:
            return
        self._closed = True
        for request in self._asked():
            self._settle(request, Cancelled())
        self._current = None
        self._queue.clear()
        self._let_go()
        self.launcher.discard(self)

    def _asked(self) -> tuple[Request[Any], ...]:
        """Every request that is not done with, oldest first."""
        return (*([self._current] if self._current else []), *self._queue)

    def _settle(self, request: Request[Any], outcome: Outcome[Any]) -> None:
        if not request.settled:
            request.settled = True
            self.launcher.pump.later(lambda: request.on_outcome(outcome))

    def _give_up_in(self, seconds: float) -> None:
        self._give_up_s = time.monotonic() + seconds
        self.launcher.pump.arm()

    def _advance(self) -> None:
        """Send the next request if the reader is free, to a new process if there is none."""
        if self._current is not None or self._dying or not self._queue:
            return
        if self._channel is not None and self._died_idle(self._channel):
            self._let_go()
        if self._channel is None:
            try:
                self._number, self._channel = self.launcher.fork(self)
            except OSError as error:
                self.on_hopeless(tr("No reader could be started ({error})").format(error=error.strerror), "")
                return
            self.launcher.pump.watch(self._channel.fileno(), self._on_readable)
        self._current = self._queue.popleft()
        request = self._current
        try:
            self._send(request_of(request.id, request.kind, request.body, request.output))
        except OSError as error:  # no descriptor is left
            sentence = tr("{files}: the reader could not be asked ({error})")
            self.on_hopeless(sentence.format(files=names_text(self.paths), error=error.strerror), "")
            return
        self._give_up_in(self.launcher.silent_for_s if self.pid is not None else _START_WITHIN_S)

    @staticmethod
    def _died_idle(channel: Channel) -> bool:
        try:
            for message in channel.receive():
                message.close()
        except ReaderLostError:
            return True
        return channel.ended

    def _send(self, message: Message) -> None:
        if self._channel is not None:
            self._channel.send(message)
            self.launcher.pump.want_writing(self._channel.fileno(), self._channel.has_unsent)

    def _on_readable(self) -> None:
        channel = self._channel
        if channel is None:
            return
        if channel.has_unsent:
            channel.flush()
            self.launcher.pump.want_writing(channel.fileno(), channel.has_unsent)
        self._hear_all(channel)
        if channel.ended and channel is self._channel:
            self._lose_sight()

    def _hear_all(self, channel: Channel) -> None:
        messages: deque[Message] = deque()
        try:
            messages.extend(channel.receive())
            while messages and channel is self._channel:
                self._hear(messages.popleft())
        except ReaderLostError as error:
            self._lose(tr("gave an answer that cannot be trusted: {error}").format(error=error))
        finally:
            for message in messages:
                message.close()

    def _hear(self, message: Message) -> None:
        request = self._current
        if request is None or message.envelope.id != request.id:
            message.close()
        elif message.envelope.kind == "progress":
            self._hear_progress(request, message)
        elif message.envelope.kind == "replaced":
            message.close()
            self._start_again(request)
        else:
            if request.settled:
                message.close()
            else:
                self._settle(request, outcome_of(request, message))
            self._current = None
            self._give_up_s = None
            self._advance()

    def _hear_progress(self, request: Request[Any], message: Message) -> None:
        progress = progress_of(message)
        if request.settled:
            return
        self._give_up_in(self.launcher.silent_for_s)
        if (on_progress := request.on_progress) is not None:
            self.launcher.pump.later(lambda: on_progress(progress))

    def _start_again(self, request: Request[Any]) -> None:
        """A file was replaced by another, which the lock keeps shut: a new process takes the request over."""
        self._current = None
        self._let_go()
        if not request.settled:
            request.replacements += 1
            if request.replacements > _MOST_REPLACEMENTS:
                sentence = tr("{files}: it is replaced faster than it can be read")
                self._settle(request, Failed(sentence.format(files=names_text(self.paths))))
            else:
                self._queue.appendleft(request)
        self._advance()

    def on_forked(self, pid: int) -> None:
        """The launcher forked it: a cancel meant for its first request goes out now."""
        self.pid = pid
        if self._current is None or self._dying:
            return
        if self._current.settled:
            self._send(message_of(self._current.id, "cancel", None))
            self._give_up_in(OBEY_WITHIN_S)
        else:
            self._give_up_in(self.launcher.silent_for_s)

    def on_ended(self, how: str, detail: str) -> None:
        """The launcher saw it end."""
        number = self._number
        if self._channel is not None:
            self._hear_all(self._channel)  # it may have answered before
        if self._number == number:
            self._lose(how, detail)

    def on_hopeless(self, sentence: str, detail: str) -> None:
        """No process can be had."""
        for request in self._asked():
            self._settle(request, Failed(sentence, detail))
        self._current = None
        self._queue.clear()
        self._let_go()

    def due_s(self) -> float | None:
        """When patience ends."""
        return self._give_up_s

    def on_time(self, _now_s: float) -> None:
        """Patience has ended: with a start, with a cancel that is not obeyed, with silence."""
        self._give_up_s = None
        if self._dying:
            self._lose("ended")
        elif self.pid is None:
            self.launcher.kill(self)
        else:
            self._lose(tr("gave no sign of life for {seconds:g} s").format(seconds=self.launcher.silent_for_s))

    def _lose_sight(self) -> None:
        """Its socket has ended; where a request waits to hear why, the launcher is about to say."""
        if self._current is None or self._current.settled:
            self._lose("ended")
            return
        self._dying = True
        self.launcher.end(self._number, silently=False)
        self._hang_up()
        self._give_up_in(_SAY_WHY_WITHIN_S)

    def _lose(self, how: str, detail: str = "") -> None:
        """The process is of no more use: fail the request that it had, go on with the next."""
        if self._current is not None:
            sentence = tr(
                "{files}: its reader {ended} while reading; the window is fine, open it again to retry"
            ).format(files=names_text(self.paths), ended=how)
            self._settle(self._current, Failed(sentence, detail))
            self._current = None
        self._let_go()
        self._advance()

    def _let_go(self) -> None:
        """Have no process."""
        self._hang_up()
        if self._number:
            self.launcher.end(self._number, silently=True)
        self._number = 0
        self._dying = False
        self._give_up_s = None
        self.pid = None

    def _hang_up(self) -> None:
        if self._channel is not None:
            self.launcher.pump.forget(self._channel.fileno())
            self._channel.close()
            self._channel = None

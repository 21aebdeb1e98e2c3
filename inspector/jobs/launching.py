"""The launcher seen from the window: what is asked of it, and what it tells."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Protocol

from inspector.core.errors import ReaderLostError
from inspector.core.language import tr
from inspector.formats.messages import decode
from inspector.jobs.children import Started
from inspector.jobs.endings import ended_how
from inspector.jobs.pump import Pump
from inspector.jobs.requests import BROKEN, END, ENDED, FORK, FORKED, READY, Broken, Ended, Fork, Forked
from inspector.jobs.wire import Channel, Message, message_of, socket_pair

_LAST_BREATH_S = 1.0


class Forkling(Protocol):
    """Who asked for a reader process, told what becomes of it."""

    def on_forked(self, pid: int) -> None:
        """The process runs."""

    def on_ended(self, how: str, detail: str) -> None:
        """The process is gone; `how` as in `ended by SIGSEGV`."""

    def on_hopeless(self, sentence: str, detail: str) -> None:
        """No reader can be had: the launcher itself does not start."""


class LauncherProcess:
    """One launcher process.

    Args:
        pump: watches its socket.
        started: the process, and our end of its socket.
        on_gone: called once it is gone, after everyone was told.
    """

    def __init__(self, pump: Pump, started: Started, on_gone: Callable[[], None]) -> None:
        self._pump = pump
        self._on_gone = on_gone
        self._waiting: dict[int, Forkling] = {}
        self._broken: Broken | None = None
        self.ready = False
        self._process, ours = started
        self._channel = Channel(ours)
        self._watched = self._channel.fileno()
        pump.watch(self._watched, self._on_readable)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fork(self, number: int, order: Fork, asker: Forkling) -> Channel:
        """Order a reader, `number` from now on: a channel to it, good at once though the process starts later."""
        ours, theirs = socket_pair()
        self._waiting[number] = asker
        self._send(Message(message_of(number, FORK, order).envelope, (theirs.detach(),)))
        return Channel(ours)

    def end(self, number: int, *, silently: bool) -> None:
        """Have a reader ended at once; `silently` tells nobody."""
        if silently:
            self._waiting.pop(number, None)
        self._send(message_of(number, END, None))

    def kill(self) -> None:
        """End the launcher process; everyone who waits is told."""
        self._process.kill()

    def _send(self, message: Message) -> None:
        self._channel.send(message)
        self._pump.want_writing(self._watched, self._channel.has_unsent)

    def _on_readable(self) -> None:
        try:
            if self._channel.has_unsent:
                self._channel.flush()
                self._pump.want_writing(self._watched, self._channel.has_unsent)
            for message in self._channel.receive():
                self._hear(message)
        except (ReaderLostError, ValueError, RecursionError) as error:
            self._process.kill()
            sentence = tr("The process that starts readers sent nonsense: {error}")
            self._broken = Broken(sentence.format(error=error))
            self._bury()
        else:
            if self._channel.ended:
                self._bury()

    def _hear(self, message: Message) -> None:
        kind, number, body = message.envelope.kind, message.envelope.id, message.envelope.body
        if kind == READY:
            self.ready = True
        elif kind == BROKEN:
            self._broken = decode(body, Broken)
        elif kind == FORKED and number in self._waiting:
            self._waiting[number].on_forked(decode(body, Forked).pid)
        elif kind == ENDED and number in self._waiting:
            ended = decode(body, Ended)
            self._waiting.pop(number).on_ended(ended.how, ended.detail)

    def _bury(self) -> None:
        returncode = self._reap()
        waiting = tuple(self._waiting.values())
        self._on_gone()
        ended = ended_how(returncode)
        broken = tr("Reading files does not work: the process that starts readers {ended}")
        hopeless = self._broken or Broken(broken.format(ended=ended))
        lost = tr("ended because the process that starts readers {ended}")
        for asker in waiting:
            if self.ready:
                asker.on_ended(lost.format(ended=ended), "")
            else:
                asker.on_hopeless(hopeless.sentence, hopeless.detail)

    def _reap(self) -> int:
        """Close everything and wait for its end; every reader dies with it."""
        if self._channel.fileno() >= 0:
            self._pump.forget(self._watched)
            self._channel.close()
        try:
            return self._process.wait(_LAST_BREATH_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def close(self) -> None:
        """End it and every reader it forked; nobody is told."""
        self._waiting.clear()
        self._reap()

"""A locked reader at work: one request at a time, exactly one answer each."""

from __future__ import annotations

import errno
import os
import select
import time
import traceback
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from inspector.core.errors import InspectorError, LimitError, WorkCancelled
from inspector.core.language import tr
from inspector.core.outcome import Failed
from inspector.core.pulse import Progress, Pulse
from inspector.core.texts import visible
from inspector.core.units import bytes_text
from inspector.formats.messages import Envelope, decode
from inspector.jobs.bounds import Limits
from inspector.jobs.names import names_text
from inspector.jobs.wire import Channel, Message, message_of
from inspector.reader import limits
from inspector.reader.ahead import Ahead
from inspector.reader.answers import Answer, Desk, SpareWork

_LOOK_EVERY_S = 0.01
_REPORT_EVERY_S = 0.1
_DETAIL_CHARACTERS = 20_000


class _Inbox:
    """The messages of one socket, waited for or glanced at."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._waiting: deque[Message] = deque()
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)

    def _take(self) -> None:
        self._waiting.extend(self.channel.receive())
        if self.channel.ended:
            os._exit(0)  # nobody is left to answer

    def next_request(self, ahead: Ahead) -> Message:
        """The next request, waited for; a cancel for what is over already means nothing.

        Args:
            ahead: what may be prepared as long as nothing has come but the request for it.
        """
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                if message.envelope.kind != "cancel":
                    return message
            if not self._poll.poll(0):
                ahead.prepare(Pulse(cancelled=lambda: self._other_came(ahead.body)))
            if not self._waiting:
                self._poll.poll()
                self._take()

    def _other_came(self, body: bytes) -> bool:
        """Whether anything has come but the request of this body."""
        if self._poll.poll(0):
            self._take()
        return any(bytes(message.envelope.body) != body for message in self._waiting)

    def cancelled(self, request_id: int) -> bool:
        """Whether a cancel of this request has come."""
        if self._poll.poll(0):
            self._take()
        return any(message.envelope.kind == "cancel" and message.envelope.id == request_id for message in self._waiting)


def _pulse(inbox: _Inbox, request_id: int) -> Pulse:
    """A pulse whose beat costs next to nothing between two looks at the socket."""
    next_look = next_report = 0.0
    stop = False
    clock = time.monotonic

    def cancelled() -> bool:
        nonlocal next_look, stop
        now = clock()
        if now >= next_look and not stop:
            next_look = now + _LOOK_EVERY_S
            stop = inbox.cancelled(request_id)
        return stop

    def report(progress: Progress) -> None:
        nonlocal next_report
        now = clock()
        if now >= next_report:
            next_report = now + _REPORT_EVERY_S
            inbox.channel.send(message_of(request_id, "progress", progress))

    return Pulse(report, cancelled)


class Identities:
    """Which files stood at some paths; taken before the lock, which keeps a file that replaces one of them shut."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self._known = {path: self._identity(path) for path in paths}

    @staticmethod
    def _identity(path: Path) -> tuple[int, int] | None:
        try:
            status = path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def replaced(self) -> bool:
        """Whether another file stands at one of the paths now."""
        return any((now := self._identity(path)) is not None and now != then for path, then in self._known.items())


def _failure(error: BaseException, desk: Desk, asked: str, bounds: Limits) -> Failed:
    """What a request's exception means for the user."""
    if isinstance(error, InspectorError):
        return Failed(visible(str(error)), limited=isinstance(error, LimitError) and error.more)
    detail = "".join(traceback.format_exception(error, limit=-40))[-_DETAIL_CHARACTERS:]
    if isinstance(error, MemoryError):
        sentence = tr("{files}: {work} needs more memory than a reader may use ({why})")
        why = bytes_text(bounds.memory_bytes)
    elif isinstance(error, RecursionError):
        sentence, why = tr("{files}: {work} met values that are nested too deeply"), ""
    elif isinstance(error, OSError) and error.errno == errno.EFBIG:
        sentence = tr("{files}: {work} would make a file larger than a reader may write ({why})")
        why = bytes_text(bounds.file_bytes)
    elif isinstance(error, OSError) and error.strerror:
        sentence, why = tr("{files}: {work} failed ({why})"), visible(error.strerror)
    else:
        sentence = tr("{files}: {work} failed in a way that Run Inspector did not expect ({why})")
        why = visible(f"{type(error).__name__}: {error}", 300)
    return Failed(sentence.format(files=names_text(desk.paths), work=tr(asked), why=why), detail)


def _answered(desk: Desk, answer: Answer, request: Envelope, pulse: Pulse, bounds: Limits) -> Message:
    """The one answer to a request."""
    try:
        body: Any = decode(request.body, answer.body)
        return desk.ahead.answer(request.id, answer.function(desk, body, pulse))
    except WorkCancelled:
        return message_of(request.id, "cancelled", None)
    except Exception as error:  # noqa: BLE001 - whatever a file provokes becomes a sentence
        return message_of(request.id, "failed", _failure(error, desk, answer.asked, bounds))


def serve(channel: Channel, desk: Desk, known: Identities, answers: Mapping[str, Answer], bounds: Limits) -> NoReturn:
    """Answer requests until the other end closes, then end the process."""
    inbox = _Inbox(channel)
    spare: SpareWork | None = None
    while True:
        message = inbox.next_request(desk.ahead)
        if spare is not None:
            spare.stop()
        request = message.envelope
        answer = answers.get(request.kind)
        if known.replaced():
            reply = message_of(request.id, "replaced", None)
        elif answer is None:
            reply = message_of(request.id, "failed", Failed(f"a reader cannot answer '{request.kind}'"))
        else:
            limits.renew_cpu(answer.cpu_s or bounds.cpu_s)
            desk.output = message.descriptors[0] if message.descriptors else None
            reply = _answered(desk, answer, request, _pulse(inbox, request.id), bounds)
            desk.output = None
        message.close()
        channel.send(reply)
        spare = None if answer is None else answer.spare
        if spare is not None:
            spare.begin()

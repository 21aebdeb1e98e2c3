"""The launcher: a warm process that opens no user file and forks one locked reader per set of opened paths."""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import gc
import os
import resource
import selectors
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from inspector.artifacts.annotations.truth_files import look_among
from inspector.artifacts.companions import with_companions
from inspector.artifacts.dumps.known_corrections import remember
from inspector.artifacts.opened_paths import lead_also_to, lead_to
from inspector.core.texts import visible
from inspector.formats.messages import Envelope, decode
from inspector.jobs.endings import ended_how
from inspector.jobs.requests import END, ENDED, FORK, FORKED, READY, Ended, Fork, Forked, Lock, fork_descriptors
from inspector.jobs.wire import Channel, Message, message_of, request_descriptors
from inspector.reader.answers import Answer, Desk
from inspector.reader.child import Identities, serve
from inspector.reader.limits import keep_freed_memory
from inspector.reader.lock import always_readable, die_with_parent, lock
from inspector.runs.parent_run import parent_folder

if TYPE_CHECKING:
    from inspector.diagnosis.check import Check

_KEPT_BYTES = 32 << 10
_PIPE_BYTES = 64 << 10
_READER_END = 3
_SPARE_DESCRIPTORS = 16
"""So many stay free in the launcher: each order brings one, and where none is left the socket loses it."""


@dataclass(slots=True)
class _Reader:
    """A forked reader: its process, and the last it wrote to stderr."""

    number: int
    pid: int
    pidfd: int
    stderr: int
    tail: bytes = b""

    def listen(self) -> bool:
        """Keep the end of what it wrote, one pipeful a call; False once it can write no more."""
        try:
            data = os.read(self.stderr, _PIPE_BYTES)
        except BlockingIOError:
            return True
        self.tail = (self.tail + data)[-_KEPT_BYTES:]
        return bool(data)

    def detail(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(visible(line.decode("utf-8", "surrogateescape"), 500) for line in self.tail.splitlines())


def _become_reader(end: int, stderr: int, order: Fork, answers: Mapping[str, Answer]) -> NoReturn:
    """What a fork does: keep nothing of the launcher's, lock, serve."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for source, target in ((nothing, 0), (stderr, 1), (stderr, 2)):
        os.dup2(source, target)
    os.dup2(end, _READER_END)
    for descriptor in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208 - names are wanted
        if descriptor > _READER_END:
            with contextlib.suppress(OSError):  # the listing's own is closed already
                os.close(descriptor)
    faulthandler.enable()
    paths = tuple(Path(path) for path in order.paths)
    known = Identities(with_companions(paths))
    own = _own_rules(order.rules) if order.rules else ()
    # What a resume did to the loss is seen beside the log of the run that was resumed.
    parents = [parent for path in paths if (parent := parent_folder(path)) is not None]
    report = lock((*paths, *parents), Path(order.cache) if order.cache else None, order.limits)
    # Also a reader that takes a lost one's place, or that serves one view alone, has to know these.
    lead_to(paths)
    lead_also_to(parents)
    look_among(paths)
    remember(order.role_corrections)
    channel = Channel(socket.socket(fileno=_READER_END), request_descriptors)
    held = Lock(report.strength == "full", report.sentence())
    serve(channel, Desk(paths, held, own), known, answers, order.limits)


def _own_rules(file: str) -> tuple[Check, ...]:
    """The checks of a file that the user has named, which is run here; that it fails is one of its own."""
    from inspector.reader.own_rules import load_or_tell  # the checks of the program, which not every reader needs

    return load_or_tell(Path(file))


def _pipe() -> tuple[int, int]:
    """What a reader's stderr comes by, and what it goes into.

    Raises:
        OSError: too few descriptors would be left.
    """
    heard, said = os.pipe()
    os.set_blocking(heard, False)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most != resource.RLIM_INFINITY and max(heard, said) >= most - _SPARE_DESCRIPTORS:  # the lowest free are given
        os.close(heard)
        os.close(said)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    return heard, said


def _pidfd_of(child: int) -> int:
    """A descriptor that is readable once a child has ended.

    Raises:
        OSError: there is none to be had; the child is ended and buried.
    """
    try:
        return os.pidfd_open(child)
    except OSError:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise


class Launcher:
    """Forks readers as told on a socket and reports how each ends.

    Args:
        end: a blocking end of a socket pair.
        answers: what readers answer.
    """

    def __init__(self, end: socket.socket, answers: Mapping[str, Answer]) -> None:
        self._channel = Channel(end, fork_descriptors)
        self._answers = answers
        self._readers: dict[int, _Reader] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._channel.fileno(), selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until the window closes its end, then end every reader."""
        self._channel.send(message_of(0, READY, None))
        while not self._channel.ended:
            for key, _ in self._selector.select():
                reader = key.data
                if reader is None:
                    for message in self._channel.receive():
                        self._obey(message)
                elif key.fd == reader.stderr:
                    self._listen(reader)
                elif reader.number in self._readers:
                    self._bury(reader)
        for reader in tuple(self._readers.values()):
            os.kill(reader.pid, signal.SIGKILL)
            os.waitpid(reader.pid, 0)

    def _obey(self, message: Message) -> None:
        envelope = message.envelope
        if envelope.kind == FORK:
            self._fork(envelope, message)
        elif envelope.kind == END and envelope.id in self._readers:
            os.kill(self._readers[envelope.id].pid, signal.SIGKILL)

    def _fork(self, envelope: Envelope, message: Message) -> None:
        parent = os.getpid()
        try:
            heard, said = _pipe()
            try:
                pid = os.fork()
                if pid == 0:
                    self._be_reader(parent, message, said)
                reader = _Reader(envelope.id, pid, _pidfd_of(pid), heard)
            except OSError:
                os.close(heard)
                raise
            finally:
                os.close(said)
        except OSError as error:
            gone = Ended(None, f"could not be started ({error.strerror})")
            self._channel.send(message_of(envelope.id, ENDED, gone))
            return
        finally:
            message.close()
        self._readers[reader.number] = reader
        self._selector.register(reader.pidfd, selectors.EVENT_READ, reader)
        self._selector.register(reader.stderr, selectors.EVENT_READ, reader)
        self._channel.send(message_of(reader.number, FORKED, Forked(pid)))

    def _be_reader(self, parent: int, message: Message, said: int) -> NoReturn:
        try:
            die_with_parent(parent)
            _become_reader(message.descriptors[0], said, decode(message.envelope.body, Fork), self._answers)
        except BaseException:  # noqa: BLE001 - a fork must never return into the launcher's loop
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)

    def _listen(self, reader: _Reader) -> None:
        if not reader.listen():
            self._hang_up(reader)

    def _hang_up(self, reader: _Reader) -> None:
        self._selector.unregister(reader.stderr)
        os.close(reader.stderr)
        reader.stderr = -1

    def _bury(self, reader: _Reader) -> None:
        _, status = os.waitpid(reader.pid, 0)
        del self._readers[reader.number]
        self._selector.unregister(reader.pidfd)
        os.close(reader.pidfd)
        if reader.stderr >= 0:
            reader.listen()
            self._hang_up(reader)
        returncode = os.waitstatus_to_exitcode(status)
        ended = Ended(returncode, ended_how(returncode), reader.detail())
        self._channel.send(message_of(reader.number, ENDED, ended))


def warm() -> None:
    """Do once what every fork would do again, and keep the collector off what forks share."""
    always_readable()
    keep_freed_memory()
    gc.freeze()  # as it is: what was loaded stays, and looking through it takes longer than all the rest here

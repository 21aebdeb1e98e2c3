"""A request on its way, and what its answer means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inspector.core.outcome import Cancelled, Done, Failed, Outcome
from inspector.core.pulse import Progress
from inspector.core.texts import visible
from inspector.formats.messages import decode
from inspector.jobs.wire import Message, WireError, arrays_of

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Request(Generic[T]):
    """One request on its way; `settled` once its outcome is decided."""

    id: int
    kind: str
    body: Any
    answer_type: type[T]
    on_outcome: Callable[[Outcome[T]], None]
    on_progress: Callable[[Progress], None] | None
    supersedes: str | None
    output: int | None = None
    settled: bool = False
    replacements: int = 0


def outcome_of(request: Request[T], message: Message) -> Outcome[T]:
    """What an answer means.

    Raises:
        WireError: it is not what was asked for.
    """
    kind, body = message.envelope.kind, message.envelope.body
    arrays = arrays_of(message)
    try:
        if kind == "done":
            return Done(decode(body, request.answer_type, arrays))
        if kind == "failed":
            return decode(body, Failed)
    except Exception as error:  # whatever a reader sends becomes a sentence
        raise WireError(f"it is no {request.kind} ({visible(str(error), 300)})") from error
    if kind == "cancelled":
        return Cancelled()
    raise WireError(f"'{visible(kind, 40)}' is no answer")


def progress_of(message: Message) -> Progress:
    """What a progress message says; closes its descriptors.

    Raises:
        WireError: it says something else.
    """
    message.close()
    try:
        return decode(message.envelope.body, Progress)
    except Exception as error:  # whatever a reader sends becomes a sentence
        raise WireError(f"it reports no progress ({visible(str(error), 300)})") from error

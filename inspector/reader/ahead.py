"""The scene that is likely to be asked for next, prepared while a reader waits for its next request."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

import msgspec

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse
from inspector.display.offer import Offer
from inspector.formats.messages import encode
from inspector.jobs.requests import scene_ask
from inspector.jobs.wire import Message, message_of


class Ahead:
    """What one reader has shown, and what comes after it.

    Attributes:
        body: of the request that would ask for what comes next, empty where nothing is likely.
    """

    def __init__(self) -> None:
        self.body = b""
        self._shown: dict[str, Any] = {}
        self._next: tuple[Offer, Any] | None = None
        self._sealed: tuple[Any, Message] | None = None

    def follow(self, offer: Offer, ask: Any) -> None:
        """Keep in mind that a viewer was shown this."""
        if offer.next_ask is None:
            return
        following = offer.next_ask(ask, self._shown.get(offer.key))
        self._shown[offer.key] = ask
        self._next = None if following is None else (offer, following)
        self.body = b"" if following is None else encode(scene_ask(offer.key, following))[0]

    def prepare(self, pulse: Pulse) -> None:
        """Have the viewer prepare what comes next, and keep the answer; given up at a beat, to be begun anew later."""
        if self._next is None:
            return
        offer, following = self._next
        with suppress(Exception):  # whatever it is, it is told when it is asked for
            try:
                self._seal(importlib.import_module(offer.prepare).prepare(following, pulse))
            except WorkCancelled:
                return
        self._next = None

    def _seal(self, scene: Any) -> None:
        """Keep the answer that holds a scene, in place of the one that was kept."""
        if self._sealed is not None:
            self._sealed[1].close()
            self._sealed = None
        self._sealed = scene, message_of(0, "done", scene)

    def answer(self, request_id: int, value: Any) -> Message:
        """The answer that holds a value; where that was prepared ahead, the one that is kept. Raises as `message_of`.

        Writing the arrays of a scene into memory that can be sent takes a millisecond.
        """
        if self._sealed is None or self._sealed[0] is not value:
            return message_of(request_id, "done", value)
        message, self._sealed = self._sealed[1], None
        return Message(msgspec.structs.replace(message.envelope, id=request_id), message.descriptors)

"""The scene that is likely to be asked for next, prepared while a reader waits for its next request."""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

from inspector.core.errors import WorkCancelled
from inspector.core.pulse import Pulse
from inspector.display.offer import Offer
from inspector.formats.messages import encode
from inspector.jobs.requests import scene_ask


class Ahead:
    """What one reader has shown, and what comes after it.

    Attributes:
        body: of the request that would ask for what comes next, empty where nothing is likely.
    """

    def __init__(self) -> None:
        self.body = b""
        self._shown: dict[str, Any] = {}
        self._next: tuple[Offer, Any] | None = None

    def follow(self, offer: Offer, ask: Any) -> None:
        """Keep in mind that a viewer was shown this."""
        if offer.next_ask is None:
            return
        following = offer.next_ask(ask, self._shown.get(offer.key))
        self._shown[offer.key] = ask
        self._next = None if following is None else (offer, following)
        self.body = b"" if following is None else encode(scene_ask(offer.key, following))[0]

    def prepare(self, pulse: Pulse) -> None:
        """Have the viewer prepare what comes next, which keeps it; given up at a beat, to be begun anew later."""
        if self._next is None:
            return
        offer, following = self._next
        with suppress(Exception):  # whatever it is, it is told when it is asked for
            try:
                importlib.import_module(offer.prepare).prepare(following, pulse)
            except WorkCancelled:
                return
        self._next = None

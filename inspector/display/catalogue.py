"""Every viewer, in the order of the tabs: adding one is one line here."""

from __future__ import annotations

from inspector.display.offer import Offer

CATALOGUE: tuple[Offer, ...] = ()


def offer_of(key: str) -> Offer:
    """The viewer of that name.

    Raises:
        KeyError: there is none.
    """
    return {offer.key: offer for offer in CATALOGUE}[key]

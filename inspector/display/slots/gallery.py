"""What the gallery of the Slots viewer offers."""

from __future__ import annotations

from inspector.display.gallery.offers import gallery_offers
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.slots.judge import OFFER
from inspector.display.slots.scene import MaskStyle, SlotsAsk
from inspector.display.slots.thumb_ask import SlotThumbsAsk


def _samples(ask: SlotsAsk) -> SamplesAsk:
    return SamplesAsk(path=ask.path, masks="" if ask.choice.source == "tokens" else ask.choice.dataset)


def _thumbs(ask: SlotsAsk, samples: tuple[int, ...]) -> SlotThumbsAsk:
    """Thumbnails in the style of the view; those with lines are too small for them and show the masks."""
    style: MaskStyle = "image" if ask.style == "image" else "masks"
    return SlotThumbsAsk(
        path=ask.path,
        samples=samples,
        choice=ask.choice,
        style=style,
        reference=ask.reference,
        reference_place=ask.reference_place,
        kept=ask.kept,
    )


OFFERS = gallery_offers(OFFER, _samples, SlotThumbsAsk, _thumbs, "inspector.display.slots.thumbs")

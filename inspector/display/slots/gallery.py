"""What the gallery of the Slots viewer offers."""

from __future__ import annotations

from inspector.display.gallery.offers import gallery_offers
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.slots.judge import OFFER
from inspector.display.slots.scene import MaskSource, MaskStyle, SlotsAsk
from inspector.display.slots.thumb_ask import SlotThumbsAsk
from inspector.formats.dump import Role

_ROLES: dict[MaskSource, Role] = {"encoder": Role.ATTENTION, "decoder": Role.DECODER_MASKS}


def _samples(ask: SlotsAsk) -> SamplesAsk:
    return SamplesAsk(path=ask.path, masks=_ROLES[ask.source])


def _thumbs(ask: SlotsAsk, samples: tuple[int, ...]) -> SlotThumbsAsk:
    """Thumbnails in the style of the view; those with lines are too small for them and show the masks."""
    style: MaskStyle = "image" if ask.style == "image" else "masks"
    return SlotThumbsAsk(
        path=ask.path,
        samples=samples,
        source=ask.source,
        iteration=ask.iteration,
        head=ask.head,
        style=style,
        reference=ask.reference,
        reference_place=ask.reference_place,
        kept=ask.kept,
    )


OFFERS = gallery_offers(OFFER, _samples, SlotThumbsAsk, _thumbs, "inspector.display.slots.thumbs")

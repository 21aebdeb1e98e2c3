"""What the gallery of the Points viewer offers."""

from __future__ import annotations

from inspector.display.gallery.offers import gallery_offers
from inspector.display.gallery.scene import SamplesAsk, ThumbsAsk
from inspector.display.points.judge import OFFER
from inspector.display.points.scene import PointsAsk


def _samples(ask: PointsAsk) -> SamplesAsk:
    return SamplesAsk(path=ask.path)


def _thumbs(ask: PointsAsk, samples: tuple[int, ...]) -> ThumbsAsk:
    return ThumbsAsk(path=ask.path, samples=samples)


OFFERS = gallery_offers(OFFER, _samples, ThumbsAsk, _thumbs, "inspector.display.points.thumbs")

"""What the gallery of the Points viewer offers."""

from __future__ import annotations

from inspector.display.gallery.offers import gallery_offers
from inspector.display.gallery.scene import SamplesAsk
from inspector.display.points.judge import OFFER
from inspector.display.points.scene import PointsAsk, PointThumbsAsk


def _samples(ask: PointsAsk) -> SamplesAsk:
    return SamplesAsk(
        path=ask.path,
        radius_px=ask.radius_px,
        undo=ask.undo,
        compared=ask.compared,
        outside=ask.outside,
        change_limit_px=ask.change_limit_px,
    )


def _thumbs(ask: PointsAsk, samples: tuple[int, ...]) -> PointThumbsAsk:
    return PointThumbsAsk(
        path=ask.path,
        samples=samples,
        radius_px=ask.radius_px,
        undo=ask.undo,
        compared=ask.compared,
        outside=ask.outside,
    )


OFFERS = gallery_offers(OFFER, _samples, PointThumbsAsk, _thumbs, "inspector.display.points.thumbs", early=True)

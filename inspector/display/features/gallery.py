"""What the gallery of the Features viewer offers."""

from __future__ import annotations

from inspector.display.features.judge import OFFER
from inspector.display.features.scene import FeaturesAsk
from inspector.display.features.thumb_ask import FeatureThumbsAsk
from inspector.display.gallery.offers import gallery_offers
from inspector.display.gallery.scene import SamplesAsk


def _samples(ask: FeaturesAsk) -> SamplesAsk:
    return SamplesAsk(path=ask.path, units=True)


def _thumbs(ask: FeaturesAsk, samples: tuple[int, ...]) -> FeatureThumbsAsk:
    return FeatureThumbsAsk(
        path=ask.path, samples=samples, layer=ask.layer, colour_map=ask.colour_map, zero_means=ask.zero_means
    )


OFFERS = gallery_offers(OFFER, _samples, FeatureThumbsAsk, _thumbs, "inspector.display.features.thumbs")

"""What is asked for of a gallery's thumbnails with where a layer fires."""

from __future__ import annotations

from inspector.display.features.scene import ColourMap
from inspector.display.gallery.scene import ThumbsAsk


class FeatureThumbsAsk(ThumbsAsk, frozen=True, kw_only=True):
    """Thumbnails of one layer; of the first with height and width where `layer` is empty."""

    layer: str = ""
    colour_map: ColourMap = "viridis"
    zero_means: float = 1e-6

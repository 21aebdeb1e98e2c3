"""What is asked for of a gallery's thumbnails with slots."""

from __future__ import annotations

from inspector.display.gallery.scene import ThumbsAsk
from inspector.display.slots.scene import MaskSource, MaskStyle


class SlotThumbsAsk(ThumbsAsk, frozen=True, kw_only=True):
    """Thumbnails as the view shows the chosen sample, without numbers and contours."""

    source: MaskSource = "decoder"
    iteration: int = -1
    head: int = -1
    style: MaskStyle = "masks"

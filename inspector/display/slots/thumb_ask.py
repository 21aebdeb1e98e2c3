"""What is asked for of a gallery's thumbnails with slots."""

from __future__ import annotations

from inspector.display.gallery.scene import ThumbsAsk
from inspector.display.slots.scene import MaskChoice, MaskStyle
from inspector.session.values import SlotReference


class SlotThumbsAsk(ThumbsAsk, frozen=True, kw_only=True):
    """Thumbnails as the view shows the chosen sample, without numbers and contours.

    Attributes:
        reference, reference_place, kept: as in `SlotsAsk`, so that slots have the same colours.
    """

    choice: MaskChoice = MaskChoice()
    style: MaskStyle = "masks"
    reference: str = ""
    reference_place: str = ""
    kept: SlotReference | None = None

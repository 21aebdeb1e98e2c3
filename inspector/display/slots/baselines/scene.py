"""What is asked of a sample's colours, and what is told of them."""

from __future__ import annotations

import msgspec

from inspector.display.slots.scene import Figure, MaskChoice


class BaselinesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The masks of one sample, which its colours are compared with."""

    path: str
    sample: int
    choice: MaskChoice = MaskChoice()


class BaselinesScene(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of the scores once clusters of colour are among what they are read against.

    Attributes:
        path, sample, choice: what they are of, as in `SlotsScene`.
        figures: in place of those of the same names; none without ground truth or image.
    """

    path: str
    sample: int
    choice: MaskChoice
    figures: tuple[Figure, ...] = ()
